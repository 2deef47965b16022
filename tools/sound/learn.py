"""Learns the heads from made windows and writes them with the figures of their card.

    python -m tools.sound.learn WINDOWS.npz... --heard heard.npz --out src/vitrail/analytics/heads

``heard`` comes from ``tools.sound.heard``: thresholds are set on it, and nothing of it is learned from.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vitrail.adapters.openvino.yamnet import KINDS_AT
from vitrail.analytics.sound import _BANDS, _BANGS, _JUMP_DB, _SURE, _TOGETHER_US
from vitrail.analytics.sound_head import KINDS, VECTOR_LENGTH, SoundHead

Floats = npt.NDArray[np.float32]
Layer = tuple[Floats, Floats, Floats, Floats]
_OTHER = len(KINDS)
_EPOCHS, _BATCH, _RATE, _DROP, _DECAY = 12, 128, 2e-3, 0.3, 1e-2
_SEEDS = 3
_PASS = {"gunshot": 0.02, "explosion": 0.01, "glass_breaking": 0.01, "scream": 0.01, "siren": 0.01}
"""Of each kind, the share of happenings that are none, by makers never learned from, which may be told. Of shots more:
at one in a hundred more were missed than before, and no other sound was told as one in a day."""
_OWN: dict[str, dict[str, float]] = {
    "gunshot": {"gunshot": 1.0, "slam": -0.1, "knock": -0.1},
    "explosion": {"explosion": 1.0},
    "glass_breaking": {"glass": 0.5, "shatter": 0.5},
    "scream": {"scream": 1.0},
    "siren": {"siren": 0.4, "alarm": 0.3, "smoke alarm": 0.3},
}
"""What of the embedding's own kinds speaks for which of ours, or against it."""
_LEVEL = 3.0


def softmax_layer(inputs: Floats, wanted: npt.NDArray[np.int64], seed: int) -> Layer:
    """Softmax regression with dropped inputs and weight decay, by Adam. Standardised, and cut at 6 deviations."""
    dice = np.random.default_rng(seed)
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    scaled = np.clip((inputs - mean) / scale, -6, 6).astype(np.float32)
    targets = np.eye(_OTHER + 1, dtype=np.float32)[wanted]
    held = [np.zeros((scaled.shape[1], _OTHER + 1), np.float32), np.zeros(_OTHER + 1, np.float32)]
    first, second = [np.zeros_like(p) for p in held], [np.zeros_like(p) for p in held]
    step = 0
    for epoch in range(_EPOCHS):
        order, rate = dice.permutation(len(scaled)), _RATE * (1 - epoch / _EPOCHS)
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            kept = scaled[some] * (dice.random((len(some), scaled.shape[1]), dtype=np.float32) > _DROP) / (1 - _DROP)
            scores = kept @ held[0] + held[1]
            shares = np.exp(scores - scores.max(axis=1, keepdims=True))
            wrong = (shares / shares.sum(axis=1, keepdims=True) - targets[some]) / len(some)
            step += 1
            for index, slope in enumerate((kept.T @ wrong + _DECAY * held[0], wrong.sum(axis=0))):
                first[index] = 0.9 * first[index] + 0.1 * slope
                second[index] = 0.999 * second[index] + 0.001 * slope * slope
                move = (first[index] / (1 - 0.9**step)) / (np.sqrt(second[index] / (1 - 0.999**step)) + 1e-8)
                held[index] = held[index] - rate * move
    return mean, scale, held[0], held[1]


def averaged(inputs: Floats, wanted: npt.NDArray[np.int64]) -> Layer:
    """Several layers from other beginnings are one layer: their weights' mean."""
    layers = [softmax_layer(inputs, wanted, seed) for seed in range(_SEEDS)]
    weights, bias = (np.mean([layer[part] for layer in layers], axis=0) for part in (2, 3))
    return layers[0][0], layers[0][1], weights, bias


