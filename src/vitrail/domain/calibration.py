"""From what somebody knows of a scene to its ground: places with known positions, and things of known height.

One ordinary camera (square pixels, its axis through the middle of the picture, no lens distortion) is fitted to all
clues at once by least squares (Levenberg, 1944; Marquardt, 1963), from the best of a grid of starts that have closed
forms. What clues leave open is held by what cameras are mostly like: a view of about 60 degrees, hung upright. The fit
says how well the clues agree with each other, and how much lengths would change if clicks were a little off.
"""

__all__ = ["Calibration", "KnownHeight", "KnownPoint", "calibrate"]

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.geometry import Point
from vitrail.domain.ground import Ground

Row = npt.NDArray[np.float64]

_CLICK = 0.005
"""How far a click is off, in picture heights: five pixels of a thousand."""
_VIEW_DEG, _VIEW_SPREAD = 60.0, 0.5
_ROLL_SPREAD = math.radians(2.0)
_TILT, _TILT_SPREAD = math.radians(25.0), math.radians(30.0)
_HEIGHT_M, _HEIGHT_SPREAD = 5.0, 1.0
_SAID_SPREAD = 0.02
"""A view that somebody gives is right to two in a hundred."""
_VIEWS_DEG = (25.0, 40.0, 60.0, 80.0, 110.0)
_TILTS_DEG = (3.0, 10.0, 20.0, 35.0, 50.0, 65.0, 80.0, 88.0)
_STARTS = 4
_ROUNDS = 60
_HEIGHT_PARAMETERS = 4
_STEP = 1e-6
_ASKED = ((0.1, 0.98), (0.9, 0.98), (0.5, 0.8))

_WORST_MISFIT = 0.03
_WORST_DOUBT = 0.3
_LOWEST_M, _HIGHEST_M = 1.0, 200.0
_STEEPEST_ROLL_DEG = 12.0
_NARROWEST_DEG, _WIDEST_DEG = 3.0, 150.0


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """A place on the ground: where it is seen, and where it is in metres."""

    at: Point
    metres: tuple[float, float]


@dataclass(frozen=True, slots=True)
class KnownHeight:
    """Something upright: where it stands, where its top is seen, and how tall it is."""

    foot: Point
    head: Point
    metres: float


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """``misfits``: how far each clue is from where the fitted camera would see it, in picture heights; the points
    first. ``view_deg``: across the picture."""

    ground: Ground
    height_m: float
    tilt_deg: float
    roll_deg: float
    view_deg: float
    heading_deg: float
    misfits: tuple[float, ...]
    doubt: float
    """How far lengths are left open where that is worst, among the clues and three places at the bottom of the picture:
    one standard deviation, as a share of them."""

    def implausible(self) -> list[str]:
        """What speaks against it, in plain words; nothing when it may be relied on."""
        said: list[str] = []
        worst = int(np.argmax(self.misfits))
        if self.misfits[worst] > _WORST_MISFIT:
            off = (
                f"clue {worst + 1} is {100 * self.misfits[worst]:.1f} % of the picture's height from where it should be"
            )
            said.append(f"the clues do not agree with each other: {off}")
        if self.doubt > _WORST_DOUBT:
            said.append(f"the clues leave lengths open by {100 * self.doubt:.0f} %: spread them over the ground")
        if not _LOWEST_M <= self.height_m <= _HIGHEST_M:
            said.append(f"the camera would hang {self.height_m:.1f} m high")
        if abs(self.roll_deg) > _STEEPEST_ROLL_DEG:
            said.append(f"the picture would lean by {abs(self.roll_deg):.0f} degrees")
        if not _NARROWEST_DEG <= self.view_deg <= _WIDEST_DEG:
            said.append(f"the view would be {self.view_deg:.0f} degrees wide")
        return said


