"""Pictures in which everything that may be a person was painted over: the only kind an embedder takes (law.md L21).

``Cleared.of`` is the only maker, and a test reads the whole source for another one. What shows little else than a
person cannot be cleared at all: there is no picture left, and so no embedding of anybody.
"""

__all__ = ["WHOLE", "Cleared"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture, Region
from vitrail.domain.geometry import Boxes, grow

WHOLE = Region(0.0, 0.0, 1.0, 1.0)
_MARGIN = 0.1
"""Boxes of people grow by this share of their size on each side: hair, hands and bags beyond them go too."""
_LEAST_LEFT = 0.4
"""Where people and their margins take more of a part than the rest of this, it is of them and not of a thing."""
_SHORTEST_PX = 12


@dataclass(frozen=True, slots=True, eq=False)
class Cleared:
    """A copy of a part of a picture, people painted over in the mean colour of the rest. ``left``: the share of it that
    was not painted over."""

    picture: Picture
    left: float

    @classmethod
    def of(
        cls, picture: Picture, people: Boxes, region: Region = WHOLE, least: float = _LEAST_LEFT
    ) -> "Cleared | None":
        """``people``: (n, 4) boxes in the whole picture, of everything that may be a person, however unsure. None when
        less than ``least`` of the region is left, or it is too small to show anything."""
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
        return cls(Picture(y, u, v, part.full_range), left)


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
