"""What the place looks like without people, and how much of a part of the picture is something else now."""

__all__ = ["Backdrop"]

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes, grow

Levels = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

_WIDTH = 320
_LEARNS = 0.04
"""Share by which the memory moves to the present at each look: a change is taken in within some three seconds."""
_LEAST_LEVELS, _NOISES = 12.0, 5.0
_MARGIN = 0.15
_GETS_USED = 0.03
"""Share by which what lately looked other moves to the present at each look: some three seconds."""
_STOOD = 0.7


class Backdrop:
    """One camera. Where somebody is, or ``kept`` says so, nothing is learnt: people never become part of the place."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._memory: Levels | None = None
        self._other: Mask | None = None
        self._lately: Levels | None = None

    def update(self, picture: Picture, people: Boxes, kept: Boxes) -> None:
        height = max(16, round(_WIDTH * picture.height / picture.width))
        now = np.asarray(cv2.resize(picture.y, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.float32)
        if self._memory is None or self._memory.shape != now.shape:
            self._memory = now
            self._other = np.zeros(now.shape, bool)
            self._lately = np.zeros(now.shape, np.float32)
            return
        away = np.abs(now - self._memory)
        noise = float(np.median(away))
        assert self._lately is not None and self._other is not None
        self._lately += _GETS_USED * (self._other - self._lately)
        self._other = away > max(_LEAST_LEVELS, _NOISES * noise)
        free = np.ones(now.shape, bool)
        for box in np.concatenate([grow(people, _MARGIN), kept]):
            free[self._part(box)] = False
        self._memory[free] += _LEARNS * (now[free] - self._memory[free])

    def changed(self, box: npt.NDArray[np.float32]) -> float:
        """The share of ``box`` (0..1) that does not look as the place does; 0 before anything is known."""
        part = self.other(box)
        return float(part.mean()) if part.size else 0.0

    def other(self, box: npt.NDArray[np.float32]) -> Mask:
        """Cell by cell, what in ``box`` does not look as the place does; no cells before anything is known."""
        return np.zeros((0, 0), bool) if self._other is None else self._other[self._part(box)].copy()

    def stood(self, box: npt.NDArray[np.float32]) -> Mask:
        """Which cells of it have looked other most of the time lately: what stands there is no news."""
        return np.zeros((0, 0), bool) if self._lately is None else self._lately[self._part(box)] > _STOOD

    def _part(self, box: npt.NDArray[np.float32]) -> tuple[slice, slice]:
        assert self._memory is not None
        height, width = self._memory.shape
        x0, y0, x1, y1 = (round(float(v)) for v in box * [width, height, width, height])
        return slice(max(0, y0), max(0, y1)), slice(max(0, x0), max(0, x1))
