"""A made wall under light that changes, with people before it, and things that come and go."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from tests.builders import square
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.places import AreaView, PlaceView
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.scene_memory import SceneMemory

NOBODY = np.zeros((0, 4), np.float32)
PERSON = np.array([[0.42, 0.35, 0.58, 0.75]], np.float32)
BAG = np.s_[96:116, 150:178]
"""Rows and columns of luma: 0.417..0.494 across, 0.444..0.537 down."""


class Place:
    """A textured wall of 360 x 216 pixels with sensor noise; ``step`` shows it to a memory."""

    def __init__(self, memory: SceneMemory | None = None) -> None:
        self._rng = np.random.default_rng(7)
        coarse = self._rng.integers(90, 170, (9, 15)).astype(np.float32)
        self.luma = cv2.resize(coarse, (360, 216), interpolation=cv2.INTER_CUBIC)
        self.blue = np.full((108, 180), 122.0, np.float32)
        self.red = np.full((108, 180), 133.0, np.float32)
        self.memory = memory or SceneMemory()
        self.at_s = 0.0

    def step(self, gain: float = 1.0, people: Boxes = NOBODY, passed_s: float = 2.0) -> PlaceView:
        luma = self.luma * gain
        for left, top, right, bottom in people:
            luma[round(top * 216) : round(bottom * 216), round(left * 360) : round(right * 360)] = 25
        noisy = luma + self._rng.normal(0, 2.0, luma.shape)
        planes = (np.clip(np.round(one), 0, 255).astype(np.uint8) for one in (noisy, self.blue, self.red))
        view = self.memory.update(Picture(*planes), people, round(self.at_s * SECOND_US))
        self.at_s += passed_s
        return view

    def stay(self, seconds: float, gain: float = 1.0, people: Boxes = NOBODY) -> PlaceView:
        end_s = self.at_s + seconds
        view = self.step(gain, people)
        while self.at_s < end_s:
            view = self.step(gain, people)
        return view

    def put(self, levels: float = -60.0) -> None:
        self.luma = self.luma.copy()
        self.luma[BAG] += levels


def holds(view: AreaView, x: float, y: float) -> bool:
    return any(c.box[0] <= x <= c.box[2] and c.box[1] <= y <= c.box[3] for c in view.changes)


def test_nothing_changes_on_a_wall_that_stays_as_it_is() -> None:
    place = Place()
    assert not [c for _ in range(60) for c in place.step().whole.changes]


@pytest.mark.parametrize("levels", [-60.0, -20.0, 20.0, 60.0])
def test_a_thing_that_came_is_a_change_with_the_interval_in_which_it_came(levels: float) -> None:
    place = Place()
    place.stay(40)
    came_us = round(place.at_s * SECOND_US)
    place.put(levels)
    (change,) = place.stay(10).whole.changes
    assert change.box == pytest.approx((0.417, 0.444, 0.494, 0.537), abs=0.01)
    assert change.before_us < came_us <= change.since_us <= came_us + SECOND_US
    assert (change.darker < 1.0) == (levels < 0)


def test_a_thing_keeps_its_id_and_is_gone_when_it_is_taken_away() -> None:
    place = Place()
    place.stay(40)
    place.put()
    first = place.stay(10).whole.changes[0].id
    assert [c.id for c in place.stay(600).whole.changes] == [first]
    place.put(60.0)
    assert not place.stay(10).whole.changes


def lights() -> Iterator[float]:
    """A morning, a cloud, an exposure step, an evening."""
    yield from np.linspace(1.0, 1.4, 40)
    yield from [0.9] * 20
    yield from [1.3] * 20
    yield from np.linspace(1.3, 0.35, 80)


def test_light_is_followed_and_what_changed_is_kept_through_it() -> None:
    place = Place()
    place.stay(40)
    assert not [c for gain in lights() for c in place.step(gain).whole.changes]
    place.put(-90.0)
    seen = [place.step(gain).whole for gain in reversed(list(lights()))]
    assert all(holds(view, 0.45, 0.49) for view in seen[5:])
    assert all(len(view.changes) == 1 for view in seen[5:])


def test_people_are_left_out_however_long_they_stand() -> None:
    place = Place()
    place.stay(40)
    view = place.stay(300, people=PERSON).whole
    assert not view.changes
    middle = np.s_[view.known.shape[0] // 2, view.known.shape[1] // 2]
    assert view.known[middle][0] > 80 and view.now[middle][0] > 80
    assert view.clear_us[middle] < 41 * SECOND_US


def test_what_is_hidden_when_it_comes_is_dated_from_before_it_was_hidden() -> None:
    place = Place()
    place.stay(40)
    hidden_us = round(place.at_s * SECOND_US)
    place.stay(20, people=PERSON)
    place.put()
    place.stay(20, people=PERSON)
    shown_us = round(place.at_s * SECOND_US)
    (change,) = place.stay(10).whole.changes
    assert change.before_us <= hidden_us and change.since_us >= shown_us


def test_somebody_whom_the_detector_misses_for_a_moment_is_no_change() -> None:
    place = Place()
    place.stay(40)
    place.step(people=PERSON)
    wall = place.luma
    place.put(-80.0)
    assert not place.step().whole.changes
    place.luma = wall
    assert not place.stay(20).whole.changes


def test_a_shadow_looks_like_light_and_is_known_soon() -> None:
    place = Place()
    place.stay(40)
    place.luma = place.luma.copy()
    place.luma[40:180, 200:300] *= 0.6
    shadow = place.stay(20).whole.changes
    assert all(c.shade > 0.75 for c in shadow)
    assert not place.stay(700).whole.changes


def test_paint_does_not_look_like_light() -> None:
    place = Place()
    place.stay(40)
    place.red = place.red.copy()
    place.red[30:60, 100:140] += 30.0
    (paint,) = place.stay(20).whole.changes
    assert paint.shade < 0.3


def test_another_view_is_learnt_anew_and_the_old_one_is_known_again() -> None:
    """The night mode: other light from another side."""
    place = Place()
    day = place.luma
    place.stay(120)
    place.luma = 255.0 - day
    night = place.stay(60).whole
    assert night.upset_us >= 120 * SECOND_US and not night.changes
    place.luma = day
    again = place.stay(4).whole
    assert again.upset_us >= 180 * SECOND_US and not again.changes
    assert abs(float((again.known[..., 0] - cv2.resize(day, again.known.shape[1::-1])).mean())) < 5.0


def test_the_outline_tells_what_came_from_what_went() -> None:
    place = Place()
    place.put(-60.0)
    place.stay(40)
    place.put(60.0)
    (gone,) = place.stay(10).whole.changes
    place = Place()
    place.stay(40)
    place.put(-60.0)
    (came,) = place.stay(10).whole.changes
    assert gone.edge < 0.4 and came.edge > 0.6


def test_a_declared_surface_is_remembered_finely() -> None:
    memory = SceneMemory({"wall": square(0.3, 0.3, 0.6, 0.6)})
    place = Place(memory)
    place.stay(40)
    place.luma = place.luma.copy()
    place.luma[90:92, 120:200] -= 70
    view = place.stay(10)
    assert view.surfaces["wall"].known.shape[1] * 1.0 / (0.36 * 360) == pytest.approx(1.0, abs=0.02)
    assert holds(view.surfaces["wall"], 0.45, 0.42)


def test_between_looks_the_last_view_stands() -> None:
    place = Place(SceneMemory(every_s=5.0))
    assert place.step(passed_s=1.0) is place.step(passed_s=1.0)


def test_what_stood_for_long_is_what_the_place_looks_like() -> None:
    place = Place()
    place.stay(40)
    place.put()
    assert place.stay(20).whole.changes
    place.at_s += 8 * 86_400
    place.stay(6)
    assert not place.stay(6).whole.changes


def test_a_picture_of_another_size_begins_anew() -> None:
    place = Place()
    place.stay(40)
    y, c = np.full((120, 160), 90, np.uint8), np.full((60, 80), 128, np.uint8)
    view = place.memory.update(Picture(y, c, c), NOBODY, round(place.at_s * SECOND_US))
    assert not view.whole.changes and view.whole.learnt.all()


def test_a_reset_forgets() -> None:
    place = Place()
    place.stay(40)
    place.put()
    assert place.stay(10).whole.changes
    place.memory.reset()
    assert not place.stay(10).whole.changes