def read(paths: list[Path]) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Vectors, measures, classes; shots, explosions and screams that only physics made are left
    out: tried, they made real ones worse."""
    opened = [np.load(path, allow_pickle=False) for path in paths]
    vectors, shapes, labels, origins = (
        np.concatenate([one[key] for one in opened]) for key in ("emb", "shp", "lab", "org")
    )
    names = [*KINDS, "other"]
    wanted = np.array([names.index(str(label)) for label in labels])
    good = np.isfinite(vectors).all(axis=1) & np.isfinite(shapes).all(axis=1)
    good &= ~(np.isin(wanted, (0, 1, 3)) & (origins == "made"))
    return vectors[good].astype(np.float32), shapes[good].astype(np.float32), wanted[good]


def head_of(vectors: Floats, shapes: Floats, wanted: npt.NDArray[np.int64]) -> SoundHead:
    own = np.zeros((len(KINDS_AT), len(KINDS)), np.float32)
    for index, kind in enumerate(KINDS):
        for name, weight in _OWN[kind].items():
            own[list(KINDS_AT).index(name), index] = weight
    layer = averaged(np.concatenate([vectors[:, :VECTOR_LENGTH], shapes], axis=1), wanted)
    return SoundHead(own, np.zeros(len(KINDS), np.float32), layer, (0.0,) * len(KINDS))


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """``best``: how near each happening came to each kind, (happenings, 5), as the analytic would tell it."""

    labels: npt.NDArray[np.str_]
    best: Floats


def told_of(head: SoundHead, path: Path) -> Told:
    """Two looks together or one that is sure; bangs must jump, what goes on must stand out."""
    heard = np.load(path, allow_pickle=False)
    said = head.log_odds(heard["emb"].astype(np.float32), heard["shp"].astype(np.float32), heard["bnd"], heard["rise"])
    best = np.full((len(heard["lab"]), len(KINDS)), -99.0, np.float32)
    bang = np.isin(KINDS, sorted(_BANGS))
    before, before_s = -1, 0.0
    for row, (own, at_s) in enumerate(zip(heard["own"], heard["at_s"], strict=True)):
        score = said[row] - _SURE
        if own == before and at_s - before_s <= _TOGETHER_US / 1e6:
            score = np.maximum(score, (said[row] + said[row - 1]) / 2)
        fits = np.where(bang, heard["rise"][row] >= _JUMP_DB, heard["bnd"][row] >= _BANDS)
        best[own] = np.maximum(best[own], np.where(fits, score, -99.0))
        before, before_s = own, at_s
    return Told(heard["lab"], best)


def thresholds(told: Told) -> dict[str, float]:
    others = told.best[told.labels == "other"]
    return {kind: round(float(np.quantile(others[:, index], 1 - _PASS[kind])), 2) for index, kind in enumerate(KINDS)}


def levelled(head: SoundHead, limits: dict[str, float]) -> SoundHead:
    """The same head, moved so that every threshold is the same number: people compare alerts."""
    shift = head.shift + np.array([_LEVEL - limits[kind] for kind in KINDS], np.float32)
    return replace(head, shift=shift)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("windows", nargs="+", type=Path)
    parser.add_argument("--heard", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    vectors, shapes, wanted = read(asked.windows)
    head = head_of(vectors, shapes, wanted)
    head = levelled(head, thresholds(told_of(head, asked.heard)))
    limits = dict.fromkeys(KINDS, _LEVEL)
    mean, scale, weights, bias = head.layer
    arrays = {
        "own": head.own,
        "shift": head.shift,
        "mean": mean,
        "scale": scale,
        "bias": bias,
    }
    np.savez_compressed(asked.out / "sound.npz", weights=weights.astype(np.float16), **arrays)
    told = told_of(head, asked.heard)
    found = {
        kind: [int((told.best[told.labels == kind, index] >= _LEVEL).sum()), int((told.labels == kind).sum())]
        for index, kind in enumerate(KINDS)
    }
    learned = {name: int((wanted == index).sum()) for index, name in enumerate([*KINDS, "other"])}
    others = int((told.labels == "other").sum())
    facts = {
        "thresholds": limits,
        "learned_from": learned,
        "set_on": others,
        "passing": _PASS,
        "told_of_strangers": found,
    }
    (asked.out / "sound.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(facts))  # noqa: T201


if __name__ == "__main__":
    main()
