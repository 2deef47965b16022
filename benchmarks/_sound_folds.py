"""The heads learned anew on the clips themselves, by folds of sources: what the method could do with more to
learn from. Nothing of it is shipped: most of these clips have no licence that allows it."""

__all__ = ["folds"]

from zlib import crc32

import numpy as np

from _sound import Clip, Looks

_FOLDS = 5
_ROUNDS, _RATE, _DECAY = 300, 0.03, 3e-2


def folds(clips: list[Clip], looks: list[Looks]) -> dict[str, object]:
    """``grouped``: nobody's recordings (no weapon's) are in both halves. ``across``: shots learned from one source and
    looked for among the other's, the negatives split by who recorded them."""
    labels = np.array([clip.label for clip in clips])
    sources = np.array([clip.source for clip in clips])
    group = np.array([crc32(clip.group.encode()) % _FOLDS for clip in clips])
    inputs = [each.inputs[: 2 + len(each.inputs) // 2] for each in looks]
    found: dict[str, object] = {}
    for kind in ("gunshot", "scream"):
        right = labels == kind
        if right.sum() < 5 or (~right).sum() < 5:
            found[kind] = "fewer than five clips"
            continue
        scores = np.full(len(clips), np.nan)
        for fold in range(_FOLDS):
            learn, test = group != fold, group == fold
            if right[learn].any() and test.any():
                scores[test] = _scores(inputs, right, learn, test)
        done = ~np.isnan(scores)
        across = {}
        for source in sorted(set(sources[right])):
            here = right & (sources == source)
            if here.sum() >= 3 and (right & ~here).any():
                half = group % 2 == 0
                test = (right & ~here) | (~right & half)
                learn = here | (~right & ~half)
                across[f"learned from {source}"] = _auc(right[test], _scores(inputs, right, learn, test))
        found[kind] = {"grouped_auc": _auc(right[done], scores[done]), "across_auc": across}
    return found


def _scores(inputs: list[np.ndarray], right: np.ndarray, learn: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Logistic regression on every look of a clip; a clip's score is its best look's."""
    rows = [(look, right[i]) for i in np.flatnonzero(learn) for look in inputs[i]]
    x, y = np.array([r for r, _ in rows]), np.array([float(w) for _, w in rows])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    x = np.clip((x - mean) / scale, -6, 6)
    weight = np.where(y > 0, 0.5 / max(y.sum(), 1), 0.5 / max((1 - y).sum(), 1))
    held, bias = np.zeros(x.shape[1]), 0.0
    for _ in range(_ROUNDS):
        wrong = (1 / (1 + np.exp(-np.clip(x @ held + bias, -30, 30))) - y) * weight
        held -= _RATE * (x.T @ wrong + _DECAY * held)
        bias -= _RATE * float(wrong.sum())
    return np.array(
        [
            float((np.clip((inputs[i] - mean) / scale, -6, 6) @ held + bias).max()) if len(inputs[i]) else -30.0
            for i in np.flatnonzero(test)
        ]
    )


def _auc(right: np.ndarray, scores: np.ndarray) -> float | None:
    yes, no = scores[right], scores[~right]
    if not len(yes) or not len(no):
        return None
    return round(float(((yes[:, None] > no) + 0.5 * (yes[:, None] == no)).mean()), 3)
