"""Made light: sun, cloud, moving shadows, rain, wet patches, lamps, exposure steps, the night mode and its noise.

Light multiplies what is there, as it does outside; then the camera exposes, saturates and adds noise.
"""

__all__ = ["Weather"]

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from composite.plates import Image

Field = npt.NDArray[np.float32]
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Rain:
    start_s: float
    end_s: float


class Weather:
    """One place's light over some days. ``indoor`` places have lamps and daylight through windows, no rain."""

    def __init__(self, size: tuple[int, int], seed: int, days: float = 1.0, ground_from: float = 0.7) -> None:
        self._rng = rng = np.random.default_rng(seed)
        self._width, self._height = size
        self._ground_from = ground_from
        self._cloud_phase = rng.uniform(0, 100, 4)
        self._cloudy = rng.uniform(0.15, 0.7)
        self._night_grey = bool(rng.random() < 0.5)
        """Half of the cameras turn grey at night (infrared), the others look under a yellow lamp."""
        self._lamp = _pool(size, rng)
        self._shadows = [_shadow(size, rng) for _ in range(3)]
        self._drift = rng.uniform(-1, 1, (3, 2)) * (1.2, 0.4)
        self._wet = _patch(size, rng)
        self._rains = [
            _Rain(start, start + rng.uniform(0.5, 2.5) * _HOUR_S)
            for start in rng.uniform(0, days * 24 * _HOUR_S, rng.poisson(0.8 * days))
        ]
        self._steps = np.sort(rng.uniform(0, days * 24 * _HOUR_S, rng.poisson(10 * days)))
        self._levels = rng.uniform(0.75, 1.3, len(self._steps) + 1)

    def shine(self, place: Image, at_s: float) -> Image:
        """The place as the camera sees it at that second after midnight of the first day."""
        rng = self._rng
        day = self._daylight(at_s)
        scene = place.astype(np.float32)
        light = self._field(day, at_s)
        wet = self._wetness(at_s)
        if wet > 0.01:
            light = cv2.multiply(light, cv2.merge([self._damp(wet)] * 3))
        night = day < 0.06
        if night and self._night_grey:
            grey = cv2.cvtColor(place, cv2.COLOR_BGR2GRAY).astype(np.float32)
            scene = cv2.merge([grey] * 3)
            light = cv2.merge([cv2.transform(light, np.full((1, 3), 1 / 3, np.float32))] * 3)
        seen = cv2.multiply(scene, light)
        seen *= self._exposure(seen, at_s)
        if self._raining(at_s):
            seen = _streaked(seen, rng)
        noise = 1.5 + 3.0 * (1.0 - min(1.0, day * 4))
        seen += _grain(rng, seen.shape, noise)
        return np.asarray(np.clip(seen, 0, 255), np.uint8)

    def _daylight(self, at_s: float) -> float:
        """0 at night, 1 at noon of a clear day."""
        hour = (at_s / _HOUR_S) % 24
        height = np.sin((hour - 6.5) / 13.0 * np.pi) if 6.5 < hour < 19.5 else 0.0
        return float(max(0.0, height))

    def _cloud(self, at_s: float) -> float:
        """0 no cloud before the sun, 1 thick."""
        a, b, c, d = self._cloud_phase
        slow = np.sin(at_s / 5300 + a) + 0.7 * np.sin(at_s / 1700 + b) + 0.5 * np.sin(at_s / 610 + c)
        quick = 0.4 * np.sin(at_s / 140 + d)
        return float(1 / (1 + np.exp(-3.0 * (slow + quick) - 4.0 * (self._cloudy - 0.45))))

    def _field(self, day: float, at_s: float) -> Field:
        """(h, w, 3): how much light falls where, blue first."""
        sky = 0.55 * day * np.array([1.12, 1.0, 0.92])
        low = 1.0 - min(1.0, day * 1.4)
        sun = (
            (1.0 - self._cloud(at_s)) * min(1.0, day * 2.5) * 0.75 * np.array([0.9 - 0.3 * low, 1.0 - 0.12 * low, 1.06])
        )
        lamp = 0.0 if day > 0.12 else (1 - day / 0.12) * 0.22
        pool = lamp * np.array([0.6, 0.9, 1.1])
        shade = self._shade(at_s) if sun.max() > 0.02 else np.zeros((self._height, self._width), np.float32)
        # Shade and lamp light, mixed into three colours in one pass.
        mix = np.column_stack([-sun, pool, sky + sun + 0.012]).astype(np.float32)
        return np.asarray(cv2.transform(cv2.merge([shade, self._lamp]), mix), np.float32)

    def _shade(self, at_s: float) -> Field:
        """1 where something keeps the sun off. Shadows wander with the hours and blur with their length."""
        hour = (at_s / _HOUR_S) % 24 - 12.5
        whole = np.zeros((self._height, self._width), np.float32)
        for shadow, (dx, dy) in zip(self._shadows, self._drift, strict=True):
            move = np.array([[1, 0.12 * hour * dx, hour * dx * self._width / 9], [0, 1, hour * dy * self._height / 9]])
            flat = cv2.warpAffine(shadow, move.astype(np.float32), (self._width, self._height))
            whole = np.maximum(whole, flat)
        return np.asarray(cv2.GaussianBlur(whole, (0, 0), 0.8 + 0.25 * abs(hour)), np.float32)

    def _exposure(self, seen: Field, at_s: float) -> float:
        """The camera's own idea of how bright a picture should be, with steps."""
        mean = float(seen[::4, ::4].mean())
        wish = 105.0 / max(mean, 4.0)
        level = float(self._levels[int(np.searchsorted(self._steps, at_s))])
        return float(np.clip(wish, 0.6, 9.0) ** 0.8 * level**0.5)

    def _raining(self, at_s: float) -> bool:
        return any(rain.start_s <= at_s < rain.end_s for rain in self._rains)

    def _wetness(self, at_s: float) -> float:
        """Gets wet in ten minutes, dries in two hours."""
        wet = 0.0
        for rain in self._rains:
            if at_s >= rain.start_s:
                soaked = min(1.0, (min(at_s, rain.end_s) - rain.start_s) / 600)
                wet = max(wet, soaked * float(np.exp(-max(0.0, at_s - rain.end_s) / 4000)))
        return wet

    def _damp(self, wet: float) -> Field:
        """Wet ground and wet streaks down a wall are darker; as they dry they shrink from their rim."""
        rows = np.linspace(0, 1, self._height, dtype=np.float32)[:, None]
        ground = 1 / (1 + np.exp(-(rows - self._ground_from) * 40))
        patch = 1 / (1 + np.exp(-(self._wet - (1.0 - wet) * 0.9) * 14))
        dark = 1.0 - 0.35 * wet * ground - 0.3 * patch * (1 - ground) * min(1.0, wet * 2)
        return np.asarray(dark, np.float32)


