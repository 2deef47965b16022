"""How much two seconds of motion are like a fight: a small trained head, pure arithmetic.

It adds up two views of the same motion: how jerky it is (seventeen measures of flow, each at two quantiles), and what
a network makes of its shape (the mean root of what it says to pictures of flow). The weights are small and lie beside
this file; docs/fight.md says what they were learnt from.
"""

__all__ = ["PARTS", "Brawling", "Linear", "shipped", "unpacked", "window"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
_LOW, _HIGH = 20, 80
"""Quantiles of each measure over the window: what goes on all the time, and how far it rises."""
_JERKY = 1.1
"""Log odds of jerkiness alone, from which the shape of motion is believed: of people who pass far away the shape says
much by chance."""
PARTS = ("unrest", "shape")
_WHATS = ("centre", "scale", "weights", "bias")


def window(looks: npt.ArrayLike) -> Numbers:
    """(n, 17) measures of one window -> 34 numbers."""
    return np.asarray(np.log(np.percentile(np.asarray(looks), (_LOW, _HIGH), axis=0) + 0.01).ravel(), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """``(x - centre) / scale @ weights + bias``."""

    centre: Numbers
    scale: Numbers
    weights: Numbers
    bias: float

    def level(self, rows: npt.ArrayLike) -> Numbers:
        return np.asarray((np.asarray(rows) - self.centre) / self.scale @ self.weights + self.bias, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Brawling:
    """``unrest`` weighs ``share`` beside ``shape``; ``steep`` and ``middle`` make a likeness 0..1 of both."""

    unrest: Linear
    shape: Linear
    share: float
    steep: float
    middle: float

    def level(self, looks: npt.ArrayLike, stirs: npt.ArrayLike) -> Numbers:
        """Of rows of 34 numbers (``window``) and rows of 1280, mean roots."""
        raw = self.shape.level(stirs) + self.share * self.unrest.level(looks)
        return np.asarray(self.steep * (raw - self.middle), np.float64)

    def score(self, looks: Sequence[npt.ArrayLike], stirs: Sequence[npt.ArrayLike]) -> float:
        """Of the measures and the roots of one window."""
        return float(self.likeness(window(np.array(looks)), np.mean(np.array(stirs), axis=0)))

    def likeness(self, looks: npt.ArrayLike, stirs: npt.ArrayLike) -> Numbers:
        """0..1, of rows as ``level`` takes them; at most a half where the motion is not jerky by itself."""
        likeness = 1.0 / (1.0 + np.exp(-self.level(looks, stirs)))
        return np.where(self.unrest.level(looks) >= _JERKY, likeness, np.minimum(likeness, 0.5))


@cache
def shipped() -> Brawling:
    return unpacked((files("vitrail.analytics") / "brawling.npz").read_bytes())


def unpacked(data: bytes) -> Brawling:
    with np.load(BytesIO(data), allow_pickle=False) as kept:
        unrest, shape = (_part({what: kept[f"{name}_{what}"] for what in _WHATS}) for name in PARTS)
        share, steep, middle = (float(value) for value in kept["sum"])
    return Brawling(unrest, shape, share, steep, middle)


def _part(kept: Mapping[str, npt.NDArray[np.generic]]) -> Linear:
    centre, scale, weights = (np.asarray(kept[what], np.float64) for what in _WHATS[:3])
    return Linear(centre, scale, weights, float(np.asarray(kept["bias"], np.float64)))
