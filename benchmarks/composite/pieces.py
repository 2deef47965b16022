"""Made things: bags, bins, benches, bollards, signs, bicycle racks; whole, toppled, broken, burnt, defaced, moved.

Each is drawn with shading and a contact shadow as BGRA and put into the place at the height that people have there.
"""

__all__ = ["FURNITURE", "HEIGHTS", "STATES", "bag", "changed", "piece", "put"]

import cv2
import numpy as np
import numpy.typing as npt

from composite.plates import Image

FURNITURE = ("bench", "bin", "bollard", "sign", "lamp", "shelter")
HEIGHTS = {"bench": 0.5, "bin": 0.6, "bollard": 0.5, "sign": 1.3, "lamp": 1.7, "shelter": 1.4, "bag": 0.3}
"""Of a person's height."""
STATES = ("missing", "toppled", "moved", "broken", "burnt", "defaced")
_S = 160
Colour = tuple[float, float, float]


def piece(kind: str, seed: int) -> Image:
    rng = np.random.default_rng(seed)
    canvas = np.zeros((_S, {"bench": 2 * _S, "shelter": 3 * _S // 2}.get(kind, _S), 4), np.uint8)
    hue = tuple(float(v) for v in rng.uniform(30, 150, 3))
    drawn = {
        "bench": _bench, "bin": _bin, "bollard": _bollard, "sign": _sign, "lamp": _lamp, "shelter": _shelter,
    }[kind]  # fmt: skip
    drawn(canvas, hue, rng)
    return _shaded(canvas, rng)


def bag(seed: int, level: float | None = None) -> Image:
    """A rucksack, holdall or suitcase. ``level``: its mean grey, for dark bags on dark ground."""
    rng = np.random.default_rng(seed)
    canvas = np.zeros((_S, _S + 60, 4), np.uint8)
    colour = tuple(float(v) for v in rng.uniform(15, 120, 3))
    if level is not None:
        colour = (level, level, level)
    body = rng.integers(3)
    if body == 0:
        cv2.ellipse(canvas, (110, 95), (60, 62), 0, 0, 360, (*colour, 255), -1)
        cv2.ellipse(canvas, (110, 110), (38, 34), 0, 0, 360, (*_times(colour, 0.75), 255), -1)
        cv2.ellipse(canvas, (110, 34), (18, 20), 0, 180, 360, (*_times(colour, 0.6), 255), 6)
    elif body == 1:
        cv2.rectangle(canvas, (25, 80), (195, 155), (*colour, 255), -1)
        cv2.ellipse(canvas, (110, 82), (50, 40), 0, 180, 360, (*_times(colour, 0.6), 255), 7)
        cv2.line(canvas, (25, 105), (195, 105), (*_times(colour, 1.3), 255), 3)
    else:
        cv2.rectangle(canvas, (55, 30), (165, 155), (*colour, 255), -1)
        cv2.rectangle(canvas, (95, 4), (125, 30), (*_times(colour, 0.5), 255), 5)
        for x in (85, 110, 135):
            cv2.line(canvas, (x, 36), (x, 150), (*_times(colour, 0.8), 255), 3)
    shaded = _shaded(canvas, rng, 0.12 if level is not None else 0.25)
    if level is not None:
        opaque = shaded[..., 3] > 128
        shift = level - float(shaded[..., :3][opaque].mean())
        shaded[..., :3] = np.clip(shaded[..., :3].astype(np.float32) + shift, 0, 255).astype(np.uint8)
    return shaded


def changed(whole: Image, state: str, seed: int) -> Image | None:
    """What is left of it; None when nothing is. ``moved`` changes nothing on the thing itself."""
    rng = np.random.default_rng(seed)
    if state == "missing":
        return None
    if state == "toppled":
        return np.ascontiguousarray(np.rot90(whole, 1 if rng.random() < 0.5 else 3))
    after = whole.copy()
    height, width = after.shape[:2]
    if state == "broken":
        x = int(rng.uniform(0.3, 0.7) * width)
        part = after[:, x:] if rng.random() < 0.5 else after[:, :x]
        part[: int(height * rng.uniform(0.5, 0.9)), :, 3] = 0
    elif state == "burnt":
        soot = cv2.resize(rng.random((5, 6)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        dark = np.clip(0.12 + 0.35 * (soot - 0.3), 0.08, 0.6)[..., None]
        after[..., :3] = (after[..., :3] * dark).astype(np.uint8)
        bite = cv2.resize(rng.random((6, 6)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        after[bite > 0.85, 3] = 0
    elif state == "defaced":
        opaque = after[..., 3] > 128
        strokes = np.zeros((height, width), np.uint8)
        points = rng.uniform(0.1, 0.9, (9, 2)) * (width, height)
        cv2.polylines(strokes, [points.astype(np.int32)], False, 255, max(3, height // 22), cv2.LINE_AA)
        where = (strokes > 0) & opaque
        after[where, :3] = (rng.uniform(0, 255, 3)).astype(np.uint8)
    return after


def put(place: Image, thing: Image, foot: tuple[float, float], height: float) -> tuple[Image, npt.NDArray[np.float32]]:
    """The place with the thing standing on ``foot`` (centre of its lower edge), ``height`` a share of the picture's;
    and its opacity there (h, w)."""
    rows, columns = place.shape[:2]
    tall = max(4, round(height * rows))
    wide = max(4, round(tall * thing.shape[1] / thing.shape[0]))
    small = cv2.resize(thing, (wide, tall), interpolation=cv2.INTER_AREA)
    x, y = round(foot[0] * columns - wide / 2), round(foot[1] * rows - tall)
    alpha = np.zeros((rows, columns), np.float32)
    colour = place.copy()
    x0, y0, x1, y1 = max(0, x), max(0, y), min(columns, x + wide), min(rows, y + tall)
    if x1 <= x0 or y1 <= y0:
        return place, alpha
    part = small[y0 - y : y1 - y, x0 - x : x1 - x]
    alpha[y0:y1, x0:x1] = part[..., 3].astype(np.float32) / 255
    colour[y0:y1, x0:x1] = part[..., :3]
    alpha = np.asarray(cv2.GaussianBlur(alpha, (3, 3), 0), np.float32)
    shadow = np.zeros_like(alpha)
    centre = (round(foot[0] * columns), round(foot[1] * rows) - 1)
    cv2.ellipse(shadow, centre, (max(2, wide * 6 // 10), max(1, tall // 14)), 0, 0, 360, 0.35, -1)
    shadow = cv2.GaussianBlur(shadow, (0, 0), max(1.0, tall / 30))
    ground = place * (1 - shadow[..., None])
    mixed = ground * (1 - alpha[..., None]) + colour * alpha[..., None]
    return mixed.astype(np.uint8), alpha


def _times(colour: Colour, by: float) -> Colour:
    return (min(255.0, colour[0] * by), min(255.0, colour[1] * by), min(255.0, colour[2] * by))


def _shaded(canvas: Image, rng: np.random.Generator, depth: float = 0.3) -> Image:
    """Light from one side, a little dirt."""
    height, width = canvas.shape[:2]
    side = np.linspace(1 + depth, 1 - depth, width, dtype=np.float32)[None]
    if rng.random() < 0.5:
        side = side[:, ::-1]
    dirt = cv2.resize(rng.normal(1, 0.08, (20, 20)).astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    canvas[..., :3] = np.clip(canvas[..., :3] * (side * dirt)[..., None], 0, 255).astype(np.uint8)
    rows = np.flatnonzero(canvas[..., 3].any(axis=1))
    columns = np.flatnonzero(canvas[..., 3].any(axis=0))
    return np.ascontiguousarray(canvas[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def _bench(canvas: Image, hue: Colour, rng: np.random.Generator) -> None:
    for y in (20, 42, 64, 92, 108):
        cv2.rectangle(canvas, (14, y), (2 * _S - 14, y + 14), (*_times(hue, 1.0 + 0.1 * (y % 3)), 255), -1)
    for x in (30, 2 * _S - 42):
        cv2.rectangle(canvas, (x, 24), (x + 10, _S - 2), (40, 40, 40, 255), -1)
        cv2.rectangle(canvas, (x - 12, 108), (x + 4, _S - 2), (50, 50, 50, 255), -1)


def _bin(canvas: Image, hue: Colour, rng: np.random.Generator) -> None:
    cv2.rectangle(canvas, (40, 24), (120, _S - 2), (*hue, 255), -1)
    cv2.ellipse(canvas, (80, 24), (44, 14), 0, 0, 360, (*_times(hue, 0.6), 255), -1)
    cv2.ellipse(canvas, (80, 24), (26, 7), 0, 0, 360, (15, 15, 15, 255), -1)
    for x in range(48, 120, 12):
        cv2.line(canvas, (x, 44), (x, _S - 10), (*_times(hue, 0.8), 255), 3)


def _bollard(canvas: Image, hue: Colour, rng: np.random.Generator) -> None:
    cv2.rectangle(canvas, (66, 14), (94, _S - 2), (*hue, 255), -1)
    cv2.ellipse(canvas, (80, 14), (15, 10), 0, 0, 360, (*_times(hue, 1.2), 255), -1)
    cv2.rectangle(canvas, (66, 34), (94, 52), (230, 230, 230, 255), -1)


def _sign(canvas: Image, hue: Colour, rng: np.random.Generator) -> None:
    cv2.rectangle(canvas, (77, 40), (83, _S - 2), (120, 120, 120, 255), -1)
    if rng.random() < 0.5:
        cv2.circle(canvas, (80, 34), 30, (40, 40, 200, 255), -1)
        cv2.circle(canvas, (80, 34), 22, (240, 240, 240, 255), -1)
    else:
        cv2.rectangle(canvas, (46, 6), (114, 62), (200, 120, 30, 255), -1)
        cv2.rectangle(canvas, (56, 16), (104, 52), (240, 240, 240, 255), -1)


def _lamp(canvas: Image, hue: Colour, rng: np.random.Generator) -> None:
    cv2.rectangle(canvas, (76, 12), (84, _S - 2), (*_times(hue, 0.7), 255), -1)
    cv2.rectangle(canvas, (76, 8), (122, 14), (*_times(hue, 0.7), 255), -1)
    cv2.ellipse(canvas, (112, 16), (16, 7), 0, 0, 360, (225, 235, 235, 255), -1)
    cv2.rectangle(canvas, (70, 132), (90, _S - 2), (*_times(hue, 0.5), 255), -1)


def _shelter(canvas: Image, hue: Colour, rng: np.random.Generator) -> None:
    cv2.rectangle(canvas, (8, 8), (232, 24), (*hue, 255), -1)
    for x in (14, 118, 220):
        cv2.rectangle(canvas, (x, 20), (x + 8, _S - 2), (*_times(hue, 0.7), 255), -1)
    for x0, x1 in ((24, 116), (128, 218)):
        cv2.rectangle(canvas, (x0, 34), (x1, 126), (190, 175, 160, 110), -1)
        cv2.line(canvas, (x0 + 8, 120), (x0 + 52, 40), (235, 235, 235, 170), 5)
    cv2.rectangle(canvas, (24, 112), (116, 120), (60, 60, 60, 255), -1)
