"""The follow-up register is what the ledger says, and nothing else: counted again by other means, it is the same."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW_US
from tests.console.desk import Console
from vitrail.domain.events import AlertState
from vitrail.domain.ledger import Entry, Operation, Outcome, Stored
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US
from vitrail.guard.followup import FollowUp, as_csv, follow_up, since, summary

IDS = ("a1", "a2", "a3")
PEOPLE = ("anna", "ben", "chloe")
steps = st.lists(
    st.tuples(
        st.sampled_from(["born", "look", "refused look", "verdict", "failed verdict", "list"]),
        st.sampled_from(IDS),
        st.sampled_from(PEOPLE),
        st.integers(0, 10 * HOUR_US),
        st.booleans(),
    ),
    max_size=40,
)


def written(history: list[Any]) -> list[Stored]:
    """The ledger that such a history leaves, as intake and desk write it; an alert is born once and judged once."""
    entries: list[Stored] = []
    born, judged, at_us = set(), set(), 0

    def add(operation: Operation, outcome: Outcome, actor: str, target: str, **more: Any) -> int:
        entry = Entry(at_us, operation, outcome, actor, target, more.pop("reason", ""), **more)
        entries.append(Stored(len(entries), entry, b""))
        return len(entries) - 1

    for what, alert_id, person, after_us, right in history:
        at_us += after_us
        target = f"alert:{alert_id}"
        if what == "born" and alert_id not in born:
            born.add(alert_id)
            add(Operation.COLLECT, Outcome.DONE, "vitrail", target, detail="presence at camera gate", mandate_id="m")
        elif what == "list":
            about = add(Operation.CONSULT, Outcome.OPENED, person, "alerts", reason="shift")
            add(Operation.CONSULT, Outcome.DONE, person, "alerts", about=about)
        elif what == "look" and alert_id in born:
            about = add(Operation.CONSULT, Outcome.OPENED, person, target, reason="shift")
            add(Operation.CONSULT, Outcome.DONE, person, target, about=about)
        elif what == "refused look":
            add(Operation.CONSULT, Outcome.REFUSED, person, target, rule="L23", detail="not in the territory")
        elif what.endswith("verdict") and alert_id in born - judged:
            about = add(Operation.CHANGE, Outcome.OPENED, person, target, reason=f"{person} saw it")
            if what == "failed verdict":
                add(Operation.CHANGE, Outcome.FAILED, person, target, about=about, detail="unavailable")
                continue
            judged.add(alert_id)
            said = f"{'confirmed' if right else 'dismissed'} after {after_us / SECOND_US:.1f} s"
            add(Operation.CHANGE, Outcome.DONE, person, target, about=about, detail=said)
    return entries


def again(entries: list[Stored], alert_id: str, now_us: int) -> tuple[FollowUp, dict[str, int]] | None:
    """Counted by asking the whole ledger one question after the other."""
    mine = [s for s in entries if s.entry.target == f"alert:{alert_id}" and s.entry.outcome is Outcome.DONE]
    first = next((s.entry for s in mine if s.entry.operation is Operation.COLLECT), None)
    if first is None:
        return None
    looks = [s.entry for s in mine if s.entry.operation is Operation.CONSULT]
    seen = {person: min(e.at_us for e in looks if e.actor == person) for person in {e.actor for e in looks}}
    verdict = next((s.entry for s in mine if s.entry.operation is Operation.CHANGE), None)
    state = AlertState.EXPIRED if now_us >= first.at_us + DAY_US else AlertState.OPEN
    counted = FollowUp(
        alert_id,
        "gate",
        "presence",
        "m",
        first.at_us,
        AlertState(verdict.detail.split()[0]) if verdict else state,
        (),
        verdict.actor if verdict else "",
        verdict.at_us if verdict else None,
        entries[verdict.about].entry.reason if verdict and verdict.about is not None else "",
        float(verdict.detail.split()[2]) if verdict else 0.0,
    )
    return counted, seen


@given(steps, st.integers(0, 3 * DAY_US))
def test_it_equals_an_independent_recount_of_the_ledger(history: list[Any], later_us: int) -> None:
    entries = written(history)
    now_us = (entries[-1].entry.at_us if entries else 0) + later_us
    rows = {row.alert_id: row for row in follow_up(entries, now_us)}
    for alert_id in IDS:
        counted = again(entries, alert_id, now_us)
        if counted is None:
            assert alert_id not in rows
            continue
        expected, seen = counted
        row = rows[alert_id]
        assert {look.account_id: look.at_us for look in row.seen} == seen
        for name in FollowUp.__slots__:
            if name != "seen":
                assert getattr(row, name) == getattr(expected, name), name
    sums = summary(list(rows.values()))
    assert sums.alerts == sums.confirmed + sums.dismissed + sums.open + sums.unhandled == len(rows)


@given(steps)
def test_from_a_moment_on_it_is_the_end_of_the_whole(history: list[Any]) -> None:
    entries = written(history)
    whole = follow_up(entries, 0)
    for row in whole:
        part = [stored for stored in entries if stored.entry.at_us >= row.at_us]
        assert follow_up(part, 0) == [each for each in whole if each.at_us >= row.at_us]


def test_an_alert_nobody_judged_within_a_day_is_unhandled() -> None:
    entries = written([("born", "a1", "anna", 0, True), ("look", "a1", "ben", 60 * SECOND_US, True)])
    (before,) = follow_up(entries, DAY_US - 1)
    (after,) = follow_up(entries, DAY_US)
    assert (before.outcome, after.outcome) == (AlertState.OPEN, AlertState.EXPIRED)
    assert summary([after]).unhandled == 1 and summary([after]).unseen == 0
    assert "unhandled" in as_csv([after])


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(word: str) -> None:
    (row,) = follow_up(written([("born", "a1", "anna", 0, True)]), 0)
    told = as_csv([FollowUp(row.alert_id, row.camera_id, row.kind, "", 0, AlertState.CONFIRMED, (), "x", 1, word)])
    (_, cells) = csv.reader(io.StringIO(told))
    assert f"'{word}" in cells and word not in cells


@pytest.fixture
def console(tmp_path: Path) -> Any:
    made = Console(tmp_path)
    yield made
    made.close()


def judged(console: Console) -> str:
    """One alert opened and confirmed by the operator, 40 seconds later."""
    client, one = console.browser(), console.alerts[0].id
    client.get(f"/alerts/{one}")
    console.world.clock.advance(40)
    said = {"csrf": console.csrf(client), "decision": "confirmed", "reason": "somebody climbed over"}
    client.post(f"/alerts/{one}/verdict", data=said)
    return str(one)


def test_what_people_do_on_the_console_is_what_it_says(console: Console) -> None:
    one = judged(console)
    ledger = console.world.ledger
    (row,) = follow_up(ledger.entries(0, ledger.size), NOW_US)
    assert (row.alert_id, row.camera_id, row.kind, row.mandate_id) == (one, "gate", "presence", "try-out")
    assert (row.outcome, row.judged_by, row.reason) == (AlertState.CONFIRMED, "operator", "somebody climbed over")
    assert row.spent_s == pytest.approx(40.0)
    assert [look.account_id for look in row.seen] == ["operator"]


def test_the_beginning_of_a_span_is_found_by_its_time(console: Console) -> None:
    ledger, clock = console.world.ledger, console.world.clock
    early = ledger.size
    clock.advance(3600)
    ledger.note(Operation.RULE, Outcome.DONE, "vitrail", "x", "x")
    assert since(ledger, clock.now_us()) == early
    assert since(ledger, 0) == 0
    assert since(ledger, clock.now_us() + 1) == ledger.size


@pytest.mark.parametrize("role", ["officer", "auditor"])
def test_those_who_account_read_the_page_and_that_is_written_down(console: Console, role: str) -> None:
    judged(console)
    page = console.browser(role).get("/followup?days=1")
    assert page.status_code == 200
    assert "somebody climbed over" in page.text and "operator" in page.text
    assert console.world.said()[-2:] == ["consult opened followup", "consult done followup"]


@pytest.mark.parametrize("role", ["operator", "technician"])
def test_others_are_refused_and_shown_no_menu(console: Console, role: str) -> None:
    client = console.browser(role)
    assert client.get("/followup").status_code == 403
    assert 'href="/followup"' not in client.get("/streams").text


def test_an_unhandled_alert_is_said_so_in_both_languages(console: Console) -> None:
    console.world.clock.advance(2 * 24 * 3600)
    client = console.browser("auditor")
    words: dict[str, Callable[[str], bool]] = {
        "en": lambda text: "<b>unhandled</b>" in text and "nobody" in text,
        "fr": lambda text: "<b>sans suite</b>" in text and "personne" in text,
    }
    for language, right in words.items():
        client.get(f"/look?language={language}")
        assert right(client.get("/followup?days=7").text), language


@pytest.mark.parametrize("days", ["0", "32", "all"])
def test_a_span_out_of_range_is_refused(console: Console, days: str) -> None:
    assert console.browser("auditor").get(f"/followup?days={days}").status_code == 422
