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
_LEAST_SPAN_US = SECOND_US * 6 // 10
_LEFT_US = 3 * SECOND_US
"""Who left the zone still belongs to the crowd for so long: a crowd that scatters leaves it."""
_EDGE = 0.999
_CIRCLE_M = 1.5
"""Local density is the number of people within so far of one, by the circle's area: a group within arm's reach."""
_FASTEST_M_S = 12.0
"""Nobody runs faster: a track that jumps has changed its person."""


@dataclass(frozen=True, eq=False)
class Crowd:
    """One moment. ``places`` and ``speeds`` (n, 2): those of whom a speed is known; ``count``: all who are inside."""

    wall_us: int
    count: int
    area_m2: float
    places: Metres
    speeds: Metres

    @cached_property
    def pace(self) -> Metres:
        """(n,) metres a second."""
        return np.hypot(self.speeds[:, 0], self.speeds[:, 1])

    @property
    def density(self) -> float:
        return self.count / self.area_m2

    @cached_property
    def densest(self) -> float:
        """People a square metre where they stand closest."""
        if not len(self.places):
            return 0.0
        away = self.places[:, None] - self.places[None, :]
        near = (np.hypot(away[..., 0], away[..., 1]) <= _CIRCLE_M).sum(axis=1)
        return float(near.max()) / (np.pi * _CIRCLE_M**2)


@dataclass(slots=True)
class _Walker:
    inside_us: int
    sights: deque[tuple[int, Metres]]

    def speed(self) -> Metres | None:
        (first_us, first), (last_us, last) = self.sights[0], self.sights[-1]
        if last_us - first_us < _LEAST_SPAN_US:
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
        known = [
            (w.sights[-1][1], speed) for w in self._walkers.values() if (speed := self._moves(w, wall_us)) is not None
        ]
        places = np.array([place for place, _ in known]).reshape(-1, 2)
        speeds = np.array([speed for _, speed in known]).reshape(-1, 2)
        return Crowd(wall_us, int(inside.sum()), self._area_m2, places, speeds)

    def _see(self, key: int, place: Metres, inside: bool, wall_us: int) -> None:
        walker = self._walkers.get(key)
        if walker is None:
            if not inside:
                return
            walker = self._walkers[key] = _Walker(wall_us, deque())
        if inside:
            walker.inside_us = wall_us
        walker.sights.append((wall_us, place))
        while wall_us - walker.sights[0][0] > _SPAN_US:
            walker.sights.popleft()

    def _moves(self, walker: _Walker, wall_us: int) -> Metres | None:
        if wall_us - walker.inside_us > _LEFT_US or wall_us - walker.sights[-1][0] > _SPAN_US:
            return None
        return walker.speed()
