"""What a place looks like without anybody, from frames that are at hand, and what in a frame is not part of it. Pure.

Known to be background is only what stays as it is while nobody is believed to be there. Everything else in a frame that
is no vehicle and no thing may be somebody, and is hidden: also who is seen by no detector. Where a part of the picture
rested in two ways, one after the other, one of them may be somebody who stands still: both are hidden.
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
_LEAST, _LEAST_DARK, _LIT, _NOISES = 12.0, 5.0, 90.0, 5.0
"""Grey levels by which a cell must differ (in a place darker than ``_LIT`` in proportion less, but so many at least),
and times the noise that it had."""
_REST = 5
"""Samples, one after the other: about one and a half seconds of a short clip, three of a minute."""
_SMALLEST = 3.0
"""Cells, each counted as often as it differs more than it must; less is noise."""
_FILLED = 0.6
_CELL_AROUND = np.array([-1, -2, 1, 1], np.float32)
"""Of somebody small, the head may look like what is behind it."""
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
    """``level``: grey level of each cell, NaN where it is not known. ``noise``: how much it varied. ``doubt``: how sure
    it is that an unknown cell must be hidden, in what counts as one cell that differs."""

    level: Values
    noise: Values
    doubt: Values

    @classmethod
    def of(cls, glimpses: Sequence[Glimpse], hidden: Sequence[Boxes], spared: Sequence[Boxes] = ()) -> "Backdrop":
        """From glimpses of one shape, where people were believed to be in each, and vehicles and things: what is
        behind those is known only from when they are elsewhere."""
        step = max(1, len(glimpses) // _SAMPLES)
        seen = np.array(glimpses[::step], np.float32)
        light = np.median(seen, axis=(1, 2), keepdims=True)
        seen -= light - np.median(light)
        for cells, boxes in zip(seen, hidden[::step], strict=True):
            cells[painted(boxes, cells.shape)] = np.nan
        bare = seen.copy()
        for cells, boxes in zip(bare, spared[::step] or [np.zeros((0, 4), np.float32)] * len(seen), strict=True):
            cells[painted(boxes, cells.shape)] = np.nan
        never = np.isnan(bare).all(axis=0)
        bare[:, never] = seen[:, never]
        two = _two_rests(bare)
        known = ~np.isnan(bare).all(axis=0) & (two <= 1)
        level = np.full(seen.shape[1:], np.nan, np.float32)
        noise = np.full(seen.shape[1:], np.nan, np.float32)
        level[known] = np.nanmedian(bare[:, known], axis=0)
        noise[known] = 1.4826 * np.nanmedian(np.abs(bare[:, known] - level[known]), axis=0)
        return cls(level, noise, np.where(two > 1, two, np.float32(_SMALLEST)))

    def strange(self, glimpse: Glimpse, spared: Boxes) -> Mask:
        """What is not known to be background. ``spared``: vehicles and things."""
        seen = glimpse.astype(np.float32)
        difference = seen - self.level - _offset(seen, self.level)
        threshold = np.maximum(_least(self.level), _NOISES * self.noise)
        away = np.abs(difference) / threshold
        strength = np.where(np.isnan(away), self.doubt, away)
        hot = np.asarray(strength > 1, np.uint8)
        hot = np.asarray(cv2.morphologyEx(hot, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)), np.uint8)
        theirs = painted(spared, hot.shape)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(hot, connectivity=8)
        boxes: list[tuple[int, int, int, int]] = []
        wholes: list[tuple[int, int]] = []
        for label in range(1, count):
            left, top, width, height, _ = (int(value) for value in stats[label])
            there = np.s_[top : top + height, left : left + width]
            part = labels[there] == label
            if strength[there][part].sum() < _SMALLEST or theirs[there][part].mean() >= _COVERED:
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
            self._known = Backdrop(empty, np.zeros(seen.shape, np.float32), self._doubt(seen.shape))
            self._trial, self._since_us = seen, np.full(seen.shape, at_us, np.int64)
        level, noise = self._known.level.copy(), self._known.noise.copy()
        covered = painted(hidden, seen.shape)
        level += _offset(seen, level)
        threshold = np.maximum(_least(seen), _NOISES * noise)
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
        self._known = Backdrop(level, noise, self._doubt(seen.shape))

    @staticmethod
    def _doubt(shape: tuple[int, ...]) -> Values:
        return np.full(shape, _SMALLEST, np.float32)


def _least(levels: Values) -> float:
    known = levels[~np.isnan(levels)]
    return float(np.clip(_LEAST * np.median(known) / _LIT, _LEAST_DARK, _LEAST)) if known.size else _LEAST


def _two_rests(seen: npt.NDArray[np.float32]) -> Values:
    """Cells (rows, columns) that looked one way for a while and another way for a while: by how many times what counts
    as a difference; 0 for others. NaN is not looked at."""
    jumps = np.abs(np.diff(seen, axis=0))
    jumps[np.isnan(jumps)] = 0.0
    margin = np.maximum(_least(seen), _NOISES * np.median(jumps, axis=0)).astype(np.float32)
    run, base = seen[0].copy(), np.full(seen.shape[1:], np.nan, np.float32)
    length, two = np.ones(run.shape, np.int32), np.zeros(run.shape, np.float32)
    for cells in seen[1:]:
        stays = np.abs(cells - run) <= margin
        run = np.where(stays, run + _FOLLOW * (cells - run), cells)
        length = np.where(stays, length + 1, 1)
        rests = length >= _REST
        apart = np.where(rests, np.nan_to_num(np.abs(run - base) / margin), 0.0)
        two = np.where(apart > 1, np.maximum(two, apart), two)
        base = np.where(rests & (apart <= 1), run, base)
    return two


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
