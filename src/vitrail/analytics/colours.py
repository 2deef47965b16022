"""Which colours a thing has, in the eleven words that languages share (Berlin and Kay 1969), from its cleared picture.

A thing fills the middle of its box, and much of a car is glass, tyre and shadow: a colour that a fair part of the
middle has is the thing's, however much grey there is around it; without one, lightness decides.
"""

__all__ = ["Colouring", "colours_of"]

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.clearing import Cleared
from vitrail.domain.frames import Picture
from vitrail.domain.sightings import COLOURS, Tint

Shares = npt.NDArray[np.float32]

_SIDE = 32
_VIVID = 0.25
"""Saturation from which a pixel has a colour at all (HSV)."""
_DARK, _LIGHT = 0.26, 0.72
"""Lightness, against the brightest of the scene, under which a grey is black and over which it is white."""
_FAIR = 0.16
"""Share of the middle from which a colour is the thing's."""
_HUES = (
    (15, "red"),
    (42, "orange"),
    (68, "yellow"),
    (165, "green"),
    (255, "blue"),
    (290, "purple"),
    (335, "pink"),
    (361, "red"),
)
_TOLD = 2
_LEAST_SHARE = 0.15
_INDEX = {name: place for place, name in enumerate(COLOURS)}


def colours_of(cleared: Cleared, brightest: float = 1.0) -> Shares:
    """Shares of the eleven colours, (11,), summing to 1. ``brightest``: luma of the scene's bright parts, 0..1: what is
    white at dusk is no brighter than they are."""
    rgb = _middle(cleared.picture)
    hue, saturation, value = _hsv(rgb)
    lightness = np.clip(value / max(brightest, 0.25), 0.0, 1.0)
    vivid = (saturation >= _VIVID) & (value >= 0.16) & (saturation * value >= 0.08)
    shares = np.zeros(len(COLOURS), np.float32)
    low = 0.0
    for high, name in _HUES:
        part = vivid & (hue >= low) & (hue < high)
        if name == "orange":
            brown = part & (lightness < 0.6)
            shares[_INDEX["brown"]] += brown.mean()
            part &= ~brown
        shares[_INDEX[name]] += part.mean()
        low = high
    plain = ~vivid
    shares[_INDEX["black"]] += (plain & (lightness < _DARK)).mean()
    shares[_INDEX["white"]] += (plain & (lightness >= _LIGHT)).mean()
    shares[_INDEX["grey"]] += (plain & (lightness >= _DARK) & (lightness < _LIGHT)).mean()
    return _judged(shares)


def _judged(shares: Shares) -> Shares:
    """A real colour outweighs glass, tyres and ground; white outweighs what is dark in it."""
    weighed = shares.copy()
    greys = [_INDEX["black"], _INDEX["white"], _INDEX["grey"]]
    colours = [place for place in range(len(COLOURS)) if place not in greys]
    best = max(colours, key=lambda place: shares[place])
    if shares[best] >= _FAIR:
        weighed[greys] *= 0.35
    else:
        weighed[colours] *= 0.5
        if shares[_INDEX["white"]] >= _FAIR:
            weighed[[_INDEX["black"], _INDEX["grey"]]] *= 0.5
    return np.asarray(weighed / max(float(weighed.sum()), 1e-6), np.float32)


def _middle(picture: Picture) -> npt.NDArray[np.float32]:
    """The middle seven tenths as (32, 32, 3) RGB, 0..1."""
    top, left = round(picture.height * 0.15), round(picture.width * 0.15)
    y = _resized(picture.y[top : picture.height - top, left : picture.width - left])
    half = np.s_[top // 2 : (picture.height - top + 1) // 2, left // 2 : (picture.width - left + 1) // 2]
    u, v = _resized(picture.u[half]), _resized(picture.v[half])
    luma = y if picture.full_range else (y - 16) * (255 / 219)
    gain = 1.0 if picture.full_range else 255 / 224
    blue, red = (u - 128) * gain, (v - 128) * gain
    rgb = np.stack([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue], axis=-1)
    return np.asarray(np.clip(rgb / 255, 0.0, 1.0), np.float32)


def _resized(plane: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)


def _hsv(rgb: npt.NDArray[np.float32]) -> tuple[Shares, Shares, Shares]:
    hsv = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV), np.float32)
    return hsv[..., 0], hsv[..., 1], hsv[..., 2]


class Colouring:
    """The colours of one thing over many looks: larger looks count for more."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._sum = np.zeros(len(COLOURS), np.float64)
        self._weight = 0.0

    def update(self, cleared: Cleared, brightest: float, weight: float) -> None:
        self._sum += colours_of(cleared, brightest) * weight
        self._weight += weight

    def tints(self) -> tuple[Tint, ...]:
        """The two that are most of it, most first; none when it was never seen well."""
        if not self._weight:
            return ()
        shares: Mapping[int, float] = dict(enumerate(self._sum / self._weight))
        best = sorted(shares, key=lambda place: -shares[place])[:_TOLD]
        return tuple(Tint(COLOURS[i], min(1.0, shares[i])) for i in best if shares[i] >= _LEAST_SHARE)
