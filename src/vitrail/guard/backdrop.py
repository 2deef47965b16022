"""What a place looks like without anybody, from frames that are at hand, and what in a frame is not part of it. Pure.

Known to be background is only what stays as it is while nobody is believed to be there. Everything else in a frame that
is no vehicle and no thing may be somebody, and is hidden: also who is seen by no detector.
"""

__all__ = ["GLIMPSE_WIDTH", "Backdrop", "GrowingBackdrop", "glimpse_of"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import MINUTE_US, SECOND_US
from vitrail.guard.masking import Mask
from vitrail.guard.ways import Glimpse

GLIMPSE_WIDTH = 240
"""Cells of 8 pixels in 1080p: somebody 24 pixels tall is three of them high."""
_SAMPLES = 80
_LEAST, _NOISES = 12.0, 5.0
"""Grey levels by which a cell must differ, and times the noise that it had."""
_SMALLEST = 3
"""Cells; less is noise."""
_FILLED = 0.6
_CELL_AROUND = np.array([-1, -1, 1, 1], np.float32)
_COVERED = 0.6
"""A change that vehicles or things cover to this share is theirs."""

_FOLLOW = 0.1
_UPSET = 0.6
"""When so much of the picture is strange at once, it is another light or another view: everything is learnt anew."""
_NEW_US, _OTHER_US = 6 * SECOND_US, 10 * MINUTE_US

Cells = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float32]


