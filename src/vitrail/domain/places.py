"""What a place is known to look like, and what has changed there: values that the scene memory hands to analytics.

No person is in them: places covered by somebody are left as they were known before.
"""

__all__ = ["AreaView", "Box", "Cells", "Change", "PlaceView", "Values"]

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Box = tuple[float, float, float, float]
Cells = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A part of an area that looks other than it is known to look, and keeps doing so.

    ``id`` is unique within its area. ``box`` in the picture's coordinates, 0..1. ``mask`` (rows, columns): which cells
    of the area, beginning at cell (``top``, ``left``). It came between ``before_us``, when the place was last seen as
    it was known, and ``since_us``; ``clear_us`` is when it was last seen uncovered. ``score``: median difference in
    thresholds, above 1. ``shade`` 0..1: how much it looks like other light on the same things. ``edge`` 0..1: share of
    its outline that is in the present look rather than in the known one: high for a thing that came, low for one that
    went. ``darker``: ratio of the present luma to the known one. ``known_s``: for so many seconds the
    known look had been seen to be right."""

    id: int
    box: Box
    top: int
    left: int
    mask: Cells
    before_us: int
    since_us: int
    clear_us: int
    score: float
    shade: float
    edge: float
    darker: float
    known_s: float

    @property
    def cells(self) -> int:
        return int(self.mask.sum())

    @property
    def centre(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2


@dataclass(frozen=True, slots=True, eq=False)
class AreaView:
    """One area of the picture (all of it, or a declared surface or asset) as it is remembered at ``at_us``.

    Arrays are (rows, columns) of cells over ``box``; ``known`` and ``now`` (rows, columns, 3) are luma, blue and red
    difference, 0..255, both in the same light, so that they can be compared: ``known`` is what the place looked like
    before the changes, ``now`` what stands there, each without people. ``gain``: how bright the present light is
    against that one. ``learnt``: where anything is known at all. ``differs``: difference of now and known in thresholds
    of noise, above 1 is a change. ``clear_us`` per cell: when it was last seen uncovered. ``upset_us``: when the
    whole view last changed at once (another lamp, a turned camera); everything was learnt anew then."""

    box: Box
    at_us: int
    known: Values
    now: Values
    gain: Values
    learnt: Cells
    covered: Cells
    differs: Values
    clear_us: npt.NDArray[np.int64]
    since_us: npt.NDArray[np.int64]
    changes: tuple[Change, ...]
    upset_us: int

    @property
    def changed(self) -> float:
        """Share of the area that changed, 0..1."""
        return float((self.differs > 1.0).mean())


@dataclass(frozen=True, slots=True, eq=False)
class PlaceView:
    """What the scene memory knows at ``at_us``: the ``whole`` picture, coarsely, and declared surfaces and assets
    finely, each by its id."""

    at_us: int
    whole: AreaView
    surfaces: Mapping[str, AreaView]
    assets: Mapping[str, AreaView]
