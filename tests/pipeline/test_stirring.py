"""A network looks at how it moves where two people are close: only there, at motion alone, ten times a second."""

from collections.abc import Sequence

import cv2
import numpy as np

from tests.builders import NOW_US
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Polygon
from vitrail.domain.stirs import FlowPicture, Stir
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.stirring import Stirring

LOOK_US = SECOND_US // 10
LEFT = Polygon(((0.0, 0.0), (0.6, 0.0), (0.6, 1.0), (0.0, 1.0)))
RIGHT = Polygon(((0.7, 0.0), (1.0, 0.0), (1.0, 1.0), (0.7, 1.0)))
TWO = np.array([(0.30, 0.3, 0.40, 0.8), (0.42, 0.3, 0.52, 0.8)], np.float32)
_RNG = np.random.default_rng(3)
CLOTH = cv2.GaussianBlur(_RNG.integers(0, 255, (240, 400)).astype(np.uint8), (0, 0), 3)


class Reader:
    def __init__(self) -> None:
        self.shown: list[FlowPicture] = []

    def stir(self, motions: Sequence[FlowPicture]) -> Stir:
        self.shown += motions
        return Stir(np.zeros(1280, np.float32))


def picture(look: int, moves: bool = True, inverted: bool = False) -> Picture:
    """Cloth that goes to and fro where the two are; the rest stands still."""
    luma = np.full((216, 384), 128, np.uint8)
    shift = (look % 3) * 4 if moves else 0
    luma[80:160, 120:190] = CLOTH[:80, shift : shift + 70]
    luma = 255 - luma if inverted else luma
    grey = np.full((108, 192), 128, np.uint8)
    return Picture(luma, grey, grey)


def looked(stirring: Stirring, people: np.ndarray = TWO, looks: int = 20, step_us: int = LOOK_US) -> list[bool]:
    return [stirring.look(picture(n), people, NOW_US + n * step_us) is not None for n in range(looks)]


def test_it_draws_ten_motions_a_second_once_three_looks_are_there_and_shows_two_at_once() -> None:
    assert looked(Stirring(Reader(), [LEFT])) == [False, False] + [False, True] * 9
    assert sum(looked(Stirring(Reader(), [LEFT]), looks=50, step_us=LOOK_US // 2)) == 12


def test_what_was_seen_of_the_look_before_is_kept_and_changes_nothing() -> None:
    kept, anew = Reader(), Reader()
    looked(Stirring(kept, [LEFT]), looks=8)
    stirring = Stirring(anew, [LEFT])
    for n in range(4, 8):
        stirring.look(picture(n), TWO, NOW_US + n * LOOK_US)
    assert (kept.shown[-1].drawn == anew.shown[-1].drawn).all()


def test_pictures_of_another_size_are_not_compared_with_those_before() -> None:
    stirring = Stirring(Reader(), [LEFT])
    looked(stirring, looks=5)
    small = Picture(*(np.ascontiguousarray(plane[::2, ::2]) for plane in (picture(5).y, picture(5).u, picture(5).v)))
    found = [stirring.look(small, TWO, NOW_US + n * LOOK_US) is not None for n in range(5, 9)]
    assert found == [False, False, False, True]


def test_one_alone_and_two_outside_the_zones_are_not_looked_at() -> None:
    assert not any(looked(Stirring(Reader(), [LEFT]), TWO[:1]))
    assert not any(looked(Stirring(Reader(), [RIGHT]), TWO))
    assert not any(looked(Stirring(Reader(), []), TWO))


def test_looks_too_far_apart_show_no_flow() -> None:
    assert not any(looked(Stirring(Reader(), [LEFT]), step_us=SECOND_US))


def test_it_is_shown_the_motion_between_the_two_and_nothing_of_what_stands_still() -> None:
    moving, still = Reader(), Reader()
    looked(Stirring(moving, [LEFT]))
    stirring = Stirring(still, [LEFT])
    for n in range(20):
        stirring.look(picture(n, moves=False), TWO, NOW_US + n * LOOK_US)
    assert max(float(one.drawn.mean()) for one in still.shown) < 1.0
    assert min(float(one.drawn.mean()) for one in moving.shown) > 10.0


def test_what_somebody_wears_makes_no_difference() -> None:
    """The negative of a picture moves as the picture does."""
    plain, inverted = Reader(), Reader()
    for reader, negative in ((plain, False), (inverted, True)):
        stirring = Stirring(reader, [LEFT])
        for n in range(12):
            stirring.look(picture(n, inverted=negative), TWO, NOW_US + n * LOOK_US)
    away = [np.abs(a.drawn.astype(int) - b.drawn).mean() for a, b in zip(plain.shown, inverted.shown, strict=True)]
    assert max(away) < 3.0


def test_after_the_two_part_and_after_a_reset_it_begins_anew() -> None:
    stirring = Stirring(Reader(), [LEFT])
    assert any(looked(stirring, looks=5))
    later = NOW_US + 10 * SECOND_US
    assert stirring.look(picture(0), TWO[:0], later) is None
    found = [stirring.look(picture(n), TWO, later + n * LOOK_US) is not None for n in range(1, 5)]
    stirring.reset()
    found += [stirring.look(picture(n), TWO, later + n * LOOK_US) is not None for n in range(5, 9)]
    assert found == [False, False, False, True] * 2
