"""Cases, the rights desk and the emergency account, as people meet them on their pages."""

import re
import time
from typing import Any

from fastapi.testclient import TestClient

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import PASSWORD, Console, read_aloud
from vitrail.console.when import typed
from vitrail.domain.people import Role
from vitrail.domain.time import MINUTE_US, SECOND_US, moment_us

ZONE = "Europe/Paris"


def send(console: Console, client: TestClient, path: str, **form: Any) -> Any:
    return client.post(path, data={"csrf": console.csrf(client), **form})


def opened(console: Console, client: TestClient) -> str:
    """The path of a fresh case over the last minute at the gate."""
    zone = console.site.zone
    answer = send(
        console,
        client,
        "/cases",
        reference="PV 2026/17",
        legal_basis="requisition",
        reason="a bench was burnt",
        begin=typed(NOW_US - MINUTE_US, zone),
        end=typed(NOW_US, zone),
        camera="gate",
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def done(client: TestClient, work: str) -> dict[str, Any]:
    for _ in range(200):
        said: dict[str, Any] = client.get(work).json()
        if said["state"] in ("done", "failed"):
            return said
        time.sleep(0.02)
    raise AssertionError("the copy was never ready")


def test_a_case_is_opened_and_its_minute_is_played_masked(console: Console) -> None:
    client = console.browser("investigator")
    path = opened(console, client)
    page = client.get(path)
    assert "a bench was burnt" in page.text and "Everybody stays masked" in page.text
    at = typed(NOW_US - 20 * SECOND_US, console.site.zone)
    stage = client.get(f"{path}?camera=gate&at={at}").text
    order = re.search(r'data-order="([^"]+)"', stage)
    assert order
    client.post(order[1], headers={"x-csrf-token": console.csrf(client)})
    assert done(client, f"{order[1]}/work")["state"] == "done"
    assert client.get(f"{order[1]}.mp4").status_code == 200


def test_two_people_agree_to_see_a_box_and_only_the_case_sees_it(console: Console) -> None:
    ines, olga = console.browser("investigator"), console.browser("officer")
    path = opened(console, ines)
    begin = typed(NOW_US - 10 * SECOND_US, console.site.zone)
    send(console, ines, f"{path}/unmask", camera="gate", begin=begin, length=5, box="0.5,0.3,0.8,0.9", reason="thrown?")
    assert "waits for a second person" in ines.get(path).text
    assert "Somebody asks to see a box" in read_aloud(olga.get("/cases").text)
    answer = re.search(r'action="([^"]+/answer)"', olga.get(path).text)
    assert answer
    assert send(console, ines, answer[1], decision="grant", reason="me too").status_code == 403
    assert send(console, olga, answer[1], decision="grant", reason="it is needed").status_code == 303
    show = re.search(r'href="([^"]+\?show=[^"]+)"', ines.get(path).text)
    assert show
    order = re.search(r'data-order="([^"]+)"', ines.get(show[1]).text)
    assert order
    ines.post(order[1], headers={"x-csrf-token": console.csrf(ines)})
    assert done(ines, order[1].replace("/film", "/work"))["state"] == "done"
    film = order[1].replace("/film", ".mp4")
    assert ines.get(film).status_code == 200
    assert olga.get(film).status_code in (403, 404)


def test_what_is_kept_is_shown_and_let_go(console: Console) -> None:
    client = console.browser("investigator")
    path = opened(console, client)
    zone = console.site.zone
    form = {
        "camera": "gate",
        "begin": typed(NOW_US - MINUTE_US, zone),
        "end": typed(NOW_US, zone),
        "until": typed(NOW_US + 10 * MINUTE_US, zone),
        "reason": "it shows it",
    }
    assert send(console, client, f"{path}/hold", **form).status_code == 303
    release = re.search(r'action="([^"]+/release)"', client.get(path).text)
    assert release
    assert send(console, client, release[1], reason="not needed").status_code == 303
    assert "released" in client.get(path).text


def test_bad_words_are_told_and_nothing_is_opened(console: Console) -> None:
    client = console.browser("investigator")
    answer = send(
        console,
        client,
        "/cases",
        reference="PV 1",
        legal_basis="x",
        reason="because",
        begin="yesterday",
        end="today",
        camera="gate",
    )
    assert answer.status_code == 422 and "2026-11-23T14:05" in answer.text
    assert console.world.records.cases.every() == []


def test_others_do_not_open_cases_and_see_none(console: Console) -> None:
    path = opened(console, console.browser("investigator"))
    operator = console.browser("operator")
    assert "Open the case" not in operator.get("/cases").text
    assert operator.get(path).status_code == 404
    assert send(console, operator, f"{path}/close", reason="why not").status_code == 403


def test_a_request_is_entered_looked_into_and_answered(console: Console) -> None:
    olga = console.browser("officer")
    zone = console.site.zone
    form = {
        "kind": "access",
        "said": "I stood at the gate",
        "contact": "anna@example.org",
        "received": typed(NOW_US, zone),
        "camera": "gate",
        "begin": typed(NOW_US - MINUTE_US, zone),
        "minutes": 1,
    }
    assert send(console, olga, "/rights", **form).status_code == 303
    page = olga.get("/rights").text
    case = re.search(r'href="(/cases/[^"]+)"', page)
    assert case and "anna@example.org" in page
    assert "Show the minute" in olga.get(case[1]).text
    (request,) = console.world.records.rights.every()
    refused = send(console, olga, f"/rights/{request.id}/answer", decision="refused", said="not now")
    assert refused.status_code == 422 and "listed grounds" in refused.text
    assert send(console, olga, f"/rights/{request.id}/answer", decision="granted", said="enclosed").status_code == 303
    assert "Look at what is kept" not in olga.get("/rights").text
    assert console.browser("operator").get("/rights").status_code == 403


def test_an_overdue_request_is_told_to_those_who_account(console: Console) -> None:
    console.world.records.rights.put(b.request(due_us=NOW_US - 1, case_id=""))
    assert "beyond their deadline" in console.browser("officer").get("/ledger").text
    assert "beyond their deadline" not in console.browser("operator").get("/").text


def test_a_broken_seal_is_on_every_page_until_an_officer_looked_into_it(console: Console) -> None:
    glass = b.account(id="glass", role=Role.OPERATOR, emergency=True)
    console.accounts.add(glass, PASSWORD, by="first", reason="for the night")
    stranger = console.browser(None)
    assert console.sign_in(stranger, "glass", reason="fire").status_code == 422
    assert console.sign_in(stranger, "glass", reason="smoke on the square").status_code == 303
    assert "The emergency account was used" in console.browser("operator").get("/streams").text
    assert "The emergency account was used" in console.browser(None).get("/sign-in").text
    olga = console.browser("officer")
    assert send(console, console.browser("operator"), "/emergency/glass", said="all was well").status_code == 403
    assert send(console, olga, "/emergency/glass", said="there was smoke").status_code == 303
    assert "The emergency account was used" not in olga.get("/ledger").text


def test_moments_are_the_sites_own() -> None:
    assert moment_us("2026-07-01T12:00", ZONE, "x") == moment_us("2026-07-01T10:00+00:00", ZONE, "x")
    assert typed(moment_us("2026-12-01T12:00:05", ZONE, "x"), ZONE) == "2026-12-01T12:00:05"


def test_a_case_is_handed_over_from_asking_to_taking(console: Console) -> None:
    ines, olga = console.browser("investigator"), console.browser("officer")
    path = opened(console, ines)
    zone = console.site.zone
    form = {
        "camera": "gate",
        "begin": typed(NOW_US - 20 * SECOND_US, zone),
        "end": typed(NOW_US, zone),
        "recipient": "Public prosecutor",
        "reason": "the hearing",
        "originals": "true",
    }
    assert send(console, ines, f"{path}/bundles", **form).status_code == 303
    assert "waits for a second person" in ines.get(path).text and "Make it" not in ines.get(path).text
    assert "recordings without masks" in read_aloud(olga.get("/cases").text)
    answer = re.search(r'action="([^"]+/bundles/[^"]+/answer)"', olga.get(path).text)
    assert answer and answer[1] not in ines.get(path).text
    assert send(console, ines, answer[1], decision="grant", reason="me too").status_code == 403
    assert send(console, olga, answer[1], decision="grant", reason="the court asks").status_code == 303
    order = re.search(r'class="make" data-order="([^"]+)"', ines.get(path).text)
    assert order
    ines.post(order[1], headers={"x-csrf-token": console.csrf(ines)})
    assert done(ines, f"{order[1]}/work")["state"] == "done"
    taken = ines.get(f"{order[1]}.zip")
    assert taken.status_code == 200 and taken.content[:2] == b"PK" and "Take the bundle" in ines.get(path).text
    assert olga.get(f"{order[1]}.zip").status_code in (403, 404)


def test_a_link_is_agreed_to_taken_without_an_account_and_taken_back(console: Console) -> None:
    ines, olga, court = console.browser("investigator"), console.browser("officer"), console.browser(None)
    path = opened(console, ines)
    zone = console.site.zone
    span = {"begin": typed(NOW_US - 20 * SECOND_US, zone), "end": typed(NOW_US, zone)}
    send(console, ines, f"{path}/bundles", camera="gate", recipient="The court", reason="the hearing", **span)
    order = re.search(r'class="make" data-order="([^"]+)"', ines.get(path).text)
    assert order
    ines.post(order[1], headers={"x-csrf-token": console.csrf(ines)})
    assert done(ines, f"{order[1]}/work")["state"] == "done"
    bundle = order[1].split("/")[-1]
    shown = send(console, ines, f"{path}/shares", bundle=bundle, reason="the court fetches it").text
    link = re.search(r"http://console(/shared/[\w-]+)<", shown)
    assert link and link[1] not in ines.get(f"{path}/shares").text
    assert court.get(link[1]).status_code == 404
    answer = re.search(r'action="([^"]+/answer)"', olga.get(f"{path}/shares").text)
    assert answer
    assert send(console, ines, answer[1], decision="grant", reason="me too").status_code == 403
    assert send(console, olga, answer[1], decision="grant", reason="it is theirs").status_code == 303
    assert court.get(link[1]).content[:2] == b"PK"
    assert "1/3" in ines.get(f"{path}/shares").text
    revoke = re.search(r'action="([^"]+/revoke)"', ines.get(f"{path}/shares").text)
    assert revoke
    assert send(console, ines, revoke[1], reason="the wrong court").status_code == 303
    assert court.get(link[1]).status_code == 404
