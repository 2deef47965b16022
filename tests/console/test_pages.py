"""What pages show and do, over a fake guard's stores."""

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import Console
from tests.fakes.media import pictures
from vitrail.domain.events import AlertState
from vitrail.domain.frames import Frame
from vitrail.domain.geometry import Boxes
from vitrail.domain.health import Ailment
from vitrail.domain.mandates import Mode
from vitrail.domain.time import DAY_US, SECOND_US, iso
from vitrail.runtime.health import StreamHealth, StreamState

PAGES = ["/", "/queue", "/tiles/gate", "/alerts", "/recording", "/streams", "/account"]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(console: Console, path: str, language: str) -> None:
    client = console.browser()
    client.get(f"/look?language={language}")
    answer = client.get(path)
    assert answer.status_code == 200
    if path not in ("/queue", "/tiles/gate"):
        assert f'<html lang="{language}"' in answer.text


def test_lab_is_said_on_every_page_also_before_signing_in(console: Console) -> None:
    assert 'class="lab"' in console.browser(None).get("/sign-in").text
    client = console.browser()
    for path in ("/", "/alerts", "/recording", "/streams", "/account", "/nope"):
        assert 'class="lab"' in client.get(path).text, path


def test_an_alert_says_what_where_why_and_under_which_mandate(console: Console) -> None:
    page = console.browser().get(f"/alerts/{console.alerts[0].id}").text
    for words in (
        "Presence in a closed zone",
        "The gate · The yard",
        "inside for",
        "try-out",
        "not enough",
    ):
        assert words in page
    assert '<polygon class="zone" points="250.0,250.0 ' in page


def test_the_queue_holds_what_is_open_and_says_how_many(console: Console) -> None:
    client = console.browser()
    one = console.alerts[0].id
    assert f'data-alert="{one}"' in client.get("/queue").text
    client.post(
        f"/alerts/{one}/verdict",
        data={"csrf": console.csrf(client), "decision": "dismissed", "reason": "nothing there"},
    )
    after = client.get("/queue").text
    assert 'data-open="0"' in after
    assert "Nothing waits for you." in after


def test_a_verdict_is_stored_with_its_reason_and_stands_in_the_ledger(console: Console) -> None:
    client = console.browser()
    one = console.alerts[0].id
    client.get(f"/alerts/{one}")
    console.world.clock.advance(7)
    answer = client.post(
        f"/alerts/{one}/verdict",
        data={"csrf": console.csrf(client), "decision": "confirmed", "reason": "passed on to the patrol"},
    )
    assert answer.headers["location"] == "/"
    verdict = console.world.records.alerts.rows[one].verdict
    assert (verdict.reason, verdict.account_id, verdict.seconds_spent) == ("passed on to the patrol", "operator", 7.0)
    assert any(e.reason == "passed on to the patrol" and e.target == f"alert:{one}" for e in console.world.entries())


def test_who_comes_late_sees_the_first_verdict(console: Console) -> None:
    first, second = console.browser(), console.browser("investigator")
    one = console.alerts[0].id
    for client, decision in ((first, "confirmed"), (second, "dismissed")):
        said = {"csrf": console.csrf(client), "decision": decision, "reason": "looked at it"}
        answer = client.post(f"/alerts/{one}/verdict", data=said)
    assert answer.headers["location"] == f"/alerts/{one}?late=1"
    assert console.world.records.alerts.rows[one].state is AlertState.CONFIRMED
    assert "said confirmed" in second.get(f"/alerts/{one}").text


def test_a_verdict_without_a_reason_is_not_taken(console: Console) -> None:
    client = console.browser()
    one = console.alerts[0].id
    said = {"csrf": console.csrf(client), "decision": "dismissed", "reason": " "}
    assert client.post(f"/alerts/{one}/verdict", data=said).status_code == 422
    assert console.world.records.alerts.rows[one].verdict is None


def ordered(console: Console, path: str, work: str, language: str = "en") -> dict[str, Any]:
    client = console.browser(**{"accept": "application/json", "accept-language": language})
    client.headers["x-csrf-token"] = console.csrf(client)
    job = client.post(path).json()
    until = time.monotonic() + 20
    while job["state"] in ("waiting", "running") and time.monotonic() < until:
        job = client.get(work).json()
    return dict(job)


