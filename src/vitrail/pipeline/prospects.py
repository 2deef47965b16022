"""Where and when to look next for something that a person pinned: from its place, the way it went and how fast such
things travel. Never who: nothing here knows what anything looks like, and nothing is linked (law.md L22).

A window is the span in which a camera could show it: from the soonest that it can reach the ground that the camera
sees (the fastest speed, the straight way or the shortest way through the streets) to the latest that it would at the
slowest, with time to linger. What was seen going the other way comes later, if at all. Pure.
"""

__all__ = ["TRAVELS", "Proposal", "Streets", "Trace", "Travel", "View", "placed", "propose"]

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vitrail.domain.ground import Ground
from vitrail.domain.time import SECOND_US, Interval

Points = npt.NDArray[np.float64]

_TURNED_DEG = 100.0
"""Farther from the way it went than this, it would have had to turn round."""
_TILT_DEG, _DOUBT_M = 2.0, 1.0
_SLOW_MPS = 0.3
"""Slower than this it stands: it goes no way in particular."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Speeds in metres a second between which such a thing covers ground, stops included. ``detour``: how much longer
    than the straight way a real one is where no streets are given (walking in towns: 1.2 to 1.4). ``linger_s``: how
    long it may stay in one place and still be expected."""

    name: str
    slowest_mps: float
    fastest_mps: float
    detour: float
    linger_s: float


TRAVELS: Mapping[str, Travel] = {
    t.name: t
    for t in (
        Travel("walking", 0.9, 2.2, 1.3, 8.0),
        Travel("cycling", 2.0, 9.0, 1.3, 15.0),
        Travel("driving", 2.0, 20.0, 1.5, 60.0),
    )
}
"""Walking: 5th to 95th percentile of adults in towns (about 0.9 to 1.8 m/s, Bohannon and Andrews, Physiotherapy 97,
2011), running for a bus beyond; cycling and driving: urban speeds with lights and stops."""


@dataclass(frozen=True, slots=True)
class View:
    """The ground that one camera sees: corners (n, 2) in metres on the plan that all cameras share."""

    camera_id: str
    outline: Points


@dataclass(frozen=True, slots=True)
class Trace:
    """What a person pinned last: where (metres on the plan, known to ``doubt_m``), when (known to ``doubt_us``), and
    how it moved there (metres a second), if they saw."""

    camera_id: str
    at_us: int
    place: tuple[float, float]
    doubt_m: float = 2.0
    doubt_us: int = SECOND_US
    velocity: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """One camera and when it could show it; ``window`` is None where it could not before the search ends."""

    camera_id: str
    window: Interval | None
    distance_m: float
    why: str
    """``in_view``, ``ahead``, ``turned`` (only if it turned round) or ``too_far``."""


