"""A calibrated camera over a flat square of 12 by 12 metres, and walkers given in metres."""

__all__ = ["CAMERA", "PLAZA", "on_ground", "walking"]

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tests.analytics.scenes import CAMERA as FLAT
from tests.analytics.scenes import STEP_US, T0
from tests.builders import zone
from vitrail.analytics.contract import Analytic
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.events import Event, Reading
from vitrail.domain.geometry import Polygon
from vitrail.domain.ground import Ground
from vitrail.domain.time import SECOND_US

Way = Callable[[float], tuple[float, float] | None]
"""Metres at a second; None while nobody is there."""


def _ground(height_m: float = 9.0, down_deg: float = 35.0, focal: float = 1.0, aspect: float = 16 / 9) -> Ground:
    down = math.radians(down_deg)
    ahead, below = (0.0, math.cos(down), -math.sin(down)), (0.0, -math.sin(down), -math.cos(down))
    turn = np.array([(1.0, 0.0, 0.0), below, ahead])
    lens = np.array([(focal, 0, 0.5), (0, focal * aspect, 0.5), (0, 0, 1)])
    matrix = lens @ np.column_stack([turn, -turn @ np.array([0.0, 0.0, height_m])])
    return Ground(tuple(float(number) for number in matrix.ravel()))


GROUND = _ground()
_CORNERS = GROUND.picture([(-4, 8), (4, 8), (4, 20), (-4, 20)])
PLAZA = zone(id="plaza", polygon=Polygon(tuple((float(x), float(y)) for x, y in _CORNERS)), area_m2=96.0)
CAMERA = replace(FLAT, ground=GROUND, zones=(*(replace(z, area_m2=z.area_m2 or 60.0) for z in FLAT.zones), PLAZA))


def walking(x: float, y: float, east: float = 0.0, north: float = 0.0, start: float = 0.0, end: float = 1e9) -> Way:
    return lambda t: (x + east * (t - start), y + north * (t - start)) if start <= t <= end else None


@dataclass(frozen=True, slots=True)
class _Box:
    id: int
    place: tuple[float, float]
    since: float


def on_ground(
    analytic: Analytic, ways: Sequence[Way], seconds: float, start: float = 0.0, label: Label = Label.PERSON
) -> list[Event | Reading]:
    """Everything found, ten looks a second."""
    found: list[Event | Reading] = []
    for step in range(round(start * 10), round((start + seconds) * 10) + 1):
        t = step / 10
        boxes = [_Box(n, at, 0.0) for n, way in enumerate(ways, 1) if (at := way(t)) is not None]
        findings = analytic.update(Scene("gate-main", "gate", T0 + step * STEP_US, _tracks(boxes, t, label)))
        found += [*findings.events, *findings.readings]
    return found


def _tracks(boxes: list[_Box], t: float, label: Label) -> Tracks:
    if not boxes:
        return Tracks.none()
    places = np.array([box.place for box in boxes])
    feet = GROUND.picture(places)
    heads = GROUND.picture(places, 1.7)
    half = (feet[:, 1] - heads[:, 1]) / 6
    rows = np.stack([feet[:, 0] - half, heads[:, 1], feet[:, 0] + half, feet[:, 1]], axis=1).astype(np.float32)
    n, now = len(boxes), T0 + round(t * SECOND_US)
    return Tracks(
        np.array([box.id for box in boxes], np.int64),
        rows,
        np.full(n, label, np.int8),
        np.full(n, 0.8, np.float32),
        np.full(n, T0, np.int64),
        np.full(n, now, np.int64),
    )
