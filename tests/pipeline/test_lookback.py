"""Looking back over a made recording of two hours for the moments at which a box changed."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from vitrail.domain.frames import Frame, Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.moments import Moment
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.lookback import PlaceLookback

W, H, KEY_S, STEP_S, END_S = 320, 192, 2, 60, 7200
BOX = (0.3, 0.3, 0.7, 0.7)
WALL = cv2.resize(np.random.default_rng(1).integers(90, 170, (8, 12)).astype(np.float32), (W, H))
STROKES = np.where(np.arange(50) // 6 % 2, 1.0, 0.4)


class Recording:
    """A key frame every two seconds. ``draw`` changes the wall; ``person``: spans with somebody before it."""

    def __init__(self, draw: Callable[[np.ndarray, float], None], person: tuple[tuple[float, float], ...] = ()) -> None:
        self._draw = draw
        self._person = person
        self.looked: list[float] = []
        self.asked = 0

    def look(self, at_us: int) -> Frame | None:
        at_s = at_us / SECOND_US // KEY_S * KEY_S
        self.looked.append(at_s)
        luma = WALL.copy()
        self._draw(luma, at_s)
        if self._there(at_s):
            luma[60:180, 130:180] = 20
        luma += np.random.default_rng(int(at_s)).normal(0, 2, luma.shape)
        chroma = np.full((H // 2, W // 2), 128, np.uint8)
        picture = Picture(np.clip(luma, 0, 255).astype(np.uint8), chroma, chroma)
        return Frame("gate", 0, round(at_s * SECOND_US), True, 0, picture)

    def _there(self, at_s: float) -> bool:
        return any(start <= at_s < end for start, end in self._person)

    def people(self, picture: Picture) -> Boxes:
        self.asked += 1
        there = bool((picture.y[60:180, 130:180] < 45).mean() > 0.9)
        box = [[130 / W, 60 / H, 180 / W, 180 / H]] if there else []
        return np.array(box, np.float32).reshape(-1, 4)

    def find(self, box: tuple[float, float, float, float] = BOX) -> list[Moment]:
        times = [round(s * SECOND_US) for s in range(0, END_S, STEP_S)]
        return PlaceLookback().find(self.look, self.people, times, box, lambda _: None)


def painted(at_s: float, until_s: float = 1e9, by: float = -60.0) -> Callable[[np.ndarray, float], None]:
    def draw(luma: np.ndarray, now_s: float) -> None:
        if at_s <= now_s < until_s:
            luma[80:110, 140:190] += by * STROKES

    return draw


def test_a_lasting_change_is_found_between_two_neighbouring_key_frames() -> None:
    recording = Recording(painted(3001.0))
    (moment,) = recording.find()
    assert (moment.before_us, moment.since_us) == (3000 * SECOND_US, 3002 * SECOND_US)
    assert 0.05 < moment.share < 0.4 and not moment.light and not moment.view
    assert len(recording.looked) < END_S / STEP_S + 12, "few key frames are looked at"


def test_two_changes_are_two_moments_and_a_thing_that_goes_again_is_another() -> None:
    found = Recording(painted(1501.0, 4001.0)).find()
    assert [moment.since_us // SECOND_US for moment in found] == [1502, 4002]


def test_nothing_is_found_where_nothing_changed_or_outside_the_box() -> None:
    assert not Recording(lambda luma, at_s: None).find()
    assert not Recording(painted(3001.0)).find((0.02, 0.02, 0.25, 0.25))


def test_slow_and_sudden_light_is_no_change() -> None:
    def dusk(luma: np.ndarray, at_s: float) -> None:
        luma *= 1.2 - 0.8 * at_s / END_S
        if 3000 <= at_s < 4200:
            luma *= 0.7

    assert not Recording(dusk).find()


def test_somebody_who_stands_there_for_long_is_no_change_and_hides_none() -> None:
    long = ((1000.0, 2200.0),)
    assert not Recording(lambda luma, at_s: None, long).find()
    (moment,) = Recording(painted(1600.0), long).find()
    assert moment.before_us < 1600 * SECOND_US <= moment.since_us <= 2300 * SECOND_US


def test_people_are_sought_only_where_something_new_stands() -> None:
    recording = Recording(lambda luma, at_s: None, ((1000.0, 1300.0),))
    recording.find()
    assert recording.asked < 15


def test_another_view_is_said_as_such() -> None:
    def turned(luma: np.ndarray, at_s: float) -> None:
        if at_s >= 3000:
            luma[:] = 255 - luma[::-1]

    found = Recording(turned).find()
    assert found and found[0].view


@pytest.mark.parametrize("by", [-20.0, 20.0])
def test_a_change_of_twenty_levels_is_found(by: float) -> None:
    assert len(Recording(painted(3001.0, by=by)).find()) == 1


def test_what_is_not_recorded_is_passed_over() -> None:
    recording = Recording(painted(3001.0))
    whole = recording.look

    def look(at_us: int) -> Frame | None:
        return None if 2000 < at_us / SECOND_US < 2900 else whole(at_us)

    times = [round(s * SECOND_US) for s in range(0, END_S, STEP_S)]
    (moment,) = PlaceLookback().find(look, recording.people, times, BOX, lambda _: None)
    assert moment.since_us == 3002 * SECOND_US
