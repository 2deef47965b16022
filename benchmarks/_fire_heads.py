"""Learning the heads for fire and smoke, where their scores begin, and writing them."""

__all__ = ["DECLARED", "can_learn", "learn", "packed", "raw_of", "said", "with_zeros"]

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from _boosting import boosted, logistic
from _fire_pictures import Seen
from vitrail.analytics.burning import Forest, Heads, Linear

DECLARED = 0.1
"""The false rate that the zeros are set for."""
_SEEDS = (3, 4, 5, 6)
"""Each head is the mean of as many, learnt from other parts of the pictures: one alone moved figures by 0.02."""
_ROWS, _TREES, _RATE = 8000, 30, 0.2
_WHOLE, _GRID = 1.0, 1e-3
"""Penalties of weights, per mean loss of one picture, of the whole and of cells."""
_DRAWN = 0.3
_FOLDS = 3
_FEW = 5
Rows = npt.NDArray[np.float32]
Truth = npt.NDArray[np.bool_]


def learn(seen: Sequence[Seen]) -> Heads:
    """Scales are of those in which nothing burns and no fire was near; zeros are not set."""
    forests, smoke, plume = [], [], []
    for seed in _SEEDS:
        rng = np.random.default_rng(seed)
        rows, truth = _rows([(one.features, one.flame) for one in seen], rng)
        forests.append(boosted(rows, truth, np.ones(len(rows), np.float32), _TREES, _RATE))
        for heads, pairs in (
            (smoke, [(one.cells, one.smoky) for one in seen]),
            (plume, [(one.parts, one.hazy) for one in seen]),
        ):
            rows, truth = _rows(pairs, rng)
            heads.append(logistic(rows, truth, np.ones(len(rows), np.float32), 1 / (2 * _GRID * len(rows))))
    burns = np.array([one.burns for one in seen])
    whole = np.stack([one.embedding for one in seen])
    either = logistic(whole, burns, _weights(seen, burns), 1 / (2 * _WHOLE * len(seen)))
    plain = np.tile(np.float32([0, 1]), (5, 1))
    heads = Heads(_one_forest(forests), _one(smoke), _one(plume), either, plain, np.zeros(3, np.float32))
    usual = [one for one in seen if one.kind == "calm"] or [one for one in seen if not one.burns] or list(seen)
    raw = np.stack([raw_of(heads, one) for one in usual])
    scales = np.stack([np.median(raw, axis=0), raw.std(axis=0) + 1e-6], axis=1).astype(np.float32)
    return replace(heads, scales=scales)


def with_zeros(heads: Heads, seen: Sequence[Seen]) -> Heads:
    """Each zero is where the declared share of pictures without it is exceeded at the worst source, by heads that had
    learnt neither from that video nor from those calm pictures. In-sample scores would promise too much."""
    videos = sorted({one.video for one in seen if one.kind == "frame"})
    folds = max(1, min(_FOLDS, len(videos)))
    worst = np.full(3, -np.inf, np.float32)
    for fold in range(folds):
        mine = {video for number, video in enumerate(videos) if number % folds == fold}
        held = [one.video in mine if one.kind != "calm" else n % folds == fold for n, one in enumerate(seen)]
        left = [one for one, out in zip(seen, held, strict=True) if not out]
        judged = [one for one, out in zip(seen, held, strict=True) if out and one.plain and one.kind != "composite"]
        if can_learn(left, videos=1) and judged:
            worst = np.maximum(worst, _worst(judged, said(learn(left), judged)))
    known = np.isfinite(worst)
    inside = np.quantile(said(heads, seen), 1 - DECLARED, axis=0)
    return replace(heads, zeros=np.where(known, worst, inside).astype(np.float32))


def can_learn(seen: Sequence[Seen], videos: int = 2) -> bool:
    """Each kind is needed, of so many videos, and what is none of them."""
    kinds = [{one.video for one in seen if one.fire}, {one.video for one in seen if one.smoke}]
    return min(len(kind) for kind in kinds) >= videos and any(not one.burns for one in seen)


