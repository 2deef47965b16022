"""Pictures of places that burn although nothing does: real flames and smoke cut out of one place and put into another,
made flames, made plumes and haze; and the same places as they are.

What the place looks like says nothing about them, so heads that learn from them cannot learn the place instead.
"""

__all__ = ["Blaze", "Cutout", "Maker", "matte"]

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from composite.flames import Flame
from composite.plates import Image

Values = npt.NDArray[np.float32]
SIDE = 416
_LEAST_PX = 24
_SMALLEST, _TALLEST = 0.08, 0.6
"""Heights of flames, as shares of the picture's."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """Part of a picture with flames or smoke, and of which video it is. ``opacity``: of flames; smoke has none."""

    image: Image
    video: str
    opacity: Values | None = None

    @classmethod
    def of(cls, image: Image, box: tuple[float, float, float, float], video: str, burns: bool) -> "Cutout | None":
        """``box``: middle, width and height, 0..1. None where it is too small, or no flame is seen in it."""
        height, width = image.shape[:2]
        x, y, w, h = box
        left, right = int(max(0.0, x - w / 2) * width), int(min(1.0, x + w / 2) * width)
        top, bottom = int(max(0.0, y - h / 2) * height), int(min(1.0, y + h / 2) * height)
        part = image[top:bottom, left:right]
        if min(part.shape[:2]) < _LEAST_PX:
            return None
        opacity = matte(part) if burns else None
        return None if opacity is not None and opacity.mean() < 0.08 else cls(part, video, opacity)


def matte(part: Image) -> Values:
    """Which pixels of a box around flames are flames: red, bright, and warm or glaring."""
    blue, green, red = (part[..., channel].astype(np.float32) for channel in range(3))
    luma = 0.1 * blue + 0.6 * green + 0.3 * red
    warm = np.maximum(red - blue, 2 * (luma - 200))
    alpha = np.clip((red - 120) / 90, 0, 1) * np.clip((luma - 70) / 90, 0, 1) * np.clip(warm / 30, 0, 1)
    down, across = np.mgrid[-1 : 1 : alpha.shape[0] * 1j, -1 : 1 : alpha.shape[1] * 1j]
    rim = np.clip(3 * (1.05 - np.maximum(np.abs(across), np.abs(down))), 0, 1)
    return np.asarray(cv2.GaussianBlur((alpha * rim).astype(np.float32), (0, 0), 1), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Blaze:
    """``drawn`` (SIDE, SIDE): opacity of what was put in. ``video``: of which it is, empty when it is made."""

    image: Values
    drawn: Values
    video: str = ""


class Maker:
    """Everything is drawn from ``rng``."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def place(self, shown: Image) -> Values:
        """A part of a picture as a square, mirrored or not."""
        height, width = shown.shape[:2]
        share = self._rng.uniform(0.55, 1)
        h, w = int(height * share), int(width * share)
        top, left = self._rng.integers(0, height - h + 1), self._rng.integers(0, width - w + 1)
        part = cv2.resize(shown[top : top + h, left : left + w], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return (part[:, ::-1] if self._rng.random() < 0.5 else part).astype(np.float32)

    def burning(self, place: Values, cutouts: list[Cutout]) -> Blaze:
        """One to three flames, of ``cutouts`` (all of one video) or made where there are none, and their shine."""
        image, drawn = place.copy(), np.zeros((SIDE, SIDE), np.float32)
        for _ in range(self._rng.integers(1, 4)):
            colours, alpha = self._flame(cutouts)
            high, wide = alpha.shape
            left = int(self._rng.integers(0, SIDE - wide + 1))
            top = int(self._rng.uniform(0.1, 1) * (SIDE - high))
            part = (slice(top, top + high), slice(left, left + wide))
            below, over = image[part], alpha[..., None]
            image[part] = np.maximum(below * (1 - over) + colours * over, below * (1 - over / 2))
            drawn[part] = np.maximum(drawn[part], alpha)
            glow = cv2.circle(np.zeros_like(drawn), (left + wide // 2, top + high // 2), max(2, high), 1.0, -1)
            glow = cv2.GaussianBlur(glow, (0, 0), 0.7 * high)[..., None]
            image = np.clip(image * (1 + glow * self._rng.uniform(0, 0.6) * np.float32([0.4, 0.7, 1])), 0, 255)
        return Blaze(image, drawn, cutouts[0].video if cutouts else "")

    def plume(self, place: Values) -> Blaze:
        """Made smoke that rises from a point and spreads, black to white, nearly without colour."""
        rng, cloud = self._rng, self._cloud(self._rng.uniform(0.2, 0.6))
        down, across = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j].astype(np.float32)
        x, y, lean = rng.uniform(0.1, 0.9), rng.uniform(0.4, 1.05), rng.uniform(-0.6, 0.6)
        up = np.clip(y - down, 0, None)
        body = 1 - np.abs(across - x - lean * up) / (rng.uniform(0.02, 0.15) + rng.uniform(0.15, 0.9) * up)
        body = np.where(down > y, -1, body + 0.35 * cloud)
        alpha = np.clip(body * rng.uniform(1, 3), 0, 1) * rng.uniform(0.5, 1)
        shade = self._cloud(rng.uniform(0.05, 0.3))
        grey = rng.uniform(40, 225) + shade / (shade.std() + 1e-6) * rng.uniform(8, 30)
        return self._over(place, np.clip(grey, 0, 255)[..., None] * (1 + rng.normal(0, 0.03, 3)), alpha)

    def haze(self, place: Values) -> Blaze:
        """Smoke that fills the picture, denser above or below."""
        rng, cloud = self._rng, self._cloud(self._rng.uniform(0.4, 1))
        cloud = (cloud - cloud.min()) / (np.ptp(cloud) + 1e-6) - 0.5
        up = np.linspace(0.5, -0.5, SIDE)[:, None]
        alpha = rng.uniform(0.25, 0.8) + cloud * rng.uniform(0.2, 0.9) + up * rng.uniform(-0.3, 0.8)
        grey = rng.uniform(70, 220) * (1 + rng.normal(0, 0.04, 3))
        return self._over(place, np.broadcast_to(grey, place.shape), np.clip(alpha, 0, 0.97))

    def smoking(self, place: Values, cutouts: list[Cutout]) -> Blaze:
        """Real smoke with a soft rim, of one of ``cutouts``."""
        rng, cutout = self._rng, cutouts[self._rng.integers(len(cutouts))]
        high, wide = (int(SIDE * rng.uniform(0.35, 1)) for _ in range(2))
        left, top = int(rng.uniform(-0.2 * wide, SIDE - 0.8 * wide)), int(rng.uniform(-0.3 * high, SIDE - 0.7 * high))
        down, across = np.mgrid[-1 : 1 : high * 1j, -1 : 1 : wide * 1j]
        cloud = cv2.resize(self._cloud(0.3), (wide, high))
        soft = np.clip(2.2 * (1 - np.hypot(across, down)) + 0.3 * cloud, 0, 1) * rng.uniform(0.7, 1)
        y, x = slice(max(0, top), min(SIDE, top + high)), slice(max(0, left), min(SIDE, left + wide))
        cut = (slice(y.start - top, y.stop - top), slice(x.start - left, x.stop - left))
        alpha, colours = np.zeros((SIDE, SIDE), np.float32), np.zeros((SIDE, SIDE, 3), np.float32)
        alpha[y, x] = soft[cut]
        colours[y, x] = cv2.resize(cutout.image, (wide, high))[cut]
        return self._over(place, colours, alpha, cutout.video)

    def seen(self, image: Values) -> Image:
        """As some camera would show it: exposure, colours, blur, noise, now and then grey, and compression."""
        rng = self._rng
        x = (np.clip(image, 0, 255) / 255) ** np.exp(rng.uniform(-0.4, 0.5))
        x = x * np.exp(rng.uniform(-0.12, 0.12, 3)) * rng.uniform(0.75, 1.2)
        x = cv2.GaussianBlur(x, (0, 0), rng.uniform(0.3, 2.5)) if rng.random() < 0.5 else x
        x = x + rng.normal(0, rng.uniform(0, 0.03), x.shape)
        x = np.repeat(x.mean(axis=2, keepdims=True), 3, axis=2) if rng.random() < 0.1 else x
        coded = cv2.imencode(".jpg", np.clip(x * 255, 0, 255).astype(np.uint8), [1, int(rng.integers(25, 90))])[1]
        return np.asarray(cv2.imdecode(coded, 1), np.uint8)

    def _flame(self, cutouts: list[Cutout]) -> tuple[Image, Values]:
        rng = self._rng
        high = int(SIDE * np.exp(rng.uniform(np.log(_SMALLEST), np.log(_TALLEST))))
        if not cutouts:
            flame = Flame(rng, int(high * rng.uniform(0.4, 1)), high)
            return flame.at(int(rng.integers(0, 100)), rng.uniform(0.6, 1))
        cutout = cutouts[rng.integers(len(cutouts))]
        assert cutout.opacity is not None
        tall, broad = cutout.image.shape[:2]
        wide = int(np.clip(high * broad / tall * rng.uniform(0.7, 1.3), 8, SIDE))
        colours, alpha = (cv2.resize(one, (wide, high)) for one in (cutout.image, cutout.opacity))
        return (colours[:, ::-1], alpha[:, ::-1]) if rng.random() < 0.5 else (colours, alpha)

    def _cloud(self, coarsest: float) -> Values:
        """Noise from ``coarsest``, a share of the picture, down to a few pixels."""
        total, size, share = np.zeros((SIDE, SIDE), np.float32), SIDE * coarsest, 1.0
        while size > 3:
            count = int(SIDE / size) + 3
            grains = self._rng.standard_normal((count, count)).astype(np.float32)
            total += share * cv2.resize(grains, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
            size, share = size / 2, share * 0.55
        return total

    def _over(self, place: Values, colours: Values, alpha: Values, video: str = "") -> Blaze:
        over = alpha[..., None]
        return Blaze(np.clip(place * (1 - over) + colours * over, 0, 255), alpha.astype(np.float32), video)
