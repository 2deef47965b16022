"""Learns the heads from made windows and writes them with the figures of their card.

    python -m tools.sound.learn WINDOWS.npz... --out src/vitrail/analytics/heads

The last file is held out: thresholds are set on its negatives, and nothing of it is learned from.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vitrail.adapters.openvino.yamnet import KINDS_AT
from vitrail.analytics.sound_head import KINDS, VECTOR_LENGTH, SoundHead

Floats = npt.NDArray[np.float32]
Layer = tuple[Floats, Floats, Floats, Floats]
_OTHER = len(KINDS)
_EPOCHS, _BATCH, _RATE, _DROP, _DECAY = 12, 128, 2e-3, 0.3, 1e-2
_SEEDS = 3
_PASS = 0.01
"""Share of held-out hard negatives that may pass a threshold, look by look."""
_OWN: dict[str, dict[str, float]] = {
    "gunshot": {"gunshot": 1.0},
    "explosion": {"explosion": 1.0},
    "glass_breaking": {"glass": 0.5, "shatter": 0.5},
    "scream": {"scream": 1.0},
    "siren": {"siren": 0.4, "alarm": 0.3, "smoke alarm": 0.3},
}
"""What of the embedding's own kinds is what of ours."""
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


def read(paths: list[Path]) -> tuple[Floats, Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Vectors, measures, classes, bands that stand out; shots, explosions and screams that only physics made are left
    out: tried, they made real ones worse."""
    opened = [np.load(path, allow_pickle=False) for path in paths]
    vectors, shapes, labels, origins, bands = (
        np.concatenate([one[key] for one in opened]) for key in ("emb", "shp", "lab", "org", "bnd")
    )
    names = [*KINDS, "other"]
    wanted = np.array([names.index(str(label)) for label in labels])
    good = np.isfinite(vectors).all(axis=1) & np.isfinite(shapes).all(axis=1)
    good &= ~(np.isin(wanted, (0, 1, 3)) & (origins == "made"))
    return vectors[good].astype(np.float32), shapes[good].astype(np.float32), wanted[good], bands[good]


def head_of(vectors: Floats, shapes: Floats, wanted: npt.NDArray[np.int64]) -> SoundHead:
    own = np.zeros((len(KINDS_AT), len(KINDS)), np.float32)
    for index, kind in enumerate(KINDS):
        for name, weight in _OWN[kind].items():
            own[list(KINDS_AT).index(name), index] = weight
    layer = averaged(np.concatenate([vectors[:, :VECTOR_LENGTH], shapes], axis=1), wanted)
    return SoundHead(own, np.zeros(len(KINDS), np.float32), layer, (0.0,) * len(KINDS))


def thresholds(
    head: SoundHead,
    vectors: Floats,
    shapes: Floats,
    wanted: npt.NDArray[np.int64],
    bands: npt.NDArray[np.int64],
) -> dict[str, float]:
    said = head.log_odds(vectors, shapes, bands)
    return {
        kind: round(float(np.quantile(said[(wanted == _OTHER), index], 1 - _PASS)), 2)
        for index, kind in enumerate(KINDS)
    }


def levelled(head: SoundHead, limits: dict[str, float]) -> SoundHead:
    """The same head, moved so that every threshold is the same number: people compare alerts."""
    shift = head.shift + np.array([_LEVEL - limits[kind] for kind in KINDS], np.float32)
    return replace(head, shift=shift)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("windows", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    vectors, shapes, wanted, _ = read(asked.windows[:-1] or asked.windows)
    head = head_of(vectors, shapes, wanted)
    set_on = read(asked.windows[-1:])
    head = levelled(head, thresholds(head, *set_on))
    limits = dict.fromkeys(KINDS, _LEVEL)
    mean, scale, weights, bias = head.layer
    arrays = {"own": head.own, "shift": head.shift, "mean": mean, "scale": scale, "bias": bias}
    np.savez_compressed(asked.out / "sound.npz", weights=weights.astype(np.float16), **arrays)
    said = head.log_odds(set_on[0], set_on[1], set_on[3])
    found = {
        kind: round(float((said[set_on[2] == index, index] >= limits[kind]).mean()), 3)
        for index, kind in enumerate(KINDS)
    }
    learned = {name: int((wanted == index).sum()) for index, name in enumerate([*KINDS, "other"])}
    facts = {"thresholds": limits, "learned_from": learned, "held_out_recall_of_one_look": found, "passing": _PASS}
    (asked.out / "sound.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(facts))  # noqa: T201


if __name__ == "__main__":
    main()
