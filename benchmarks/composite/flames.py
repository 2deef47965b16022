"""Made flames, moving, put over footage of places: noise that rises through a tapering body, coloured by its heat.

They are no recording of any fire: for tests with exact truth about when and where it burns.
"""

__all__ = ["Flame", "pasted"]

import cv2
import numpy as np
import numpy.typing as npt

from composite.plates import Image

Values = npt.NDArray[np.float32]


class Flame:
    """``width`` x ``height`` pixels, ``fps`` pictures a second; it licks one and a half to four times a second."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, fps: int = 10) -> None:
        self._rng, self._width, self._height, self._fps = rng, max(6, width), max(8, height), fps
        self._speed = rng.uniform(1.5, 3.0) * self._height / fps
        self._layers = [_noise(rng, 6 * self._height, self._width, s * self._width) for s in (0.35, 0.18, 0.09)]
        self._phase, self._licks_hz = rng.uniform(0, 10), rng.uniform(1.5, 4)
        self._hue = rng.uniform(0.8, 1.5)

    def at(self, count: int, size: float = 1.0) -> tuple[Image, Values]:
        """Colours and opacity of the ``count``th picture; ``size`` 0..1 of its full height."""
        rough = _risen(self._layers, (1.0, 0.7, 0.4), count * self._speed, 0.25, self._height)
        at_s = count / self._fps
        puff = 1 + 0.18 * np.sin(2 * np.pi * self._licks_hz * at_s + self._phase) + 0.12 * self._rng.standard_normal()
        up = np.linspace(1, 0, self._height)[:, None]
        aside = np.linspace(-1, 1, self._width)[None] + 0.25 * up * np.sin(1.4 * np.pi * at_s + 3 * up)
        body = 1.6 - 2.2 * np.abs(aside) / (1.05 - 0.75 * up) - 1.9 * up / max(0.1, size * puff)
        heat = np.clip(0.8 * body + 0.33 * rough, 0, 1.3)
        blue, green, red = (heat - 0.75) * 2.2, (heat - 0.2) * 1.15 * self._hue, heat * 2.2
        colours = np.clip(np.stack([blue, green, red], axis=-1), 0, 1) * 255
        return colours.astype(np.uint8), np.clip(heat * 2.5 - 0.1, 0, 1).astype(np.float32)


def pasted(image: Image, colours: Image, opacity: Values, left: int, top: int, shines: bool = False) -> Image:
    """With it over the picture; what ``shines`` never darkens what lies behind it by more than a third."""
    height, width = opacity.shape
    x0, y0, x1, y1 = max(0, left), max(0, top), min(image.shape[1], left + width), min(image.shape[0], top + height)
    if x1 <= x0 or y1 <= y0:
        return image
    part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
    alpha, over = opacity[part][..., None], colours[part].astype(np.float32)
    below = image[y0:y1, x0:x1].astype(np.float32)
    mixed = below * (1 - alpha) + over * alpha
    made = image.copy()
    made[y0:y1, x0:x1] = np.clip(np.maximum(mixed, below * (1 - alpha / 3)) if shines else mixed, 0, 255)
    return made


def _noise(rng: np.random.Generator, height: int, width: int, scale: float) -> Values:
    scale = max(1.5, scale)
    coarse = rng.standard_normal((int(height / scale) + 2, int(width / scale) + 2)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def _risen(layers: list[Values], shares: tuple[float, ...], by: float, faster: float, height: int) -> Values:
    """Each layer moved up by so many pixels, the finer ones faster."""
    total = np.zeros((height, layers[0].shape[1]), np.float32)
    for number, (layer, share) in enumerate(zip(layers, shares, strict=True)):
        start = int(by * (1 + faster * number)) % (len(layer) - height)
        total += share * layer[start : start + height]
    return total
