"""Reviewing: how long a verdict took, what waits next, and whose work is whose."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import NOW_US
from tests.fakes.media import BRIGHT
from tests.guard.front import Front
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.events import AlertQuery, AlertState, Decision
from vitrail.domain.people import Session, Use
from vitrail.domain.time import HOUR_US, SECOND_US, Interval
from vitrail.runtime.jobs import Jobs
from vitrail.services.review import Person, Review, Seen

LAST_TEN = Interval(NOW_US - 10 * SECOND_US, NOW_US)


class Desk(Front):
    """A front with the service before it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.jobs = Jobs()
        self.review = Review(self.reception, self.jobs, self.world.clock)

    def person(self, account_id: str = "marie", token: str = "") -> Person:
        account = self.world.records.accounts.get(account_id)
        session = Session(token or account_id, account_id, "a test looks", "csrf", NOW_US, NOW_US + HOUR_US)
        return Person(account, session)

    def judged(self, person: Person, alert_id: str | None = None, reason: str = "a person") -> Seen:  # type: ignore[override]
        return self.review.judge(person, alert_id or self.alert.id, Decision.CONFIRMED, reason)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.jobs.close()
    desk.live.close()


def spent_s(seen: Seen) -> float:
    assert seen.alert.verdict is not None
    return seen.alert.verdict.seconds_spent


def test_the_time_of_a_verdict_runs_from_opening_the_page(desk: Desk) -> None:
    marie = desk.person()
    desk.review.sheet(marie, desk.alert.id)
    desk.world.clock.advance(12.5)
    assert spent_s(desk.judged(marie)) == 12.5


def test_opening_the_page_again_does_not_start_anew(desk: Desk) -> None:
    marie = desk.person()
    for _ in range(3):
        desk.review.sheet(marie, desk.alert.id)
        desk.world.clock.advance(4)
    assert spent_s(desk.judged(marie)) == 12.0


def test_a_clock_that_is_set_back_takes_no_time_away(desk: Desk) -> None:
    marie = desk.person()
    desk.review.sheet(marie, desk.alert.id)
    desk.world.clock.advance(60)
    desk.world.clock.set_back(55)
    assert spent_s(desk.judged(marie)) == 60.0


def test_asked_for_a_reason_the_time_goes_on(desk: Desk) -> None:
    marie = desk.person()
    desk.review.sheet(marie, desk.alert.id)
    desk.world.clock.advance(10)
    with pytest.raises(Invalid):
        desk.judged(marie, reason=" ")
    desk.world.clock.advance(5)
    assert spent_s(desk.judged(marie)) == 15.0


def test_time_is_counted_for_each_session_and_each_alert(desk: Desk) -> None:
    other = desk.another_alert()
    desk.review.sheet(desk.person(), desk.alert.id)
    desk.world.clock.advance(10)
    desk.review.sheet(desk.person("both"), desk.alert.id)
    desk.review.sheet(desk.person("both"), other.id)
    desk.world.clock.advance(3)
    assert spent_s(desk.judged(desk.person("both"))) == 3.0
    assert spent_s(desk.judged(desk.person("both", token="another browser"), other.id)) == 0.0  # never opened there


def test_an_alert_that_could_not_be_opened_starts_no_clock(desk: Desk) -> None:
    marie = desk.person()
    theirs = desk.another_alert("gate-2")
    with pytest.raises(NotFound):
        desk.review.sheet(marie, theirs.id)
    accounts = desk.world.records.accounts
    accounts.update(replace(accounts.get("marie"), territory=frozenset({"gate", "gate-2"})))
    desk.world.clock.advance(10)
    assert spent_s(desk.judged(desk.person(), theirs.id)) == 0.0


def test_after_a_verdict_the_newest_that_waits_is_next(desk: Desk) -> None:
    older = desk.another_alert(created_us=NOW_US - 5 * SECOND_US)
    newer = desk.another_alert(created_us=NOW_US - SECOND_US)
    desk.another_alert("gate-2", created_us=NOW_US)  # not Marie's
    desk.another_alert(state=AlertState.EXPIRED)
    marie = desk.person()
    assert desk.judged(marie).next_id == newer.id
    assert desk.judged(marie, newer.id).next_id == older.id
    assert desk.judged(marie, older.id).next_id is None


