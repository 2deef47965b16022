"""How much one picture looks like fire, like smoke, and like either: small trained heads, pure arithmetic.

Fire is judged from what each part of the picture holds of bright cores with a warm rim, of warm colour and of texture
(a boosted forest over 20 x 20 parts); smoke from what a network sees half way, and later, in each part; either of the
two from what it sees in the whole. The weights are small and lie beside this file; the card in docs/upkeep.md says what
they were learnt from.
"""

__all__ = ["RAW", "Burning", "Forest", "Heads", "Linear", "flame_features", "shipped"]

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.looks import PlaceLook

Values = npt.NDArray[np.float32]

_SIDE, _PART = 320, 16
_PARTS = _SIDE // _PART
_TENTH = _PARTS * _PARTS // 10
RAW = ("flames everywhere", "flames where most", "smoke everywhere", "smoke where most", "either")
"""What is asked of one picture, in the order of the raw scores."""


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """``(x - mean) / spread @ weights + bias``."""

    mean: Values
    spread: Values
    weights: Values
    bias: float

    def say(self, rows: Values) -> Values:
        return np.asarray(((rows - self.mean) / self.spread) @ self.weights + self.bias, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Boosted trees of depth three: ``feature`` and ``threshold`` (trees, 7) of the inner nodes, level by level, and
    ``leaf`` (trees, 8)."""

    feature: npt.NDArray[np.int16]
    threshold: Values
    leaf: Values
    bias: float

    def say(self, rows: Values) -> Values:
        total = np.full(len(rows), self.bias, np.float32)
        index = np.arange(len(rows))
        for feature, threshold, leaf in zip(self.feature, self.threshold, self.leaf, strict=True):
            node = np.zeros(len(rows), np.int64)
            for _ in range(3):
                node = 2 * node + 1 + (rows[index, feature[node]] > threshold[node])
            total += leaf[node - 7]
        return total


@dataclass(frozen=True, slots=True)
class Burning:
    """Scores of one picture, each in spreads of ordinary pictures. 0 is where, at the worst of the sources that the
    zeros were set on, the declared share of pictures without it begins."""

    fire: float
    smoke: float
    either: float


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """``smoke`` looks at cells, ``plume`` at the coarser parts, ``either`` at the whole. ``scales`` (5, 2): middle and
    spread of each raw score on ordinary pictures, so that they can be compared; ``zeros`` (3,): where fire, smoke and
    either of a picture begin."""

    flames: Forest
    smoke: Linear
    plume: Linear
    either: Linear
    scales: Values
    zeros: Values

    def raw(self, picture: Picture, look: PlaceLook) -> Values:
        """As ``RAW`` names them."""
        return self.raw_of(flame_features(picture), look.cells, look.parts, look.embedding)

    def raw_of(self, features: Values, cells: Values, parts: Values, embedding: Values) -> Values:
        flames = np.sort(self.flames.say(features))
        smoke, plume = self.smoke.say(cells).mean(), self.plume.say(parts).max()
        either = self.either.say(embedding[None])[0]
        return np.array([flames.mean(), flames[-_TENTH:].mean(), smoke, plume, either], np.float32)

    def judge(self, picture: Picture, look: PlaceLook) -> Burning:
        return self.joined(self.raw(picture, look))

    def joined(self, raw: Values) -> Burning:
        """Fire is what looks like flames somewhere, and burning, and less like smoke; smoke is less like flames. Either
        is one of two things: flames somewhere, or what looks burning as a whole and like smoke somewhere. One of them
        is enough, since in a dark yard nothing but the flames looks like burning, and in a blinded shop no flame."""
        flames, most, smoke, plume, either = (raw - self.scales[:, 0]) / self.scales[:, 1]
        said = np.array([2 * most + either - smoke, smoke - flames, max(either + plume, most)]) - self.zeros
        return Burning(*(float(value) for value in said))


@cache
def shipped() -> Heads:
    return unpacked((files("vitrail.analytics") / "burning.npz").read_bytes())


def unpacked(data: bytes) -> Heads:
    with np.load(BytesIO(data), allow_pickle=False) as kept:
        flames = Forest(kept["feature"], kept["threshold"], kept["leaf"], float(kept["flames_bias"]))
        linear = [
            Linear(kept[f"{n}_mean"], kept[f"{n}_spread"], kept[f"{n}_weights"], float(kept[f"{n}_bias"]))
            for n in ("smoke", "plume", "either")
        ]
        return Heads(flames, linear[0], linear[1], linear[2], kept["scales"], kept["zeros"])


def flame_features(picture: Picture) -> Values:
    """(400, features): 20 x 20 parts of the picture, row by row."""
    y, u, v = (_square(plane) for plane in (picture.y, picture.u, picture.v))
    if not picture.full_range:
        y, u, v = (y - 16) * (255 / 219), (u - 128) * (255 / 224) + 128, (v - 128) * (255 / 224) + 128
    u, v = u - 128, v - 128
    warm = v - u
    means = [_part(y), _part(u), _part(v)]
    spreads = [np.sqrt(np.maximum(_part(y * y) - means[0] ** 2, 0))]
    spreads.append(np.sqrt(np.maximum(_part(warm * warm) - _part(warm) ** 2, 0)))
    found = [*means, *spreads, _part(y > 235), _part(y < 40)]
    found += [_part((v > 20) & (u < -10) & (y > 110)), _part((v > 12) & (y > 150))]
    found += [_most(warm - cv2.blur(warm, (41, 41))), _most(np.minimum(y, warm * 3)), _most(warm)]
    across, down = cv2.Sobel(y, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(y, cv2.CV_32F, 0, 1) / 8
    found += [_part(np.hypot(across, down)), _part(np.abs(cv2.Laplacian(y, cv2.CV_32F)))]
    found.append(_part(np.abs(cv2.GaussianBlur(y, (0, 0), 2) - cv2.GaussianBlur(y, (0, 0), 8))))
    found += _rims(y, v, warm)
    near = [*means, found[3], found[5], found[7], found[8], found[12], found[13], found[14], found[15]]
    for reach in (3, 7):
        found += [cv2.blur(np.asarray(one, np.float32), (reach, reach)) for one in near]
    whole = [y.mean(), y.std(), u.mean(), v.mean(), u.std(), v.std()]
    found += [np.full((_PARTS, _PARTS), value, np.float32) for value in whole]
    found += [means[0] - whole[0], means[1] - whole[2], means[2] - whole[3]]
    found.append(np.repeat(np.linspace(0, 1, _PARTS)[:, None], _PARTS, 1))
    return np.stack(found, axis=-1).astype(np.float32).reshape(_PARTS * _PARTS, -1)


def _rims(y: Values, v: Values, warm: Values) -> list[Values]:
    """Around what is too bright to have a colour: how warm its rim is."""
    core = (y > 225).astype(np.float32)
    near = cv2.dilate(core, np.ones((15, 15), np.uint8))
    rim = near - core
    return [_part(rim * np.clip(warm, 0, 80)), _part(rim * (v > 8)), _part(near * (np.abs(warm) < 6))]


def _square(plane: npt.NDArray[np.uint8]) -> Values:
    shrinks = plane.shape[0] > _SIDE
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(plane), (_SIDE, _SIDE), interpolation=way), np.float32)


def _part(values: npt.NDArray[np.generic]) -> Values:
    size = (_PARTS, _PARTS)
    return np.asarray(cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float32)


def _most(values: Values) -> Values:
    return np.asarray(values.reshape(_PARTS, _PART, _PARTS, _PART).max(axis=(1, 3)), np.float32)
