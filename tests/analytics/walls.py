"""Made walls and furniture: a picture of a place under wandering light, with what is painted into it."""

__all__ = ["HEIGHT", "WIDTH", "look_at", "place", "scribble", "sheet"]

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import numpy.typing as npt

from tests.builders import NOW_US
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.frames import Picture
from vitrail.domain.time import SECOND_US

WIDTH, HEIGHT = 160, 120
Image = npt.NDArray[np.float32]
EVERY_S = 30


def place(seed: int = 1) -> Image:
    """(h, w) luma: plaster with stains, a ledge, a pavement."""
    rng = np.random.default_rng(seed)
    stains = cv2.resize(rng.random((8, 10)).astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    wall = 120 + 30 * stains
    cv2.rectangle(wall, (0, 50), (WIDTH, 53), 90.0, -1)
    wall[100:] = 80
    return np.asarray(wall, np.float32)


def scribble(image: Image) -> Image:
    painted = image.copy()
    t = np.linspace(0, 1, 60)
    x = 55 + 50 * t + 6 * np.sin(25 * t)
    y = 28 + 12 * np.sin(40 * t) + 4 * np.cos(17 * t)
    cv2.polylines(painted, [np.stack([x, y], axis=1).astype(np.int32)], False, 25.0, 2)
    return painted


def sheet(image: Image) -> Image:
    covered = image.copy()
    cv2.rectangle(covered, (65, 10), (90, 44), 225.0, -1)
    return covered


def look_at(
    draw: Callable[[float], Image],
    hours: float,
    people: Callable[[float], list[list[float]]] | None = None,
    dark: bool = False,
) -> Iterator[Scene]:
    """A look every 30 s; ``draw`` gives the place at an hour. Light wanders, noise is the camera's."""
    rng = np.random.default_rng(5)
    for step in range(round(hours * 3600 / EVERY_S)):
        hour = step * EVERY_S / 3600
        light = (0.15 if dark else 1.0) * (0.85 + 0.3 * np.sin(hour * 2.1))
        y = draw(hour) * light + rng.normal(0, 1.5, (HEIGHT, WIDTH))
        u = np.full((HEIGHT // 2, WIDTH // 2), 116, np.uint8)
        v = np.full((HEIGHT // 2, WIDTH // 2), 139, np.uint8)
        picture = Picture(np.clip(y, 0, 255).astype(np.uint8), u, v, True)
        boxes = np.array(people(hour) if people else [], np.float32).reshape(-1, 4)
        yield Scene("gate-main", "gate", NOW_US + step * EVERY_S * SECOND_US, Tracks.none(), picture, boxes)
