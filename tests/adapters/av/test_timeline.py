"""Wall time of live packets: late ones, slow cameras, and a clock that somebody sets in the middle of it."""

from itertools import pairwise

import pytest

from tests.builders import NOW_US
from tests.fakes.clock import FakeClock
from vitrail.adapters.av.timeline import LiveWall
from vitrail.domain.time import SECOND_US

STEP_US = SECOND_US // 10


def played(wall: LiveWall, clock: FakeClock, first: int, count: int) -> list[int]:
    """Ten pictures a second, each as it comes."""
    found = []
    for n in range(first, first + count):
        clock.advance(0.1)
        found.append(wall.wall_us(n * STEP_US))
    return found


def test_packets_that_come_late_stand_for_the_moment_they_were_taken() -> None:
    clock = FakeClock()
    wall = LiveWall(clock)
    first = played(wall, clock, 0, 10)
    clock.advance(3.0)
    late = [wall.wall_us(n * STEP_US) for n in range(10, 40)]
    assert [b - a for a, b in pairwise(first)] == [STEP_US] * 9
    assert all(abs(at - (first[0] + n * STEP_US)) < 2_000 for n, at in enumerate(late, 10))


@pytest.mark.parametrize("by_s", [3600.0, 7.0, -7.0, -3600.0])
def test_a_clock_set_in_the_middle_is_followed_at_once_back_and_forth(by_s: float) -> None:
    clock = FakeClock()
    wall = LiveWall(clock)
    before = played(wall, clock, 0, 30)
    clock.set_back(by_s)
    after = played(wall, clock, 30, 30)
    leap_us = round(by_s * SECOND_US)
    assert all(abs(at - (before[0] + n * STEP_US - leap_us)) < 2_000 for n, at in enumerate(after, 30))
    assert before[0] >= NOW_US