def test_who_comes_second_is_told(desk: Desk) -> None:
    desk.judged(desk.person())
    with pytest.raises(Conflict):
        desk.judged(desk.person("both"))


def test_the_sheet_says_where_in_the_clip_the_happening_begins(desk: Desk) -> None:
    sheet = desk.review.sheet(desk.person(), desk.alert.id)
    assert (sheet.alert.id, sheet.camera.id, sheet.recorded) == (desk.alert.id, "gate", True)
    assert (sheet.event_from_s, sheet.event_length_s) == (5.0, 2.0)
    early = Interval(NOW_US - 18 * SECOND_US, NOW_US - 17 * SECOND_US)  # the recording begins 2 s before
    shown = desk.review.sheet(desk.person(), desk.another_alert(interval=early, evidence=early).id)
    assert (shown.event_from_s, shown.event_length_s) == (2.0, 1.0)


def test_the_sheet_says_when_nothing_was_recorded(desk: Desk) -> None:
    desk.world.records.segments.rows.clear()
    assert not desk.review.sheet(desk.person(), desk.alert.id).recorded


def test_a_clip_is_ordered_waited_for_and_sent(desk: Desk) -> None:
    marie = desk.person()
    with pytest.raises(NotFound):
        desk.review.clip(marie, desk.alert.id)
    job = desk.review.order_clip(marie, desk.alert.id)
    assert job.wait(10)
    assert (job.state, job.progress) == ("done", 1.0)
    assert desk.review.clip_work(marie, desk.alert.id) is job
    assert desk.review.clip(marie, desk.alert.id) == job.path


def test_an_excerpt_is_ordered_waited_for_and_sent(desk: Desk) -> None:
    marie = desk.person()
    assert desk.review.order_minute(marie, "gate", LAST_TEN).wait(10)
    assert desk.review.minute(marie, "gate", LAST_TEN).name.startswith("minute-gate-")
    with pytest.raises(NotFound):
        desk.review.minute(marie, "gate", Interval(LAST_TEN.start_us, LAST_TEN.end_us - 1))


def test_work_that_somebody_else_ordered_is_not_to_be_had(desk: Desk) -> None:
    assert desk.review.order_clip(desk.person("both"), desk.alert.id).wait(10)
    with pytest.raises(NotFound):
        desk.review.clip_work(desk.person(), desk.alert.id)
    with pytest.raises(NotFound):
        desk.review.clip(desk.person(), desk.alert.id)


def test_work_that_was_refused_says_so(desk: Desk) -> None:
    marie = desk.person()
    job = desk.review.order_minute(marie, "gate-2", LAST_TEN)
    assert job.wait(10)
    assert isinstance(job.error, Refused)
    with pytest.raises(NotFound):
        desk.review.minute(marie, "gate-2", LAST_TEN)


def test_who_was_revoked_gets_nothing_from_a_page_still_open(desk: Desk) -> None:
    marie = desk.person()
    assert desk.review.order_clip(marie, desk.alert.id).wait(10)
    accounts = desk.world.records.accounts
    accounts.update(replace(accounts.get("marie"), revoked_us=NOW_US))
    for ask in (
        lambda: desk.review.clip(marie, desk.alert.id),
        lambda: desk.review.sheet(marie, desk.alert.id),
        lambda: desk.review.counts(marie),
        lambda: desk.review.live(marie, "gate"),
        lambda: desk.judged(marie),
    ):
        with pytest.raises(Refused):
            ask()


def test_lists_counts_readings_and_stills_come_from_the_desk(desk: Desk) -> None:
    marie = desk.person()
    desk.another_alert("gate-2")
    assert [a.id for a in desk.review.alerts(marie, AlertQuery())] == [desk.alert.id]
    assert desk.review.counts(marie)[AlertState.OPEN] == 1
    assert [c.id for c in desk.review.cameras(marie)] == ["gate"]
    assert [r.value for r in desk.review.readings(marie, "people")] == [3.0]
    assert desk.review.spans(marie, "gate", LAST_TEN) == [LAST_TEN]
    assert max(desk.review.still(marie, desk.alert.id, 320).split(b"\n", 1)[1]) < BRIGHT
    assert desk.review.may(marie, Use.REVIEW)
    assert not desk.review.may(marie, Use.ACCOUNT)
