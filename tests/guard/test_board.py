"""The board: pins, clocks, and two people who work on it at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW_US
from tests.guard.test_casework import Office
from vitrail.domain.board import BoardSheet, ClockSource, Pin
from vitrail.domain.cases import Case
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.time import DAY_US, SECOND_US
from vitrail.guard.board import Board, Mark

AT_US = NOW_US - 10 * SECOND_US


class Desk(Office):
    def __post_init__(self) -> None:
        super().__post_init__()
        world = self.world
        self.board = Board(self.work, world.records.board, world.ledger, world.clock)
        self.case: Case = self.opened(cameras=frozenset({"gate", "gate-2"}))
        self.work.assign(self.who("ines"), self.case.id, "ida", "helps with it")

    def pinned(self, name: str = "ines", camera: str = "gate", at_us: int = AT_US) -> Pin:
        return self.board.pin(self.who(name), self.case.id, camera, at_us, "van", "turns left", (0.5, 0.7), "PV 1")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.live.close()


def test_a_pin_is_written_down_with_who_put_it_there(office: Desk) -> None:
    pin = office.pinned()
    sheet = office.board.sheet(office.who("ida"), office.case.id, "what is known")
    assert sheet.pins == (pin,)
    said = [e for e in office.world.entries() if pin.id in e.detail]
    assert [(e.target, e.actor) for e in said] == [(f"case:{office.case.id}", "ines")]


def test_two_who_change_one_pin_at_once_lose_nothing_and_the_later_is_told(office: Desk) -> None:
    pin = office.pinned()
    office.board.change(office.who("ida"), pin.id, pin.version, AT_US, "van", "turns right", "PV 1")
    with pytest.raises(Conflict) as told:
        office.board.change(office.who("ines"), pin.id, pin.version, AT_US, "van", "stops", "PV 1")
    assert "look at it again" in told.value.remedy
    (left,) = office.board.sheet(office.who("ines"), office.case.id, "look").pins
    assert (left.words, left.version, left.made_by) == ("turns right", 2, "ida")
    with pytest.raises(Conflict):
        office.board.remove(office.who("ines"), pin.id, pin.version, "PV 1")
    office.board.remove(office.who("ines"), pin.id, left.version, "PV 1")
    assert office.board.sheet(office.who("ines"), office.case.id, "look").pins == ()
    with pytest.raises(Conflict):
        office.board.change(office.who("ida"), pin.id, 3, AT_US, "van", "is back", "PV 1")


def test_two_who_pin_at_once_both_succeed(office: Desk) -> None:
    office.pinned("ines")
    office.pinned("ida")
    assert len(office.board.sheet(office.who("ines"), office.case.id, "look").pins) == 2


def test_pins_stay_within_the_case_and_its_members(office: Desk) -> None:
    with pytest.raises(Invalid):
        office.pinned(camera="moon")
    with pytest.raises(Invalid):
        office.pinned(at_us=NOW_US + DAY_US)
    with pytest.raises(Refused):
        office.pinned("marie")
    with pytest.raises(NotFound):
        office.board.sheet(office.who("marie"), office.case.id, "curious")


def test_nothing_is_pinned_in_a_case_that_ended(office: Desk) -> None:
    pin = office.pinned()
    office.work.close(office.who("olga"), office.case.id, "the legal basis fell away")
    with pytest.raises(Refused):
        office.pinned()
    with pytest.raises(Refused):
        office.board.change(office.who("ines"), pin.id, 1, AT_US, "van", "more", "PV 1")
    office.world.eraser.sweep()
    assert office.world.records.board.pins(office.case.id) == []
    assert "boards" in {e.target for e in office.world.entries()}


def test_a_clock_nobody_compared_says_so(office: Desk) -> None:
    assert BoardSheet((), ()).clock("gate") == (0, SECOND_US // 2, "as received")


def test_a_clock_is_set_by_hand_and_again_by_who_saw_the_last_version(office: Desk) -> None:
    ines, case = office.who("ines"), office.case.id
    office.board.set_clock(ines, case, "gate", 1_200_000, 40_000, "the church clock", 0, "PV 1")
    with pytest.raises(Conflict):
        office.board.set_clock(office.who("ida"), case, "gate", 0, 40_000, "mine", 0, "PV 1")
    office.board.set_clock(office.who("ida"), case, "gate", 1_300_000, 20_000, "twice", 1, "PV 1")
    sheet = office.board.sheet(ines, case, "look")
    assert sheet.clock("gate") == (1_300_000, 20_000, "set")
    for offset_us, doubt_us in ((2 * DAY_US, 0), (0, -1)):
        with pytest.raises(Invalid):
            office.board.set_clock(ines, case, "gate", offset_us, doubt_us, "wild", 2, "PV 1")


@given(st.integers(-3_600_000_000, 3_600_000_000), st.integers(0, 100_000), st.integers(0, 100_000))
def test_clocks_from_one_event_agree_on_its_moment(
    tmp_path_factory: pytest.TempPathFactory, apart_us: int, first_us: int, second_us: int
) -> None:
    office = Desk(tmp_path_factory.mktemp("event"))
    try:
        marks = [Mark("gate", AT_US, first_us), Mark("gate-2", AT_US + apart_us, second_us)]
        (made,) = office.board.from_event(office.who("ines"), office.case.id, marks, "the lamp went on", "PV 1")
        assert (made.camera_id, made.source) == ("gate-2", ClockSource.EVENT)
        assert AT_US + apart_us - made.offset_us == AT_US
        assert made.uncertainty_us == SECOND_US // 2 + first_us + second_us
    finally:
        office.live.close()


def test_an_event_needs_two_cameras(office: Desk) -> None:
    for marks in ([Mark("gate", AT_US, 0)], [Mark("gate", AT_US, 0), Mark("gate", AT_US, 0)]):
        with pytest.raises(Invalid):
            office.board.from_event(office.who("ines"), office.case.id, marks, "the lamp", "PV 1")


def test_a_kept_search_goes_with_its_case_and_about_people_none_is_kept(office: Desk) -> None:
    ines, case = office.who("ines"), office.case.id
    kept = office.board.keep_query(ines, case, "white vans", "q=white+van", ("white van",), "PV 1")
    assert office.board.queries(office.who("ida"), case, "look") == [kept]
    with pytest.raises(Refused) as refused:
        office.board.keep_query(ines, case, "white vans", "q=man+in+red", ("man in red",), "PV 1")
    assert refused.value.rule == "L21"
    with pytest.raises(Invalid):
        office.board.keep_query(ines, case, "white vans", "x" * 9_000, (), "PV 1")
    with pytest.raises(NotFound):
        office.board.queries(office.who("marie"), case, "curious")
    office.work.close(ines, case, "done")
    office.world.records.board.erase(NOW_US)
    assert office.world.records.board.queries(case) == []


def test_a_dropped_search_is_gone_and_the_ledger_says_so(office: Desk) -> None:
    ines, case = office.who("ines"), office.case.id
    kept = office.board.keep_query(ines, case, "white vans", "q=white+van", ("white van",), "PV 1")
    office.board.drop_query(ines, case, kept.id, "not needed")
    assert office.board.queries(ines, case, "look") == []
    assert any(f"search {kept.id} dropped" in entry.detail for entry in office.world.entries())
    with pytest.raises(NotFound):
        office.board.drop_query(ines, case, kept.id, "again")
