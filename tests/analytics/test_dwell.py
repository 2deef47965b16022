"""Long stays, and the clock through occlusion."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.scenes import CAMERA, T0, Thing, play, setting, stays_at, told
from vitrail.analytics.dwell import Dwell
from vitrail.domain.events import Phase
from vitrail.domain.time import SECOND_US


def dwell(seconds: float = 10.0, **parameters: float) -> Dwell:
    return Dwell(CAMERA, "gate-main", setting("dwell", seconds=seconds, **parameters))


def test_a_long_stay_is_told_when_it_reaches_the_threshold_and_closed_at_its_end() -> None:
    found = play(dwell(), [Thing(1, stays_at(0.5, 0.5), start=2, end=30)], 60)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert opened.interval.start_us == T0 + 2 * SECOND_US
    assert opened.interval.end_us == T0 + 12 * SECOND_US
    assert opened.measures[0].value == pytest.approx(10.0) and opened.measures[0].threshold == 10.0
    assert closed.key == opened.key
    assert closed.interval.end_us == T0 + 30 * SECOND_US
    assert closed.measures[0].value == pytest.approx(28.0)


def test_a_short_stay_is_not_told() -> None:
    assert not told(play(dwell(), [Thing(1, stays_at(0.5, 0.5), end=9.5)], 30))


def test_a_track_that_coasts_does_not_stay() -> None:
    """Prediction is no sight: somebody hidden for ever never reaches the threshold."""
    assert not told(play(dwell(gap=30), [Thing(1, lambda t: (0.5, 0.5) if t < 5 else None)], 20))


def test_the_clock_survives_a_hidden_track() -> None:
    hidden = Thing(1, lambda t: None if 4 < t < 6.5 else (0.5, 0.5))
    (event,) = told(play(dwell(), [hidden], 15))
    assert event.interval.start_us == T0


def test_the_clock_passes_to_a_track_that_begins_where_another_was_lost() -> None:
    things = [Thing(1, stays_at(0.5, 0.5), end=5), Thing(2, stays_at(0.52, 0.51), start=6.5)]
    (event,) = told(play(dwell(), things, 16))
    assert event.interval.start_us == T0


def test_the_clock_passes_while_the_lost_track_still_coasts() -> None:
    lost = Thing(1, lambda t: (0.5, 0.5) if t <= 5 else None, end=8)
    (event,) = told(play(dwell(), [lost, Thing(2, stays_at(0.51, 0.5), start=6)], 14))
    assert event.interval.start_us == T0


def test_the_clock_does_not_pass_far_away_nor_after_a_long_time() -> None:
    far = [Thing(1, stays_at(0.3, 0.4), end=8), Thing(2, stays_at(0.7, 0.7), start=9, end=17)]
    late = [Thing(1, stays_at(0.5, 0.5), end=8), Thing(2, stays_at(0.5, 0.5), start=13, end=21)]
    assert not told(play(dwell(), far, 30))
    assert not told(play(dwell(), late, 30))


def test_the_clock_does_not_pass_to_somebody_who_was_there_already() -> None:
    things = [Thing(1, stays_at(0.5, 0.5), end=8), Thing(2, lambda t: (0.1, 0.5) if t < 9 else (0.5, 0.5), end=15)]
    assert not told(play(dwell(), things, 30))


def test_a_step_outside_is_forgiven_within_the_gap_only() -> None:
    def out_between(start: float, end: float) -> Thing:
        return Thing(1, lambda t: (0.1, 0.5) if start < t < end else (0.5, 0.5), end=12)

    assert len(told(play(dwell(), [out_between(5, 7)], 20))) == 1
    assert not told(play(dwell(), [out_between(4, 9)], 20))


def test_two_people_are_two_happenings_with_two_keys() -> None:
    things = [Thing(1, stays_at(0.4, 0.5)), Thing(2, stays_at(0.6, 0.5))]
    events = told(play(dwell(), things, 15))
    assert len({event.key for event in events}) == 2


def test_two_settings_on_one_zone_never_share_a_key() -> None:
    things = [Thing(1, stays_at(0.5, 0.5))]
    keys = {event.key for seconds in (5, 8) for event in told(play(dwell(seconds), things, 10))}
    assert len(keys) == 2


@settings(max_examples=40, deadline=None)
@given(st.floats(0.5, 20), st.lists(st.tuples(st.floats(0.0, 20), st.floats(0.1, 2.5)), max_size=3))
def test_a_stay_is_told_exactly_when_its_seen_time_reaches_the_threshold(
    length: float, gaps: list[tuple[float, float]]
) -> None:
    """However it is hidden for moments shorter than the gap: one happening or none, never two."""

    def feet(t: float) -> tuple[float, float] | None:
        return None if any(a < t < a + d for a, d in gaps) else (0.5, 0.5)

    thing = Thing(1, feet, end=length)
    sights = [step / 10 for step in range(round(length * 10) + 1) if feet(step / 10) and step / 10 <= length]
    gapless = all(b - a <= 3.0 for a, b in pairwise(sights))
    events = told(play(dwell(), [thing], 40))
    if gapless and feet(0.0):
        assert len(events) == (sights[-1] - sights[0] >= 10.0)
    assert len(events) <= 1