def test_a_clip_is_ordered_then_played_piece_by_piece(console: Console) -> None:
    one = f"/alerts/{console.alerts[0].id}"
    assert ordered(console, f"{one}/clip", f"{one}/clip")["state"] == "done"
    client = console.browser()
    whole = client.get(f"{one}/clip.mp4")
    assert whole.headers["content-type"] == "video/mp4"
    piece = client.get(f"{one}/clip.mp4", headers={"range": "bytes=0-9"})
    assert (piece.status_code, piece.content) == (206, whole.content[:10])
    assert console.world.film.written == 1


def test_nobody_plays_a_clip_that_somebody_else_ordered(console: Console) -> None:
    one = f"/alerts/{console.alerts[0].id}"
    ordered(console, f"{one}/clip", f"{one}/clip")
    assert console.browser("investigator").get(f"{one}/clip.mp4").status_code == 404


def test_a_minute_of_the_recording_is_ordered_and_played(console: Console) -> None:
    start_us = NOW_US - 20 * SECOND_US
    path = f"/recording/gate/{start_us}"
    assert ordered(console, path, f"{path}/work")["state"] == "done"
    assert console.browser().get(f"{path}.mp4").status_code == 200


def test_a_minute_without_recording_says_so(console: Console) -> None:
    path = f"/recording/gate/{NOW_US - 3600 * SECOND_US}"
    job = ordered(console, path, f"{path}/work")
    assert job["state"] == "failed"
    assert "nothing" in str(job["error"])


def test_why_work_failed_is_told_in_french(console: Console) -> None:
    path = f"/recording/gate/{NOW_US - 3600 * SECOND_US}"
    error = ordered(console, path, f"{path}/work", "fr")["error"]
    assert error["what"] == "rien n’est enregistré de la caméra gate à ce moment"


@pytest.mark.parametrize(("query", "said"), [("day=yesterday", "is no day"), ("at=noon", "is no time of day")])
def test_a_wrong_day_or_time_says_how_to_write_it(console: Console, query: str, said: str) -> None:
    answer = console.browser().get(f"/recording?{query}")
    assert answer.status_code == 422
    assert said in answer.text
    assert "write it as" in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nope", 404), ("/alerts/none", 404), ("/alerts?state=odd", 422), ("/recording/gate/x.mp4", 422)],
)
def test_errors_are_pages_that_say_what_to_do(console: Console, path: str, status: int) -> None:
    answer = console.browser().get(path)
    assert answer.status_code == status
    assert "Back to the first page" in answer.text


