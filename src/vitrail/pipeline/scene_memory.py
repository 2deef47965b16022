"""The scene memory of one stream: what the place is known to look like, and what has changed in it.

One shared piece behind left and removed things, graffiti, furniture, masking and "what changed here?". It looks at most
every ``every_s`` seconds, at frames that were decoded anyhow (a quiet stream's key frames), and sees the whole picture
in cells of about a 320th of its width, and declared surfaces and assets in cells as fine as the picture allows, up to
224 across. People and vehicles are left out: where one stands, what was known before stays. Nothing of it is written
down: it ends with the stream.
"""

__all__ = ["SceneMemory", "covered_by", "reduced_part"]

from collections.abc import Mapping

import cv2
import numpy as np

from vitrail.domain.frames import Picture, Region
from vitrail.domain.geometry import Boxes, Polygon, grow
from vitrail.domain.places import AreaView, Box, Cells, PlaceView, Values
from vitrail.domain.time import seconds
from vitrail.pipeline.area_memory import AreaMemory

_WIDE = 320
_FINE = 224
"""Cells across the longer side of a declared area."""
_AROUND = 0.15
"""Share of its size by which what covers the place is taken for larger: feet, shadows, a detector's slack."""
_MARGIN = 0.1
"""An area is remembered with so much around it, as a share of its size: furniture topples out of its outline."""


class SceneMemory:
    """``surfaces`` and ``assets``: what is declared on the camera's picture, by id."""

    def __init__(
        self,
        surfaces: Mapping[str, Polygon] | None = None,
        assets: Mapping[str, Polygon] | None = None,
        every_s: float = 1.0,
    ) -> None:
        self._every_us = seconds(every_s)
        self._whole = AreaMemory((0.0, 0.0, 1.0, 1.0))
        self._surfaces = {name: AreaMemory(_around(polygon)) for name, polygon in (surfaces or {}).items()}
        self._assets = {name: AreaMemory(_around(polygon)) for name, polygon in (assets or {}).items()}
        self._view: PlaceView | None = None

    def reset(self) -> None:
        self._view = None
        for memory in (self._whole, *self._surfaces.values(), *self._assets.values()):
            memory.reset()

    def update(self, picture: Picture, covering: Boxes, wall_us: int) -> PlaceView:
        """``covering`` (n, 4): everything that may be a person, and vehicles. Between looks the last view stands."""
        if self._view is not None and 0 <= wall_us - self._view.at_us < self._every_us:
            return self._view
        self._view = PlaceView(
            wall_us,
            _seen(self._whole, picture, covering, wall_us, _WIDE),
            {name: _seen(memory, picture, covering, wall_us, _FINE) for name, memory in self._surfaces.items()},
            {name: _seen(memory, picture, covering, wall_us, _FINE) for name, memory in self._assets.items()},
        )
        return self._view


def reduced_part(picture: Picture, box: Box, most: int) -> Values:
    """(rows, columns, 3): luma and chroma of a part of the picture, at most so many cells across, each the mean of what
    it covers."""
    part = picture.part(Region(*box))
    return _reduced(part, _cells(part.width, part.height, most))


def covered_by(boxes: Boxes, area: Box, size: tuple[int, int]) -> Cells:
    """Which of (columns, rows) cells of the area lie behind ``boxes`` of people and vehicles, with some slack."""
    return _covered(grow(boxes, _AROUND), area, size)


def _seen(memory: AreaMemory, picture: Picture, covering: Boxes, wall_us: int, most: int) -> AreaView:
    cells = reduced_part(picture, memory.box, most)
    return memory.look(cells, covered_by(covering, memory.box, (cells.shape[1], cells.shape[0])), wall_us)


def _around(polygon: Polygon) -> Box:
    xs, ys = [x for x, _ in polygon.corners], [y for _, y in polygon.corners]
    dx, dy = (max(xs) - min(xs)) * _MARGIN, (max(ys) - min(ys)) * _MARGIN
    return max(0.0, min(xs) - dx), max(0.0, min(ys) - dy), min(1.0, max(xs) + dx), min(1.0, max(ys) + dy)


def _cells(width: int, height: int, most: int) -> tuple[int, int]:
    """(columns, rows), none smaller than a pixel."""
    share = min(1.0, most / max(width, height))
    return max(2, round(width * share)), max(2, round(height * share))


def _reduced(picture: Picture, size: tuple[int, int]) -> Values:
    """(rows, columns, 3): luma and chroma, each cell the mean of what it covers."""
    look = np.empty((size[1], size[0], 3), np.float32)
    for channel, plane in enumerate((picture.y, picture.u, picture.v)):
        shrinks = plane.shape[1] > size[0]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        look[..., channel] = cv2.resize(np.ascontiguousarray(plane), size, interpolation=way)
    return look


def _covered(boxes: Boxes, area: Box, size: tuple[int, int]) -> Cells:
    """Which cells of the area a box touches."""
    columns, rows = size
    covered = np.zeros((rows, columns), np.bool_)
    x0, y0, x1, y1 = area
    scale = np.array([columns / max(x1 - x0, 1e-6), rows / max(y1 - y0, 1e-6)] * 2)
    for left, top, right, bottom in (boxes - np.array([x0, y0, x0, y0])) * scale:
        covered[max(0, int(top)) : max(0, int(np.ceil(bottom))), max(0, int(left)) : max(0, int(np.ceil(right)))] = True
    return covered
