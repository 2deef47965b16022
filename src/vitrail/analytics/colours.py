"""Which colours a thing has, in the eleven words that languages share (Berlin and Kay 1969), from its cleared picture.

Much of a car is glass, tyre and shadow, and much of its box is road. What looks like the ground beside it is left out;
a real colour that a fair part of the rest has is the thing's; without one, lightness decides, measured against the
brightest that the camera sees: bodywork in the sun is white when its lighter quarter is about as bright as that.
"""

__all__ = ["Colouring", "colours_of"]

from collections.abc import Mapping

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.clearing import WHOLE, Cleared
from vitrail.domain.frames import Picture, Region
from vitrail.domain.sightings import COLOURS, Tint

Shares = npt.NDArray[np.float32]

_SIDE = 32
_VIVID, _LEAST_VALUE, _LEAST_CHROMA = 0.25, 0.16, 0.08
"""Saturation, value and their product from which a pixel has a colour at all (HSV)."""
_FAIR = 0.16
"""Share of the thing from which a colour is its own."""
_BROWN = 0.6
"""A dark orange is brown."""
_GROUND_LUMA, _GROUND_CHROMA = 0.06, 0.04
"""What differs by less from the ground beside the thing is taken for it."""
_LEAST_LEFT = 0.08
_WHITE, _WHITE_SLOPE = 0.89, 0.03
_BLACK, _BLACK_SLOPE = 0.47, 0.05
"""Lightness of the lighter quarter, of the half, from which on a plain thing is white, under which it is black."""
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
_PLAIN = [_INDEX["black"], _INDEX["white"], _INDEX["grey"]]


def colours_of(cleared: Cleared, brightest: float = 1.0, inside: Region = WHOLE) -> Shares:
    """Shares of the eleven colours, (11,), summing to 1. ``brightest``: luma of the brightest in the scene, 0..1.
    ``inside``: where in the cleared picture the thing itself is; what is left and right of it is ground."""
    picture = cleared.picture
    rgb = _pixels(picture, _middle_of(inside))
    ground = _ground(picture, inside)
    if ground is not None:
        kept = ~_like(rgb, ground)
        rgb = rgb[kept] if kept.mean() >= _LEAST_LEFT else rgb
    shares, vivid = _named(rgb, max(brightest, 0.25))
    plain = rgb[~vivid]
    if len(plain):
        weight = float((~vivid).mean())
        weight *= 0.35 if shares.max(initial=0.0) >= _FAIR else 1.0
        shares *= 1.0 if shares.max(initial=0.0) >= _FAIR else 0.5
        shares[_PLAIN] += weight * _plainly(plain, max(brightest, 0.25))
    return np.asarray(shares / max(float(shares.sum()), 1e-6), np.float32)


def _named(rgb: Shares, brightest: float) -> tuple[Shares, npt.NDArray[np.bool_]]:
    """Shares of the eight real colours, and which pixels have one."""
    hsv = np.asarray(cv2.cvtColor(rgb[None], cv2.COLOR_RGB2HSV), np.float32)[0]
    hue, saturation, value = hsv.T
    vivid = (saturation >= _VIVID) & (value >= _LEAST_VALUE) & (saturation * value >= _LEAST_CHROMA)
    shares = np.zeros(len(COLOURS), np.float32)
    low = 0.0
    for high, name in _HUES:
        part = vivid & (hue >= low) & (hue < high)
        if name == "orange":
            brown = part & (value / brightest < _BROWN)
            shares[_INDEX["brown"]] += brown.mean()
            part &= ~brown
        shares[_INDEX[name]] += part.mean()
        low = high
    return shares, vivid


def _plainly(rgb: Shares, brightest: float) -> Shares:
    """How much a thing without a colour is black, white and grey; softly, so that doubt ranks last."""
    luma = rgb @ np.array([0.299, 0.587, 0.114], np.float32) / brightest
    half, lighter = np.percentile(luma, [50, 75])
    white = _step(float(lighter) - _WHITE, _WHITE_SLOPE)
    black = (1.0 - white) * _step(_BLACK - float(half), _BLACK_SLOPE)
    return np.array([black, white, 1.0 - white - black], np.float32)


def _step(beyond: float, slope: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(beyond / slope, -30, 30))))


def _middle_of(inside: Region) -> Region:
    """The middle seven tenths across, from three tenths down to the sills."""
    width, height = inside.right - inside.left, inside.bottom - inside.top
    return Region(
        inside.left + 0.15 * width,
        inside.top + 0.3 * height,
        inside.right - 0.15 * width,
        inside.top + 0.85 * height,
    )


def _ground(picture: Picture, inside: Region) -> Shares | None:
    """The median colour beside the thing; None when its box reaches both sides."""
    left = Region(0.0, inside.top, inside.left - 0.1 * inside.left, inside.bottom)
    right = Region(inside.right + 0.1 * (1 - inside.right), inside.top, 1.0, inside.bottom)
    beside = [_pixels(picture, part) for part in (left, right) if (part.right - part.left) * picture.width >= 4]
    return np.asarray(np.median(np.concatenate(beside), axis=0), np.float32) if beside else None


def _like(rgb: Shares, ground: Shares) -> npt.NDArray[np.bool_]:
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    luma, ground_luma = rgb @ weights, float(ground @ weights)
    chroma = np.abs((rgb - luma[:, None]) - (ground - ground_luma)).max(axis=1)
    return np.asarray((np.abs(luma - ground_luma) < _GROUND_LUMA) & (chroma < _GROUND_CHROMA))


def _pixels(picture: Picture, region: Region) -> Shares:
    """A part as (32 x 32, 3) RGB, 0..1."""
    part = picture.part(region)
    if min(part.width, part.height) < 2:
        part = picture
    y, u, v = (_resized(plane) for plane in (part.y, part.u, part.v))
    luma = y if part.full_range else (y - 16) * (255 / 219)
    gain = 1.0 if part.full_range else 255 / 224
    blue, red = (u - 128) * gain, (v - 128) * gain
    rgb = np.stack([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue], axis=-1)
    return np.ascontiguousarray(np.clip(rgb.reshape(-1, 3) / 255, 0.0, 1.0), np.float32)


def _resized(plane: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.float32)


class Colouring:
    """The colours of one thing over many looks: larger looks count for more."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._sum = np.zeros(len(COLOURS), np.float64)
        self._weight = 0.0

    def update(self, cleared: Cleared, brightest: float, inside: Region, weight: float) -> None:
        self._sum += colours_of(cleared, brightest, inside) * weight
        self._weight += weight

    def tints(self) -> tuple[Tint, ...]:
        """The two that are most of it, most first; none when it was never seen well."""
        if not self._weight:
            return ()
        shares: Mapping[int, float] = dict(enumerate(self._sum / self._weight))
        best = sorted(shares, key=lambda place: -shares[place])[:_TOLD]
        return tuple(Tint(COLOURS[i], min(1.0, shares[i])) for i in best if shares[i] >= _LEAST_SHARE)