@dataclass(frozen=True, slots=True)
class Streets:
    """A graph of streets: nodes in metres on the plan, edges between them (both ways)."""

    nodes: Points
    edges: tuple[tuple[int, int], ...]
    _beside: Mapping[int, tuple[tuple[int, float], ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        beside: dict[int, list[tuple[int, float]]] = {}
        for a, b in self.edges:
            length = float(np.hypot(*(self.nodes[a] - self.nodes[b])))
            beside.setdefault(a, []).append((b, length))
            beside.setdefault(b, []).append((a, length))
        object.__setattr__(self, "_beside", {node: tuple(found) for node, found in beside.items()})

    def lengths_from(self, place: tuple[float, float]) -> npt.NDArray[np.float64]:
        """The shortest way through the streets from ``place`` (by the nearest node) to each node; infinite where none
        leads (Dijkstra, Numerische Mathematik 1, 1959)."""
        found = np.full(len(self.nodes), np.inf)
        steps = np.hypot(*(self.nodes - np.asarray(place)).T)
        start = int(np.argmin(steps))
        waiting = [(float(steps[start]), start)]
        while waiting:
            length, node = heapq.heappop(waiting)
            if length >= found[node]:
                continue
            found[node] = length
            for other, step in self._beside.get(node, ()):
                if length + step < found[other]:
                    heapq.heappush(waiting, (length + step, other))
        return found


def placed(ground: Ground, foot: tuple[float, float], reach_m: float) -> tuple[tuple[float, float], float]:
    """Where on the plan something stands that touches the ground at ``foot`` (shares of the picture), and how well that
    is known: a camera's tilt is known to about two degrees, which far away is metres. Beyond the reach, or at the
    horizon, only the direction is known."""
    x, y, height_m = ground.camera_m
    far = np.asarray(ground.metres([foot]), np.float64)[0]
    gap = far - (x, y)
    length_m = float(np.hypot(*gap))
    if not np.isnan(length_m) and length_m <= reach_m:
        doubt_m = _DOUBT_M + length_m**2 / max(height_m, 1.0) * math.radians(_TILT_DEG)
        return (float(far[0]), float(far[1])), min(doubt_m, reach_m / 2)
    if np.isnan(length_m):
        low = np.asarray(ground.metres([(foot[0], 1.0)]), np.float64)[0]
        gap, length_m = low - (x, y), float(np.hypot(*(low - (x, y))))
    step = gap / length_m * reach_m / 2 if length_m > 0 else np.zeros(2)
    return (float(x + step[0]), float(y + step[1])), reach_m / 2


def propose(
    trace: Trace, views: Sequence[View], travel: Travel, until_us: int, streets: Streets | None = None
) -> list[Proposal]:
    """For each camera but the one it was pinned on, soonest first; those that could not show it last."""
    lengths = streets.lengths_from(trace.place) if streets else None
    found = [
        _proposal(trace, view, travel, until_us, _distance(trace, view, streets, lengths))
        for view in views
        if view.camera_id != trace.camera_id
    ]
    return sorted(found, key=lambda p: (p.window is None, p.window.start_us if p.window else 0, p.camera_id))


def _proposal(trace: Trace, view: View, travel: Travel, until_us: int, distances: tuple[float, float]) -> Proposal:
    """``distances``: the shortest there can be, and the one that is likely."""
    nearest, likely = distances
    if math.isinf(nearest):
        return Proposal(view.camera_id, None, nearest, "too_far")
    soonest_s = max(0.0, nearest - trace.doubt_m) / travel.fastest_mps
    latest_s = (likely + trace.doubt_m) / travel.slowest_mps + travel.linger_s
    turned = _turned(trace, view) and nearest > trace.doubt_m
    start_us = trace.at_us - trace.doubt_us + round(soonest_s * SECOND_US)
    end_us = min(trace.at_us + trace.doubt_us + round(latest_s * SECOND_US), until_us)
    why = "in_view" if nearest <= trace.doubt_m else "turned" if turned else "ahead"
    if start_us >= end_us:
        return Proposal(view.camera_id, None, nearest, "too_far")
    return Proposal(view.camera_id, Interval(start_us, end_us), nearest, why)


def _distance(
    trace: Trace, view: View, streets: Streets | None, lengths: npt.NDArray[np.float64] | None
) -> tuple[float, float]:
    straight = _to_outline(trace.place, view.outline)
    if streets is None or lengths is None:
        return straight, straight
    seen = np.array([_inside(node, view.outline) for node in streets.nodes])
    through = float(lengths[seen].min()) if seen.any() else _through(view, streets, lengths)
    return max(straight, min(through, math.inf)), max(straight, through)


def _through(view: View, streets: Streets, lengths: npt.NDArray[np.float64]) -> float:
    """No corner of a street lies inside: from the corner nearest to it."""
    gaps = np.array([_to_outline((float(x), float(y)), view.outline) for x, y in streets.nodes])
    return float((lengths + gaps).min())


def _turned(trace: Trace, view: View) -> bool:
    """Whether it would have had to turn round to get there."""
    if trace.velocity is None or math.hypot(*trace.velocity) < _SLOW_MPS:
        return False
    steps = view.outline - np.asarray(trace.place)
    ahead = steps @ np.asarray(trace.velocity)
    far = np.hypot(*steps.T) * math.hypot(*trace.velocity)
    return bool((ahead < math.cos(math.radians(_TURNED_DEG)) * far).all())


def _to_outline(place: tuple[float, float], outline: Points) -> float:
    """Metres from a place to a polygon; 0 inside, infinite where there is none."""
    if len(outline) < 3:
        return math.inf
    if _inside(np.asarray(place), outline):
        return 0.0
    start, end = outline, np.roll(outline, -1, axis=0)
    way, gap = end - start, np.asarray(place) - start
    part = np.clip((gap * way).sum(axis=1) / np.maximum((way * way).sum(axis=1), 1e-12), 0.0, 1.0)
    return float(np.hypot(*(gap - part[:, None] * way).T).min())


def _inside(place: Points, outline: Points) -> bool:
    if len(outline) < 3:
        return False
    x, y = place
    x0, y0 = outline.T
    x1, y1 = np.roll(outline, -1, axis=0).T
    above = (y0 > y) != (y1 > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = x < (x1 - x0) * (y - y0) / (y1 - y0) + x0
    return bool((above & crossing).sum() % 2)
