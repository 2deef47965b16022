"""The replay page and its routes: signed in, inside a case, or not at all."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import Console, read_aloud
from tests.console.test_cases import opened
from tests.guard.test_hearing import microphone
from vitrail.domain.events import Place
from vitrail.domain.sound import Located, SoundTrace
from vitrail.domain.streams import MapPosition, Site
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.projector import unpacked

START_US = NOW_US - 20 * SECOND_US


def tell(console: Console, client: TestClient, path: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"x-csrf-token": console.csrf(client), "accept": "application/json"}
    return client.post(path, json=body or {}, headers=headers)


def test_cameras_are_played_masked_and_the_ledger_says_what_was_seen(console: Console) -> None:
    client = console.browser("investigator")
    path = opened(console, client)
    base = f"/api/v1{path}/replay"
    assert "People are masked" in read_aloud(client.get(f"{path}/replay").text)
    scene = client.get(f"{base}/scene").json()
    assert scene["cameras"][0]["spans"] == [[START_US, NOW_US]] and scene["alerts"][0]["kind"] == "presence"
    token = tell(console, client, f"{base}/viewing").json()["viewing"]
    picture = client.get(f"{base}/viewing/{token}/gate/at.jpg?us={START_US + 3_000_000}")
    assert picture.status_code == 200 and int(picture.headers["x-wall-us"]) == START_US + 2_000_000
    pack = client.get(f"{base}/viewing/{token}/gate/pack?us={START_US}&width=640")
    assert len(unpacked(pack.content)) == 50
    assert client.get(f"{base}/viewing/{token}/gate/pack?us={START_US + 1}").status_code == 422
    other = console.browser("officer")
    assert other.get(f"{base}/viewing/{token}/gate/at.jpg?us={START_US}").status_code in (403, 404)
    assert tell(console, client, f"{base}/viewing/{token}/end").json() == {"ended": True}
    assert console.world.entries()[-1].detail.startswith("played gate")
    assert client.get(f"{base}/viewing/{token}/gate/at.jpg?us={START_US}").status_code == 404


def test_pins_are_put_changed_and_taken_off_and_who_comes_late_is_told(console: Console) -> None:
    client = console.browser("investigator")
    base = f"/api/v1{opened(console, client)}/replay"
    pin = {"camera": "gate", "at_us": START_US, "thread": "van", "words": "turns left", "x": 0.5, "y": 0.7}
    made = tell(console, client, f"{base}/pins", pin).json()
    change = {"version": made["version"], "at_us": START_US, "thread": "van", "words": "turns right"}
    assert tell(console, client, f"{base}/pins/{made['id']}", change).json()["version"] == 2
    late = tell(console, client, f"{base}/pins/{made['id']}", change)
    assert late.status_code == 409 and late.json()["error"]["kind"] == "conflict"
    assert client.get(f"{base}/scene").json()["pins"][0]["words"] == "turns right"
    assert tell(console, client, f"{base}/pins/{made['id']}/remove?version=2").json() == {"removed": True}
    assert tell(console, client, f"{base}/pins", pin | {"x": 2.0}).status_code == 422


def test_clocks_are_set_and_shown_with_their_doubt(console: Console) -> None:
    client = console.browser("investigator")
    base = f"/api/v1{opened(console, client)}/replay"
    clock = {"camera": "gate", "offset_s": 1.5, "uncertainty_s": 0.04, "words": "the church clock", "version": 0}
    assert tell(console, client, f"{base}/clocks", clock).json()["version"] == 1
    (camera,) = client.get(f"{base}/scene").json()["cameras"]
    assert (camera["offset_us"], camera["uncertainty_us"], camera["clock"]) == (1_500_000, 40_000, "set")
    assert camera["spans"] == [[START_US - 1_500_000, NOW_US - 1_500_000]]


def test_a_cameras_own_clock_is_used_until_somebody_sets_it_and_a_shared_event_starts_from_it(console: Console) -> None:
    rows = console.world.records.segments.rows
    rows |= {name: replace(segment, ahead_us=250_000) for name, segment in rows.items()}
    client = console.browser("investigator")
    path = opened(console, client)
    base = f"/api/v1{path}/replay"
    (camera,) = client.get(f"{base}/scene").json()["cameras"]
    assert (camera["offset_us"], camera["uncertainty_us"], camera["clock"]) == (250_000, 100_000, "camera")
    assert camera["spans"] == [[START_US - 250_000, NOW_US - 250_000]] and camera["clock_version"] == 0
    assert "by the camera" in client.get(f"{path}/replay").text
    case = console.world.records.cases.get(path.split("/")[-1])
    console.world.records.cases.put(replace(case, cameras=frozenset({"gate", "gate-2"})))
    marks = [{"camera": "gate", "at_us": START_US + 250_000}, {"camera": "gate-2", "at_us": START_US + 1_000_000}]
    made = tell(console, client, f"{base}/clocks/event", {"marks": marks, "words": "the lamp"}).json()["clocks"]
    assert [(c["camera"], c["offset_us"], c["uncertainty_us"]) for c in made] == [("gate-2", 1_000_000, 140_000)]
    by_hand = {"camera": "gate", "offset_s": 1.5, "uncertainty_s": 0.04, "words": "the church clock", "version": 0}
    assert tell(console, client, f"{base}/clocks", by_hand).json()["version"] == 1
    assert client.get(f"{base}/scene").json()["cameras"][0]["clock"] == "set"


def test_where_to_look_next_needs_places_and_knows_nobody(console: Console) -> None:
    client = console.browser("investigator")
    base = f"/api/v1{opened(console, client)}/replay"
    pin = {"camera": "gate", "at_us": START_US, "thread": "van", "words": "turns left"}
    made = tell(console, client, f"{base}/pins", pin).json()
    answer = client.get(f"{base}/pins/{made['id']}/next", headers={"accept": "application/json"})
    assert answer.status_code == 404 and "position" in answer.json()["error"]["remedy"]


def test_where_to_look_next_names_cameras_and_minutes(console: Console) -> None:
    site = console.world.site
    places = (MapPosition(48.8566, 2.3520, 90.0), MapPosition(48.8566, 2.3530, 270.0))
    back = b.camera(id="gate-2", name="Back", position=places[1], streams=(b.stream(id="g2", camera_id="gate-2"),))
    inhabit(console, replace(site, cameras=(replace(site.cameras[0], position=places[0]), back)))
    client, path = reaching(console, "gate", "gate-2")
    made = tell(console, client, f"/api/v1{path}/replay/pins", {
        "camera": "gate", "at_us": START_US, "thread": "van", "words": "turns left"}).json()  # fmt: skip
    said = client.get(f"/api/v1{path}/replay/pins/{made['id']}/next?travel=walking").json()
    (tip,) = said["cameras"]
    assert tip["camera"] == "gate-2" and tip["window"] and tip["recorded_us"] == 0
    assert client.get(f"/api/v1{path}/replay/pins/{made['id']}/next?travel=flying").status_code == 422
    assert client.get(f"/api/v1{path}/replay/scene").json()["map"]["guessed"] == ["gate", "gate-2"]


def inhabit(console: Console, site: Site) -> None:
    """The console of another site, with the same recordings."""
    for holder in (console.app.state.rooms.replay, console.app.state.rooms.parts.casework):
        holder._site = site
    reception = console.app.state.rooms.parts.reception
    reception._holdings = replace(reception._holdings, site=site)


def reaching(console: Console, *devices: str) -> tuple[TestClient, str]:
    """An investigator, and a case over these devices."""
    client = console.browser("investigator")
    account = console.world.records.accounts.get("investigator")
    console.world.records.accounts.update(replace(account, territory=frozenset(devices)))
    path = opened(console, client)
    case = console.world.records.cases.get(path.split("/")[-1])
    console.world.records.cases.put(replace(case, cameras=frozenset(devices)))
    return client, path


def test_a_sound_stands_on_axis_and_map_with_its_ellipse_and_leads_to_no_camera(console: Console) -> None:
    site = console.world.site
    gate = replace(site.cameras[0], position=MapPosition(48.8566, 2.3520, 90.0))
    inhabit(console, replace(site, cameras=(gate,), microphones=(microphone(),)))
    where = Located(48.8567, 2.3521, 14.0, 6.0, 30.0, ("quay",))
    span = Interval(NOW_US - 5 * SECOND_US, NOW_US - 4 * SECOND_US)
    heard = b.alert(id="shot", kind="gunshot", place=Place.heard("quay"), stream_id="quay-1", interval=span,
                    evidence=span, sound=SoundTrace((-3,), (-1,), where))  # fmt: skip
    console.world.records.alerts.rows["shot"] = heard
    console.world.records.alerts.erase_after_us["shot"] = NOW_US + SECOND_US * 3600
    client, path = reaching(console, "gate", "quay")
    scene = client.get(f"/api/v1{path}/replay/scene").json()
    (sound,) = scene["sounds"]
    assert (sound["camera"], sound["microphone"], sound["kind"]) == ("", "quay", "gunshot")
    assert "shot" not in {alert["id"] for alert in scene["alerts"]}
    ellipse = scene["map"]["sounds"]["shot"]
    assert (ellipse["major_m"], ellipse["minor_m"], ellipse["bearing_deg"]) == (14.0, 6.0, 30.0)
    assert ellipse["place"] == pytest.approx([7.3, 11.1], abs=0.3)
    without, other = reaching(console, "gate")
    assert without.get(f"/api/v1{other}/replay/scene").json()["sounds"] == []


def test_others_see_no_replay(console: Console) -> None:
    path = opened(console, console.browser("investigator"))
    operator = console.browser("operator")
    for asked in (f"{path}/replay", f"/api/v1{path}/replay/scene"):
        assert operator.get(asked).status_code in (403, 404)
    assert re.search("/replay", operator.get(path).text) is None
