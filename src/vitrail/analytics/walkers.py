"""Where people in one zone are on the ground, and how they move, in metres."""

__all__ = ["Crowd", "Walkers"]

from collections import deque
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vitrail.domain.detections import Tracks
from vitrail.domain.geometry import Polygon, foot_points
from vitrail.domain.ground import Ground
from vitrail.domain.time import SECOND_US

Metres = npt.NDArray[np.float64]

_SPAN_US = SECOND_US
"""Speeds are taken over a second: two steps, so that the sway of boxes falls away."""
_WAY_US, _LEAST_WAY_US = 3 * SECOND_US, 2 * SECOND_US
"""Where somebody is going is told over three seconds: who is pushed to and fro goes nowhere."""
_LEAST_SPAN_US = SECOND_US * 6 // 10
_LEFT_US = 3 * SECOND_US
"""Who left the zone still belongs to the crowd for so long: a crowd that scatters leaves it."""
_EDGE = 0.999
_CIRCLE_M = 1.5
"""Local density is the number of people within so far of one, by the circle's area: a group within arm's reach."""
_GROUP = 4
"""So many speeds are averaged at least: one alone is as uncertain as its box."""
_SPREAD = 1.35
"""Between the quartiles lie so many standard deviations: a few who arrive among many who stand are no unrest."""
_FASTEST_M_S = 12.0
"""Nobody runs faster: a track that jumps has changed its person."""


@dataclass(frozen=True, eq=False)
class Crowd:
    """One moment. ``places`` and ``speeds`` (n, 2): those of whom a speed is known; ``inside`` (m, 2): places of all
    who are in the zone now."""

    wall_us: int
    inside: Metres
    area_m2: float
    places: Metres
    speeds: Metres
    ways: Metres
    """(k, 2) metres a second over three seconds, of those who have been seen for two at least."""

    @cached_property
    def pace(self) -> Metres:
        """(n,) metres a second."""
        return np.hypot(self.speeds[:, 0], self.speeds[:, 1])

    @cached_property
    def progress(self) -> Metres:
        """(k,) metres a second over three seconds."""
        return np.hypot(self.ways[:, 0], self.ways[:, 1])

    @property
    def count(self) -> int:
        return len(self.inside)

    @property
    def density(self) -> float:
        return self.count / self.area_m2

    @cached_property
    def densest(self) -> float:
        """People a square metre where they stand closest."""
        if not len(self.inside):
            return 0.0
        return float(_neighbours(self.inside).sum(axis=1).max()) / (np.pi * _CIRCLE_M**2)

    @cached_property
    def unrest(self) -> float:
        """How much the speeds of small groups differ, (m/s)2: each person's is the mean of those around, so that boxes
        that tremble are no unrest."""
        if len(self.speeds) < 2:
            return 0.0
        near = _neighbours(self.places)
        groups = near.sum(axis=1) >= _GROUP
        means = (near @ self.speeds)[groups] / near.sum(axis=1)[groups, None]
        if len(means) < 2:
            return 0.0
        low, high = np.quantile(means, (0.25, 0.75), axis=0)
        return float((((high - low) / _SPREAD) ** 2).sum())


def _neighbours(places: Metres) -> Metres:
    """(n, n): 1 where two are within the circle, themselves too."""
    away = places[:, None] - places[None, :]
    return (np.hypot(away[..., 0], away[..., 1]) <= _CIRCLE_M).astype(np.float64)


@dataclass(slots=True)
class _Walker:
    inside_us: int
    sights: deque[tuple[int, Metres]]

    def speed(self, span_us: int, least_us: int) -> Metres | None:
        last_us, last = self.sights[-1]
        first_us, first = next(sight for sight in self.sights if last_us - sight[0] <= span_us)
        if last_us - first_us < least_us:
            return None
        speed = (last - first) / ((last_us - first_us) / SECOND_US)
        return speed if float(np.hypot(speed[0], speed[1])) <= _FASTEST_M_S else None


class Walkers:
    """One zone. ``update`` gives the crowd of the moment."""

    def __init__(self, polygon: Polygon, ground: Ground, area_m2: float) -> None:
        self._polygon = polygon
        self._ground = ground
        self._area_m2 = area_m2
        self._walkers: dict[int, _Walker] = {}

    def reset(self) -> None:
        self._walkers.clear()

    def update(self, tracks: Tracks, wall_us: int) -> Crowd:
        """``tracks`` hold people only."""
        feet = np.minimum(foot_points(tracks.boxes), np.float32(_EDGE))
        inside = self._polygon.contain(feet)
        ground = self._ground.metres(feet)
        present = {int(i) for i in tracks.ids}
        self._walkers = {key: walker for key, walker in self._walkers.items() if key in present}
        for row in np.flatnonzero((tracks.seen_us >= wall_us) & ~np.isnan(ground).any(axis=1)):
            self._see(int(tracks.ids[row]), ground[row], bool(inside[row]), wall_us)
        now = [walker for walker in self._walkers.values() if _belongs(walker, wall_us)]
        moves = [(walker.sights[-1][1], walker.speed(_SPAN_US, _LEAST_SPAN_US)) for walker in now]
        known = [(place, speed) for place, speed in moves if speed is not None]
        ways = [way for walker in now if (way := walker.speed(_WAY_US, _LEAST_WAY_US)) is not None]
        places = np.array([place for place, _ in known]).reshape(-1, 2)
        speeds = np.array([speed for _, speed in known]).reshape(-1, 2)
        here = ground[inside & ~np.isnan(ground).any(axis=1)]
        return Crowd(wall_us, here, self._area_m2, places, speeds, np.array(ways).reshape(-1, 2))

    def _see(self, key: int, place: Metres, inside: bool, wall_us: int) -> None:
        walker = self._walkers.get(key)
        if walker is None:
            if not inside:
                return
            walker = self._walkers[key] = _Walker(wall_us, deque())
        if inside:
            walker.inside_us = wall_us
        walker.sights.append((wall_us, place))
        while wall_us - walker.sights[0][0] > _WAY_US:
            walker.sights.popleft()


def _belongs(walker: _Walker, wall_us: int) -> bool:
    return wall_us - walker.inside_us <= _LEFT_US and wall_us - walker.sights[-1][0] <= _SPAN_US
