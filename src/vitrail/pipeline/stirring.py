"""Where two people are close, a network looks at how it moves there: at a picture made of flow, never of anybody."""

__all__ = ["Stirring"]

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.closeness import Heights, pairs
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes, Polygon, foot_points
from vitrail.domain.stirs import Flow, FlowPicture, Stir, freed
from vitrail.domain.time import SECOND_US
from vitrail.ports.embedder import MotionReader

Plane = npt.NDArray[np.uint8]
Corners = tuple[int, int, int, int]

_EVERY_US = SECOND_US // 10
_SOONEST_US = _EVERY_US - SECOND_US // 50
_WINDOW_US, _FORGET_US, _PART_US = 2 * SECOND_US, SECOND_US, SECOND_US // 2
"""Where people were close is remembered; how long none may be; how long the same part is looked at."""
_LOW, _HIGH, _TIGHT = 25, 75, 0.9
"""The part that is looked at: quantiles of the corners around those who are close, and a little less than that, square:
what they do to each other is in the middle."""
_TOGETHER = 2
"""Motions that the network is shown at once: half the price of one after the other."""
_WIDTH, _SIDE = 960, 192
_LEAST = 0.06
_LEAST_US, _MOST_US = SECOND_US // 25, SECOND_US // 2
"""Between two looks of which flow can be taken."""


class Stirring:
    """One stream. ``zones``: where people must stand to be looked at."""

    def __init__(self, reader: MotionReader, zones: Sequence[Polygon]) -> None:
        self._reader = reader
        self._zones = tuple(zones)
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._heights = Heights()
        self.reset()

    def reset(self) -> None:
        self._heights.reset()
        self._planes: deque[tuple[int, Plane]] = deque(maxlen=3)
        self._around: deque[tuple[int, Boxes]] = deque()
        self._last_us: int | None = None
        self._part: tuple[int, Corners] | None = None
        self._before: tuple[int, Flow] | None = None
        self._waiting: list[FlowPicture] = []

    def look(self, picture: Picture, people: Boxes, wall_us: int) -> Stir | None:
        """None while nobody is close to another, or it is too early to look again; else of the last two motions."""
        if not self._close(picture, people, wall_us):
            self._planes.clear()
            self._waiting.clear()
            return None
        luma = _kept(picture.y)
        if self._planes and self._planes[-1][1].shape != luma.shape:
            self._planes.clear()
            self._waiting.clear()
            self._part = None
        self._planes.append((wall_us, luma))
        times = [at_us for at_us, _ in self._planes]
        steady = all(_LEAST_US <= b - a <= _MOST_US for a, b in pairwise(times))
        due = self._last_us is None or not 0 <= wall_us - self._last_us < _SOONEST_US
        if len(times) < 3 or not steady or not due:
            return None
        self._last_us = wall_us
        self._waiting.append(self._motion(wall_us))
        if len(self._waiting) < _TOGETHER:
            return None
        together, self._waiting = self._waiting, []
        return self._reader.stir(together)

    def _close(self, picture: Picture, people: Boxes, wall_us: int) -> bool:
        feet = np.minimum(foot_points(people), np.float32(0.999))
        inside = [people[zone.contain(feet)] for zone in self._zones]
        for some in inside:
            self._heights.see(some)
        aspect = picture.width / picture.height
        around = np.concatenate([pairs(some, aspect) for some in inside] or [people[:0]])
        if len(around):
            self._around.append((wall_us, around))
        while self._around and not 0 <= wall_us - self._around[0][0] <= _WINDOW_US:
            self._around.popleft()
        return bool(self._around) and wall_us - self._around[-1][0] <= _FORGET_US

    def _motion(self, wall_us: int) -> FlowPicture:
        columns, rows = self._planes[0][1].shape[::-1]
        if self._part is None or not 0 <= wall_us - self._part[0] < _PART_US:
            self._part, self._before = (wall_us, self._where(columns, rows)), None
        earliest, earlier, now = self._planes
        before = self._before
        first = before[1] if before is not None and before[0] == earlier[0] else self._between(earliest, earlier)
        second = self._between(earlier, now)
        self._before = now[0], second
        return FlowPicture.of(second, first)

    def _between(self, before: tuple[int, Plane], now: tuple[int, Plane]) -> Flow:
        """In body heights a second."""
        assert self._part is not None
        left, top, right, bottom = self._part[1]
        scale = _SIDE / max(right - left, bottom - top)
        size = max(32, round((right - left) * scale)), max(32, round((bottom - top) * scale))
        part = np.s_[top:bottom, left:right]
        one, other = (cv2.resize(p[part], size, interpolation=cv2.INTER_AREA) for _, p in (before, now))
        moved = self._flow.calc(one, other, np.zeros((*other.shape, 2), np.float32))
        span_s = (now[0] - before[0]) / SECOND_US
        body_px = self._heights.height * now[1].shape[0] * scale
        return np.asarray(freed(np.asarray(moved, np.float32)) / np.float32(span_s * body_px), np.float32)

    def _where(self, columns: int, rows: int) -> Corners:
        """The part that is looked at: left, top, right, bottom, in pixels."""
        aspect = columns / rows
        around = np.concatenate([boxes for _, boxes in self._around])
        low, high = np.percentile(around[:, :2], _LOW, axis=0), np.percentile(around[:, 2:], _HIGH, axis=0)
        middle, tall = (low + high) / 2, max(_LEAST, _TIGHT * max((high[0] - low[0]) * aspect, high[1] - low[1]))
        half = np.array([tall / aspect, tall]) / 2
        x0, y0 = np.clip(middle - half, 0.0, 1.0) * (columns, rows)
        x1, y1 = np.clip(middle + half, 0.0, 1.0) * (columns, rows)
        return int(x0), int(y0), max(int(x1), int(x0) + 2), max(int(y1), int(y0) + 2)


def _kept(luma: Plane) -> Plane:
    """A copy: the decoder's own planes are gone after the look."""
    if luma.shape[1] <= _WIDTH:
        return luma.copy()
    height = max(2, round(_WIDTH * luma.shape[0] / luma.shape[1]))
    return np.asarray(cv2.resize(luma, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)
