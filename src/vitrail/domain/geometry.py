"""Plane geometry in normalised picture coordinates: x to the right, y down, both 0..1.

Boxes are rows ``x0, y0, x1, y1`` of a float32 array of shape (n, 4).
"""

__all__ = ["Boxes", "DirectedLine", "Point", "Polygon", "box_area", "foot_points", "grow", "iou_matrix"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Boxes = npt.NDArray[np.float32]
Point = tuple[float, float]


def _cross(o: Point, a: Point, b: Point) -> float:
    return (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])


def _segments_cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return (_cross(a, b, c) * _cross(a, b, d) < 0) and (_cross(c, d, a) * _cross(c, d, b) < 0)


@dataclass(frozen=True, slots=True)
class Polygon:
    """A simple polygon; at least three corners, each inside the picture, edges not crossing."""

    corners: tuple[Point, ...]

    def __post_init__(self) -> None:
        n = len(self.corners)
        if n < 3:
            raise ValueError("a polygon needs at least three corners")
        if any(not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0) for x, y in self.corners):
            raise ValueError("corners must lie inside the picture (0..1)")
        for i in range(n):
            for j in range(i + 2, n):
                if i == 0 and j == n - 1:
                    continue
                a, b = self.corners[i], self.corners[(i + 1) % n]
                c, d = self.corners[j], self.corners[(j + 1) % n]
                if _segments_cross(a, b, c, d):
                    raise ValueError("polygon edges must not cross")
        if self.area == 0.0:
            raise ValueError("polygon has no area")

    @property
    def area(self) -> float:
        """Share of the picture, 0..1 (shoelace formula)."""
        xs = np.array([p[0] for p in self.corners])
        ys = np.array([p[1] for p in self.corners])
        return float(abs(np.dot(xs, np.roll(ys, -1)) - np.dot(ys, np.roll(xs, -1))) / 2)

    @property
    def narrow(self) -> float:
        """The shorter side of the upright box around it, as a share of the picture."""
        xs, ys = zip(*self.corners, strict=True)
        return float(min(max(xs) - min(xs), max(ys) - min(ys)))

    def contain(self, points: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
        """Which of ``points`` (n, 2) lie inside (even-odd rule)."""
        x, y = points[:, 0], points[:, 1]
        inside = np.zeros(len(points), dtype=bool)
        x0, y0 = self.corners[-1]
        for x1, y1 in self.corners:
            if y0 != y1:
                spans = (y0 > y) != (y1 > y)
                inside ^= spans & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
            x0, y0 = x1, y1
        return inside


@dataclass(frozen=True, slots=True)
class DirectedLine:
    """A line from ``a`` to ``b``. Crossing it from its left hand to its right hand (seen walking from a to b,
    on the picture as displayed) is the *forward* sense."""

    a: Point
    b: Point

    def __post_init__(self) -> None:
        if self.a == self.b:
            raise ValueError("a line needs two different ends")
        if any(not 0.0 <= v <= 1.0 for v in (*self.a, *self.b)):
            raise ValueError("line ends must lie inside the picture (0..1)")

    def side(self, point: Point) -> float:
        """Signed distance from the line's carrier: negative on the left hand, positive on the right."""
        length = float(np.hypot(self.b[0] - self.a[0], self.b[1] - self.a[1]))
        return _cross(self.a, self.b, point) / length

    def crossing(self, before: Point, after: Point) -> int:
        """+1 forward, -1 backward, 0 when the step does not cross the segment."""
        sense = 1 if self.side(before) < 0 else -1
        left, right = (before, after) if sense > 0 else (after, before)
        s0, s1 = self.side(left), self.side(right)
        if s0 >= 0 or s1 < 0:
            return 0
        # Reckoned from the left hand whichever way the step goes: rounding then treats both ways alike.
        along = s0 / (s0 - s1)
        hit = (left[0] + (right[0] - left[0]) * along, left[1] + (right[1] - left[1]) * along)
        dx, dy = self.b[0] - self.a[0], self.b[1] - self.a[1]
        t = ((hit[0] - self.a[0]) * dx + (hit[1] - self.a[1]) * dy) / (dx * dx + dy * dy)
        if not 0.0 <= t <= 1.0:
            return 0
        return sense


def foot_points(boxes: Boxes) -> npt.NDArray[np.float32]:
    """Bottom centre of each box: where a person or a wheel touches the ground. (n, 4) -> (n, 2)."""
    return np.asarray(np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1), dtype=np.float32)


def box_area(boxes: Boxes) -> npt.NDArray[np.float32]:
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return np.asarray(size[:, 0] * size[:, 1], dtype=np.float32)


def iou_matrix(a: Boxes, b: Boxes) -> npt.NDArray[np.float32]:
    """Intersection over union of every pair: (n, 4), (m, 4) -> (n, m)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    size = np.maximum(high - low, 0)
    shared = size[..., 0] * size[..., 1]
    union = box_area(a)[:, None] + box_area(b)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9), dtype=np.float32)


def grow(boxes: Boxes, margin: float) -> Boxes:
    """Each box larger by ``margin`` of its width and height on every side, cut at the picture's edge."""
    w = (boxes[:, 2] - boxes[:, 0])[:, None] * margin
    h = (boxes[:, 3] - boxes[:, 1])[:, None] * margin
    return np.asarray(np.clip(boxes + np.hstack([-w, -h, w, h]), 0.0, 1.0), dtype=np.float32)
