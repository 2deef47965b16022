"""Logistic regression with a ridge, folds by source: small, exact, the same each time."""

__all__ = ["Model", "fit", "folds"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

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
    unique = sorted(set(sources), key=lambda s: (-int((names == s).sum()), rng.random()))
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
