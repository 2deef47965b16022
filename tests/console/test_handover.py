"""From shift to shift: the report, the note that is left and taken, and alerts that wait too long."""

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.console.desk import Console
from vitrail.domain.events import AlertState, Decision, Place, Verdict
from vitrail.domain.people import Role
from vitrail.domain.shifts import Escalation, KindCount, Shift
from vitrail.domain.time import HOUR_US, MINUTE_US, Interval, iso
from vitrail.runtime.health import StreamHealth, StreamState

WORDS = "The quay is closed until six.\nThe lamp at the steps is out."


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    yard = b.camera(id="yard-2", name="Second yard", streams=(b.stream(id="yard-2-main", camera_id="yard-2"),))
    site = b.site(cameras=(b.camera(), yard), escalation=Escalation(10, ("investigator",)))
    made = Console(tmp_path, site=site)
    made.member(Role.INVESTIGATOR)
    yield made
    made.close()


def add(console: Console, minutes: int, **changes: Any) -> str:
    """An alert of so many minutes ago."""
    records, began_us = console.world.records.alerts, NOW_US - minutes * MINUTE_US
    span = Interval(began_us, began_us + 1)
    row = b.alert(id=f"old-{len(records.rows)}", interval=span, evidence=span, created_us=began_us, **changes)
    records.rows[row.id] = row
    records.erase_after_us[row.id] = NOW_US + 48 * HOUR_US
    return row.id


def leave(console: Console, browser: Any, words: str = WORDS) -> Any:
    return browser.post("/handover", data={"csrf": console.csrf(browser), "words": words})


def note_id(text: str) -> str:
    found = re.search(r'action="/handover/([^/"]+)/taken"', text)
    assert found
    return found[1]


def test_the_report_counts_what_began_in_the_shift_and_names_what_waits_from_before(console: Console) -> None:
    said = Verdict(Decision.DISMISSED, "light", "operator", NOW_US - MINUTE_US, 90.0)
    add(console, 30, kind="dwell", state=AlertState.DISMISSED, verdict=said)
    before = add(console, 300, kind="fight")
    made = console.browser(accept="application/json").get("/api/v1/handover", params={"hours": 1}).json()
    counted = {kind["kind"]: (kind["alerts"], kind["dismissed"], kind["open"]) for kind in made["kinds"]}
    assert counted == {"dwell": (1, 1, 0), "presence": (1, 0, 1)}
    assert made["minutes"] == 1.5
    assert [each["alert"] for each in made["waiting"]] == [before, console.alerts[0].id], "the oldest first"
    assert [each["late"] for each in made["waiting"]] == [True, False]
    page = console.browser().get("/handover?hours=1").text
    assert "1 min 30 s" in page and f"/alerts/{before}" in page and "5 h 00 min" in page


def test_of_many_alerts_none_is_left_out(console: Console) -> None:
    for number in range(430):
        add(console, 1 + number % 50)
    made = console.browser(accept="application/json").get("/api/v1/handover", params={"hours": 1}).json()
    assert made["kinds"][0]["alerts"] == 431 == len(made["waiting"])


def test_what_is_gone_and_what_is_suspended_is_said(console: Console) -> None:
    console.board.put(StreamHealth("gate-main", "gate", StreamState.LOST, NOW_US, detail="no answer"))
    console.board.put(StreamHealth("yard-2-main", "yard-2", StreamState.LOST, NOW_US, detail="elsewhere"))
    console.member(Role.OFFICER)
    console.world.suspensions.suspend(console.world.records.accounts.get("officer"), "works in the yard")
    page = console.browser().get("/handover").text
    assert "no answer" in page and "works in the yard" in page
    assert "elsewhere" not in page and "Second yard" not in page, "outside the territory"


def test_a_note_is_read_and_taken_by_who_comes_and_both_stand_in_the_ledger(console: Console) -> None:
    leaves, comes = console.browser("operator"), console.browser("investigator")
    assert leave(console, leaves).status_code == 303
    assert "/taken" not in leaves.get("/handover").text, "nobody takes their own"
    page = comes.get("/handover").text
    assert "The lamp at the steps is out." in page and "nobody has taken it yet" in page
    taken = comes.post(f"/handover/{note_id(page)}/taken", data={"csrf": console.csrf(comes)})
    assert taken.status_code == 303
    page = leaves.get("/handover").text
    assert "read and taken by investigator" in page and "nobody has taken it yet" not in page
    entries = [entry for entry in console.world.entries() if entry.target.startswith("handover:")]
    assert [(entry.actor, entry.detail) for entry in entries if entry.detail] == [
        ("operator", "left over gate"),
        ("investigator", "taken"),
    ]


def test_what_nobody_took_stands_first_then_the_newest(console: Console) -> None:
    leaves, comes = console.browser("operator"), console.browser("investigator")
    for words in ("the first note", "the second note", "the third note"):
        leave(console, leaves, words)
        console.world.clock.advance(1)
    third = comes.get("/api/v1/handover").json()["notes"][0]
    comes.post(f"/handover/{third['id']}/taken", data={"csrf": console.csrf(comes)})
    notes = [note["words"] for note in comes.get("/api/v1/handover").json()["notes"]]
    assert notes == ["the second note", "the first note", "the third note"]


