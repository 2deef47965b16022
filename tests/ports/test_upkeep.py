"""The promises of the stores of steps and notices, kept by the fakes and by SQLite alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.records import MemoryRecords
from vitrail.adapters.sqlite import open_database
from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.domain.events import Decision, Pictured, Place, Verdict
from vitrail.domain.notices import NoticeState
from vitrail.domain.time import HOUR_US
from vitrail.domain.upkeep import Following, Said

BENCH, WALL = Place("gate", asset_id="bench"), Place("gate", surface_id="wall")
CONFIRMED = Verdict(Decision.CONFIRMED, "it is broken", "marie", NOW_US, 3.0)


@pytest.fixture(params=["memory", "sqlite"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryRecords()
        return
    with open_database(tmp_path) as opened:
        yield opened


def judged(records: Any, notice: Any, *steps: Any) -> None:
    records.alerts.add(b.permit(), b.alert())
    records.alerts.judge(b.grant(), "alert-1", CONFIRMED, Following(steps, (notice,)))


def test_steps_come_back_in_the_order_in_which_they_were_said(records: Any) -> None:
    steps = [b.step(), b.step(said=Said.REPAIRED, by="tom", words="new slats"), b.step(place=WALL)]
    records.upkeep.add(b.permit(), steps[0])
    records.upkeep.say(b.grant(), steps[1])
    records.upkeep.add(b.permit(), steps[2])
    assert records.upkeep.find(b.grant()) == records.upkeep.said(b.permit()) == steps
    assert records.upkeep.find(b.grant(), BENCH) == steps[:2]


def test_steps_outside_the_scope_do_not_exist(records: Any) -> None:
    records.upkeep.add(b.permit(), b.step())
    elsewhere = b.grant(cameras=frozenset({"quay"}))
    assert records.upkeep.find(elsewhere) == []
    with pytest.raises(NotFound):
        records.upkeep.say(elsewhere, b.step())
    assert len(records.upkeep.find(b.grant())) == 1


def test_a_permit_says_nothing_of_another_camera_or_mandate(records: Any) -> None:
    for wrong in (b.step(place=Place("quay", asset_id="bench")), b.step(mandate_id="another")):
        with pytest.raises(Invalid):
            records.upkeep.add(b.permit(), wrong)


def test_a_step_from_outside_is_about_the_place_of_its_notice(records: Any) -> None:
    records.upkeep.closed(b.notice(), b.step(said=Said.CLOSED, by="city"))
    with pytest.raises(NotFound):
        records.upkeep.closed(b.notice(), b.step(said=Said.CLOSED, by="city", place=WALL))
    assert [step.by for step in records.upkeep.find(b.grant())] == ["city"]
    assert records.upkeep.about(b.notice()) == records.upkeep.find(b.grant())
    assert records.upkeep.about(b.notice(place=WALL)) == []


def test_a_verdict_and_what_follows_are_written_together(records: Any) -> None:
    notice = b.notice(state=NoticeState.WAITING, pictures=Pictured("ab", "cd"))
    judged(records, notice, b.step(said=Said.CONFIRMED, by="marie"))
    assert [step.said for step in records.upkeep.find(b.grant())] == [Said.CONFIRMED]
    assert records.notices.find(b.grant()) == records.notices.find(b.grant(), BENCH) == [notice]
    assert records.notices.find(b.grant(), WALL) == []


def test_a_second_verdict_brings_nothing_about(records: Any) -> None:
    judged(records, b.notice())
    with pytest.raises(Conflict):
        records.alerts.judge(b.grant(), "alert-1", CONFIRMED, Following((b.step(),), (b.notice(id="alert-1.other"),)))
    assert records.upkeep.find(b.grant()) == [] and len(records.notices.find(b.grant())) == 1


def test_notices_outside_the_scope_do_not_exist(records: Any) -> None:
    judged(records, b.notice())
    elsewhere = b.grant(cameras=frozenset({"quay"}))
    assert records.notices.find(elsewhere) == []
    for ask in (records.notices.get, lambda grant, name: records.notices.again(grant, name, NOW_US)):
        with pytest.raises(NotFound):
            ask(elsewhere, "alert-1.city")


def test_a_notice_is_due_in_its_state_and_at_its_time(records: Any) -> None:
    judged(records, b.notice(state=NoticeState.WAITING, next_us=NOW_US + HOUR_US))
    waiting = frozenset({NoticeState.WAITING})
    assert records.notices.due(waiting, NOW_US) == []
    assert len(records.notices.due(waiting, NOW_US + HOUR_US)) == 1
    assert records.notices.due(frozenset({NoticeState.SENT}), NOW_US + HOUR_US) == []


def test_of_two_processes_one_takes_a_notice(records: Any) -> None:
    waiting = b.notice(state=NoticeState.WAITING)
    judged(records, waiting)
    taken = replace(waiting, state=NoticeState.SENDING, tries=1)
    assert records.notices.change(taken, NoticeState.WAITING)
    assert not records.notices.change(taken, NoticeState.WAITING)
    done = replace(taken, state=NoticeState.SENT, number="293944", answer="open", sent_us=NOW_US)
    assert records.notices.change(done, NoticeState.SENDING)
    assert records.notices.get(b.grant(), waiting.id) == done


def test_one_that_failed_waits_again_and_no_other(records: Any) -> None:
    judged(records, b.notice(tries=20, problem="no such service"))
    assert records.notices.troubled() == 1
    again = records.notices.again(b.grant(), "alert-1.city", NOW_US + 5)
    assert (again.state, again.tries, again.next_us, again.problem) == (NoticeState.WAITING, 0, NOW_US + 5, "")
    assert records.notices.troubled() == 0
    with pytest.raises(Conflict):
        records.notices.again(b.grant(), "alert-1.city", NOW_US + 5)


def test_histories_go_at_their_time_and_are_not_shown_after_it(records: Any) -> None:
    judged(records, b.notice(erase_after_us=NOW_US + 9), b.step(erase_after_us=NOW_US + 9))
    late = b.grant(now_us=NOW_US + 9)
    assert records.upkeep.find(late) == [] and records.notices.find(late) == []
    assert (records.upkeep.erase(NOW_US + 8), records.notices.erase(NOW_US + 8)) == (0, 0)
    assert (records.upkeep.erase(NOW_US + 9), records.notices.erase(NOW_US + 9)) == (1, 1)
