"""Where a sound came from, by when microphones heard it begin.

Times of arrival differ by distance over the speed of sound. A coarse search finds the valley, Gauss-Newton its
bottom; an
arrival that is late by an echo is left out when the others agree without it. The ellipse follows from the geometry and
from how well clocks and beginnings are known; where it gets too wide, or the times contradict each other, there is no
answer (``NoPlace`` says why).
"""

__all__ = ["Arrival", "NoPlace", "Spot", "speed_of_sound", "spot_of"]

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

FEWEST = 3
_BEGINNING_S = 0.002
"""How well the beginning of a sound is found in a street."""
_SPEED_SHARE = 0.01
"""Wind and temperature: so far off may the speed of sound be."""
_WIDEST_M = 40.0
_TWENTIETH = 2.45
"""Half axes of an ellipse that holds 95 % of a normal distribution in the plane, in standard deviations."""
_CONTRADICTION = 4.0
_OUTSIDE = 0.75
"""A place may lie outside the microphones by so much of their spread: beyond, directions only are known."""
_GRID = 41


@dataclass(frozen=True, slots=True)
class Arrival:
    """Position of a microphone in metres (east, north) on a plane, and when it heard the beginning. ``clock_s``:
    standard deviation of its clock against the others'; None as that of all."""

    microphone_id: str
    east_m: float
    north_m: float
    at_s: float
    clock_s: float | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Middle and half axes of the 95 % ellipse; ``bearing_deg`` of the longer axis, clockwise from north."""

    east_m: float
    north_m: float
    major_m: float
    minor_m: float
    bearing_deg: float
    heard_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoPlace:
    why: str


def speed_of_sound(celsius: float) -> float:
    """Metres a second in air (Cramer 1993, to first order)."""
    return 331.3 + 0.606 * celsius


def spot_of(arrivals: Sequence[Arrival], clock_s: float, celsius: float = 15.0) -> Spot | NoPlace:
    """``clock_s``: standard deviation of the clocks of which nothing better is known."""
    if len(arrivals) < FEWEST:
        return NoPlace(f"{len(arrivals)} microphones heard it; three are needed")
    speed = speed_of_sound(celsius)
    error_s = max(_error_s(arrival, clock_s) for arrival in arrivals)
    best = _solved(arrivals, speed)
    if len(arrivals) > FEWEST and best.worst_s > _CONTRADICTION * error_s:
        best = _without_echoes(arrivals, speed, error_s) or best
    if best.worst_s > _CONTRADICTION * error_s + best.reach_m / speed * _SPEED_SHARE:
        return NoPlace(f"the times of arrival contradict each other by {best.worst_s * 1000:.0f} ms: clocks or echoes")
    return _judged(best, speed, clock_s)


def _error_s(arrival: Arrival, clock_s: float) -> float:
    return math.hypot(clock_s if arrival.clock_s is None else arrival.clock_s, _BEGINNING_S)


@dataclass(frozen=True, slots=True, eq=False)
class _Fit:
    """``worst_s``: largest residual; ``reach_m``: distance of the farthest microphone."""

    used: tuple[Arrival, ...]
    at: Floats
    worst_s: float
    reach_m: float


def _solved(arrivals: Sequence[Arrival], speed: float) -> _Fit:
    where = np.array([[a.east_m, a.north_m] for a in arrivals])
    times = np.array([a.at_s for a in arrivals])
    middle, spread = where.mean(axis=0), float(np.ptp(where, axis=0).max()) + 1.0
    axis = np.linspace(-1.5 * spread, 1.5 * spread, _GRID)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2) + middle
    leads = times - np.linalg.norm(grid[:, None] - where, axis=2) / speed
    at = grid[int(np.abs(leads - np.median(leads, axis=1, keepdims=True)).sum(axis=1).argmin())]
    for _ in range(30):
        at, step_m = _step(at, where, times, speed)
        if step_m < 0.01:
            break
    distances = np.linalg.norm(where - at, axis=1)
    residuals = times - distances / speed
    residuals -= residuals.mean()
    return _Fit(tuple(arrivals), at, float(np.abs(residuals).max()), float(distances.max()))


def _step(at: Floats, where: Floats, times: Floats, speed: float) -> tuple[Floats, float]:
    """One damped Gauss-Newton step on place and time of the sound."""
    slopes, residuals = _slopes(at, where, speed), times - np.linalg.norm(where - at, axis=1) / speed
    residuals = residuals - residuals.mean()
    normal = slopes.T @ slopes + 1e-12 * np.eye(2)
    move = np.linalg.solve(normal, slopes.T @ residuals)
    length = float(np.linalg.norm(move))
    return at + move * min(1.0, 30.0 / max(length, 1e-9)), length


def _slopes(at: Floats, where: Floats, speed: float) -> Floats:
    """How arrivals change with the place, the unknown moment of the sound taken out."""
    away = (at - where) / np.maximum(np.linalg.norm(at - where, axis=1), 1.0)[:, None] / speed
    return np.asarray(away - away.mean(axis=0))


def _without_echoes(arrivals: Sequence[Arrival], speed: float, error_s: float) -> _Fit | None:
    """The largest set of arrivals that agree; one that contradicts came by an echo, or was another sound."""
    for size in range(len(arrivals) - 1, FEWEST, -1):
        fits = [_solved(some, speed) for some in combinations(arrivals, size)]
        best = min(fits, key=lambda fit: fit.worst_s)
        if best.worst_s <= _CONTRADICTION * error_s:
            return best
    return None


def _judged(fit: _Fit, speed: float, clock_s: float) -> Spot | NoPlace:
    where = np.array([[a.east_m, a.north_m] for a in fit.used])
    slopes = _slopes(fit.at, where, speed)
    normal = slopes.T @ slopes
    if np.linalg.cond(normal) > 1e8:
        return NoPlace("the microphones stand in one line, seen from there")
    spread = float(np.ptp(where, axis=0).max())
    middle = where.mean(axis=0)
    if float(np.linalg.norm(fit.at - middle)) > (0.5 + _OUTSIDE) * spread * math.sqrt(2):
        return NoPlace("it came from outside the microphones: only a direction is known")
    error_s = np.array([_error_s(arrival, clock_s) for arrival in fit.used])
    sound_s = error_s + np.linalg.norm(where - fit.at, axis=1).std() / speed * _SPEED_SHARE
    gain = np.linalg.solve(normal, slopes.T)
    spread_of = gain @ np.diag(sound_s**2) @ gain.T
    values, axes = np.linalg.eigh(spread_of)
    minor, major = (_TWENTIETH * math.sqrt(max(float(value), 0.0)) for value in values)
    if major > _WIDEST_M:
        return NoPlace(f"the ellipse would be {2 * major:.0f} m long: the microphones stand badly for that place")
    east, north = float(axes[0, 1]), float(axes[1, 1])
    bearing = math.degrees(math.atan2(east, north)) % 180.0
    heard = tuple(a.microphone_id for a in fit.used)
    return Spot(float(fit.at[0]), float(fit.at[1]), major, minor, bearing, heard)
