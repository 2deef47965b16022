"""The motion gate: does anything move in these pictures?

Works on the luma plane, reduced to about 320 pixels of width by taking every n-th pixel. Two differences are
taken: against a slow background (who stands still stays visible for a while) and against the picture before (who moves
shows at once). Both are compared with the noise that each place of this picture usually has, so that leaves, water and
a dark sensor's grain raise their own threshold. A gain and an offset of the whole picture are taken out first: cameras
change exposure in steps.
"""

__all__ = ["Motion", "MotionGate"]

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes

_WIDTH = 320
_CELL = 4
"""Cells of 4 x 4 reduced pixels vote; a walking person 30 m away covers a dozen of them."""
_CELL_SHARE = 0.4
_LEAST_CELLS = 3
_FLOOR = 7.0
"""Grey levels that no threshold goes below: 8-bit video codecs leave 2 to 4 after the blur."""
_NOISE_TIMES = 4.0
_FIRST_NOISE = 3.0
_PAIR_FLOOR = 9.0
_BACKGROUND_S = 8.0
_NOISE_S = 12.0
_FRAME_S = 0.1
"""Assumed between pictures when no time is given."""
_LONGEST_STEP_S = 2.0
_EVERYWHERE = 0.6
"""More than this share moving is a new view (lamp, night mode, turned camera): learnt anew at once."""
_SAMPLE = 5
_GAIN = (0.5, 2.0)
_LEAST_STEP = 1.0
"""A mean that differs by less than one grey level is no exposure step."""

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """``share`` of the picture that moves, 0..1; ``boxes`` (n, 4) around the moving places, largest first."""

    share: float
    boxes: Boxes
    moving: bool


_STILL = Motion(0.0, np.zeros((0, 4), np.float32), False)


class MotionGate:
    """One stream. The first picture is learnt and never moves."""

    def __init__(self) -> None:
        self._background: npt.NDArray[np.float32] | None = None
        self._noise = np.zeros((0, 0), np.float32)
        self._before = np.zeros((0, 0), np.uint8)
        self._last_us: int | None = None
        self._moved: list[Boxes] = []

    def moved(self) -> Boxes:
        """Where something moved since this was last asked, (n, 4)."""
        moved, self._moved = self._moved, []
        return np.concatenate(moved) if moved else _STILL.boxes

    def update(self, picture: Picture, wall_us: int | None = None) -> Motion:
        """With ``wall_us`` the background learns by time, whatever the frame rate."""
        grey = _reduced(picture.y)
        step_s = self._step_s(wall_us)
        if self._background is None or self._background.shape != grey.shape:
            self._learn_anew(grey)
            return _STILL
        mask = self._changed(grey, step_s)
        motion = _judge(mask)
        if motion.share > _EVERYWHERE:
            self._learn_anew(grey)
        if motion.moving:
            self._moved.append(motion.boxes)
        self._before = grey
        return motion

    def reset(self) -> None:
        self._background = None
        self._last_us = None
        self._moved = []

    def _step_s(self, wall_us: int | None) -> float:
        if wall_us is None or self._last_us is None:
            self._last_us = wall_us
            return _FRAME_S
        step_s = (wall_us - self._last_us) / 1e6
        self._last_us = wall_us
        return min(max(step_s, 0.0), _LONGEST_STEP_S)

    def _learn_anew(self, grey: Grey) -> None:
        self._background = grey.astype(np.float32)
        self._noise = np.full(grey.shape, _FIRST_NOISE, np.float32)
        self._before = grey

    def _changed(self, grey: Grey, step_s: float) -> Grey:
        """255 where the picture is not what it was; learns on the way."""
        assert self._background is not None
        scene = _grey(self._background)
        fit = _exposure(scene, grey)
        before = self._before
        if fit is not None:
            np.add(self._background * fit[0], fit[1], out=self._background)
            np.clip(self._background, 0.0, 255.0, out=self._background)
            scene = _grey(self._background)
            before = _adjusted(before, _exposure(before, grey))
        away = cv2.absdiff(grey, scene)
        far = cv2.compare(away, cv2.convertScaleAbs(self._noise, None, _NOISE_TIMES, _FLOOR), cv2.CMP_GT)
        pair_limit = cv2.convertScaleAbs(self._noise, None, _NOISE_TIMES, _PAIR_FLOOR)
        far = cv2.bitwise_or(far, cv2.compare(cv2.absdiff(grey, before), pair_limit, cv2.CMP_GT))
        cv2.accumulateWeighted(grey, self._background, step_s / (_BACKGROUND_S + step_s))
        tame = cv2.min(away, cv2.convertScaleAbs(self._noise, None, 2.0, 1.0))
        cv2.accumulateWeighted(tame, self._noise, step_s / (_NOISE_S + step_s))
        return np.asarray(far, np.uint8)


