"""Looking at a picture in overlapping pieces, so that small things are larger to the model."""

__all__ = ["WHOLE", "gathered", "tiles_of"]

from collections.abc import Sequence

import numpy as np

from vitrail.adapters.openvino.nanodet import once_each
from vitrail.domain.detections import Detections
from vitrail.domain.frames import Region

_OVERLAP = 0.2
"""Share of a tile that its neighbour sees too."""
_EDGE = 0.01
"""A box that ends this close to a tile's inner edge is cut in two; the neighbour or the whole picture has all of it."""


WHOLE = Region(0.0, 0.0, 1.0, 1.0)


def tiles_of(grid: tuple[int, int]) -> tuple[Region, ...]:
    """The whole picture, and (columns, rows) tiles when there is more than one."""
    columns, rows = grid
    if columns < 1 or rows < 1:
        raise ValueError(f"tiles must be at least (1, 1), not {grid}")
    if columns == rows == 1:
        return (WHOLE,)
    spans = [(left, top, right, bottom) for top, bottom in _spans(rows) for left, right in _spans(columns)]
    return (WHOLE, *(Region(*span) for span in spans))


def _spans(count: int) -> list[tuple[float, float]]:
    length = 1 / (count - (count - 1) * _OVERLAP)
    return [(i * length * (1 - _OVERLAP), min(1.0, i * length * (1 - _OVERLAP) + length)) for i in range(count)]


def gathered(tiles: Sequence[Region], seen: Sequence[Detections]) -> Detections:
    """What the tiles of one picture saw, in the picture's own coordinates, each thing once."""
    if len(tiles) == 1:
        return seen[0]
    parts = [_placed(tile, _uncut(tile, detections)) for tile, detections in zip(tiles, seen, strict=True)]
    scores = np.concatenate([part.scores for part in parts])
    best = np.argsort(-scores, kind="stable")
    boxes = np.concatenate([part.boxes for part in parts])[best]
    labels = np.concatenate([part.labels for part in parts])[best]
    return Detections(boxes, labels, scores[best]).where(once_each(boxes, labels))


def _uncut(tile: Region, detections: Detections) -> Detections:
    low, high = detections.boxes[:, :2] < _EDGE, detections.boxes[:, 2:] > 1 - _EDGE
    inner = np.array([tile.left > 0, tile.top > 0]), np.array([tile.right < 1, tile.bottom < 1])
    return detections.where(~((low & inner[0]).any(axis=1) | (high & inner[1]).any(axis=1)))


def _placed(tile: Region, detections: Detections) -> Detections:
    size = np.array([tile.right - tile.left, tile.bottom - tile.top] * 2, np.float32)
    corner = np.array([tile.left, tile.top] * 2, np.float32)
    boxes = np.clip(detections.boxes * size + corner, 0.0, 1.0).astype(np.float32)
    return Detections(boxes, detections.labels, detections.scores)
