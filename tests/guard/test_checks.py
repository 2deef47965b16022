"""Blind checks: when one comes, that it looks like an alert, that it counts nowhere, and what is told of attention."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.console.desk import Console
from tests.guard.world import World
from vitrail.domain.errors import Conflict, NotFound
from vitrail.domain.events import AlertQuery, AlertState, Decision, Findings, Phase
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Role, Use
from vitrail.domain.time import DAY_US, HOUR_US, Interval
from vitrail.guard.checks import ENOUGH_CHECKS, BlindChecks, attention
from vitrail.guard.figures import count

OPEN = AlertQuery(states=frozenset({AlertState.OPEN}))
ZONE = "UTC"


def world(folder: Path, share: float = 0.5, **changes: Any) -> World:
    return World(folder, site=b.site(blind_share=share), **changes)


def told(one: World, opened: Any) -> None:
    """An alert that begins and ends."""
    event = b.event()
    opened.accept(Findings((event,), ()))
    opened.accept(Findings((replace(event, phase=Phase.CLOSED),), ()))


def after(one: World, minutes: float) -> list[str]:
    one.clock.advance(minutes * 60)
    made: list[str] = []
    one.checks.sweep(made.append)
    return made


def test_a_check_comes_minutes_after_an_alert_and_only_where_nothing_happens(tmp_path: Path) -> None:
    one = world(tmp_path)
    with one.open() as opened:
        one.clock.advance(600)
        told(one, opened)
        assert after(one, 1) == []
        event = b.event(key="another")
        opened.accept(Findings((event,), ()))
        assert after(one, 5) == [], "something goes on"
        opened.accept(Findings((replace(event, phase=Phase.CLOSED),), ()))
        assert after(one, 0.5) == [], "it ended only just now"
        assert len(after(one, 5)) == 2, "one for each alert, since the share always hits here"
        assert after(one, 5) == []
    (first, _) = one.checks.waiting()
    alert = one.records.alerts.rows["alert-1"]
    assert (first.kind, first.place, first.measures) == (alert.kind, alert.place, alert.measures)
    assert first.evidence.end_us < one.clock.now_us() and first.evidence.start_us > alert.interval.end_us


def test_none_comes_where_the_site_declares_none_or_the_stream_is_gone(tmp_path: Path) -> None:
    without = world(tmp_path / "without", share=0.0)
    with without.open() as opened:
        without.clock.advance(600)
        told(without, opened)
        assert after(without, 10) == []
    gone = world(tmp_path / "gone")
    with gone.open() as opened:
        gone.clock.advance(600)
        told(gone, opened)
    assert after(gone, 10) == [] and gone.checks.waiting() == []


def test_an_analysis_of_a_recording_makes_none(tmp_path: Path) -> None:
    one = world(tmp_path)
    with one.open(start_us=b.NOW_US) as opened:
        one.clock.advance(600)
        told(one, opened)
        assert after(one, 10) == []


def test_checks_outlive_the_process_and_leave_the_queue_when_their_shift_is_over(tmp_path: Path) -> None:
    one = world(tmp_path)
    with one.open() as opened:
        one.clock.advance(600)
        told(one, opened)
        (name,) = after(one, 10)
    fresh = BlindChecks(one.ledger, one.clock, lambda: "x", 0.5, lambda: 0.0)
    assert [check.id for check in fresh.waiting()] == [name]
    assert fresh.get(name) == one.checks.get(name)
    one.clock.advance(13 * 3600)
    assert fresh.waiting() == []


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """One real alert, and one check over the recorded stretch after it."""
    yard = b.camera(id="yard-2", name="Second yard", streams=(b.stream(id="yard-2-main", camera_id="yard-2"),))
    made = Console(tmp_path, site=b.site(cameras=(b.camera(), yard), blind_share=0.5))
    made.member(Role.OPERATOR)
    yield made
    made.close()


def checked(console: Console) -> str:
    """A check, written as the machine writes it, over what is recorded."""
    form, checks = console.alerts[0], console.world.checks
    span = Interval(b.NOW_US - 12_000_000, b.NOW_US - 4_000_000)
    check = replace(form, id="blind-9", interval=span, evidence=span, ongoing=False, created_us=b.NOW_US + 1)
    checks._note(check)
    console.world.clock.advance(1)
    return check.id


def desk(console: Console, use: Use = Use.REVIEW) -> Any:
    account = console.accounts.get("operator")
    return console.app.state.rooms.parts.reception.open_desk(account, use, "a test looks")


def test_until_it_is_judged_a_check_is_an_alert_like_the_others(console: Console) -> None:
    check, browser = checked(console), console.browser("operator")
    assert [alert.id for alert in desk(console).alerts(OPEN)] == [check, console.alerts[0].id]
    assert desk(console).counts()[AlertState.OPEN] == 2
    queue = browser.get("/queue").text
    assert 'data-open="2"' in queue and f'data-alert="{check}"' in queue
    page = browser.get(f"/alerts/{check}")
    assert page.status_code == 200 and "This was a blind check" not in page.text
    assert browser.get(f"/alerts/{check}/still.jpg").status_code == 200
    told = browser.get(f"/api/v1/alerts/{check}", headers={"accept": "application/json"}).json()
    assert told["state"] == "open" and told["blind_check"] is False


@pytest.mark.parametrize("decision", list(Decision))
def test_once_judged_it_says_what_it_was_and_counts_nowhere(console: Console, decision: Decision) -> None:
    check, browser = checked(console), console.browser("operator")
    words = {"csrf": console.csrf(browser), "decision": decision.value, "reason": "nothing there"}
    answer = browser.post(f"/alerts/{check}/verdict", data=words)
    assert answer.headers["location"] == f"/alerts/{check}"
    page = browser.get(f"/alerts/{check}").text
    assert "This was a blind check" in page
    assert ("Dismissing it was right" in page) is (decision is Decision.DISMISSED)
    assert browser.get(f"/api/v1/alerts/{check}", headers={"accept": "application/json"}).json()["blind_check"] is True
    assert [alert.id for alert in desk(console).alerts(OPEN)] == [console.alerts[0].id]
    assert {state: n for state, n in desk(console).counts().items() if n} == {AlertState.OPEN: 1}
    assert desk(console).precision("gate", "presence").confirmed == 0
    figures = count((stored.entry for stored in console.world.ledger.entries(0, 10_000)), 1)
    assert [(line.alerts, line.confirmed, line.dismissed) for line in figures.figures()] == [(1, 0, 0)]
    assert list(console.world.records.alerts.rows) == [console.alerts[0].id]
    assert desk(console).tickets() == []
    with pytest.raises(Conflict):
        desk(console).judge(check, Decision.DISMISSED, "again", 1.0)


def test_what_it_was_is_told_to_nobody_before_and_outside_the_territory_it_is_not_there(console: Console) -> None:
    check, records = checked(console), console.world.records.accounts
    assert desk(console).was_check(check) is False
    records.update(replace(records.get("operator"), territory=frozenset({"yard-2"})))
    assert desk(console).alerts(OPEN) == []
    with pytest.raises(NotFound):
        desk(console).alert(check)


def test_whoever_works_here_is_told_that_checks_happen_where_they_do(console: Console, tmp_path: Path) -> None:
    browser = console.browser("operator")
    for page in ("/alerts", "/handover", "/account"):
        assert "Blind checks happen here" in browser.get(page).text, page
    plain = Console(tmp_path / "plain")
    assert "Blind checks" not in plain.browser("operator").get("/alerts").text
    plain.close()


def noted(one: World, name: str, decision: str = "") -> None:
    """As the machine and the desk write it."""
    one.ledger.note(Operation.RULE, Outcome.DONE, "vitrail", f"check:{name}", "a blind check", "m", detail="{}")
    if decision:
        one.ledger.note(Operation.CHANGE, Outcome.DONE, "marie", f"alert:{name}", "", detail=f"{decision} after 3.0 s")


def test_attention_is_told_by_shift_with_its_doubt_from_twenty_verdicts_on_and_without_names(tmp_path: Path) -> None:
    one = world(tmp_path)
    one.clock.advance((DAY_US - b.NOW_US % DAY_US) // 1_000_000 + 7 * 3600)  # seven in the morning
    for number in range(ENOUGH_CHECKS - 1):
        noted(one, f"a{number}", "dismissed")
    few = attention(one.ledger.entries(0, one.ledger.size), ZONE)
    assert [(row.from_hour, row.offered, row.share.low) for row in few] == [(6, 19, None), (14, 0, None), (22, 0, None)]
    noted(one, "wrong", "confirmed")
    noted(one, "left")
    one.ledger.note(Operation.CHANGE, Outcome.DONE, "marie", "alert:real", "", detail="confirmed after 3.0 s")
    morning = attention(one.ledger.entries(0, one.ledger.size), ZONE)[0]
    assert (morning.offered, morning.share.confirmed, morning.share.dismissed, morning.left) == (21, 19, 1, 1)
    assert morning.share.low is not None and 0.7 < morning.share.low < 0.95 < (morning.share.high or 0) <= 1
    assert "marie" not in repr(morning)


def test_the_night_is_one_shift_across_midnight(tmp_path: Path) -> None:
    one = world(tmp_path)
    one.clock.advance((DAY_US - b.NOW_US % DAY_US) // 1_000_000 - 3600)  # eleven at night
    noted(one, "before")
    one.clock.advance(2 * HOUR_US // 1_000_000)
    noted(one, "after")
    assert [row.offered for row in attention(one.ledger.entries(0, one.ledger.size), ZONE)] == [0, 0, 2]


def test_the_figures_page_shows_attention_and_its_table(console: Console) -> None:
    for number in range(ENOUGH_CHECKS):
        noted(console.world, f"a{number}", "dismissed" if number else "confirmed")
    auditor = console.browser("auditor")
    text = auditor.get("/figures").text
    assert "rightly dismissed" in text and "95 %" in text
    table = auditor.get("/figures/attention.csv").text
    assert ",20,19,1,0," in table and "marie" not in text + table
