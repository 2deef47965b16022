"""How well a camera's clock is known, and from whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from vitrail.domain.board import AS_RECEIVED_US, BoardSheet, CameraClock, ClockSource, own_clock
from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US


def told(*aheads_us: int | None) -> list[Segment]:
    return [b.segment(id=f"s{n}", ahead_us=ahead) for n, ahead in enumerate(aheads_us)]


def test_recordings_that_agree_say_how_the_clock_goes_and_how_well_that_is_known() -> None:
    clock = own_clock("case", "gate", told(101_000, None, 100_000, 104_000))
    assert clock is not None and clock.source is ClockSource.CAMERA
    assert (clock.offset_us, clock.uncertainty_us) == (101_000, SECOND_US // 10 + 3_000)


@pytest.mark.parametrize("ahead_us", [-SECOND_US, 2 * SECOND_US, 3600 * SECOND_US, -20 * 365 * 86400 * SECOND_US])
def test_a_clock_that_nobody_set_is_not_believed(ahead_us: int) -> None:
    assert own_clock("case", "gate", told(ahead_us)) is None


def test_a_camera_that_says_nothing_has_no_clock_of_its_own() -> None:
    assert own_clock("case", "gate", told(None, None)) is None
    assert BoardSheet((), ()).clock("gate") == (0, AS_RECEIVED_US, "as received")


def test_what_a_person_set_comes_before_what_the_camera_says() -> None:
    own = own_clock("case", "gate", told(100_000))
    assert own is not None
    assert BoardSheet((), (), (own,)).clock("gate") == (100_000, 100_000, "camera")
    by_hand = CameraClock("case", "gate", 7, 8, ClockSource.SET, "the church", "ines", NOW_US)
    assert BoardSheet((), (by_hand,), (own,)).clock("gate") == (7, 8, "set")


@given(st.lists(st.integers(0, 600_000), min_size=1, max_size=9))
def test_every_recording_lies_within_the_doubt(aheads: list[int]) -> None:
    clock = own_clock("case", "gate", told(*aheads))
    assert clock is not None
    assert all(abs(ahead - clock.offset_us) <= clock.uncertainty_us for ahead in aheads)
