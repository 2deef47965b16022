"""How the light on a place differs from the light it is remembered in.

Luma follows a gain that varies slowly over the picture, chroma an offset (white balance): both are estimated from
places that did not change, twice, the second time without what the first could not explain. Dividing the light out
leaves what stands there.
"""

__all__ = ["Light", "light_between"]

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float32]

_SHRINK = 4
"""The light varies slowly: it is estimated on every fourth cell."""
_REACH = 0.08
"""Half width of the window in which light is taken for even, as a share of the area's width."""
_LEAST = 8.0
"""Luma added to both sides, so that black places say little."""
_OUTLIER = 0.35
_GAIN = (1 / 24, 24.0)
_NEUTRAL = 128.0
_PALE = 0.1
_COLOURLESS = 4.0
"""With less spread of chroma than two levels there is no colour to measure by."""
_TRUST = 0.08
"""A window of which less than this share is usable leans on the rest of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """``gain`` (h, w) on luma, ``offset`` (h, w, 2) on chroma: picture = known * gain, chroma = known * vividness +
    offset, both about neutral grey. ``vividness`` is nearly 0 where a camera sees grey at night."""

    gain: Values
    offset: Values
    vividness: float

    def removed(self, picture: Values) -> Values:
        """The picture (h, w, 3) in the light it is remembered in."""
        plain = np.empty_like(picture)
        np.divide(picture[..., 0], self.gain, out=plain[..., 0])
        colour = picture[..., 1:] - self.offset - _NEUTRAL
        plain[..., 1:] = colour / max(self.vividness, _PALE) + _NEUTRAL
        return plain

    @property
    def pale(self) -> float:
        """By how much chroma says less than it did: thresholds grow by this factor."""
        return 1.0 / max(self.vividness, _PALE)


def light_between(known: Values, picture: Values, usable: npt.NDArray[np.bool_]) -> Light:
    """Both (h, w, 3). ``usable``: cells that are known, uncovered and not changed."""
    h, w = usable.shape
    size = (max(2, w // _SHRINK), max(2, h // _SHRINK))
    share = usable.astype(np.float32)
    weight = _small(share, size)
    a, b = (_small_of(look, share, weight, size) for look in (known, picture))
    for _ in range(2):
        gain, offset = _fields(a, b, weight)
        left = np.abs(np.log((b[..., 0] + _LEAST) / (a[..., 0] * gain + _LEAST)))
        weight = weight * (left < _OUTLIER)
    vivid = _vividness(a, b, weight)
    a = np.dstack([a[..., :1], (a[..., 1:] - _NEUTRAL) * vivid + _NEUTRAL])
    gain, offset = _fields(a, b, weight)
    return Light(_large(np.clip(gain, *_GAIN), (w, h)), _large(offset, (w, h)), vivid)


def _vividness(known: Values, picture: Values, weight: Values) -> float:
    """How colourful the picture is against the known one: the slope of chroma on chroma, white balance aside."""
    total = float(weight.sum())
    if total < 1.0:
        return 1.0
    a = known[..., 1:] - (known[..., 1:] * weight[..., None]).sum(axis=(0, 1)) / total
    b = picture[..., 1:] - (picture[..., 1:] * weight[..., None]).sum(axis=(0, 1)) / total
    spread = float((a * a * weight[..., None]).sum())
    if spread < _COLOURLESS * total:
        return 1.0
    return float(np.clip((a * b * weight[..., None]).sum() / spread, 0.0, 2.0))


def _fields(known: Values, picture: Values, weight: Values) -> tuple[Values, Values]:
    total = float(weight.sum())
    if total < 1.0:
        return np.ones(weight.shape, np.float32), np.zeros((*weight.shape, 2), np.float32)
    side = 2 * max(1, round(weight.shape[1] * _REACH)) + 1
    mass = cv2.blur(weight, (side, side), borderType=cv2.BORDER_REFLECT)
    base_a = float((known[..., 0] * weight).sum()) / total
    base_b = float((picture[..., 0] * weight).sum()) / total
    around_a = cv2.blur((known[..., 0]) * weight, (side, side), borderType=cv2.BORDER_REFLECT)
    around_b = cv2.blur((picture[..., 0]) * weight, (side, side), borderType=cv2.BORDER_REFLECT)
    gain = (around_b + _TRUST * base_b) / np.maximum(around_a + _TRUST * base_a, 0.1)
    shift = picture[..., 1:] - known[..., 1:]
    base = (shift * weight[..., None]).sum(axis=(0, 1)) / total
    around = cv2.blur(shift * weight[..., None], (side, side), borderType=cv2.BORDER_REFLECT)
    offset = (around + _TRUST * base) / (mass + _TRUST)[..., None]
    return np.asarray(gain, np.float32), np.asarray(offset, np.float32)


def _small(values: Values, size: tuple[int, int]) -> Values:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def _small_of(look: Values, share: Values, weight: Values, size: tuple[int, int]) -> Values:
    """The means of the usable cells alone: somebody who fills a part of one of them is no light."""
    return np.asarray(_small(look * share[..., None], size) / np.maximum(weight, 1e-3)[..., None], np.float32)


def _large(values: Values, size: tuple[int, int]) -> Values:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)