def test_a_note_is_taken_once(console: Console) -> None:
    leave(console, console.browser("operator"))
    comes = console.browser("investigator")
    name, proof = note_id(comes.get("/handover").text), {"csrf": console.csrf(comes)}
    assert comes.post(f"/handover/{name}/taken", data=proof).status_code == 303
    assert comes.post(f"/handover/{name}/taken", data=proof).status_code == 409
    assert comes.post("/handover/none/taken", data=proof).status_code == 404


def test_a_shift_begins_where_the_last_note_was_taken(console: Console) -> None:
    leave(console, console.browser("operator"))
    comes = console.browser("investigator")
    made = comes.get("/api/v1/handover").json()
    assert made["since"] == iso(NOW_US - 8 * HOUR_US)
    comes.post(f"/handover/{note_id(comes.get('/handover').text)}/taken", data={"csrf": console.csrf(comes)})
    console.world.clock.advance(600)
    later = comes.get("/api/v1/handover").json()
    assert later["since"] == later["notes"][0]["taken"] > made["since"]


def test_notes_about_other_places_are_not_shown_and_cannot_be_taken(console: Console) -> None:
    leave(console, console.browser("operator"))
    page = console.browser("investigator").get("/handover").text
    name, records = note_id(page), console.world.records.accounts
    records.update(replace(records.get("investigator"), territory=frozenset({"yard-2"})))
    other = console.browser("investigator")
    assert "The quay is closed" not in other.get("/handover").text
    assert other.post(f"/handover/{name}/taken", data={"csrf": console.csrf(other)}).status_code == 404


@pytest.mark.parametrize("words", ["a man in a red jacket walks about", "un homme en veste rouge"])
def test_a_note_that_describes_a_person_is_refused_with_its_rule(console: Console, words: str) -> None:
    answer = leave(console, console.browser(), words)
    assert answer.status_code == 403 and "L21" in answer.text
    assert words not in console.browser().get("/handover").text


def test_an_empty_note_and_a_shift_of_a_week_are_refused(console: Console) -> None:
    browser = console.browser()
    assert leave(console, browser, "  ").status_code == 422
    assert browser.get("/handover?hours=169").status_code == 422


def test_what_nobody_judged_in_time_is_marked_and_told_to_those_declared_on_every_page(console: Console) -> None:
    declared, operator = console.browser("investigator"), console.browser("operator")
    told = "Alerts wait for longer than 10 min:"
    assert told not in declared.get("/account").text
    console.world.clock.advance(11 * 60)
    assert told in declared.get("/account").text and told in declared.get("/").text
    assert told not in operator.get("/account").text
    assert ">late<" in operator.get("/queue").text and ">late<" in operator.get("/alerts").text
    assert "consult done late" in console.world.said()


def test_an_open_page_knows_when_to_ask_again_and_is_told_then(console: Console) -> None:
    declared = console.browser("investigator")
    assert 'data-next="600"' in declared.get("/account").text
    assert "/static/js/late.js" in declared.get("/account").text
    console.world.clock.advance(599)
    part = {"x-part": "1"}
    assert 'data-next="1"' in declared.get("/handover/late", headers=part).text
    console.world.clock.advance(1)
    told = declared.get("/handover/late", headers=part).text
    assert "Alerts wait for longer than 10 min:" in told and "data-next" not in told
    console.world.records.alerts.rows.clear()
    assert "Alerts wait" not in declared.get("/handover/late", headers=part).text


def test_whoever_is_not_declared_asks_nothing(console: Console) -> None:
    operator = console.browser("operator")
    assert "/static/js/late.js" not in operator.get("/account").text
    assert operator.get("/handover/late").status_code == 404
    assert "consult done late" not in console.world.said()


def test_in_another_territory_nothing_is_told(console: Console) -> None:
    records = console.world.records.accounts
    records.update(replace(records.get("investigator"), territory=frozenset({"yard-2"})))
    console.world.clock.advance(11 * 60)
    assert "Alerts wait for longer" not in console.browser("investigator").get("/account").text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.TECHNICIAN])
def test_whoever_may_not_review_sees_no_report(console: Console, role: Role) -> None:
    browser = console.browser(role.value)
    assert browser.get("/handover").status_code == 403
    assert browser.get("/api/v1/handover").status_code == 403


def test_nobody_is_counted_by_name(console: Console) -> None:
    """The report of a desk ranks no worker: its figures hold no account."""
    names = {field.name for figure in (Shift, KindCount) for field in fields(figure)}
    assert names == {"since_us", "now_us", "kinds", "waiting", "minutes"} | {
        "kind",
        "sound",
        "alerts",
        "confirmed",
        "dismissed",
        "open",
        "expired",
    }
    said = Verdict(Decision.DISMISSED, "light", "somebody-else", NOW_US - MINUTE_US, 90.0)
    add(console, 30, place=Place("gate"), state=AlertState.DISMISSED, verdict=said)
    browser = console.browser()
    assert "somebody-else" not in browser.get("/handover").text + browser.get("/api/v1/handover").text


def test_in_french(console: Console) -> None:
    text = console.browser(**{"accept-language": "fr"}).get("/handover").text
    assert "Relève" in text and "personne n’est compté par son nom" in text
