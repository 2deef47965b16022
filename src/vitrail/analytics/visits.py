"""Who was near a place, when, and whether they went away: by place and time only, and forgotten soon after.

Distances are in heights of the people themselves, which is how far away they are for a camera that nobody calibrated:
1.7 m each. What is further up the picture is further off than it looks, so steps up and down count double.
"""

__all__ = ["METRES", "Visit", "Visits"]

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from statistics import median

from vitrail.domain.detections import Label, Tracks
from vitrail.domain.geometry import Point
from vitrail.domain.places import Box
from vitrail.domain.time import SECOND_US

METRES = 1.7
"""A person's height."""
_EVERY_US = SECOND_US // 4
_KEPT_US = 900 * SECOND_US
_MOST = 400
_EDGE = 0.03
_UPWARDS = 2.0
_HEIR_S = (-1.0, 3.0)
_HEIR_REACH = 1.2
_AMONG = 15
_STANDS_M, _ABOUT = 1.5, 3


@dataclass(frozen=True, slots=True)
class _Step:
    at_us: int
    foot: Point
    height: float


@dataclass(slots=True)
class Visit:
    """One track of a person: where its feet were, and how it ended."""

    trail: deque[_Step] = field(default_factory=lambda: deque(maxlen=1200))
    over: bool = False
    at_edge: bool = False
    """Its box touches the picture's edge: who ends there has left."""

    @property
    def last(self) -> _Step:
        return self.trail[-1]


class Visits:
    """One camera. ``aspect``: the picture's width over its height."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._now: dict[int, Visit] = {}
        self._past: deque[Visit] = deque(maxlen=_MOST)
        self.aspect = 16 / 9

    def update(self, tracks: Tracks, at_us: int, aspect: float) -> None:
        self.aspect = aspect
        people = tracks.where(tracks.labels == Label.PERSON)
        for row in range(len(people)):
            self._step(int(people.ids[row]), people.boxes[row], int(people.seen_us[row]) >= at_us, at_us)
        present = {int(i) for i in people.ids}
        for track_id in [i for i in self._now if i not in present]:
            visit = self._now.pop(track_id)
            visit.over = True
            self._past.append(visit)
        while self._past and at_us - self._past[0].last.at_us > _KEPT_US:
            self._past.popleft()

    def _step(self, track_id: int, box: Iterable[float], seen: bool, at_us: int) -> None:
        left, top, right, bottom = (float(v) for v in box)
        visit = self._now.setdefault(track_id, Visit())
        if visit.trail and (not seen or at_us - visit.last.at_us < _EVERY_US):
            return
        visit.trail.append(_Step(at_us, ((left + right) / 2, min(bottom, 1.0)), max(bottom - top, 1e-3)))
        visit.at_edge = min(left, top) < _EDGE or max(right, bottom) > 1.0 - _EDGE

    def all(self) -> list[Visit]:
        return [*self._past, *self._now.values()]

    def height_at(self, foot: Point) -> float | None:
        """How high people are there, from those who stood at about the same height of the picture."""
        steps = [(abs(step.foot[1] - foot[1]), step.height) for v in self.all() for step in list(v.trail)[::8]]
        nearest = sorted(steps)[:_AMONG]
        return median(height for _, height in nearest) if nearest else None

    def apart(self, step: _Step, place: Box) -> float:
        """Metres between somebody's feet and the nearest point of the lower edge of ``place``, roughly."""
        x = min(max(step.foot[0], place[0]), place[2])
        across = (step.foot[0] - x) * self.aspect
        return math.hypot(across, _UPWARDS * (step.foot[1] - place[3])) / step.height * METRES

    def near(self, place: Box, from_us: int, to_us: int, reach_m: float) -> list[Visit]:
        """Whose feet were within reach of it some time in between."""
        return [
            visit
            for visit in self.all()
            if visit.trail[0].at_us <= to_us
            and visit.last.at_us >= from_us
            and any(from_us <= s.at_us <= to_us and self.apart(s, place) <= reach_m for s in visit.trail)
        ]

    def staying(self, place: Box, at_us: int, reach_m: float, least_us: int) -> bool:
        """Whether somebody stands within reach for so long, up to now, or has been about for three times as long: who
        only passes crosses the reach in a few seconds and does neither."""
        return any(
            self._within(visit, place, at_us - least_us, reach_m, self._stood)
            or self._within(visit, place, at_us - _ABOUT * least_us, reach_m, lambda _: True)
            for visit in self._now.values()
        )

    def _within(
        self, visit: Visit, place: Box, from_us: int, reach_m: float, so: Callable[[list[_Step]], bool]
    ) -> bool:
        lately = [s for s in visit.trail if s.at_us >= from_us]
        long = bool(lately) and visit.trail[0].at_us <= from_us
        return long and all(self.apart(s, place) <= reach_m for s in lately) and so(lately)

    def _stood(self, lately: list[_Step]) -> bool:
        """Who stands moves no further than a step."""
        x, y = lately[0].foot
        return self.apart(lately[-1], (x, y, x, y)) <= _STANDS_M

    def heirs(self, visit: Visit) -> list[Visit]:
        """Tracks that may go on where this one was lost."""
        found = []
        for other in self.all():
            gap_s = (other.trail[0].at_us - visit.last.at_us) / SECOND_US
            if other is visit or not _HEIR_S[0] <= gap_s <= _HEIR_S[1]:
                continue
            x, y = other.trail[0].foot
            if self.apart(visit.last, (x, y, x, y)) <= _HEIR_REACH * METRES:
                found.append(other)
        return found

    def gone(self, visit: Visit, place: Box, since_us: int, reach_m: float) -> bool | None:
        """True: went away since. False: is still near. None: was lost near the place, and nobody knows. Who came back
        has been away all the same: whether they stay is another question."""
        line = [visit]
        for follower in line:
            line += [heir for heir in (self.heirs(follower) if follower.over else []) if heir not in line]
        ends = [v for v in line if not (v.over and self.heirs(v))]
        away = [v.at_edge or self._was_away(v, place, since_us, reach_m) for v in ends]
        if any(not v.over and not left for v, left in zip(ends, away, strict=True)):
            return False
        return True if all(away) else None

    def _was_away(self, visit: Visit, place: Box, since_us: int, reach_m: float) -> bool:
        return any(s.at_us > since_us and self.apart(s, place) > reach_m for s in reversed(visit.trail))

    def near_until_us(self, visit: Visit, place: Box, since_us: int, reach_m: float) -> int:
        """Until when they were within reach, the first time after ``since_us``; when they come back does not count."""
        until_us = since_us
        for step in visit.trail:
            if step.at_us > since_us and self.apart(step, place) > reach_m:
                break
            until_us = max(until_us, step.at_us)
        return until_us