def glimpse_of(picture: Picture) -> Glimpse:
    rows = max(2, round(GLIMPSE_WIDTH * picture.height / picture.width))
    size = (min(GLIMPSE_WIDTH, picture.width), min(rows, picture.height))
    return np.asarray(cv2.resize(picture.y, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Backdrop:
    """``level``: grey level of each cell, NaN where somebody was all the time. ``noise``: how much it varied."""

    level: Values
    noise: Values

    @classmethod
    def of(cls, glimpses: Sequence[Glimpse], hidden: Sequence[Boxes]) -> "Backdrop":
        """From glimpses of one shape, and where people were believed to be in each."""
        step = max(1, len(glimpses) // _SAMPLES)
        seen = np.array(glimpses[::step], np.float32)
        light = np.median(seen, axis=(1, 2), keepdims=True)
        seen -= light - np.median(light)
        for cells, boxes in zip(seen, hidden[::step], strict=True):
            cells[painted(boxes, cells.shape)] = np.nan
        known = ~np.isnan(seen).all(axis=0)
        level = np.full(seen.shape[1:], np.nan, np.float32)
        noise = np.full(seen.shape[1:], np.nan, np.float32)
        level[known] = np.nanmedian(seen[:, known], axis=0)
        noise[known] = 1.4826 * np.nanmedian(np.abs(seen[:, known] - level[known]), axis=0)
        return cls(level, noise)

    def strange(self, glimpse: Glimpse, spared: Boxes) -> Mask:
        """What is not known to be background. ``spared``: vehicles and things."""
        seen = glimpse.astype(np.float32)
        difference = seen - self.level - _offset(seen, self.level)
        threshold = np.maximum(_LEAST, _NOISES * self.noise)
        hot = np.asarray(~(np.abs(difference) <= threshold), np.uint8)
        hot = np.asarray(cv2.morphologyEx(hot, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
        theirs = painted(spared, hot.shape)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(hot, connectivity=8)
        boxes: list[tuple[int, int, int, int]] = []
        wholes: list[tuple[int, int]] = []
        for label in range(1, count):
            left, top, width, height, cells = (int(value) for value in stats[label])
            part = labels[top : top + height, left : left + width] == label
            if cells < _SMALLEST or theirs[top : top + height, left : left + width][part].mean() >= _COVERED:
                continue
            boxes += (pieces := list(_tight(part, left, top)))
            wholes += [(width, height)] * len(pieces)
        size = np.array(hot.shape[::-1], np.float32)
        found = (np.array(boxes, np.float32).reshape(-1, 4) + _CELL_AROUND) / np.tile(size, 2)
        parts = np.array(wholes, np.float32).reshape(-1, 2) / size
        return Mask(np.asarray(np.clip(found, 0.0, 1.0), np.float32), parts)


class GrowingBackdrop:
    """Learns while a camera is watched. What is not hidden and stays as it is for some seconds becomes background where
    nothing was known; where something else was known, only after long: whoever sits down on an empty bench is hidden
    for as long as the ways say so, and a bag that nobody recognises for ten minutes."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._known: Backdrop | None = None
        self._trial = np.zeros((0, 0), np.float32)
        self._since_us = np.zeros((0, 0), np.int64)

    @property
    def known(self) -> Backdrop | None:
        return self._known

    def learn(self, glimpse: Glimpse, hidden: Boxes, at_us: int) -> None:
        """A look every second or few. ``hidden``: where people are believed to be at that moment."""
        seen = glimpse.astype(np.float32)
        if self._known is None or self._known.level.shape != seen.shape:
            empty = np.full(seen.shape, np.nan, np.float32)
            self._known = Backdrop(empty, np.zeros(seen.shape, np.float32))
            self._trial, self._since_us = seen, np.full(seen.shape, at_us, np.int64)
        level, noise = self._known.level.copy(), self._known.noise.copy()
        covered = painted(hidden, seen.shape)
        level += _offset(seen, level)
        threshold = np.maximum(_LEAST, _NOISES * noise)
        stays = (np.abs(seen - self._trial) <= threshold) & ~covered
        self._trial = np.where(stays, self._trial + _FOLLOW * (seen - self._trial), seen)
        self._since_us = np.where(stays, self._since_us, at_us)
        away = np.abs(seen - level)
        fits = (away <= threshold) & ~covered
        level[fits] += _FOLLOW * (seen - level)[fits]
        noise[fits] += _FOLLOW * (1.25 * away - noise)[fits]
        strange = ~np.isnan(level) & ~fits & ~covered
        if strange.mean() > _UPSET:
            level[:] = np.nan
        wait_us = np.where(np.isnan(level), _NEW_US, _OTHER_US)
        adopt = stays & (at_us - self._since_us >= wait_us)
        level[adopt], noise[adopt] = self._trial[adopt], 0.0
        self._known = Backdrop(level, noise)


def _offset(seen: Values, level: Values) -> float:
    """How much brighter all of it is than it was: another exposure is no change."""
    known = ~np.isnan(level)
    return float(np.median((seen - level)[known])) if known.any() else 0.0


def painted(boxes: Boxes, shape: tuple[int, ...]) -> Cells:
    """Cells that a box touches."""
    rows, columns = shape
    cells = np.zeros((rows, columns), np.bool_)
    for x0, y0, x1, y1 in np.clip(boxes, 0.0, 1.0) * (columns, rows, columns, rows):
        cells[int(y0) : int(np.ceil(y1)), int(x0) : int(np.ceil(x1))] = True
    return cells


def _tight(part: Cells, left: int = 0, top: int = 0) -> Iterator[tuple[int, int, int, int]]:
    """A shape as boxes that are filled fairly well: halved across its longer side until they are."""
    rows, columns = np.nonzero(part.any(axis=1))[0], np.nonzero(part.any(axis=0))[0]
    if not len(rows):
        return
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    part, left, top = part[y0:y1, x0:x1], left + int(x0), top + int(y0)
    height, width = part.shape
    if part.mean() >= _FILLED or height * width <= _SMALLEST:
        yield left, top, left + width, top + height
    elif height >= width:
        yield from _tight(part[: height // 2], left, top)
        yield from _tight(part[height // 2 :], left, top + height // 2)
    else:
        yield from _tight(part[:, : width // 2], left, top)
        yield from _tight(part[:, width // 2 :], left + width // 2, top)
