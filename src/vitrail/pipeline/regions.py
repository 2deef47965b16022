"""Where to look: while something moves in a part of the picture, that part is looked at, larger; the rest is as it was.

Now and then the whole picture is looked at all the same: what stands still must be found too, and what a look at a part
missed must not be missing for long.
"""

__all__ = ["Regions"]

from bisect import bisect_left

import numpy as np

from vitrail.domain.detections import Detections
from vitrail.domain.frames import Region
from vitrail.domain.geometry import Boxes, iou_matrix
from vitrail.domain.time import seconds

_WIDTHS = (0.25, 0.375, 0.5, 0.625, 0.75)
_HEIGHTS = (0.375, 0.5, 0.625, 0.75)
"""Sizes a region may have: few, because a model prepares itself for each shape of picture once."""
_AROUND = 0.8
"""Share of its size by which what moves is surrounded: a car that fills the region is not known for one."""
_LEAST = 0.02
_MOST = 0.5
"""A region that takes more of the picture than this saves nothing."""
_MAGNIFIED = 1.25
"""How much larger things in a region are shown than in the whole picture."""
_CUT = 0.01
_SAME_IOU = 0.4


class Regions:
    """One stream. ``whole_s``: the whole picture is looked at at least that often."""

    def __init__(self, whole_s: float = 1.0) -> None:
        self._whole_us = seconds(whole_s)
        self.reset()

    def reset(self) -> None:
        self._whole_at_us: int | None = None

    def choose(self, moved: Boxes, followed: Boxes, wall_us: int) -> Region | None:
        """The part to look at, or None for the whole picture. ``moved``: what moved since the last look, ``followed``:
        what is followed, both (n, 4)."""
        whole = self._whole_at_us is None or not 0 <= wall_us - self._whole_at_us < self._whole_us
        region = None if whole else _around(np.concatenate([moved, followed]))
        if region is None:
            self._whole_at_us = wall_us
        return region

    @staticmethod
    def share(region: Region | None) -> float:
        """How much of a whole picture's pixels the look is worth, 0..1."""
        return 1.0 if region is None else min(1.0, region.area * _MAGNIFIED**2)

    @staticmethod
    def merged(region: Region, found: Detections, before: Detections) -> Detections:
        """What is in the picture now: ``found`` in the region (in its own coordinates), and what was seen ``before``
        wherever the region does not reach."""
        fresh = _placed(region, found.where(~_cut(region, found.boxes)))
        kept = before.where(~_inside(region, before.boxes))
        if len(fresh) and len(kept):
            same = (iou_matrix(kept.boxes, fresh.boxes) > _SAME_IOU) & (kept.labels[:, None] == fresh.labels[None, :])
            kept = kept.where(~same.any(axis=1))
        return Detections(
            np.concatenate([fresh.boxes, kept.boxes]),
            np.concatenate([fresh.labels, kept.labels]),
            np.concatenate([fresh.scores, kept.scores]),
        )


def _around(boxes: Boxes) -> Region | None:
    """A region of one of the sizes around all boxes; None when there is none, or when it would be too large."""
    if not len(boxes):
        return None
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    margin = np.maximum((boxes[:, 2:] - boxes[:, :2]).max(axis=0) * _AROUND, _LEAST)
    low, high = np.clip(low - margin, 0.0, 1.0), np.clip(high + margin, 0.0, 1.0)
    sides = []
    for length, sizes in zip(high - low, (_WIDTHS, _HEIGHTS), strict=True):
        place = bisect_left(sizes, float(length))
        sides.append(sizes[place] if place < len(sizes) else 1.0)
    if sides[0] * sides[1] > _MOST:
        return None
    middle = (low + high) / 2
    left, top = (float(np.clip(m - side / 2, 0.0, 1.0 - side)) for m, side in zip(middle, sides, strict=True))
    return Region(left, top, left + sides[0], top + sides[1])


def _cut(region: Region, boxes: Boxes) -> np.ndarray:
    """Boxes (in the region's coordinates) that its inner edges cut."""
    low = (boxes[:, :2] < _CUT) & np.array([region.left > 0, region.top > 0])
    high = (boxes[:, 2:] > 1 - _CUT) & np.array([region.right < 1, region.bottom < 1])
    return np.asarray((low | high).any(axis=1))


def _inside(region: Region, boxes: Boxes) -> np.ndarray:
    """Boxes (in the picture's coordinates) that lie in the region wholly, as far as the picture reaches."""
    slack = _CUT
    low = boxes[:, :2] >= np.array([region.left, region.top]) - np.where(
        [region.left > 0, region.top > 0], -slack, slack
    )
    ends = np.array([region.right, region.bottom])
    high = boxes[:, 2:] <= ends + np.where(ends < 1, -slack, slack)
    return np.asarray((low & high).all(axis=1))


def _placed(region: Region, found: Detections) -> Detections:
    size = np.array([region.right - region.left, region.bottom - region.top] * 2, np.float32)
    corner = np.array([region.left, region.top] * 2, np.float32)
    boxes = np.clip(found.boxes * size + corner, 0.0, 1.0).astype(np.float32)
    return Detections(boxes, found.labels, found.scores)
