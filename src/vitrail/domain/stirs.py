"""How a part of a place moves, drawn as a picture, and what a network makes of that.

What stands still is black in it, and what moves shows how, never how it looks: it is made of flow alone, each as a
share of the fastest there. ``FlowPicture.of`` is the only maker, no picture can be put into it, and a test reads the
whole source for another one: so no embedding of anybody can be asked for (law.md, red line 3).
"""

__all__ = ["Flow", "FlowPicture", "Stir", "fast", "freed"]

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Flow = npt.NDArray[np.float32]
"""(rows, columns, 2), in body heights a second: across and down."""

_LEAST = 0.15
"""Body heights a second that are never drawn as if they were fast."""
_FAST = 98
_BRIGHT = 200.0
_STEP = 4
_ROUNDS = 4
_STILL_PX = 0.3
_FEW = 50
_SOLVABLE = np.diag(np.full(3, 1e-3)).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class FlowPicture:
    """``drawn`` (side, side, 3): how fast it is, how much that changed since the look before, how much goes on."""

    drawn: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, flow: Flow, before: Flow) -> "FlowPicture":
        """Of two looks that follow each other."""
        pace = fast(flow)
        most = float(np.percentile(pace[::2, ::2], _FAST)) + _LEAST
        shades = np.stack([pace, fast(flow - before), fast(flow + before) / 2], axis=2)
        shades *= np.float32(_BRIGHT / most)
        drawn = np.minimum(shades, 255, out=shades).astype(np.uint8)
        side = max(drawn.shape[:2])
        square = np.zeros((side, side, 3), np.uint8)
        square[: drawn.shape[0], : drawn.shape[1]] = drawn
        return cls(square)


@dataclass(frozen=True, slots=True, eq=False)
class Stir:
    """``roots`` (1280,): of what a network said to a few motions, their mean; roots, so that loud ones do not drown the
    rest. Kept for the two seconds that are judged together, in memory only."""

    roots: npt.NDArray[np.float32]


def fast(flow: Flow) -> npt.NDArray[np.float32]:
    """How fast, whatever the way."""
    square = flow * flow
    return np.asarray(np.sqrt(square[..., 0] + square[..., 1]), np.float32)


def freed(flow: Flow) -> Flow:
    """Without what the whole picture does: an affine motion fitted to the part that fits best. In pixels."""
    rows, columns = flow.shape[:2]
    at, moves = _places(rows, columns), flow[::_STEP, ::_STEP].reshape(-1, 2)
    some, their = at, moves
    fit = _affine(some, their)
    for _ in range(_ROUNDS - 1):
        away = fast(moves - at @ fit)
        still = away <= max(_STILL_PX, 1.5 * float(np.median(away)))
        if np.count_nonzero(still) < _FEW:
            break
        some, their = at[still], moves[still]
        fit = _affine(some, their)
    across, down = (np.arange(n, dtype=np.float32)[:, None] / np.float32(n) for n in (columns, rows))
    left = flow - (fit[0] + across * fit[1])
    left -= (down * fit[2])[:, None]
    return np.asarray(left, np.float32)


@lru_cache(maxsize=32)
def _places(rows: int, columns: int) -> Flow:
    """Those the affine motion is fitted to: 1, across, down, each 0..1."""
    down, across = np.mgrid[0:rows:_STEP, 0:columns:_STEP]
    return np.column_stack([np.ones(down.size), across.ravel() / columns, down.ravel() / rows]).astype(np.float32)


def _affine(at: Flow, moves: Flow) -> Flow:
    """Least squares by the normal equations: three unknowns, dozens of places at least, lest all lie in one line."""
    return np.asarray(np.linalg.solve(at.T @ at + _SOLVABLE, at.T @ moves), np.float32)
