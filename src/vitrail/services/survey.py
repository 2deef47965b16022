"""The whole place on one map: where cameras look, where microphones hang, how things stand, what happens where.

Every part comes from a desk, so that nobody sees more of it than of the lists it is made of. A sound lies where it was
heard or came from, and marks no camera (law.md L18).
"""

__all__ = ["HOURS", "Heard", "Hour", "Spot", "Survey", "Surveyed", "first_hour_us"]

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from vitrail.domain.errors import Invalid
from vitrail.domain.events import Alert, AlertQuery, AlertState, Place
from vitrail.domain.people import Account, Use
from vitrail.domain.sound import Located
from vitrail.domain.streams import Camera, Microphone, Site
from vitrail.domain.time import HOUR_US, SECOND_US, Interval
from vitrail.domain.upkeep import Upkept
from vitrail.guard.desk import Desk
from vitrail.guard.reception import Reception
from vitrail.pipeline.plan import Plan, Points, plan_of
from vitrail.runtime.health import StreamHealth, StreamState

HOURS = 24
_MOST_ALERTS = 200
_GONE = frozenset({StreamState.LOST, StreamState.FAILED, StreamState.REFUSED})


@dataclass(frozen=True, slots=True)
class Hour:
    """A clock hour of the site, and how many alerts began in it."""

    start_us: int
    alerts: int


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """One thing on the map: ``what`` is ``camera``, ``microphone``, ``zone``, ``surface`` or ``asset``. ``at`` and
    ``outline`` are metres on the plan, None where nobody said or calibrated where it is. ``state`` is a word of
    streams or of upkeep, empty where nothing is known; ``problems`` are words of ``domain.health``."""

    what: str
    place: Place
    name: str
    kind: str
    state: str
    problem: str = ""
    problems: tuple[str, ...] = ()
    gone: bool = False
    """A camera without a picture, a microphone that is not heard."""
    at: tuple[float, float] | None = None
    outline: Points | None = None
    guessed: bool = False
    """Nobody calibrated the camera: its outline is that of a usual lens."""
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """Where a sound came from, nineteen times of twenty; ``at`` metres on the plan."""

    alert: Alert
    at: tuple[float, float]
    located: Located


@dataclass(frozen=True, slots=True)
class Surveyed:
    """``hour``: the one that was asked for; None is now: what waits for a person or still goes on. ``alerts`` newest
    first; ``more``: there were more than are shown."""

    spots: tuple[Spot, ...]
    sounds: tuple[Heard, ...]
    alerts: tuple[Alert, ...]
    more: bool
    hours: tuple[Hour, ...]
    hour: Hour | None
    plan: Plan | None

    @property
    def gone(self) -> tuple[Spot, ...]:
        return tuple(spot for spot in self.spots if spot.gone)


@dataclass(frozen=True, slots=True)
class Survey:
    reception: Reception
    site: Site
    now_us: Callable[[], int]

    def look(
        self, account: Account, reason: str, health: Iterable[StreamHealth], hour_us: int | None = None
    ) -> Surveyed:
        """Whoever may review sees alerts too; whoever only keeps things up, the rest. Raises ``Refused``, ``Invalid``
        for an hour that is none of the last ``HOURS``."""
        reviews = self.reception.may(account, Use.REVIEW)
        desk = self.reception.open_desk(account, Use.REVIEW if reviews else Use.UPKEEP, reason)
        cameras, microphones = desk.cameras(), desk.microphones()
        first_us = first_hour_us(self.now_us(), self.site.zone)
        hours = _hours(desk.hours(first_us), first_us) if reviews else ()
        chosen = _chosen(hours, hour_us) if reviews else None
        alerts = _alerts(desk, chosen) if reviews else []
        things = {}
        if self.reception.may(account, Use.UPKEEP):
            kept = self.reception.open_desk(account, Use.UPKEEP, reason)
            things = {thing.place: thing for thing in kept.upkeep()}
        known = [ear.position for ear in microphones if ear.position]
        plan = plan_of(cameras, self.site.plan, known)
        rows = {row.stream_id: row for row in health}
        spots = [spot for camera in cameras for spot in _of_camera(camera, rows, things, plan)]
        spots += [_of_microphone(ear, rows, plan) for ear in microphones]
        shown = alerts[:_MOST_ALERTS]
        more = len(alerts) > _MOST_ALERTS or (chosen is not None and chosen.alerts > len(shown))
        sounds = tuple(_heard(shown, plan)) if plan else ()
        return Surveyed(tuple(_with_alerts(spots, shown)), sounds, tuple(shown), more, hours, chosen, plan)


