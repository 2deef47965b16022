"""What is lastingly other in an area, gathered into patches: strokes of paint, a sheet, a thing that stands there."""

__all__ = ["FEATURES", "LEAST", "Patch", "paint", "patches"]

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.analytics.pasts import Compared

Values = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]

LEAST = 0.6
"""Cells that differ by fewer steps are the same."""
_REACH = 9
"""Strokes so many cells apart belong together."""
_LEAST_CELLS, _LEAST_ENERGY = 12, 18.0
_CHANGED_LUMA, _CHANGED_CHROMA = 0.12, 5.0
_SHEET = -4.2
"""Logarithm of the share of the surface below which a sheet's straight edges cannot be told from a stroke's."""
_BOUNDS = (("inside", 0.86, 40.0), ("below", -0.04, 60.0), ("strength", 0.95, 10.0))
_DENSE = 0.55
"""Print covers more of what its outline encloses than most strokes do."""
_CURVED = 0.45
"""A small mark whose edges run one way is the rim of something."""
FEATURES = (
    "strength", "size", "inside", "entropy", "stroke", "rect", "filled", "below", "chroma", "darker", "tall",
    "rim", "corners",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """``mask`` (rows, columns) of the area's cells: its new edges. ``hull``: what they enclose. ``features``: as
    ``FEATURES`` names them. ``energy``: how much edge is new."""

    box: tuple[float, float, float, float]
    mask: Cells
    hull: Cells
    energy: float
    features: Values


def patches(seen: Compared) -> list[Patch]:
    """The largest first; only those that lie on the drawn polygon for a good part."""
    mask = (seen.differs > LEAST).astype(np.uint8)
    near = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_REACH, _REACH)))
    count, labels = cv2.connectedComponents(near)
    found = [_patch(seen, (labels == index) & (mask > 0)) for index in range(1, count)]
    return sorted((one for one in found if one is not None), key=lambda one: -one.energy)


def _patch(seen: Compared, mask: Cells) -> Patch | None:
    energy = float(seen.differs[mask].sum())
    cells = int(mask.sum())
    on = float(seen.differs[mask & seen.inside].sum()) / max(energy, 1e-6)
    if cells < _LEAST_CELLS or energy < _LEAST_ENERGY or on < 0.3:
        return None
    rows, columns = np.nonzero(mask)
    points = np.stack([columns, rows], axis=1).astype(np.int32)
    outline = np.asarray(cv2.convexHull(points), np.int32)
    hull = np.zeros(mask.shape, np.uint8)
    cv2.fillConvexPoly(hull, outline, 1)
    enclosed = hull.astype(np.bool_)
    (_, (width, height), _) = cv2.minAreaRect(points)
    area = float(enclosed.sum())
    luma = np.log((seen.after[..., 0] + 12.0) / (seen.before[..., 0] + 12.0))
    ring = cv2.dilate(hull, np.ones((9, 9), np.uint8)).astype(np.bool_) & ~enclosed
    base = float(np.median(luma[ring])) if ring.any() else 0.0
    chroma = seen.after[..., 1:] - seen.before[..., 1:]
    tint = np.median(chroma[ring], axis=0) if ring.any() else np.zeros(2)
    away = np.abs(chroma - tint).max(axis=2)
    changed = (np.abs(luma - base) > _CHANGED_LUMA) | (away > _CHANGED_CHROMA)
    ys = np.nonzero(seen.inside)[0]
    tall = max(1, int(ys.max() - ys.min()))
    features = np.array(
        [
            energy / cells,
            np.log(area / max(1, int(seen.inside.sum())) + 1e-4),
            on,
            _entropy(seen.after[..., 0], seen.differs * mask),
            cells / max(area, 1.0),
            area / max(float(max(width, 1.0) * max(height, 1.0)), 1.0),
            float(changed[enclosed].mean()),
            (float(ys.max()) - float(rows.max())) / tall,
            float(np.median(away[mask])),
            float(np.median(luma[enclosed]) - base),
            (int(rows.max()) - int(rows.min()) + 1) / tall,
            *_sheet(mask, outline),
        ],
        np.float32,
    )
    h, w = mask.shape
    x0, y0, x1, y1 = seen.box
    sx, sy = (x1 - x0) / w, (y1 - y0) / h
    box = (
        x0 + int(columns.min()) * sx, y0 + int(rows.min()) * sy,
        x0 + (int(columns.max()) + 1) * sx, y0 + (int(rows.max()) + 1) * sy,
    )  # fmt: skip
    return Patch(box, mask, enclosed, energy, features)


def _sheet(mask: Cells, outline: npt.NDArray[np.int32]) -> tuple[float, float]:
    """How much of the hull's rim is itself new, and how much of the hull its best four corners fill: both near 1 for a
    sheet of paper, whose edges are straight lines; strokes touch their hull here and there."""
    rim = np.zeros(mask.shape, np.uint8)
    cv2.polylines(rim, [outline], True, 1)
    near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8))
    whole = max(cv2.contourArea(outline), 1.0)
    corners, reach = outline, 1.0
    while len(corners) > 4:
        corners = np.asarray(cv2.approxPolyDP(outline, reach, True), np.int32)
        reach += 0.5
    return float(near[rim > 0].mean()), float(cv2.contourArea(corners) / whole)


def _entropy(luma: Values, weight: Values) -> float:
    """0: all edges run one way; 1: all ways alike. Paint is written in curves, sheets and shadows are not."""
    soft = cv2.GaussianBlur(luma, (3, 3), 0)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    way = (np.arctan2(down, across) % np.pi) / np.pi
    bins = np.bincount(np.minimum((way * 8).astype(int), 7).ravel(), weight.ravel(), minlength=8)
    shares = bins / max(float(bins.sum()), 1e-6)
    return float(-(shares * np.log(shares + 1e-9)).sum() / np.log(8))


def paint(patch: Patch) -> float:
    """The chance that a lasting patch is paint and not a sheet, a thing before the wall, or a play of light. Bounds
    were set on made marks, sheets and vehicles of the studio's learning half: (feature, middle, steepness)."""
    said = dict(zip(FEATURES, (float(value) for value in patch.features), strict=True))
    sheet = 7.0 * (said["rim"] - 0.78) + 30.0 * (0.935 - said["entropy"]) + 4.0 * (said["filled"] - 0.5)
    sheet += 10.0 * float(np.clip(said["stroke"] - _DENSE, -0.1, 0.05))
    small = said["size"] <= _SHEET
    chance = _sure(20.0 * (said["entropy"] - _CURVED)) if small else _sure(-3.0 * sheet)
    for name, middle, steepness in _BOUNDS:
        chance *= _sure(steepness * (said[name] - middle))
    return chance


def _sure(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))