def test_a_fault_inside_tells_no_secret(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(console.world.records.alerts, "find", fails)
    answer = console.browser().get("/alerts")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text


def test_what_people_wrote_is_escaped(console: Console) -> None:
    client = console.browser(None)
    answer = console.sign_in(client, "<script>alert(1)</script>", "whatever it is")
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_the_api_tells_alerts_and_takes_verdicts(console: Console) -> None:
    client = console.browser(accept="application/json")
    one = client.get("/api/v1/alerts").json()[0]
    assert (one["kind"], one["camera"], one["zone"], one["state"]) == ("presence", "gate", "yard", "open")
    assert one["start"].endswith("Z")
    answer = client.post(
        f"/api/v1/alerts/{one['id']}/verdict",
        json={"decision": "dismissed", "reason": "an animal"},
        headers={"x-csrf-token": console.csrf(client)},
    )
    assert answer.json()["verdict"]["reason"] == "an animal"
    again = client.post(
        f"/api/v1/alerts/{one['id']}/verdict",
        json={"decision": "confirmed", "reason": "no, look"},
        headers={"x-csrf-token": console.csrf(client)},
    )
    assert again.status_code == 409


def test_no_answer_of_the_api_names_a_track_or_an_address(console: Console) -> None:
    client = console.browser(accept="application/json")
    schema = client.get("/api/v1/openapi.json").json()
    paths = {path: said for path, said in schema["paths"].items() if not path.startswith("/api/v1/cameras")}
    assert len(paths) < len(schema["paths"])  # only who adds a camera speaks of its address
    told = str(paths) + "".join(str(schema["components"]["schemas"][name]) for name in named(schema, str(paths)))
    assert "track" not in str(schema)
    assert "address" not in told + client.get("/api/v1/alerts").text


def named(schema: dict[str, Any], said: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """The parts of the description that are spoken of, and those that they speak of."""
    for name in frozenset(re.findall(r"#/components/schemas/(\w+)", said)) - known:
        known = named(schema, str(schema["components"]["schemas"][name]), known | {name})
    return known


def test_a_lost_camera_is_said_where_its_picture_should_be(console: Console) -> None:
    console.board.put(StreamHealth("gate-main", "gate", StreamState.LOST, NOW_US, detail="the camera is silent"))
    assert "the camera is silent" in console.browser().get("/tiles/gate").text


def test_a_camera_outside_the_territory_has_no_tile(console: Console) -> None:
    assert console.browser().get("/tiles/elsewhere").status_code == 404


def test_the_ledger_page_verifies_and_shows_that_it_was_read(console: Console) -> None:
    client = console.browser("auditor")
    answer = client.post("/ledger/verify", data={"csrf": console.csrf(client)})
    assert "Whole and in order." in answer.text
    assert re.search(r"auditor</td><td class=\"breaks\">ledger", client.get("/ledger").text)


def test_live_pictures_are_masked_and_stand_in_the_ledger(console: Console) -> None:
    token = console.browser().cookies["vitrail_session"]
    rooms = console.app.state.rooms
    view = rooms.review.live(rooms.administer.whoami(token), "gate")
    people: Boxes = np.array([[0.2, 0.2, 0.5, 0.8]], np.float32)
    shown = pictures(40)
    for count, picture in enumerate(shown):
        moment_us = count * SECOND_US // 10
        console.live.publish("gate", Frame("gate-main", moment_us, NOW_US + moment_us, True, 0, picture), people)
    first = next(view.frames())
    view.close()
    assert first.split(b"\n", 1)[1] not in {picture.y.tobytes() for picture in shown}
    entries = console.world.entries()
    opened = next(index for index, entry in enumerate(entries) if entry.target == "live:gate")
    assert [entry.detail for entry in entries if entry.about == opened] == ["1 pictures"]


def test_metrics_count_machines_and_name_nobody(console: Console) -> None:
    console.browser()
    answer = console.browser(None).get("/metrics")
    assert 'vitrail_stream_state{camera="gate"' in answer.text
    assert "operator" not in answer.text


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "for tests France, verified 2026-"), ("fr", "pour les essais France, vérifié le 2026-")],
)
def test_outside_lab_every_page_says_what_the_legal_profile_says(tmp_path: Path, language: str, said: str) -> None:
    console = Console(tmp_path, mandates=[b.mandate(mode=Mode.ALERT)])
    try:
        client = console.browser(None)
        client.get(f"/look?language={language}")
        for path in ("/sign-in", "/nope"):
            page = client.get(path).text
            assert 'class="profile"' in page
            assert said in page
            assert 'class="lab"' not in page
    finally:
        console.close()


def test_a_stale_profile_is_said_on_every_page_also_in_lab(tmp_path: Path) -> None:
    console = Console(tmp_path, profile=b.profile(last_verified_us=NOW_US - 181 * DAY_US))
    try:
        page = console.browser(None).get("/sign-in").text
        assert 'class="profile stale"' in page
        assert "Stale: alerts are off until somebody reads it again." in page
    finally:
        console.close()


def test_the_wall_says_why_each_camera_stands_where_it_stands(console: Console) -> None:
    client = console.browser()
    page, words = client.get("/").text, console.alerts[0]
    assert '<p class="why">' in page and 'class="tile calls"' in page
    client.post(
        f"/alerts/{words.id}/verdict",
        data={"csrf": console.csrf(client), "decision": "dismissed", "reason": "nothing there"},
    )
    console.board.put(StreamHealth("gate-main", "gate", StreamState.AWAKE, NOW_US))
    after = client.get("/queue").text
    assert '<li data-camera="gate">something moves</li>' in after


