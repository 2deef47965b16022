"""Logistic regression with a ridge, folds by source: small, exact, the same each time."""

__all__ = ["Model", "fit", "folds", "learnt", "packed"]

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from vitrail.analytics.brawling import PARTS, Brawling, Linear

RIDGE, SHAPE_RIDGE, SHARE, INNER = 10.0, 1.0, 0.3, 5
LEAST_STEEP = 1e-3
"""Of few sources nothing can be learnt that holds for others: then the score says hardly anything."""
LEAST_SCALE = 0.2
"""What hardly varies here may vary elsewhere: it must not weigh more for that."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    centre: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: float

    def level(self, rows: np.ndarray) -> np.ndarray:
        return (rows - self.centre) / self.scale @ self.weights + self.bias


def learnt(rows: np.ndarray, stirs: np.ndarray, truth: np.ndarray, sources: Sequence[str]) -> Brawling:
    """Both views, and what makes a likeness of their sum: from what they say to sources they were not learnt from."""
    raw = np.zeros(len(truth))
    for tested in folds(truth, sources, INNER, 0):
        if len(set(truth[~tested])) < 2:
            continue
        raw[tested] = _both(rows[~tested], stirs[~tested], truth[~tested])(rows[tested], stirs[tested])
    scale = fit(raw[:, None], truth, 1.0)
    steep = max(LEAST_STEEP, float(scale.weights[0] / scale.scale[0]))
    middle = float(scale.centre[0] - scale.bias / steep)
    return Brawling(_unrest(rows, truth), _shape(stirs, truth), SHARE, steep, middle)


def packed(found: Brawling) -> bytes:
    """As the product reads it."""
    kept: dict[str, np.ndarray] = {"sum": np.array([found.share, found.steep, found.middle])}
    for name in PARTS:
        part: Linear = getattr(found, name)
        for what in ("centre", "scale", "weights", "bias"):
            kept[f"{name}_{what}"] = np.asarray(getattr(part, what), np.float32)
    into = BytesIO()
    np.savez_compressed(into, **kept)
    return into.getvalue()


def _both(rows: np.ndarray, stirs: np.ndarray, truth: np.ndarray) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    unrest, shape = _unrest(rows, truth), _shape(stirs, truth)
    return lambda some, others: shape.level(others) + SHARE * unrest.level(some)


def _unrest(rows: np.ndarray, truth: np.ndarray) -> Linear:
    model = fit(rows, truth, RIDGE)
    return Linear(model.centre, model.scale, model.weights, model.bias)


def _shape(stirs: np.ndarray, truth: np.ndarray) -> Linear:
    """Least squares with a strong ridge, solved among the clips, which are fewer than the numbers of each."""
    centre, spread = stirs.mean(axis=0), stirs.std(axis=0)
    scale = np.maximum(spread, LEAST_SCALE * np.median(spread) + 1e-9)
    z = (stirs - centre) / scale
    worth = np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    alike = z @ z.T / z.shape[1]
    found = np.linalg.solve(alike + SHAPE_RIDGE * np.diag(1 / worth), np.where(truth, 1.0, -1.0))
    return Linear(centre, scale, z.T @ found / z.shape[1], 0.0)


def fit(rows: np.ndarray, truth: np.ndarray, ridge: float, rounds: int = 50) -> Model:
    """Newton's method; both classes weigh the same."""
    centre, scale = rows.mean(axis=0), np.maximum(rows.std(axis=0), LEAST_SCALE)
    x = np.column_stack([(rows - centre) / scale, np.ones(len(rows))])
    y = truth.astype(float)
    worth = np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    penalty = np.diag([ridge] * rows.shape[1] + [1e-9])
    w = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-x @ w))
        slope = x.T @ (worth * (p - y)) + penalty @ w
        bend = (x * (worth * p * (1 - p))[:, None]).T @ x + penalty
        step = np.linalg.solve(bend, slope)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return Model(centre, scale, w[:-1], float(w[-1]))


def folds(truth: np.ndarray, sources: Sequence[str], count: int, seed: int) -> Iterator[np.ndarray]:
    """Which rows are tested, fold by fold: no source on both sides, folds about equally large and mixed."""
    rng = np.random.default_rng(seed)
    names = np.array(sources)
    unique = sorted(sorted(set(sources)), key=lambda s: (-int((names == s).sum()), rng.random()))
    sizes = np.zeros((count, 2))
    into: dict[str, int] = {}
    for name in unique:
        rows = truth[names == name]
        adds = np.array([rows.sum(), (~rows).sum()])
        costs = [
            float(((sizes[k] + adds) ** 2).sum() - (sizes[k] ** 2).sum()) + rng.random() * 1e-3 for k in range(count)
        ]
        into[name] = int(np.argmin(costs))
        sizes[into[name]] += adds
    for k in range(count):
        yield np.array([into[name] == k for name in sources])
