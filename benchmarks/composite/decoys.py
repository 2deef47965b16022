"""What comes and goes before a wall and is no damage: posters, parked vans, bins put out, snow."""

__all__ = ["bin_day", "parked", "poster", "snow"]

import cv2
import numpy as np
import numpy.typing as npt

from composite.incidents import Painter
from composite.pieces import piece, put
from composite.plates import Image, Quad

Alpha = npt.NDArray[np.float32]


def poster(wall: Quad, at: tuple[float, float], size: float, seed: int) -> Painter:
    """A sheet of paper with a picture and text; ``at``: its centre, ``size``: its height, shares of the wall."""
    rng = np.random.default_rng(seed)
    paper = np.full((280, 200, 3), rng.uniform(150, 255, 3), np.float32)
    cv2.rectangle(paper, (16, 16), (184, int(rng.uniform(100, 170))), tuple(rng.uniform(0, 255, 3)), -1)
    for y in range(190, 260, 18):
        cv2.line(paper, (20, y), (int(rng.uniform(90, 180)), y), (30, 30, 30), 5)

    def paint(place: Image) -> tuple[Image, Alpha]:
        height, width = place.shape[:2]
        corners = (np.array(wall) * (width, height)).astype(np.float32)
        aspect = np.linalg.norm(corners[1] - corners[0]) / max(1.0, float(np.linalg.norm(corners[3] - corners[0])))
        half_w, half_h = size / 2 * 0.71 / aspect, size / 2
        box = np.array(at) + np.array([(-half_w, -half_h), (half_w, -half_h), (half_w, half_h), (-half_w, half_h)])
        unit = cv2.getPerspectiveTransform(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32), corners)
        target = cv2.perspectiveTransform(box[None].astype(np.float32), unit)[0]
        source = np.array([(0, 0), (200, 0), (200, 280), (0, 280)], np.float32)
        move = cv2.getPerspectiveTransform(source, target)
        flat = cv2.warpPerspective(paper, move, (width, height), flags=cv2.INTER_AREA)
        alpha = cv2.warpPerspective(np.ones((280, 200), np.float32), move, (width, height))
        light = cv2.cvtColor(place, cv2.COLOR_BGR2GRAY)[alpha > 0.5].mean() / 140 if (alpha > 0.5).any() else 1.0
        mixed = place * (1 - alpha[..., None]) + np.clip(flat * np.clip(light, 0.5, 1.2), 0, 255) * alpha[..., None]
        return mixed.astype(np.uint8), alpha

    return paint


def parked(x: float, foot_y: float, height: float, seed: int) -> Painter:
    """A van or car before the wall, as the detector misses it at night or from behind. ``height``: of the picture."""
    rng = np.random.default_rng(seed)
    body = np.zeros((150, int(rng.uniform(230, 330)), 4), np.uint8)
    colour = tuple(float(v) for v in rng.uniform(30, 230, 3))
    wide = body.shape[1]
    cv2.rectangle(body, (4, 20), (wide - 4, 128), (*colour, 255), -1)
    cv2.rectangle(body, (14, 30), (wide // 3, 70), (60, 55, 50, 255), -1)
    if rng.random() < 0.5:
        cv2.rectangle(body, (wide // 3 + 12, 30), (2 * wide // 3, 70), (60, 55, 50, 255), -1)
    for centre in (wide // 5, 4 * wide // 5):
        cv2.circle(body, (centre, 126), 22, (20, 20, 20, 255), -1)
        cv2.circle(body, (centre, 126), 10, (120, 120, 120, 255), -1)

    def paint(place: Image) -> tuple[Image, Alpha]:
        return put(place, body, (x, foot_y), height)

    return paint


def bin_day(x: float, foot_y: float, height: float, seed: int) -> Painter:
    """Bins put out before the wall for the morning."""
    things = [(piece("bin", seed + i), x + 0.07 * i) for i in range(1 + seed % 3)]

    def paint(place: Image) -> tuple[Image, Alpha]:
        alpha = np.zeros(place.shape[:2], np.float32)
        for thing, at in things:
            place, part = put(place, thing, (at, foot_y), height)
            alpha = np.maximum(alpha, part)
        return place, alpha

    return paint


def snow(seed: int, ground_from: float = 0.7) -> Painter:
    """White on the ground and on ledges."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((9, 12)).astype(np.float32)

    def paint(place: Image) -> tuple[Image, Alpha]:
        height, width = place.shape[:2]
        field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        rows = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        ground = 1 / (1 + np.exp(-(rows - ground_from) * 60))
        edges = np.maximum(0, cv2.Sobel(cv2.cvtColor(place, cv2.COLOR_BGR2GRAY).astype(np.float32), cv2.CV_32F, 0, 1))
        ledges = cv2.GaussianBlur((edges > 90).astype(np.float32), (0, 0), 2)
        alpha = np.clip(ground * (0.55 + 0.6 * field) + 0.8 * ledges, 0, 1).astype(np.float32)
        mixed = place * (1 - alpha[..., None]) + np.array([238, 234, 230]) * alpha[..., None]
        return mixed.astype(np.uint8), alpha

    return paint
