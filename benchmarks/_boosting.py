"""Small heads, learnt with numpy and scipy alone: logistic regression and boosted trees of depth three."""

__all__ = ["boosted", "logistic"]

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from vitrail.analytics.burning import Forest, Linear

Rows = npt.NDArray[np.float32]
_BINS = 32


def logistic(rows: Rows, truth: npt.NDArray[np.bool_], weights: Rows, strength: float) -> Linear:
    """``strength``: the inverse of the penalty, for rows scaled to spread 1; both classes count alike."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    x = ((rows - mean) / spread).astype(np.float64)
    weights = _balanced(weights, truth) * len(rows)
    sign = np.where(truth, 1.0, -1.0)

    def loss(w: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margin = sign * (x @ w[:-1] + w[-1])
        pull = -sign * weights / (1 + np.exp(np.clip(margin, -500, 500)))
        value = float((weights * np.logaddexp(0, -margin)).sum() + (w[:-1] ** 2).sum() / (2 * strength))
        return value, np.append(x.T @ pull + w[:-1] / strength, pull.sum())

    best = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
    return Linear(mean.astype(np.float32), spread.astype(np.float32), best[:-1].astype(np.float32), float(best[-1]))


def boosted(rows: Rows, truth: npt.NDArray[np.bool_], weights: Rows, trees: int = 60, rate: float = 0.1) -> Forest:
    """Gradient boosting on the logistic loss (Friedman 2001) over 32 bins a feature, both classes alike."""
    edges = np.quantile(rows, np.linspace(0, 1, _BINS + 1)[1:-1], axis=0).astype(np.float32)
    bins = np.stack([np.searchsorted(edges[:, f], rows[:, f], side="left") for f in range(rows.shape[1])], axis=1)
    bins = bins.astype(np.int64)
    weights = _balanced(weights, truth) * len(rows)
    score = np.zeros(len(rows))
    features, thresholds, leaves = [], [], []
    for _ in range(trees):
        chance = 1 / (1 + np.exp(-score))
        pull, push = weights * (truth - chance), weights * chance * (1 - chance)
        feature, cut, leaf, at = _tree(bins, pull, push)
        score += rate * leaf[at]
        features.append(feature)
        thresholds.append([edges[c, f] if c < _BINS - 1 else np.inf for f, c in zip(feature, cut, strict=True)])
        leaves.append(rate * leaf)
    return Forest(
        np.array(features, np.int16), np.array(thresholds, np.float32), np.array(leaves, np.float32), 0.0
    )  # fmt: skip


def _tree(bins: npt.NDArray[np.int64], pull: Rows, push: Rows) -> tuple[list[int], list[int], Rows, npt.NDArray]:
    node = np.zeros(len(bins), np.int64)
    feature, cut = [0] * 7, [_BINS - 1] * 7
    for level in range(3):
        for index in range(2**level - 1, 2 ** (level + 1) - 1):
            mine = np.flatnonzero(node == index)
            feature[index], cut[index] = _split(bins[mine], pull[mine], push[mine])
        node = 2 * node + 1 + (bins[np.arange(len(bins)), np.array(feature)[node]] > np.array(cut)[node])
    at = node - 7
    top = np.bincount(at, pull, minlength=8)
    return feature, cut, (top / (np.bincount(at, push, minlength=8) + 10.0)), at


def _split(bins: npt.NDArray[np.int64], pull: Rows, push: Rows) -> tuple[int, int]:
    best = (0.0, 0, _BINS - 1)
    if len(bins) < 80:
        return best[1], best[2]
    for f in range(bins.shape[1]):
        g = np.cumsum(np.bincount(bins[:, f], pull, minlength=_BINS))
        h = np.cumsum(np.bincount(bins[:, f], push, minlength=_BINS))
        count = np.cumsum(np.bincount(bins[:, f], minlength=_BINS))
        gain = g**2 / (h + 10.0) + (g[-1] - g) ** 2 / (h[-1] - h + 10.0) - g[-1] ** 2 / (h[-1] + 10.0)
        gain[(count < 40) | (count[-1] - count < 40)] = 0.0
        at = int(gain[:-1].argmax())
        if gain[at] > best[0]:
            best = (float(gain[at]), f, at)
    return best[1], best[2]


def _balanced(weights: Rows, truth: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    made = weights.astype(np.float64)
    for kind in (True, False):
        made[truth == kind] /= 2 * max(made[truth == kind].sum(), 1e-9)
    return made
