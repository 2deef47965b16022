"""Marks cut out of photographs of real graffiti (CC BY): paint with its own transparency, without its wall.

A photograph's wall is the most common colour around the mark; paint is what is far from it. Photographs in which that
does not separate (murals that fill the picture, trucks before a street) are left out.
"""

__all__ = ["Mark", "marks", "painted"]

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from composite.plates import Image, Quad, Split, split_of

Style = Literal["tag", "throwup"]
_NEAR, _FAR = 24.0, 48.0
_LEAST, _MOST = 0.06, 0.7
_STYLES: dict[str, Style] = {"tags": "tag", "throwups": "throwup"}


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """``paint`` (h, w, 4) BGRA; ``source``: the photograph."""

    paint: Image
    style: Style
    source: str

    @property
    def aspect(self) -> float:
        return self.paint.shape[1] / self.paint.shape[0]


def marks(data: Path, split: Split) -> list[Mark]:
    """All that could be cut from the photographs of one split."""
    folder = data / "graffiti-images"
    if not (folder / "labels.csv").exists():
        print(f"{folder} has no labels.csv: no marks are painted")
        return []
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [(row["file"], row["class"]) for row in csv.DictReader(file)]
    found = []
    for name, kind in sorted(rows):
        if kind not in _STYLES or split_of(name) != split:
            continue
        image = cv2.imread(str(folder / name))
        paint = None if image is None else _cut(image)
        if paint is not None:
            found.append(Mark(paint, _STYLES[kind], name))
    return found


def _cut(image: Image) -> Image | None:
    height, width = image.shape[:2]
    part = cv2.medianBlur(image[height // 8 : -height // 8, width // 8 : -width // 8], 5)
    lab = cv2.cvtColor(part, cv2.COLOR_BGR2LAB).astype(np.float32)
    lab[..., 0] *= 0.7
    _, labels, centres = cv2.kmeans(
        lab[::2, ::2].reshape(-1, 3), 5, None, (cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0), 1, cv2.KMEANS_PP_CENTERS
    )
    wall = centres[np.bincount(labels.ravel()).argmax()]
    far = np.sqrt(((lab - wall) ** 2).sum(axis=2))
    alpha = np.clip((far - _NEAR) / (_FAR - _NEAR), 0.0, 1.0)
    alpha = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    kept = _joined(alpha)
    if kept is None:
        return None
    top, left, bottom, right = kept
    part, alpha = part[top:bottom, left:right], alpha[top:bottom, left:right]
    if min(alpha.shape) < 60 or not _LEAST < alpha.mean() < _MOST:
        return None
    alpha = alpha * _rounded(alpha.shape)
    return np.dstack([part, (alpha * 255).astype(np.uint8)])


def _rounded(shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """A photograph's straight edge is no edge of a mark: strokes end softly, in a rounded outline."""
    height, width = shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.clip((1.0 - (np.abs(x) ** 5 + np.abs(y) ** 5)) * 4, 0, 1).astype(np.float32)


def _joined(alpha: npt.NDArray[np.float32]) -> tuple[int, int, int, int] | None:
    """(top, left, bottom, right) of the largest group of strokes that lie near each other."""
    near = cv2.dilate((alpha > 0.5).astype(np.uint8), np.ones((15, 15), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(near)
    if count < 2:
        return None
    best = stats[1:][stats[1:, cv2.CC_STAT_AREA].argmax()]
    left, top, width, height = (int(v) for v in best[:4])
    return top, left, top + height, left + width


def painted(
    place: Image, wall: Quad, mark: Mark, at: tuple[float, float], size: float
) -> tuple[Image, npt.NDArray[np.float32]]:
    """The place with the mark on its wall, and its opacity there (h, w). ``at``: centre, and ``size``: height, as
    shares of the wall. The paint takes the wall's perspective, texture and shading."""
    height, width = place.shape[:2]
    corners = (np.array(wall) * (width, height)).astype(np.float32)
    wall_aspect = np.linalg.norm(corners[1] - corners[0]) / max(1.0, float(np.linalg.norm(corners[3] - corners[0])))
    half_h, half_w = size / 2, size / 2 * mark.aspect / wall_aspect
    half_w = min(half_w, 0.48)
    box = np.array(
        [(at[0] - half_w, at[1] - half_h), (at[0] + half_w, at[1] - half_h), (at[0] + half_w, at[1] + half_h),
         (at[0] - half_w, at[1] + half_h)], np.float32,
    )  # fmt: skip
    unit = cv2.getPerspectiveTransform(np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32), corners)
    target = cv2.perspectiveTransform(box[None], unit)[0]
    rows, columns = mark.paint.shape[:2]
    source = np.array([(0, 0), (columns, 0), (columns, rows), (0, rows)], np.float32)
    # Shrunk in one step a stroke would alias: it is blurred to the size it will have first.
    shrink = max(1.0, rows / max(1.0, float(np.linalg.norm(target[3] - target[0]))))
    paint = cv2.GaussianBlur(mark.paint, (0, 0), shrink / 2) if shrink > 1.2 else mark.paint
    flat = cv2.warpPerspective(
        paint, cv2.getPerspectiveTransform(source, target), (width, height), flags=cv2.INTER_AREA
    )
    alpha = flat[..., 3].astype(np.float32) / 255 * 0.95
    luma = cv2.cvtColor(place, cv2.COLOR_BGR2GRAY).astype(np.float32) + 8
    usual = float(np.median(luma[alpha > 0.1])) if (alpha > 0.1).any() else 128.0
    shade = np.clip(luma / usual, 0.4, 1.8)[..., None] ** 0.7
    colour = np.clip(flat[..., :3].astype(np.float32) * shade, 0, 255)
    mixed = place * (1 - alpha[..., None]) + colour * alpha[..., None]
    return mixed.astype(np.uint8), alpha
