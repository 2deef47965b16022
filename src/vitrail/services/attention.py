"""Which cameras are worth a look now, and why, in a word each.

A wall of hundreds of pictures is looked at by nobody. Cameras are ordered by what happens there: an alert that goes on
before one that is over, danger to life before a line that was crossed, an alert that nobody judged before none, a
picture that is gone before one in which something moves, and what has just begun to move before what always does. An
alert that is one of many of its kind on that camera counts less: what alerts all day tells little.

Alerts of sound never move a camera up (L18): only those that were seen on one of the camera's own streams count.
"""

__all__ = ["Attention", "Why", "rank"]

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from vitrail.domain.events import Alert, AlertState
from vitrail.domain.streams import Camera
from vitrail.domain.time import HOUR_US, SECOND_US
from vitrail.runtime.health import StreamHealth, StreamState

_URGENCY: Mapping[str, float] = {
    **dict.fromkeys(("fire", "smoke", "fall", "fight", "crowd_wave", "crowding", "dispersal", "bottleneck"), 8.0),
    **dict.fromkeys(("counter_flow", "wrong_way", "vehicle_in_pedestrian_zone", "stopped_vehicle", "speeding"), 4.0),
    "line_crossing": 1.0,
}
"""Danger to life, danger on the road, the rest; relative only. What is not named here counts 2."""
_PLAIN = 2.0
_HALF_S = 60.0
"""What is over counts half as much after a minute, a quarter after two."""
_LEAST_OVER = 0.15
"""An alert that nobody judged stays above what merely moves, however old."""
_GONE = frozenset({StreamState.LOST, StreamState.FAILED, StreamState.REFUSED})
_GONE_WEIGHT, _MOVES, _NEW_MOTION, _SETTLES_S = 0.12, 0.02, 0.08, 20.0


class Why(StrEnum):
    HAPPENS = "happens"
    HAPPENED = "happened"
    GONE = "gone"
    MOVES = "moves"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Attention:
    """One camera's place in the order. ``kind``: of the alert that put it there; ``for_s``: since when that is so."""

    camera_id: str
    weight: float
    why: Why
    kind: str = ""
    for_s: float = 0.0


def rank(
    cameras: Sequence[Camera], alerts: Iterable[Alert], health: Iterable[StreamHealth], now_us: int
) -> list[Attention]:
    """Every camera, the one most worth a look first. ``alerts``: those that somebody may see and has not dismissed."""
    seen = [alert for alert in alerts if alert.state in (AlertState.OPEN, AlertState.CONFIRMED)]
    rows = {row.stream_id: row for row in health}
    order = [_of(camera, seen, rows, now_us) for camera in cameras]
    return sorted(order, key=lambda attention: -attention.weight)


def _of(camera: Camera, alerts: Sequence[Alert], rows: Mapping[str, StreamHealth], now_us: int) -> Attention:
    own = {stream.id for stream in camera.streams}
    here = [a for a in alerts if a.place.camera_id == camera.id and a.stream_id in own]
    recent = Counter(a.kind for a in here if now_us - a.interval.start_us < HOUR_US)
    of_alerts = [_alert(camera.id, alert, recent[alert.kind], now_us) for alert in here]
    watched = camera.stream_for("detect")
    row = rows.get(watched.id) if watched else None
    return max([*of_alerts, _picture(camera.id, row, now_us)], key=lambda attention: attention.weight)


def _alert(camera_id: str, alert: Alert, of_its_kind: int, now_us: int) -> Attention:
    usual = 1.0 / sqrt(max(of_its_kind, 1))
    weight = _URGENCY.get(alert.kind, _PLAIN) * usual * (0.5 + 0.5 * alert.score)
    if alert.ongoing:
        return Attention(camera_id, weight, Why.HAPPENS, alert.kind, _s(now_us - alert.interval.start_us))
    over_s = _s(now_us - alert.interval.end_us)
    faded = 0.5 ** (1 + over_s / _HALF_S)
    if alert.state is AlertState.OPEN:
        faded = max(faded, _LEAST_OVER)
    return Attention(camera_id, weight * faded, Why.HAPPENED, alert.kind, over_s)


def _picture(camera_id: str, row: StreamHealth | None, now_us: int) -> Attention:
    if row is None:
        return Attention(camera_id, 0.0, Why.CALM)
    for_s = _s(now_us - row.since_us)
    if row.state in _GONE:
        return Attention(camera_id, _GONE_WEIGHT, Why.GONE, for_s=for_s)
    if row.state is not StreamState.AWAKE:
        return Attention(camera_id, 0.0, Why.CALM, for_s=for_s)
    return Attention(camera_id, _MOVES + _NEW_MOTION * 0.5 ** (for_s / _SETTLES_S), Why.MOVES, for_s=for_s)


def _s(length_us: int) -> float:
    return max(0.0, length_us / SECOND_US)