def first_hour_us(now_us: int, zone: str) -> int:
    """When the oldest of the last ``HOURS`` clock hours began, the present one counted."""
    local = datetime.fromtimestamp(now_us // SECOND_US, ZoneInfo(zone))
    begun_us = now_us - now_us % SECOND_US - (local.minute * 60 + local.second) * SECOND_US
    return begun_us - (HOURS - 1) * HOUR_US


def _hours(counts: Mapping[int, int], first_us: int) -> tuple[Hour, ...]:
    return tuple(Hour(first_us + number * HOUR_US, counts.get(number, 0)) for number in range(HOURS))


def _chosen(hours: Sequence[Hour], hour_us: int | None) -> Hour | None:
    if hour_us is None:
        return None
    found = next((hour for hour in hours if hour.start_us <= hour_us < hour.start_us + HOUR_US), None)
    if found is None:
        raise Invalid("this is no hour of the last day", where="hour", remedy="choose one of the hours shown")
    return found


def _alerts(desk: Desk, chosen: Hour | None) -> list[Alert]:
    if chosen is not None:
        span = Interval(chosen.start_us, chosen.start_us + HOUR_US)
        return desk.alerts(AlertQuery(within=span, limit=_MOST_ALERTS))
    waiting = desk.alerts(AlertQuery(states=frozenset({AlertState.OPEN}), limit=_MOST_ALERTS))
    judged = desk.alerts(AlertQuery(states=frozenset({AlertState.CONFIRMED}), limit=_MOST_ALERTS))
    now = [*waiting, *(alert for alert in judged if alert.ongoing)]
    return sorted(now, key=lambda alert: (alert.created_us, alert.id), reverse=True)


def _of_camera(
    camera: Camera, rows: Mapping[str, StreamHealth], things: Mapping[Place, Upkept], plan: Plan | None
) -> Iterator[Spot]:
    row = rows.get((camera.stream_for("detect") or camera.streams[0]).id)
    view = next((v.outline for v in plan.views if v.camera_id == camera.id), None) if plan else None
    at = plan.places.get(camera.id) if plan else None
    guessed = plan is not None and camera.id in plan.guessed
    spot = Spot("camera", Place(camera.id), camera.name, "camera", "", at=at, outline=view, guessed=guessed)
    yield _well(spot, row)
    for zone in camera.zones:
        outline = plan.outline(camera, zone.polygon.corners) if plan else None
        yield Spot("zone", Place(camera.id, zone.id), zone.name, "zone", "", at=_middle(outline), outline=outline)
    for place, thing in things.items():
        if place.camera_id == camera.id:
            what = "surface" if place.surface_id else "asset"
            state = thing.condition.value
            yield Spot(what, place, thing.name, thing.kind, state, at=_foot(camera, place, plan))


def _of_microphone(ear: Microphone, rows: Mapping[str, StreamHealth], plan: Plan | None) -> Spot:
    at = plan.at(ear.position.latitude, ear.position.longitude) if plan and ear.position else None
    return _well(Spot("microphone", Place.heard(ear.id), ear.name, "microphone", "", at=at), rows.get(ear.stream.id))


def _well(spot: Spot, row: StreamHealth | None) -> Spot:
    if row is None:
        return spot
    gone = row.state in _GONE
    problem = row.problem or (row.detail if gone else "")
    ailments = tuple(ailment.value for ailment in row.ailments)
    return replace(spot, state=row.state.value, problem=problem, problems=ailments, gone=gone)


def _middle(outline: Points | None) -> tuple[float, float] | None:
    if outline is None:
        return None
    x, y = outline.mean(axis=0)
    return round(float(x), 1), round(float(y), 1)


def _foot(camera: Camera, place: Place, plan: Plan | None) -> tuple[float, float] | None:
    """Where a wall or a piece of furniture stands: the middle of its two lowest corners, on the ground."""
    drawn = camera.surface(place.surface_id) if place.surface_id else camera.asset(place.asset_id or "")
    lowest = sorted(drawn.polygon.corners, key=lambda corner: corner[1])[-2:]
    return _middle(plan.outline(camera, np.mean(lowest, axis=0, keepdims=True))) if plan else None


def _with_alerts(spots: Sequence[Spot], alerts: Sequence[Alert]) -> Iterator[Spot]:
    """Each alert lies where it is drawn, where that is on the map, else at its camera; a sound at its microphone."""
    placed = {spot.place for spot in spots if spot.at is not None}
    lists: dict[Place, list[Alert]] = {}
    for alert in alerts:
        own = alert.place
        device = Place.heard(own.microphone_id) if own.microphone_id else Place(own.camera_id)
        lists.setdefault(own if own in placed else device, []).append(alert)
    return (replace(spot, alerts=tuple(lists.get(spot.place, ()))) for spot in spots)


def _heard(alerts: Sequence[Alert], plan: Plan) -> Iterator[Heard]:
    for alert in alerts:
        located = alert.sound.located if alert.sound else None
        if located is not None:
            yield Heard(alert, plan.at(located.latitude, located.longitude), located)
