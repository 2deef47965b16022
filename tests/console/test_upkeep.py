"""Walls and furniture on the screen and for programs: an alert confirmed, a bench repaired, requests that failed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import Console
from vitrail.domain.events import Place
from vitrail.domain.health import Unjudged, Unsure
from vitrail.domain.people import Role
from vitrail.domain.recipients import Channel, Recipient
from vitrail.domain.streams import Asset, Surface
from vitrail.domain.time import HOUR_US
from vitrail.runtime.health import StreamHealth, StreamState

BENCH = Place("gate", asset_id="bench")
CAMERA = b.camera(
    assets=(Asset("bench", "The bench", "bench", b.square(0.1, 0.8, 0.2, 0.9)),),
    surfaces=(Surface("wall", "North wall", b.square(0.5, 0.1, 0.9, 0.4)),),
)
CITY = Recipient("city", "City works", Channel.OPEN311, "https://city.example", "key", {"damage": "311"})
SAID = "/upkeep/gate/asset/bench/said"


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path, site=b.site(cameras=(CAMERA,), recipients=(CITY,)))
    records = made.world.records
    alert = made.alerts[0]
    records.alerts.rows[alert.id] = replace(alert, kind="damage", place=BENCH)
    records.upkeep.rows.append(b.step(alert_id=alert.id))
    yield made
    made.close()


def technician(console: Console) -> Any:
    console.member(Role.TECHNICIAN)
    known = console.world.records.accounts.get("technician")
    console.world.records.accounts.update(replace(known, territory=frozenset({"gate"})))
    return console.browser("technician")


def confirm(console: Console) -> None:
    operator = console.browser("operator")
    told = {"csrf": console.csrf(operator), "decision": "confirmed", "reason": "slats are gone"}
    assert operator.post(f"/alerts/{console.alerts[0].id}/verdict", data=told).status_code == 303


def test_a_technician_comes_in_at_the_walls_and_furniture(console: Console) -> None:
    browser = technician(console)
    assert browser.get("/").headers["location"] == "/upkeep"
    page = browser.get("/upkeep").text
    assert "The bench" in page and "North wall" in page and "suspected" in page
    assert browser.get("/alerts").status_code == 403


def test_things_are_chosen_by_their_condition(console: Console) -> None:
    browser = technician(console)
    page = browser.get("/upkeep?state=ok").text
    assert "North wall" in page and "The bench" not in page
    assert browser.get("/upkeep?state=broken").status_code == 422


def test_from_the_alert_to_the_repair(console: Console) -> None:
    confirm(console)
    browser = technician(console)
    page = browser.get("/upkeep/gate/asset/bench").text
    assert "damage confirmed" in page and "Confirmed by a person" in page and "City works" in page
    told = {"csrf": console.csrf(browser), "said": "repaired", "words": "new slats"}
    assert browser.post(SAID, data=told).headers["location"] == "/upkeep/gate/asset/bench"
    page = browser.get("/upkeep/gate/asset/bench").text
    assert "repaired, being learnt" in page and "new slats" in page and 'value="repaired"' not in page


def test_nothing_changes_without_the_pages_own_token(console: Console) -> None:
    browser = technician(console)
    assert browser.post(SAID, data={"said": "whole", "words": "fine"}).status_code == 403
    assert browser.post("/upkeep/again", data={"notice": "alert-1.city"}).status_code == 403
    asked = {"said": "whole", "words": "fine"}
    assert browser.post("/api/v1/upkeep/gate/asset/bench", json=asked).status_code == 403


def test_what_is_not_declared_is_not_found(console: Console) -> None:
    browser = technician(console)
    for path in ("/upkeep/gate/asset/none", "/upkeep/quay/asset/bench", "/upkeep/gate/asset/bench/after.jpg"):
        assert browser.get(path).status_code == 404, path


def test_why_a_thing_is_not_judged_is_said_on_both_pages_and_for_programs(console: Console) -> None:
    unjudged = (Unjudged(BENCH, Unsure.COVERED, NOW_US - 3 * HOUR_US),)
    console.board.put(StreamHealth("gate-main", "gate", StreamState.QUIET, NOW_US, unjudged=unjudged))
    browser = technician(console)
    for path in ("/upkeep", "/upkeep/gate/asset/bench", "/streams"):
        assert "something stands before it" in browser.get(path).text, path
    (stream,) = browser.get("/api/v1/streams").json()
    assert stream["unjudged"] == [
        {"surface": None, "asset": "bench", "why": "covered", "since": "2026-11-23T09:00:00.000Z"}
    ]
    things = browser.get("/api/v1/upkeep").json()
    assert [thing["unjudged"] and thing["unjudged"]["why"] for thing in things] == ["covered", None]


def test_a_request_that_failed_is_shown_with_its_problem_and_sent_again(console: Console) -> None:
    console.world.records.notices.rows["alert-1.city"] = b.notice(problem="400: no such service", tries=1)
    browser = technician(console)
    page = browser.get("/upkeep").text
    assert "not delivered" in page and "400: no such service" in page and "Send again" in page
    told = {"csrf": console.csrf(browser), "notice": "alert-1.city"}
    assert browser.post("/upkeep/again", data=told).status_code == 303
    assert "waits to be sent" in browser.get("/upkeep").text
    headers = {"X-CSRF-Token": console.csrf(browser)}
    assert browser.post("/api/v1/notices/alert-1.city/again", headers=headers).status_code == 409


def test_programs_read_conditions_histories_and_requests(console: Console) -> None:
    confirm(console)
    browser = technician(console)
    (bench,) = browser.get("/api/v1/upkeep?state=confirmed").json()
    assert (bench["camera"], bench["drawn"], bench["id"], bench["kind"]) == ("gate", "asset", "bench", "bench")
    assert [step["said"] for step in bench["history"]] == ["confirmed", "alert"]
    (notice,) = browser.get("/api/v1/notices").json()
    assert (notice["recipient"], notice["state"]) == ("city", "waiting")
    asked = {"said": "repaired", "words": "new slats"}
    headers = {"X-CSRF-Token": console.csrf(browser)}
    said = browser.post("/api/v1/upkeep/gate/asset/bench", json=asked, headers=headers).json()
    assert (said["condition"], said["history"][0]["words"]) == ("repaired", "new slats")


def test_an_alert_leads_to_the_history_of_its_thing(console: Console) -> None:
    page = console.browser("operator").get(f"/alerts/{console.alerts[0].id}").text
    assert 'href="/upkeep/gate/asset/bench"' in page
