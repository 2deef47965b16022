"""Where warm light goes up and down several times a second and stays at its place, as flames do."""

__all__ = ["LEAST_CELLS", "Flicker"]

from collections import deque

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes, grow
from vitrail.domain.time import SECOND_US

Values = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_SIZE = (128, 72)
_WINDOW_US, _JUDGE_US = 2 * SECOND_US, SECOND_US // 5
_LEAST_LOOKS = 9
"""Fewer within the window cannot show what goes up and down several times a second."""
_STEP = 5.0
"""Levels of luma between two looks that noise and codecs do not make in averaged cells."""
_DARK = 8.0
"""Levels below which a gain says nothing."""
_CUT = 0.35
"""Where more of the picture steps at once, the picture changed (a cut, a lamp, the exposure), and nothing in it."""
_LIVELY, _TURNS = 3, 0.35
"""Turns in the window of a cell that counts for staying; share of the steps that turn where it flickers: three to four
times a second up and down. People and traffic at rest and passing reached five in twenty, flames fourteen."""
_WARM, _BRIGHT = 15.0, 140.0
_HOT, _BLAZING = 40.0, 180.0
"""How warm (Cr above Cb) and bright at its best a cell is; and one that counts although somebody may be there."""
_STAYS_US, _STAYS = 3 * SECOND_US, 0.5
_COVERED_US = SECOND_US
LEAST_CELLS = 3
_PAUSE_US = 3 * SECOND_US // 2


class Flicker:
    """``cells``: how many cells flicker now where it has flickered for seconds. ``since_us``: from when on they have
    been enough, with pauses of at most a second and a half; ``blazing_since_us`` the same of cells so hot and bright
    that they count where a person or a vehicle may be, since a detector takes flames for either now and then."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._seen: deque[tuple[int, Values, Values]] = deque(maxlen=64)
        self._stays: Values = np.zeros(_SIZE[::-1], np.float32)
        self._covered_us = np.full(_SIZE[::-1], np.iinfo(np.int64).min // 2, np.int64)
        self._judged_us: int | None = None
        self.cells = 0
        self.since_us: int | None = None
        self.blazing_since_us: int | None = None
        self._held_us = self._blazed_us = 0

    def see(self, picture: Picture, covered: Boxes, wall_us: int) -> None:
        """``covered``: boxes of everything that may be a person or a vehicle."""
        if self._seen and wall_us <= self._seen[-1][0]:
            self.reset()
        self._covered_us[_inside(covered)] = wall_us
        self._seen.append((wall_us, _small(picture.y), _small(picture.v) - _small(picture.u)))
        while wall_us - self._seen[0][0] > _WINDOW_US:
            self._seen.popleft()
        if self._judged_us is None or wall_us - self._judged_us >= _JUDGE_US - SECOND_US // 100:
            passed_us = 0 if self._judged_us is None else wall_us - self._judged_us
            self._judged_us = wall_us
            self._judge(wall_us, min(1.0, passed_us / _STAYS_US))

    def _judge(self, wall_us: int, share: float) -> None:
        looks = len(self._seen)
        luma = np.stack([y for _, y, _ in self._seen])
        bright, warm = luma.max(axis=0), np.max([w for _, _, w in self._seen], axis=0)
        turns = _turns(luma) if looks >= _LEAST_LOOKS else np.zeros(bright.shape, np.int64)
        lively = (turns >= _LIVELY) & (warm > _WARM) & (bright > _BRIGHT)
        near = cv2.dilate(lively.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
        self._stays += share * (near - self._stays)
        flickers = lively & (turns >= _TURNS * (looks - 1)) & (self._stays > _STAYS)
        blazes = flickers & (warm > _HOT) & (bright > _BLAZING)
        free = flickers & (wall_us - self._covered_us >= _COVERED_US)
        self.cells = int(max(free.sum(), blazes.sum()))
        self.since_us, self._held_us = _lasting(free, self.since_us, self._held_us, wall_us)
        self.blazing_since_us, self._blazed_us = _lasting(blazes, self.blazing_since_us, self._blazed_us, wall_us)


def _lasting(cells: Mask, since_us: int | None, held_us: int, wall_us: int) -> tuple[int | None, int]:
    if cells.sum() >= LEAST_CELLS:
        return (wall_us if since_us is None else since_us), wall_us
    return (None if wall_us - held_us > _PAUSE_US else since_us), held_us


def _turns(luma: Values) -> npt.NDArray[np.int64]:
    """How often each cell went from clearly lighter to clearly darker, or back, beside what the whole picture did
    (lamps on the mains, the exposure): its middle gain is taken out of each step."""
    before, now = luma[:-1], luma[1:]
    gain = np.median(now / np.maximum(before, _DARK), axis=(1, 2), keepdims=True)
    steps = now - before * gain
    steps[(np.abs(steps) > _STEP).mean(axis=(1, 2)) > _CUT] = 0.0
    way = np.zeros(steps.shape[1:], np.int8)
    turns = np.zeros(steps.shape[1:], np.int64)
    for new in (steps > _STEP).astype(np.int8) - (steps < -_STEP).astype(np.int8):
        turns += new * way < 0
        way = np.where(new != 0, new, way)
    return turns


def _small(plane: npt.NDArray[np.uint8]) -> Values:
    return np.asarray(cv2.resize(plane, _SIZE, interpolation=cv2.INTER_AREA), np.float32)


def _inside(boxes: Boxes) -> Mask:
    covered = np.zeros((_SIZE[1], _SIZE[0]), np.bool_)
    for left, top, right, bottom in grow(boxes, 0.1) * np.array([*_SIZE, *_SIZE]):
        covered[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))] = True
    return covered
