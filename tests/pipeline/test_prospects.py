"""Where to look next: windows follow from place, way and speed; nothing else goes in."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from vitrail.domain.plan import SitePlan
from vitrail.domain.streams import MapPosition
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.plan import plan_of
from vitrail.pipeline.prospects import TRAVELS, Streets, Trace, View, propose

WALKING = TRAVELS["walking"]
UNTIL_US = 3600 * SECOND_US


def square(x: float, y: float, half: float = 5.0) -> np.ndarray:
    return np.array([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]])


def trace(**changes: object) -> Trace:
    return Trace(**({"camera_id": "a", "at_us": 100 * SECOND_US, "place": (0.0, 0.0)} | changes))  # type: ignore[arg-type]


@given(
    st.floats(-200, 200),
    st.floats(-200, 200),
    st.floats(WALKING.slowest_mps, WALKING.fastest_mps),
)
def test_whoever_walks_straight_there_at_a_walking_speed_is_in_the_window(x: float, y: float, speed: float) -> None:
    (found,) = propose(trace(), [View("b", square(x, y))], WALKING, UNTIL_US)
    assert found.window is not None
    arrives_us = 100 * SECOND_US + found.distance_m / speed * SECOND_US
    assert found.window.start_us <= arrives_us <= found.window.end_us


def test_nearer_cameras_come_first_and_their_windows_are_shorter() -> None:
    near, far = propose(trace(), [View("far", square(150, 0)), View("near", square(30, 0))], WALKING, UNTIL_US)
    assert (near.camera_id, far.camera_id) == ("near", "far")
    assert near.window and far.window and near.window.length_us < far.window.length_us


def test_a_camera_that_sees_the_place_itself_could_show_it_now() -> None:
    (found,) = propose(trace(), [View("b", square(0, 0))], WALKING, UNTIL_US)
    assert found.why == "in_view" and found.window and found.window.start_us <= 100 * SECOND_US


def test_what_went_the_other_way_would_have_had_to_turn() -> None:
    views = [View("ahead", square(50, 0)), View("behind", square(-50, 0))]
    found = {p.camera_id: p.why for p in propose(trace(velocity=(1.4, 0.0)), views, WALKING, UNTIL_US)}
    assert found == {"ahead": "ahead", "behind": "turned"}
    assert {p.why for p in propose(trace(velocity=(0.05, 0.0)), views, WALKING, UNTIL_US)} == {"ahead"}


def test_what_cannot_be_reached_before_the_end_is_said_to_be_too_far() -> None:
    (found,) = propose(trace(), [View("b", square(5000, 0))], WALKING, 200 * SECOND_US)
    assert (found.window, found.why) == (None, "too_far")
    (driven,) = propose(trace(), [View("b", square(1000, 0))], TRAVELS["driving"], 200 * SECOND_US)
    assert driven.window is not None


def test_streets_make_the_way_longer() -> None:
    """The straight way is 40 m; through the streets it is 240 m round the block."""
    nodes = np.array([[0.0, 0.0], [0.0, 100.0], [40.0, 100.0], [40.0, 0.0]])
    streets = Streets(nodes, ((0, 1), (1, 2), (2, 3)))
    (straight,) = propose(trace(), [View("b", square(40, 0))], WALKING, UNTIL_US)
    (through,) = propose(trace(), [View("b", square(40, 0))], WALKING, UNTIL_US, streets)
    assert straight.distance_m == pytest.approx(35) and through.distance_m == pytest.approx(240)
    assert through.window and straight.window and through.window.start_us > straight.window.start_us


def test_an_island_that_no_street_leads_to_is_too_far() -> None:
    streets = Streets(np.array([[0.0, 0.0], [0.0, 10.0], [500.0, 0.0], [500.0, 9.0]]), ((0, 1), (2, 3)))
    (found,) = propose(trace(), [View("b", square(500, 0))], WALKING, UNTIL_US, streets)
    assert found.window is None


@given(st.floats(0, 60), st.integers(0, 5 * SECOND_US))
def test_less_certainty_never_shortens_a_window(doubt_m: float, doubt_us: int) -> None:
    view = View("b", square(60, 20))
    (sure,) = propose(trace(doubt_m=0.0, doubt_us=0), [view], WALKING, UNTIL_US)
    (unsure,) = propose(trace(doubt_m=doubt_m, doubt_us=doubt_us), [view], WALKING, UNTIL_US)
    assert sure.window and unsure.window
    assert unsure.window.start_us <= sure.window.start_us and sure.window.end_us <= unsure.window.end_us


def test_nothing_about_looks_goes_in() -> None:
    """L22: place, time, way and speed; no picture, no likeness, no class."""
    assert {f.name for f in dataclasses.fields(Trace)} == {
        "camera_id", "at_us", "place", "doubt_m", "doubt_us", "velocity"}  # fmt: skip


def test_cameras_with_a_place_are_on_the_plan_and_others_are_not() -> None:
    here = MapPosition(48.8566, 2.3522, 90.0)
    cameras = [b.camera(position=here), b.camera(id="back", position=None)]
    plan = plan_of(cameras, SitePlan(streets=(((48.8566, 2.3522), (48.8566, 2.3532)),)))
    assert plan is not None and [v.camera_id for v in plan.views] == ["gate"]
    assert plan.guessed == {"gate"} and plan.streets is not None
    east = plan.views[0].outline[:, 0].max()
    assert east == pytest.approx(40, abs=1) and plan.views[0].outline[:, 0].min() == pytest.approx(0, abs=1)
    assert plan.spot(cameras[1], None) is None
    assert plan_of([cameras[1]], None) is None
