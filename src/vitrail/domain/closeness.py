"""People who are close to each other: where, and how tall people are there."""

__all__ = ["Heights", "pairs"]

from collections import deque

import numpy as np

from vitrail.domain.geometry import Boxes, iou_matrix

_CLOSE = 1.3
"""Two people are close when their middles are no farther apart than this many heights of the taller."""
_SAME = 0.8
"""Boxes that cover each other so far are of one."""
_KEPT = 40
_LEAST, _MOST, _UNKNOWN = 0.12, 0.9, 0.4


class Heights:
    """How tall people are in a place lately, as a share of the picture's height."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=_KEPT)

    def reset(self) -> None:
        self._seen.clear()

    def see(self, people: Boxes) -> None:
        if len(people):
            self._seen.append(float(np.median(people[:, 3] - people[:, 1])))

    @property
    def height(self) -> float:
        return float(np.clip(np.median(self._seen), _LEAST, _MOST)) if self._seen else _UNKNOWN


def pairs(people: Boxes, aspect: float) -> Boxes:
    """(n, 4): around each two who are close. ``aspect``: the picture's width by its height."""
    if len(people) < 2:
        return np.zeros((0, 4), np.float32)
    height = people[:, 3] - people[:, 1]
    middle = np.stack([(people[:, 0] + people[:, 2]) / 2 * aspect, (people[:, 1] + people[:, 3]) / 2], axis=1)
    apart = np.hypot(*np.moveaxis(middle[:, None] - middle[None, :], 2, 0)) / np.maximum(height[:, None], height)
    close = np.triu((apart <= _CLOSE) & (iou_matrix(people, people) < _SAME), 1)
    one, other = np.nonzero(close)
    low, high = np.minimum(people[one, :2], people[other, :2]), np.maximum(people[one, 2:], people[other, 2:])
    return np.concatenate([low, high], axis=1).astype(np.float32)