def raw_of(heads: Heads, one: Seen) -> Rows:
    features, cells, parts = (half.astype(np.float32) for half in (one.features, one.cells, one.parts))
    return heads.raw_of(features, cells, parts, one.embedding)


def said(heads: Heads, seen: Sequence[Seen]) -> Rows:
    """(n, 3): fire, smoke and either."""
    found = [heads.joined(raw_of(heads, one)) for one in seen]
    return np.array([(one.fire, one.smoke, one.either) for one in found], np.float32).reshape(-1, 3)


def packed(heads: Heads, path: Path) -> None:
    kept = {"feature": heads.flames.feature, "threshold": heads.flames.threshold, "leaf": heads.flames.leaf}
    for name, head in (("smoke", heads.smoke), ("plume", heads.plume), ("either", heads.either)):
        kept |= {f"{name}_mean": head.mean, f"{name}_spread": head.spread, f"{name}_weights": head.weights}
        kept |= {f"{name}_bias": np.float32(head.bias)}
    np.savez_compressed(
        path, flames_bias=np.float32(heads.flames.bias), scales=heads.scales, zeros=heads.zeros, **kept
    )  # fmt: skip


def _rows(pairs: Sequence[tuple[npt.NDArray[np.float16], Rows]], rng: np.random.Generator) -> tuple[Rows, Truth]:
    """At most ``_ROWS`` parts of pictures, at most half of them drawn."""
    drawn = np.stack([mask for _, mask in pairs])
    which, where = np.nonzero((drawn > _DRAWN) | (drawn == 0))
    order = rng.permutation(len(which))[: 4 * _ROWS]
    which, where = which[order], where[order]
    truth = drawn[which, where] > _DRAWN
    yes = np.flatnonzero(truth)[: _ROWS // 2]
    kept = np.concatenate([yes, np.flatnonzero(~truth)[: _ROWS - len(yes)]])
    rows = np.stack([pairs[i][0][j] for i, j in zip(which[kept], where[kept], strict=True)]).astype(np.float32)
    return rows, truth[kept]


def _weights(seen: Sequence[Seen], burns: Truth) -> Rows:
    """Between each picture counting alike and each source: a video of many frames counts by their square root."""
    sources = np.array([one.video if one.kind == "frame" else one.kind for one in seen])
    weights = np.zeros(len(seen), np.float32)
    for source in set(sources):
        for kind in (True, False):
            mine = (sources == source) & (burns == kind)
            weights[mine] = 1 / np.sqrt(max(1, mine.sum()))
    return weights


def _one(heads: Sequence[Linear]) -> Linear:
    """Their mean, which is linear too."""
    weights = np.mean([head.weights / head.spread for head in heads], axis=0)
    bias = float(np.mean([head.bias - (head.mean / head.spread) @ head.weights for head in heads]))
    size = len(weights)
    return Linear(np.zeros(size, np.float32), np.ones(size, np.float32), weights.astype(np.float32), bias)


def _one_forest(forests: Sequence[Forest]) -> Forest:
    leaf = np.concatenate([forest.leaf for forest in forests]) / len(forests)
    feature, threshold = (np.concatenate([getattr(f, name) for f in forests]) for name in ("feature", "threshold"))
    return Forest(feature, threshold, leaf.astype(np.float32), float(np.mean([f.bias for f in forests])))


def _worst(judged: Sequence[Seen], scores: Rows) -> Rows:
    found = np.full(3, -np.inf, np.float32)
    for column, name in enumerate(("fire", "smoke", "burns")):
        for video in {one.video for one in judged}:
            mine = np.array([one.video == video and one.labelled and not getattr(one, name) for one in judged])
            if mine.sum() >= _FEW:
                found[column] = max(found[column], np.quantile(scores[mine, column], 1 - DECLARED))
    return found
