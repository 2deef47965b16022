"""Pictures in which everything that may be a person was painted over: the only kind an embedder takes (law.md L21).

``Cleared.of`` is the only maker, and a test reads the whole source for another one. What shows little else than a
person cannot be cleared at all: there is no picture left, and so no embedding of anybody.
"""

__all__ = ["WHOLE", "Cleared"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.detections import LABELS, THINGS, Detections, Label
from vitrail.domain.frames import Picture, Region
from vitrail.domain.geometry import Boxes, grow

WHOLE = Region(0.0, 0.0, 1.0, 1.0)
_MARGIN = 0.1
"""Boxes of people grow by this share of their size on each side: hair, hands and bags beyond them go too."""
_LEAST_LEFT = 0.4
"""Where people and their margins take more of a part than the rest of this, it is of them and not of a thing."""
_SHORTEST_PX = 12
_BESIDE = 0.5
_QUARTER = 0.6
_QUARTERS = tuple(Region(x, y, x + _QUARTER, y + _QUARTER) for x in (0.0, 1 - _QUARTER) for y in (0.0, 1 - _QUARTER))


@dataclass(frozen=True, slots=True, eq=False)
class Cleared:
    """A copy of a part of a picture, people painted over in the mean colour of the rest. ``left``: the share of it that
    was not painted over. ``things``: what a detector saw in it, by the name of its class, and how surely; never people,
    nor what somebody carries."""

    picture: Picture
    left: float
    things: tuple[tuple[str, float], ...] = ()
    clear: tuple[Region, ...] = ()
    """Of a place: those of its four overlapping parts that show more than who was painted over. Of a thing, none: it is
    compared as it is, sharp or blurred."""

    @classmethod
    def of(
        cls,
        picture: Picture,
        people: Boxes,
        region: Region = WHOLE,
        least: float = _LEAST_LEFT,
        found: Detections | None = None,
    ) -> "Cleared | None":
        """``people``: (n, 4) boxes in the whole picture, of everything that may be a person, however unsure; ``found``:
        when it is of a place, what else was seen there. None when less than ``least`` of the region is left, or it is
        too small to show anything."""
        part = picture.part(region)
        if min(part.width, part.height) < _SHORTEST_PX:
            return None
        kept = _kept(part, _inside(people, region))
        left = float(kept.mean())
        if left < max(least, 1e-6):
            return None
        y, u, v = part.y.copy(), part.u.copy(), part.v.copy()
        if left < 1.0:
            thin = kept[::2, ::2]
            y[~kept] = round(float(y[kept].mean()))
            for plane in (u, v):
                plane[~thin] = round(float(plane[thin].mean())) if thin.any() else 128
        whole = Picture(y, u, v, part.full_range)
        if found is None:
            return cls(whole, left)
        clear = tuple(one for one in _QUARTERS if float(_cut(kept, one).mean()) >= _LEAST_LEFT)
        return cls(whole, left, _things(found, people, region), clear)

    def quarters(self) -> "tuple[Cleared, ...]":
        """The same, and parts of it, in which small things are larger."""
        return (self, *(Cleared(self.picture.part(corner), self.left) for corner in self.clear))


def _things(found: Detections, people: Boxes, region: Region) -> tuple[tuple[str, float], ...]:
    """The surest of each class whose middle is in the region; a bag only while nobody is beside it."""
    surest: dict[str, float] = {}
    beside = grow(found.boxes, _BESIDE)
    for box, around, label, score in zip(found.boxes, beside, found.labels, found.scores, strict=True):
        x, y = float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2
        inside = region.left <= x <= region.right and region.top <= y <= region.bottom
        near = people[:, :2] < around[2:], people[:, 2:] > around[:2]
        carried = label in THINGS and len(people) and bool((near[0] & near[1]).all(axis=1).any())
        if label != Label.PERSON and inside and not carried:
            name = LABELS[label]
            surest[name] = max(surest.get(name, 0.0), float(score))
    return tuple(sorted(surest.items()))


def _cut(kept: npt.NDArray[np.bool_], region: Region) -> npt.NDArray[np.bool_]:
    height, width = kept.shape
    rows = slice(int(region.top * height), max(1, int(region.bottom * height)))
    return kept[rows, int(region.left * width) : max(1, int(region.right * width))]


def _inside(people: Boxes, region: Region) -> Boxes:
    """Grown boxes in coordinates of the region."""
    if not len(people):
        return np.zeros((0, 4), np.float32)
    origin = np.array([region.left, region.top] * 2, np.float32)
    size = np.array([region.right - region.left, region.bottom - region.top] * 2, np.float32)
    return np.asarray(np.clip((grow(people, _MARGIN) - origin) / size, 0.0, 1.0), np.float32)


def _kept(part: Picture, people: Boxes) -> npt.NDArray[np.bool_]:
    """Which pixels are nobody's. Boxes are widened by a pixel of the coarser chroma planes, which go with them."""
    kept = np.ones((part.height, part.width), bool)
    for x0, y0, x1, y1 in people * np.array([part.width, part.height] * 2, np.float32):
        if x1 > x0 and y1 > y0:
            left, right, top, bottom = (int(side) // 2 for side in (x0, np.ceil(x1) + 1, y0, np.ceil(y1) + 1))
            kept[2 * max(top - 1, 0) : 2 * (bottom + 1), 2 * max(left - 1, 0) : 2 * (right + 1)] = False
    return kept