def calibrate(
    points: Sequence[KnownPoint],
    heights: Sequence[KnownHeight],
    aspect: float,
    view_deg: float | None = None,
    heading_deg: float = 0.0,
    origin: tuple[float, float] | None = None,
) -> Calibration:
    """The ground that fits best. ``aspect``: width of the picture by its height. ``heading_deg``: clockwise from the
    plane's y axis, used where no point tells it. Raises ``ValueError`` when there are too few clues (four points, two
    heights, or three points with a height), or when no camera at all could see them so."""
    if len(points) < 4 and len(heights) < 2 and not (len(points) == 3 and heights):
        raise ValueError("name four points or two heights at least")
    problem = _Problem(tuple(points), tuple(heights), aspect, view_deg, math.radians(heading_deg))
    starts = sorted(problem.starts(), key=lambda start: problem.cost(start))[:_STARTS]
    if not starts:
        raise ValueError("no camera could see these clues so: a place on the ground lies above the horizon")
    best = min((_fit(problem, start) for start in starts), key=problem.cost)
    return problem.calibration(best, origin)


@dataclass(frozen=True, slots=True, eq=False)
class _Problem:
    """The clues; parameters are log focal length (picture heights), tilt, roll, log height, and where points tell
    them, heading and position."""

    points: tuple[KnownPoint, ...]
    heights: tuple[KnownHeight, ...]
    aspect: float
    view_deg: float | None
    heading: float

    def projection(self, row: Row) -> npt.NDArray[np.float64]:
        focal, tilt, roll, height = math.exp(row[0]), row[1], row[2], math.exp(row[3])
        heading, x, y = (row[4], row[5], row[6]) if len(row) > _HEIGHT_PARAMETERS else (self.heading, 0.0, 0.0)
        forth = np.array([math.sin(heading), math.cos(heading), 0.0])
        right = np.array([math.cos(heading), -math.sin(heading), 0.0])
        up = np.array([0.0, 0.0, 1.0])
        axis = math.cos(tilt) * forth - math.sin(tilt) * up
        down = -math.sin(tilt) * forth - math.cos(tilt) * up
        across = math.cos(roll) * right + math.sin(roll) * down
        down = math.cos(roll) * down - math.sin(roll) * right
        rows = [focal / self.aspect * across + 0.5 * axis, focal * down + 0.5 * axis, axis]
        matrix = np.array(rows)
        return np.column_stack([matrix, -matrix @ np.array([x, y, height])])

    def misses(self, row: Row) -> npt.NDArray[np.float64]:
        """(n, 2) picture heights between each clue and where the camera of ``row`` sees it."""
        matrix = self.projection(row)
        known = [(*p.metres, 0.0) for p in self.points]
        wanted = [p.at for p in self.points]
        if self.heights:
            feet = _on_ground(matrix, np.array([h.foot for h in self.heights]))
            known += [(x, y, h.metres) for (x, y), h in zip(feet, self.heights, strict=True)]
            wanted += [h.head for h in self.heights]
        seen = np.column_stack([np.array(known), np.ones(len(known))]) @ matrix.T
        depth = np.where(np.abs(seen[:, 2:]) < 1e-6, 1e-6, seen[:, 2:])
        misses = seen[:, :2] / depth - np.array(wanted)
        misses[(seen[:, 2] <= 0) | np.isnan(misses).any(axis=1)] = 10.0
        return np.asarray(np.clip(misses, -10.0, 10.0) * (self.aspect, 1.0))

    def residuals(self, row: Row) -> Row:
        usual = self.aspect / (2 * math.tan(math.radians(self.view_deg or _VIEW_DEG) / 2))
        spread = _SAID_SPREAD if self.view_deg else _VIEW_SPREAD
        held = [
            (row[0] - math.log(usual)) / spread,
            row[2] / _ROLL_SPREAD,
            (row[1] - _TILT) / _TILT_SPREAD,
            (row[3] - math.log(_HEIGHT_M)) / _HEIGHT_SPREAD,
        ]
        return np.concatenate([self.misses(row).ravel() / _CLICK, held])

    def cost(self, row: Row) -> float:
        return float(np.sum(self.residuals(row) ** 2))

    def starts(self) -> list[Row]:
        """A row for each view and tilt that could be: the rest follows from the clues in closed form."""
        found = []
        for view in (self.view_deg,) if self.view_deg else _VIEWS_DEG:
            focal = self.aspect / (2 * math.tan(math.radians(view) / 2))
            for tilt in _TILTS_DEG:
                start = self._start(math.log(focal), math.radians(tilt))
                if start is not None:
                    found.append(start)
        return found

    def _start(self, focal: float, tilt: float) -> Row | None:
        low = np.array([focal, tilt, 0.0, 0.0])  # one metre high
        matrix = _Problem((), (), self.aspect, None, 0.0).projection(low)
        if self.points:
            seen = _on_ground(matrix, np.array([p.at for p in self.points]))
            known = np.array([p.metres for p in self.points])
            if np.isnan(seen).any():
                return None
            here, there = seen @ (1, 1j), known @ (1, 1j)
            turn = np.vdot(here - here.mean(), there - there.mean()) / max(np.sum(abs(here - here.mean()) ** 2), 1e-12)
            shift = there.mean() - turn * here.mean()
            size = max(abs(turn), 1e-3)
            return np.array([focal, tilt, 0.0, math.log(size), -np.angle(turn), shift.real, shift.imag])
        feet = _on_ground(matrix, np.array([h.foot for h in self.heights]))
        if np.isnan(feet).any():
            return None
        back = np.linalg.inv(matrix[:, :3])
        heads = np.column_stack([np.array([h.head for h in self.heights]), np.ones(len(feet))]) @ back.T
        flat = np.hypot(heads[:, 0], heads[:, 1])
        tall = 1.0 + heads[:, 2] / np.maximum(flat, 1e-9) * np.hypot(feet[:, 0], feet[:, 1])
        sizes = np.array([h.metres for h in self.heights]) / np.maximum(tall, 1e-3)
        return np.array([focal, tilt, 0.0, math.log(float(np.median(sizes)))])

    def calibration(self, row: Row, origin: tuple[float, float] | None) -> Calibration:
        matrix = self.projection(row)
        feet = np.array([*_ASKED, *(p.at for p in self.points), *(h.foot for h in self.heights)])
        feet = feet[~np.isnan(_on_ground(matrix, feet)).any(axis=1)]
        slopes = _slopes(self.residuals, row)
        spread = np.linalg.pinv(slopes.T @ slopes)
        change = _slopes(lambda r: _log_scale(self.projection(r), feet), row)
        doubts = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", change, spread, change), 0.0))
        heading = row[4] if len(row) > _HEIGHT_PARAMETERS else self.heading
        return Calibration(
            Ground(tuple(float(number) for number in matrix.ravel()), origin),
            math.exp(row[3]),
            math.degrees(row[1]),
            math.degrees(row[2]),
            math.degrees(2 * math.atan(self.aspect / (2 * math.exp(row[0])))),
            math.degrees(heading) % 360,
            tuple(float(miss) for miss in np.hypot(*self.misses(row).T)),
            float(np.max(doubts, initial=0.0)),
        )