def test_programs_get_the_order_of_cameras_with_the_reason(console: Console) -> None:
    client = console.browser(accept="application/json")
    (first, *_) = client.get("/api/v1/attention").json()
    assert (first["camera"], first["kind"]) == ("gate", console.alerts[0].kind)
    assert first["why"] in ("happens", "happened") and first["weight"] > 0


def test_what_changed_here_is_asked_with_a_box_and_answered_with_moments(console: Console) -> None:
    client = console.browser()
    page = client.get("/changed?camera=gate")
    assert page.status_code == 200 and 'id="place"' in page.text
    start_us, end_us = NOW_US - 20 * SECOND_US, NOW_US
    path, box = f"/changed/gate/{start_us}/{end_us}", "box=0.1,0.1,0.9,0.9"
    assert client.get(f"{path}/moments?{box}").status_code == 404
    assert ordered(console, f"{path}?{box}", f"{path}/work?{box}")["state"] == "done"
    assert "Nothing changed there for good." in client.get(f"{path}/moments?{box}").text
    assert console.browser("investigator").get(f"{path}/moments?{box}").status_code == 404
    asked = [entry for entry in console.world.entries() if "box 0.100,0.100,0.900,0.900" in entry.detail]
    assert len(asked) == 1


def test_a_glance_at_the_recording_is_a_masked_picture(console: Console) -> None:
    answer = console.browser().get(f"/changed/gate/{NOW_US - 10 * SECOND_US}.jpg")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")


@pytest.mark.parametrize("box", ["1,2,3", "a,b,c,d", "0.5,0.5,0.4,0.9", "0.1,0.1,0.11,0.9", "nan,0,1,1"])
def test_a_box_that_is_none_is_said_and_nothing_is_looked_at(console: Console, box: str) -> None:
    span = "start=2026-11-23T14:00&end=2026-11-23T15:00"
    answer = console.browser().get(f"/api/v1/cameras/gate/changed?{span}&box={box}")
    assert answer.status_code == 422


def test_programs_ask_what_changed(console: Console) -> None:
    start, end = (iso(at_us).replace("+", "%2B") for at_us in (NOW_US - 20 * SECOND_US, NOW_US))
    answer = console.browser().get(f"/api/v1/cameras/gate/changed?start={start}&end={end}&box=0,0,1,1")
    assert (answer.status_code, answer.json()) == (200, [])
    refused = console.browser().get(f"/api/v1/cameras/elsewhere/changed?start={start}&end={end}&box=0,0,1,1")
    assert refused.status_code == 403


def test_what_is_wrong_with_a_camera_is_on_the_page_in_the_api_and_in_the_metrics(console: Console) -> None:
    ill = StreamHealth("gate-main", "gate", StreamState.AWAKE, NOW_US, ailments=(Ailment.BLURRED, Ailment.MOVED))
    console.board.put(ill)
    page = console.browser().get("/streams").text
    assert "The picture is out of focus or fogged" in page and "The camera looks elsewhere than before" in page
    rows = console.browser(accept="application/json").get("/api/v1/streams").json()
    assert [row["ailments"] for row in rows if row["stream"] == "gate-main"] == [["blurred", "moved"]]
    metrics = console.browser().get("/metrics").text
    assert 'vitrail_camera_ailment{ailment="blurred",camera="gate",stream="gate-main"} 1.0' in metrics
    assert 'vitrail_camera_ailment{ailment="frozen",camera="gate",stream="gate-main"} 0.0' in metrics


def test_a_refusal_is_told_in_the_language_of_the_reader_as_a_page_and_to_a_script(console: Console) -> None:
    client = console.browser(**{"accept-language": "fr"})
    assert "<h1>pas d’alerte 0" in client.get("/alerts/" + "0" * 32).text
    error = client.get("/alerts/" + "0" * 32, headers={"accept": "application/json"}).json()["error"]
    assert error["what"].startswith("pas d’alerte 0")
    assert error["kind"] == "not_found"


def test_that_nobody_is_signed_in_is_told_in_french_too(console: Console) -> None:
    answer = console.browser(None, **{"accept": "application/json", "accept-language": "fr"}).get("/queue")
    assert answer.status_code == 401
    assert answer.json()["error"]["what"] == "personne n’est connecté"
