"""Lines a few metres apart on a calibrated ground, as they are seen in the picture."""

__all__ = ["MetreGrid", "metre_grid"]

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.geometry import Point
from vitrail.domain.ground import Ground

_FARTHEST_M = 60.0
_STEPS_M = (1.0, 2.0, 5.0, 10.0)
_MOST_LINES = 60
_A_LINE = 64


@dataclass(frozen=True, slots=True)
class MetreGrid:
    """Lines every ``step_m`` metres, each a row of places of the picture."""

    step_m: float
    lines: tuple[tuple[Point, ...], ...]


def metre_grid(ground: Ground) -> MetreGrid:
    """Of what the camera sees of the ground up to 60 metres away; no line where it sees none of it."""
    outline = ground.footprint(_FARTHEST_M)
    if not len(outline):
        return MetreGrid(_STEPS_M[0], ())
    low, high = outline.min(axis=0), outline.max(axis=0)
    spans = (high - low).sum()
    step = next((step for step in _STEPS_M if spans / step <= _MOST_LINES), _STEPS_M[-1])
    return MetreGrid(step, tuple(_lines(ground, low, high, step)))


def _lines(
    ground: Ground, low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], step: float
) -> Iterator[tuple[Point, ...]]:
    for axis in (0, 1):
        along = np.linspace(low[1 - axis], high[1 - axis], _A_LINE)
        for at in np.arange(np.ceil(low[axis] / step) * step, high[axis], step):
            places = np.empty((_A_LINE, 2))
            places[:, axis], places[:, 1 - axis] = at, along
            yield from _seen(ground.picture(places))


def _seen(places: npt.NDArray[np.float64]) -> Iterator[tuple[Point, ...]]:
    """The parts that lie in the picture; one that leaves it goes on to its edge."""
    row: list[Point] = []
    for x, y in places:
        if np.isfinite(x) and np.isfinite(y) and -0.2 <= x <= 1.2 and -0.2 <= y <= 1.2:
            row.append((round(float(x), 4), round(float(y), 4)))
            continue
        if len(row) > 1:
            yield tuple(row)
        row = []
    if len(row) > 1:
        yield tuple(row)