def _grey(values: npt.NDArray[np.float32]) -> Grey:
    return np.asarray(cv2.convertScaleAbs(values), np.uint8)


def _reduced(luma: Grey) -> Grey:
    """Every n-th pixel of every n-th row, smoothed by 3 x 3. Averaging all pixels instead costs ten times more."""
    step = max(1, round(luma.shape[1] / _WIDTH))
    return np.asarray(cv2.blur(np.ascontiguousarray(luma[::step, ::step]), (3, 3)), np.uint8)


def _exposure(scene: Grey, now: Grey) -> tuple[float, float] | None:
    """Gain and offset from ``scene`` to ``now`` by least squares on a sparse grid, twice: the second time without
    what the first could not explain (things that moved). None when nothing changed as a whole."""
    x = scene[::_SAMPLE, ::_SAMPLE].ravel().astype(np.float32)
    y = now[::_SAMPLE, ::_SAMPLE].ravel().astype(np.float32)
    if abs(float(x.mean()) - float(y.mean())) < _LEAST_STEP:
        return None
    gain, offset = 1.0, float(np.median(y - x))
    for _ in range(2):
        left = np.abs(y - gain * x - offset)
        fits = left <= 2.0 * float(np.median(left)) + 1.0
        gain, offset = _line(x[fits], y[fits])
    if abs(gain - 1.0) < 0.01 and abs(offset) < _LEAST_STEP:
        return None
    return gain, offset


def _line(x: npt.NDArray[np.float32], y: npt.NDArray[np.float32]) -> tuple[float, float]:
    mean_x, mean_y = float(x.mean()), float(y.mean())
    spread = float(np.dot(x - mean_x, x - mean_x))
    gain = float(np.dot(x - mean_x, y - mean_y)) / spread if spread > 0 else 1.0
    gain = min(max(gain, _GAIN[0]), _GAIN[1])
    return gain, mean_y - gain * mean_x


def _adjusted(grey: Grey, fit: tuple[float, float] | None) -> Grey:
    if fit is None:
        return grey
    table = np.clip(np.arange(256) * fit[0] + fit[1], 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(grey, table), np.uint8)


def _judge(mask: Grey) -> Motion:
    """Moving pixels -> voting cells -> boxes."""
    h, w = mask.shape
    grid = (max(1, w // _CELL), max(1, h // _CELL))
    votes = cv2.resize(mask, grid, interpolation=cv2.INTER_AREA)
    cells = np.asarray(votes > 255 * _CELL_SHARE, np.uint8)
    if cv2.countNonZero(cells) < _LEAST_CELLS:
        return _STILL
    _, _, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    found = stats[1:]
    found = found[found[:, cv2.CC_STAT_AREA] >= _LEAST_CELLS]
    if len(found) == 0:
        return _STILL
    found = found[np.argsort(-found[:, cv2.CC_STAT_AREA], kind="stable")]
    low = found[:, :2] / np.array(grid)
    size = found[:, 2:4] / np.array(grid)
    share = float(found[:, cv2.CC_STAT_AREA].sum()) / (grid[0] * grid[1])
    return Motion(share, np.hstack([low, low + size]).astype(np.float32), True)