def _shadow(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """A building's edge, a pole, or a tree's crown."""
    width, height = size
    flat = np.zeros((height, width), np.float32)
    kind = rng.integers(3)
    if kind == 0:
        x = rng.uniform(-0.2, 0.8) * width
        slant = rng.uniform(-0.6, 0.6) * width
        points = np.array([(x, 0), (x - 2 * width, 0), (x - 2 * width + slant, height), (x + slant, height)])
        cv2.fillPoly(flat, [points.astype(np.int32)], 1.0)
    elif kind == 1:
        for _ in range(rng.integers(1, 4)):
            x, slant = rng.uniform(0, width), rng.uniform(-0.5, 0.5) * width
            cv2.line(flat, (int(x), 0), (int(x + slant), height), 1.0, int(rng.integers(4, 18)))
    else:
        leaves = cv2.resize(
            rng.random((height // 12, width // 12)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC
        )
        crown = np.zeros_like(flat)
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        cv2.ellipse(crown, centre, (width // 4, height // 4), 0, 0, 360, 1.0, -1)
        flat = ((leaves > 0.45) * crown).astype(np.float32)
    return flat


def _pool(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """The light of a lamp."""
    width, height = size
    x, y = np.meshgrid(np.linspace(0, 1, width, dtype=np.float32), np.linspace(0, 1, height, dtype=np.float32))
    cx, cy = rng.uniform(0.1, 0.9), rng.uniform(0.0, 0.6)
    return np.asarray(0.35 + np.exp(-(((x - cx) / 0.45) ** 2 + ((y - cy) / 0.6) ** 2)), np.float32)


def _patch(size: tuple[int, int], rng: np.random.Generator) -> Field:
    """0..1: how early a place of a wall gets wet and how late it dries."""
    height = size[1]
    coarse = cv2.resize(rng.random((6, 10)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.random((24, 60)).astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    down = np.linspace(0.35, -0.35, height, dtype=np.float32)[:, None]
    return np.asarray(np.clip(0.65 * coarse + 0.35 * fine + down, 0, 1), np.float32)


def _streaked(seen: Field, rng: np.random.Generator) -> Field:
    height, width = seen.shape[:2]
    drops = np.zeros((height, width), np.float32)
    for x, y, length in zip(
        rng.integers(0, width, 90), rng.integers(0, height, 90), rng.integers(8, 30, 90), strict=True
    ):
        cv2.line(drops, (int(x), int(y)), (int(x - 2), int(y + length)), 22.0, 1)
    return seen * 0.97 + 4 + drops[..., None]


_TILE: dict[tuple[int, ...], Field] = {}


def _grain(rng: np.random.Generator, shape: tuple[int, ...], levels: float) -> Field:
    """Sensor noise: one drawn field, shifted at random each time, which costs a tenth of drawing it anew."""
    if shape not in _TILE:
        _TILE[shape] = np.random.default_rng(1).normal(0, 1, shape).astype(np.float32)
    tile = np.roll(_TILE[shape], (int(rng.integers(shape[0])), int(rng.integers(shape[1]))), axis=(0, 1))
    return np.asarray(tile * levels, np.float32)