def _fit(problem: _Problem, row: Row) -> Row:
    damping, cost = 1e-2, problem.cost(row)
    for _ in range(_ROUNDS):
        slopes, rest = _slopes(problem.residuals, row), problem.residuals(row)
        normal, pull = slopes.T @ slopes, slopes.T @ rest
        step = np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-9), pull)
        tried = problem.cost(row - step)
        if tried < cost:
            done = cost - tried < 1e-9 * cost
            row, cost, damping = row - step, tried, max(damping / 4, 1e-9)
            if done:
                break
        else:
            damping *= 5
            if damping > 1e9:
                break
    return row


def _slopes(function: object, row: Row) -> npt.NDArray[np.float64]:
    assert callable(function)
    columns = []
    for i in range(len(row)):
        step = np.zeros(len(row))
        step[i] = _STEP * max(1.0, abs(row[i]))
        columns.append((function(row + step) - function(row - step)) / (2 * step[i]))
    return np.column_stack(columns)


def _on_ground(matrix: npt.NDArray[np.float64], places: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, 2) metres, NaN above the horizon."""
    rays = np.column_stack([places, np.ones(len(places))]) @ np.linalg.inv(matrix[:, [0, 1, 3]]).T
    return np.where(rays[:, 2:] > 1e-9, rays[:, :2] / np.maximum(rays[:, 2:], 1e-9), np.nan)


def _log_scale(matrix: npt.NDArray[np.float64], places: npt.NDArray[np.float64]) -> Row:
    """Logarithm of metres for a step of the picture, at each place."""
    back = np.linalg.inv(matrix[:, [0, 1, 3]])
    depth = np.maximum(np.column_stack([places, np.ones(len(places))]) @ back[2], 1e-9)
    return np.asarray(0.5 * (math.log(abs(np.linalg.det(back))) - 3 * np.log(depth)))
