"""Who is in one zone and since when, through short occlusion.

A stay is one thing's time in the zone. It goes on while its track is seen inside, waits ``gap_us`` when the track is
hidden, steps out or ends, and passes to a track that begins near the place where it was last seen: by place and time
only, never by looks. Feet decide who is inside; a box cut by the lower edge of the picture has its feet on that edge.
"""

__all__ = ["Stay", "Stays"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.detections import Tracks
from vitrail.domain.geometry import Polygon, foot_points

_REACH = 0.7
"""A track inherits a stay when it begins within this many box heights (people) of it: one to two steps."""
_OVERLAP_US = 1_000_000
"""A track that began earlier before the other was lost is somebody else."""
_EDGE = 0.999
_STRIDE_S = 0.5
"""Each second unseen widens the reach by this share of a box height."""


@dataclass(slots=True)
class Stay:
    """``seen_us``: last seen inside. ``score``: mean confidence of the sights inside."""

    start_us: int
    seen_us: int
    track_id: int
    foot: npt.NDArray[np.float32]
    height: float
    score: float
    sights: int = 1

    @property
    def length_us(self) -> int:
        return self.seen_us - self.start_us


class Stays:
    """One zone. ``update`` gives the stays that ended; ``now`` holds those that go on."""

    def __init__(self, polygon: Polygon, gap_us: int) -> None:
        self._polygon = polygon
        self._gap_us = gap_us
        self.now: list[Stay] = []
        self._known: set[int] = set()

    def reset(self) -> None:
        self.now = []
        self._known = set()

    def update(self, tracks: Tracks, wall_us: int) -> list[Stay]:
        inside = self._inside(tracks)
        seen = tracks.seen_us >= wall_us
        staying = {stay.track_id: stay for stay in self.now}
        present = {int(i) for i in tracks.ids}
        newcomers: list[int] = []
        for row in map(int, np.flatnonzero(inside & seen)):
            stay = staying.get(int(tracks.ids[row]))
            if stay is None:
                newcomers.append(row)
            else:
                _go_on(stay, tracks, row, wall_us)
        for row in newcomers:
            self._arrive(tracks, row, wall_us, present)
        self._known = (self._known | {int(i) for i in tracks.ids[inside]}) & present
        over = [stay for stay in self.now if wall_us - stay.seen_us > self._gap_us]
        self.now = [stay for stay in self.now if wall_us - stay.seen_us <= self._gap_us]
        return over

    def _inside(self, tracks: Tracks) -> npt.NDArray[np.bool_]:
        return self._polygon.contain(np.minimum(foot_points(tracks.boxes), np.float32(_EDGE)))

    def _arrive(self, tracks: Tracks, row: int, wall_us: int, present: set[int]) -> None:
        """Somebody is inside who was not: a new stay, or the rest of one whose track was lost."""
        track_id, since_us = int(tracks.ids[row]), int(tracks.since_us[row])
        foot = foot_points(tracks.boxes[row : row + 1])[0]
        height = float(tracks.boxes[row, 3] - tracks.boxes[row, 1])
        lost = [s for s in self.now if s.track_id not in present or self._hidden(s, tracks)]
        heirs = [(_steps(s, foot, height), s) for s in lost if since_us >= s.seen_us - _OVERLAP_US]
        near = [(d, s) for d, s in heirs if d <= _REACH + _STRIDE_S * (wall_us - s.seen_us) / 1e6]
        if near:
            stay = min(near, key=lambda pair: pair[0])[1]
            stay.track_id = track_id
            _go_on(stay, tracks, row, wall_us)
            return
        start_us = since_us if track_id not in self._known and wall_us - since_us <= self._gap_us else wall_us
        score = float(tracks.scores[row])
        self.now.append(Stay(max(start_us, 0), wall_us, track_id, foot, height, score))

    def _hidden(self, stay: Stay, tracks: Tracks) -> bool:
        """Its track lives on prediction only."""
        rows = np.flatnonzero(tracks.ids == stay.track_id)
        return bool(len(rows)) and int(tracks.seen_us[rows[0]]) <= stay.seen_us


def _go_on(stay: Stay, tracks: Tracks, row: int, wall_us: int) -> None:
    stay.seen_us = wall_us
    stay.foot = foot_points(tracks.boxes[row : row + 1])[0]
    stay.height = float(tracks.boxes[row, 3] - tracks.boxes[row, 1])
    stay.sights += 1
    stay.score += (float(tracks.scores[row]) - stay.score) / stay.sights


def _steps(stay: Stay, foot: npt.NDArray[np.float32], height: float) -> float:
    """How far apart, in box heights."""
    away = foot - stay.foot
    return float(np.hypot(away[0], away[1])) / max(stay.height, height, 1e-6)
