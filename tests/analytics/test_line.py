"""Crossings, senses and wrong ways."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analytics.scenes import CAMERA, Thing, crossings, play, setting, told
from vitrail.analytics.line import LineCrossing
from vitrail.domain.detections import Label
from vitrail.domain.events import Phase, Reading


def line(**parameters: float) -> LineCrossing:
    return LineCrossing(CAMERA, "gate-main", setting("line", **parameters))


def walks(y0: float, y1: float, seconds: float = 4.0, x: float = 0.5) -> Thing:
    return Thing(1, lambda t: (x, y0 + (y1 - y0) * min(1.0, t / seconds)))


def test_from_the_left_hand_to_the_right_hand_is_forward() -> None:
    """The line runs from left to right: its left hand is the upper side of the picture."""
    assert crossings(play(line(), [walks(0.3, 0.7)], 6)) == [("line_crossing", "crossings forward")]
    assert crossings(play(line(), [walks(0.7, 0.3)], 6)) == [("line_crossing", "crossings backward")]


def test_a_crossing_is_over_as_soon_as_it_is_told() -> None:
    found = play(line(), [walks(0.3, 0.7)], 6)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert (closed.key, closed.interval) == (opened.key, opened.interval)
    assert opened.place.line_id == "kerb"


def test_with_a_declared_way_only_the_other_one_is_told() -> None:
    assert not crossings(play(line(way=1), [walks(0.3, 0.7)], 6))
    assert crossings(play(line(way=1), [walks(0.7, 0.3)], 6)) == [("wrong_way", "crossings backward")]
    assert crossings(play(line(way=-1), [walks(0.3, 0.7)], 6)) == [("wrong_way", "crossings forward")]


def test_who_turns_round_before_the_line_is_not_told() -> None:
    assert not crossings(play(line(), [Thing(1, lambda t: (0.5, 0.3 + 0.15 * np.sin(t)))], 12))


def test_who_sways_on_the_line_is_told_once() -> None:
    sways = Thing(1, lambda t: (0.5, 0.3 + 0.1 * t if t < 2 else 0.5 + 0.012 * np.sin(9 * t) if t < 8 else 0.6))
    assert len(crossings(play(line(again=0), [sways], 12))) == 1


def test_who_goes_to_and_fro_at_once_is_told_once() -> None:
    paces = Thing(1, lambda t: (0.5, 0.5 - 0.1 * np.cos(3 * t)))
    assert len(crossings(play(line(again=60), [paces], 20))) == 1


def test_passing_beyond_the_ends_of_a_line_is_no_crossing() -> None:
    short = CAMERA.lines[0].line.__class__((0.4, 0.5), (0.6, 0.5))
    place = CAMERA.__class__(
        id="gate",
        name="Gate",
        streams=(),
        dwellings=CAMERA.dwellings,
        lines=(CAMERA.lines[0].__class__("kerb", "Kerb", short),),
    )
    analytic = LineCrossing(place, "gate-main", setting("line"))
    assert not crossings(play(analytic, [walks(0.3, 0.7, x=0.2)], 6))


def test_vehicles_and_people_count_as_the_site_asks() -> None:
    car = Thing(2, walks(0.3, 0.7).feet, label=Label.TRUCK)
    assert len(crossings(play(line(), [walks(0.3, 0.7), car], 6))) == 2
    assert len(crossings(play(line(people=0), [walks(0.3, 0.7), car], 6))) == 1
    assert len(crossings(play(line(vehicles=0), [walks(0.3, 0.7), car], 6))) == 1


def test_both_senses_are_counted_each_minute() -> None:
    things = [Thing(n, lambda t, n=n: (0.1 * n, 0.3 + 0.1 * (t - 5 * n)), start=5.0 * n) for n in range(1, 4)]
    readings = [item for item in play(line(way=1), things, 61) if isinstance(item, Reading)]
    assert {reading.name: reading.value for reading in readings} == {
        "crossings_forward": 3.0,
        "crossings_backward": 0.0,
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.05, 0.95), min_size=2, max_size=6))
def test_forward_and_backward_crossings_alternate_whatever_the_way(heights: list[float]) -> None:
    path = np.interp(np.arange(0, 3 * (len(heights) - 1), 0.1), np.arange(len(heights)) * 3.0, heights)
    walker = Thing(1, lambda t: (0.5, float(path[min(len(path) - 1, round(t * 10))])))
    senses = [name for _, name in crossings(play(line(again=0), [walker], 3 * len(heights)))]
    assert all(a != b for a, b in pairwise(senses))
