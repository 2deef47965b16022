"""The rights desk: by place and time, on time, on listed grounds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.test_casework import LAST_MINUTE, Office, footage, later
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.people import Role, Use
from vitrail.domain.register import RequestCount
from vitrail.domain.rights import GROUNDS, Answer, Request, RequestKind, deadline_us
from vitrail.domain.time import DAY_US, SECOND_US, Interval, in_months, iso
from vitrail.guard.figures import count
from vitrail.guard.rights import KEPT_US, RightsDesk


class Desk(Office):
    def __post_init__(self) -> None:
        super().__post_init__()
        world = self.world
        self.rights = RightsDesk(
            world.records.accounts,
            world.records.rights,
            self.work,
            world.ledger,
            "Europe/Paris",
            False,
            world.clock,
        )

    def received(self, kind: RequestKind = RequestKind.ACCESS, name: str = "olga", **changes: Any) -> Request:
        given: dict[str, Any] = {
            "words": "I stood at the gate",
            "contact": "anna@example.org",
            "camera_id": "gate",
            "interval": LAST_MINUTE,
        }
        return self.rights.receive(self.who(name), kind, **(given | changes))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.live.close()


def test_what_is_asked_about_is_kept_until_the_answer_and_goes_after_it(desk: Desk) -> None:
    request = desk.received()
    later(desk)
    assert footage(desk) == 1
    officer = desk.reception.open_desk(desk.who("olga"), Use.INQUIRE, "to answer it", request.case_id)
    assert officer.minute("gate", LAST_MINUTE, lambda _: None).exists()
    desk.rights.answer(desk.who("olga"), request.id, Answer.GRANTED, "", "the copy is attached")
    with pytest.raises(Refused):
        officer.spans("gate", LAST_MINUTE)
    desk.world.eraser.sweep()
    assert footage(desk) == 0


def test_a_request_about_pictures_names_a_place_and_a_time(desk: Desk) -> None:
    for changes in ({"camera_id": ""}, {"interval": None}, {"interval": Interval(NOW_US - 2 * DAY_US, NOW_US)}):
        with pytest.raises(Invalid) as invalid:
            desk.received(**changes)
        assert invalid.value.rule == "L25"
    with pytest.raises(NotFound):
        desk.received(camera_id="moon")
    assert desk.world.records.rights.every() == []


def test_a_complaint_needs_neither(desk: Desk) -> None:
    request = desk.received(RequestKind.COMPLAINT, camera_id="", interval=None)
    assert request.case_id == ""


@pytest.mark.parametrize("role", [r for r in Role if r is not Role.OFFICER])
def test_only_the_officer_enters_and_answers(desk: Desk, role: Role) -> None:
    request = desk.received()
    desk.world.records.accounts.add(b.account(id="other", role=role))
    with pytest.raises(Refused) as refused:
        desk.received(name="other")
    assert refused.value.rule == "L25"
    with pytest.raises(Refused):
        desk.rights.answer(desk.who("other"), request.id, Answer.GRANTED, "", "here it is")
    assert desk.world.entries()[-1].rule == "L25"


def test_auditors_read_requests_and_operators_do_not(desk: Desk) -> None:
    request = desk.received()
    assert [r.id for r in desk.rights.requests(desk.who("auditor"), "an inspection")] == [request.id]
    with pytest.raises(Refused):
        desk.rights.requests(desk.who("marie"), "curious")


@pytest.mark.parametrize("answer", [Answer.REFUSED, Answer.PARTLY])
def test_a_refusal_needs_one_of_the_listed_grounds(desk: Desk, answer: Answer) -> None:
    request = desk.received()
    for grounds in ("", "because"):
        with pytest.raises(Invalid) as invalid:
            desk.rights.answer(desk.who("olga"), request.id, answer, grounds, "not so")
        assert invalid.value.rule == "L25"
    done = desk.rights.answer(desk.who("olga"), request.id, answer, "not-proven", "nothing shows you there")
    assert done.grounds == "not-proven"


def test_an_answer_stands(desk: Desk) -> None:
    request = desk.received()
    desk.rights.answer(desk.who("olga"), request.id, Answer.GRANTED, "", "here it is")
    with pytest.raises(Conflict):
        desk.rights.answer(desk.who("olga"), request.id, Answer.REFUSED, "excessive", "not so")


def test_a_month_without_an_answer_is_an_alarm_and_a_late_answer_is_written_down_as_late(desk: Desk) -> None:
    request = desk.received(RequestKind.COMPLAINT, camera_id="", interval=None)
    assert desk.rights.overdue() == 0
    desk.world.clock.advance((request.due_us - NOW_US) / SECOND_US + 1)
    assert desk.rights.overdue() == 1
    desk.rights.answer(desk.who("olga"), request.id, Answer.GRANTED, "", "we are sorry")
    assert desk.rights.overdue() == 0
    assert desk.world.entries()[-1].detail == "complaint granted; late"


def test_the_deadline_runs_from_the_day_it_came(desk: Desk) -> None:
    came_us = NOW_US - 20 * DAY_US
    request = desk.received(received_us=came_us)
    assert request.due_us == in_months(came_us, 1, "Europe/Paris")
    with pytest.raises(Invalid):
        desk.received(received_us=NOW_US + 1)


def test_words_and_contact_go_after_a_year(desk: Desk) -> None:
    request = desk.received()
    desk.rights.answer(desk.who("olga"), request.id, Answer.GRANTED, "", "here it is")
    later(desk, KEPT_US)
    (kept,) = desk.world.records.rights.every()
    assert (kept.words, kept.contact, kept.answer_words) == ("", "", "")
    assert kept.kind is RequestKind.ACCESS and kept.answer is Answer.GRANTED


def test_the_ledger_holds_neither_words_nor_contact(desk: Desk) -> None:
    """They could not be erased from there."""
    request = desk.received()
    desk.rights.answer(desk.who("olga"), request.id, Answer.REFUSED, "excessive", "a private answer")
    said = " ".join(f"{e.reason} {e.detail} {e.target}" for e in desk.world.entries())
    for private in ("anna@example.org", "I stood at the gate", "a private answer"):
        assert private not in said


def test_requests_and_complaints_are_counted_from_the_ledger_alone(desk: Desk) -> None:
    first = desk.received()
    second = desk.received(RequestKind.COMPLAINT, camera_id="", interval=None)
    desk.received(RequestKind.COMPLAINT, camera_id="", interval=None)
    desk.rights.answer(desk.who("olga"), first.id, Answer.PARTLY, "rights-of-others", "what can be shown is enclosed")
    desk.world.clock.advance((second.due_us - NOW_US) / SECOND_US + 1)
    desk.rights.answer(desk.who("olga"), second.id, Answer.GRANTED, "", "we are sorry")
    counted = count(desk.world.entries(), 1).uses().requests
    assert counted == (
        RequestCount("access", received=1, granted=0, partly=1, refused=0, late=0),
        RequestCount("complaint", received=2, granted=1, partly=0, refused=0, late=1),
    )


def test_grounds_are_words() -> None:
    assert all(words and key for key, words in GROUNDS.items())


@given(st.integers(0, 4_000_000_000), st.integers(0, 24), st.sampled_from(["Europe/Paris", "UTC", "Asia/Kolkata"]))
def test_months_are_between_28_and_31_days_each(at_s: int, months: int, zone: str) -> None:
    later_us = in_months(at_s * SECOND_US, months, zone)
    days = (later_us - at_s * SECOND_US) / DAY_US
    assert 28 * months - 1 <= days <= 31 * months + 1


def test_the_last_of_january_and_the_change_of_clocks() -> None:
    jan_us = 1_769_871_600 * SECOND_US  # 2026-01-31T15:00Z
    assert iso(in_months(jan_us, 1, "Europe/Paris")) == "2026-02-28T15:00:00.000Z"
    march_us = 1_773_741_600 * SECOND_US  # 2026-03-17T10:00Z, 11:00 in Paris
    assert iso(deadline_us(march_us, "Europe/Paris")) == "2026-04-17T09:00:00.000Z"
