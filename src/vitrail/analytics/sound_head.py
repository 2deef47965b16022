"""The heads that judge a second of sound: two softmax layers over its vector and its measures, learned from
licence-clean material and physics (``heads/sound.md`` is their card)."""

__all__ = ["KINDS", "SoundHead", "load_head"]

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

KINDS = ("gunshot", "explosion", "glass_breaking", "scream", "siren")
_FAR = 6.0
"""No measure counts as further from the usual than so many standard deviations."""


@dataclass(frozen=True, slots=True, eq=False)
class SoundHead:
    """``layers``: by name, mean, scale, weights (inputs, 6) and bias; ``mix``: how much each says of each kind.
    ``thresholds``: log odds by kind, set on material of its own for the declared false rate."""

    layers: tuple[tuple[Floats, Floats, Floats, Floats], ...]
    mix: Floats
    thresholds: tuple[float, ...]

    def log_odds(self, vector: Floats, shape: Floats) -> Floats:
        """One number for each of ``KINDS``; for several sounds, rows of vectors and shapes, rows of numbers."""
        inputs = (vector, np.concatenate([vector, shape], axis=-1))
        said = [_log_odds(one, *layer) for one, layer in zip(inputs, self.layers, strict=True)]
        return np.asarray(sum(part * weight for part, weight in zip(said, self.mix, strict=True)), np.float32)


def _log_odds(inputs: Floats, mean: Floats, scale: Floats, weights: Floats, bias: Floats) -> Floats:
    """Softmax, as log odds of each kind against everything else."""
    scores = np.clip((inputs - mean) / scale, -_FAR, _FAR) @ weights + bias
    shifted = scores - scores.max(axis=-1, keepdims=True)
    powers = np.exp(shifted.astype(np.float64))
    others = np.maximum(powers.sum(axis=-1, keepdims=True) - powers, 1e-12)
    return np.asarray((shifted - np.log(others))[..., : len(KINDS)], np.float32)


@cache
def load_head() -> SoundHead:
    """The one that is shipped."""
    folder = resources.files(__package__).joinpath("heads")
    facts = json.loads(folder.joinpath("sound.json").read_text(encoding="utf-8"))
    with resources.as_file(folder.joinpath("sound.npz")) as path, np.load(path, allow_pickle=False) as held:
        names = ("mean", "scale", "weights", "bias")
        layers = tuple(tuple(np.asarray(held[f"{layer}_{n}"], np.float32) for n in names) for layer in ("a", "b"))
        mix = np.asarray(held["mix"], np.float32)
    first, second = ((layer[0], layer[1], layer[2], layer[3]) for layer in layers)
    return SoundHead((first, second), mix, tuple(float(facts["thresholds"][kind]) for kind in KINDS))
