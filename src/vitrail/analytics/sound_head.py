"""The heads that judge a second of sound: what the embedding itself takes it for, and a softmax layer over its vector
and measures, learned from licence-clean material in noise and physics (``heads/sound.md`` is their card)."""

__all__ = ["KINDS", "VECTOR_LENGTH", "SoundHead", "load_head"]

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Layer = tuple[Floats, Floats, Floats, Floats]

KINDS = ("gunshot", "explosion", "glass_breaking", "scream", "siren")
VECTOR_LENGTH = 1024
"""What of an embedding is its vector; the rest is what it takes the sound for, as log odds of kinds of its own."""
_CLEAR, _GRADUAL = 20.0, 8.0
"""Of 22 bands: where so many stand out nothing is noise, where twelve do all is."""
_GIVES_WAY, _MIX = np.array([[0.5, 0.5, 0.5, 0.5, 0.0], [2.0, 2.0, 2.0, 2.0, 0.0]], np.float32)
_ALWAYS = np.array([0.0, 4.0, 2.0, 1.0, 0.0], np.float32)
"""How much the layer says of each kind however clear it is. Of explosions most: the embedding takes shots and fireworks
for them (in AudioSet they are kinds of explosion). Of alarms nothing: it learned them from physics, and takes singing
for them."""
_DROWNED = np.array([3.0, 0.0, 0.0, 0.0, 0.0], np.float32)
"""By how much more is said of a sound that noise nearly drowns: nothing sounds much like anything there, neither shots
nor slammed doors, and as many of these should be told as where all is clear."""
_JUMPS_DB, _JUMPS_OVER_DB = 30.0, 10.0
"""What begins with a jump of so many decibels was never drowned, whatever echoes under it."""
_FAR = 6.0
"""No measure counts as further from the usual than so many standard deviations."""


@dataclass(frozen=True, slots=True, eq=False)
class SoundHead:
    """``own``: how much each kind of the embedding says of each of ours, (kinds, 5), and ``shift``. ``layer``: mean,
    scale, weights (inputs, 6) and bias. ``thresholds``: log odds by kind, set on material of its own for the declared
    false rate."""

    own: Floats
    shift: Floats
    layer: Layer
    thresholds: tuple[float, ...]

    def log_odds(self, vector: Floats, shape: Floats, bands_out: npt.ArrayLike, rise_db: npt.ArrayLike) -> Floats:
        """One number for each of ``KINDS``; for several sounds, rows of vectors and shapes, rows of numbers. The fewer
        bands stand out of the noise, the more the layer says, which has learned in noise: the embedding has not."""
        noise = np.clip((_CLEAR - np.asarray(bands_out, np.float32)) / _GRADUAL, 0.0, 1.0)[..., None]
        taken_for = vector[..., VECTOR_LENGTH:] @ self.own
        inputs = np.concatenate([vector[..., :VECTOR_LENGTH], shape], axis=-1)
        learned = layer_log_odds(inputs, self.layer)
        said = taken_for * (1.0 - _GIVES_WAY * noise) + (_MIX * noise + _ALWAYS) * learned
        soft = np.clip((_JUMPS_DB - np.asarray(rise_db, np.float32)) / _JUMPS_OVER_DB, 0.0, 1.0)[..., None]
        return np.asarray(said + _DROWNED * noise * soft + self.shift, np.float32)


def layer_log_odds(inputs: Floats, layer: Layer) -> Floats:
    """Softmax, as log odds of each kind against everything else."""
    mean, scale, weights, bias = layer
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
        mean, scale, weights, bias = (
            np.asarray(held[name], np.float32) for name in ("mean", "scale", "weights", "bias")
        )
        own, shift = (np.asarray(held[name], np.float32) for name in ("own", "shift"))
    thresholds = tuple(float(facts["thresholds"][kind]) for kind in KINDS)
    return SoundHead(own, shift, (mean, scale, weights, bias), thresholds)
