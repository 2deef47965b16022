"""Where the picture flickers: light that goes up and down several times a second, as flames do."""

__all__ = ["Flicker"]

from collections import deque

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes, grow
from vitrail.domain.time import SECOND_US

Values = npt.NDArray[np.float32]

_SIZE = (96, 54)
_WINDOW_US = 2 * SECOND_US
_STEP = 5.0
"""Levels of luma between two looks that noise and codecs do not make in averaged cells."""
_TURNS = 3
_BRIGHT, _WARM = 170.0, 12.0


class Flicker:
    """``share``: of the picture's cells, people left out, those that are bright or warm and turned from lighter to
    darker or back at least three times within two seconds; where few frames come, two turns do."""

    def __init__(self) -> None:
        self._seen: deque[tuple[int, Values]] = deque(maxlen=32)
        self.share = 0.0

    def reset(self) -> None:
        self._seen.clear()
        self.share = 0.0

    def see(self, picture: Picture, people: Boxes, wall_us: int) -> None:
        if self._seen and wall_us <= self._seen[-1][0]:
            self.reset()
        luma = _small(picture.y)
        self._seen.append((wall_us, luma))
        while len(self._seen) > 5 and wall_us - self._seen[0][0] > _WINDOW_US:
            self._seen.popleft()
        if len(self._seen) < 4:
            return
        hot = (luma > _BRIGHT) | ((_small(picture.v) - _small(picture.u)) > _WARM)
        steps = np.diff(np.stack([look for _, look in self._seen]), axis=0)
        turns = self._turns(steps)
        flickers = (turns >= min(_TURNS, len(self._seen) - 3)) & hot & ~_people(people)
        self.share = float(flickers.mean())

    def _turns(self, steps: Values) -> npt.NDArray[np.int64]:
        """How often each cell's luma went from clearly up to clearly down, or back."""
        way = np.zeros(steps.shape[1:], np.int8)
        turns = np.zeros(steps.shape[1:], np.int64)
        for step in steps:
            new = np.where(step > _STEP, 1, np.where(step < -_STEP, -1, 0)).astype(np.int8)
            turns += (new != 0) & (way != 0) & (new != way)
            way = np.where(new != 0, new, way)
        return turns


def _small(plane: npt.NDArray[np.uint8]) -> Values:
    return np.asarray(cv2.resize(plane, _SIZE, interpolation=cv2.INTER_AREA), np.float32)


def _people(boxes: Boxes) -> npt.NDArray[np.bool_]:
    covered = np.zeros((_SIZE[1], _SIZE[0]), np.bool_)
    for left, top, right, bottom in grow(boxes, 0.1) * np.array([*_SIZE, *_SIZE]):
        covered[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = True
    return covered
