"""Look at what happened and say a verdict: every verb asks the reception for a desk first."""

__all__ = ["AlertSheet", "Asked", "Person", "Review", "Seen"]

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vitrail.domain.errors import NotFound
from vitrail.domain.events import Alert, AlertQuery, AlertState, Decision, Reading, Side
from vitrail.domain.figures import Precision
from vitrail.domain.moments import Moment
from vitrail.domain.people import Account, Session, Use
from vitrail.domain.places import Box
from vitrail.domain.streams import Camera, Microphone
from vitrail.domain.tickets import Ticket
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.desk import AROUND_US, Desk
from vitrail.guard.reception import Reception
from vitrail.guard.window import Window
from vitrail.ports.clock import Clock
from vitrail.runtime.health import StreamHealth
from vitrail.runtime.jobs import Job, Jobs
from vitrail.services.attention import Attention, rank

_OPENED_KEPT = 10_000
_LISTS_KEPT = 64
_WORTH_A_LOOK = frozenset({AlertState.OPEN, AlertState.CONFIRMED})
_LOOKED_THROUGH = 200
"""The newest alerts put cameras in order; older ones have faded."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, in which session, for which reason (typed on signing in)."""

    account: Account
    session: Session


@dataclass(frozen=True, slots=True)
class Asked:
    """What changed in this box of this camera's picture?"""

    camera_id: str
    interval: Interval
    box: Box


@dataclass(frozen=True, slots=True)
class AlertSheet:
    """All that an alert's page shows. ``event_from_s`` is where the happening begins inside the clip. Of a sound
    there is neither camera nor clip, and no way to hear it."""

    alert: Alert
    camera: Camera | None
    precision: Precision
    event_from_s: float
    event_length_s: float
    recorded: bool
    microphone: Microphone | None = None
    microphones: tuple[Microphone, ...] = ()
    """All that the person may know of, for the map."""
    blind: bool = False
    """It was a blind check; told once there is a verdict."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A verdict that was stored, and the next alert that waits, if any."""

    alert: Alert
    next_id: str | None
    blind: bool = False
    """It was a blind check: nothing had been told there."""


class Review:
    """Thread-safe. Remembers when each session opened each alert, to say how long a verdict took."""

    def __init__(self, reception: Reception, jobs: Jobs, clock: Clock) -> None:
        self._reception = reception
        self._jobs = jobs
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._moments: OrderedDict[str, list[Moment]] = OrderedDict()

    def may(self, person: Person, use: Use) -> bool:
        """Whether the person's role opens this use at all: for menus, nothing is read."""
        return self._reception.may(person.account, use)

    def cameras(self, person: Person) -> list[Camera]:
        return self._desk(person).cameras()

    def microphones(self, person: Person) -> list[Microphone]:
        return self._desk(person).microphones()

    def alerts(self, person: Person, query: AlertQuery) -> list[Alert]:
        return self._desk(person).alerts(query)

    def attention(self, person: Person, health: Iterable[StreamHealth]) -> list[Attention]:
        """The person's cameras, the one most worth a look first, each with the reason."""
        desk = self._desk(person)
        alerts = desk.alerts(AlertQuery(states=_WORTH_A_LOOK, limit=_LOOKED_THROUGH))
        return rank(desk.cameras(), alerts, health, self._clock.now_us())

    def counts(self, person: Person) -> Mapping[AlertState, int]:
        return self._desk(person).counts()

    def readings(self, person: Person, name: str) -> list[Reading]:
        return self._desk(person).readings(name)

    def sheet(self, person: Person, alert_id: str) -> AlertSheet:
        """Opening the page starts the clock of the verdict."""
        desk = self._desk(person)
        alert = desk.alert(alert_id)
        self._open(person, alert_id)
        if alert.place.microphone_id is not None:
            return _heard(desk, alert, alert.place.microphone_id)
        camera = next((c for c in desk.cameras() if c.id == alert.place.camera_id), None)
        if camera is None:
            raise NotFound(f"camera {alert.place.camera_id} is no longer part of the site")
        from_us = alert.evidence.start_us - AROUND_US
        spans = desk.spans(camera.id, Interval(from_us, max(alert.evidence.end_us, alert.evidence.start_us + 1)))
        first_us = max(from_us, spans[0].start_us) if spans else from_us
        return AlertSheet(
            alert,
            camera,
            desk.precision(camera.id, alert.kind),
            max(0.0, (alert.interval.start_us - first_us) / SECOND_US),
            alert.interval.length_us / SECOND_US,
            bool(spans),
            blind=alert.verdict is not None and desk.was_check(alert.id),
        )

    def judge(self, person: Person, alert_id: str, decision: Decision, reason: str) -> Seen:
        """Raises ``Conflict`` when somebody else was faster, ``Invalid`` without a reason."""
        desk = self._desk(person)
        judged = desk.judge(alert_id, decision, reason, self._spent_s(person, alert_id))
        self._forget(person, alert_id)
        waiting = desk.alerts(AlertQuery(states=frozenset({AlertState.OPEN}), limit=1))
        return Seen(judged, waiting[0].id if waiting else None, desk.was_check(alert_id))

    def still(self, person: Person, alert_id: str, width: int) -> bytes:
        return self._desk(person).still(alert_id, width)

    def tickets(self, person: Person) -> list[Ticket]:
        return self._desk(person).tickets()

    def picture(self, person: Person, alert_id: str, side: Side) -> bytes:
        return self._desk(person).picture(alert_id, side)

    def live(self, person: Person, camera_id: str) -> Window:
        return self._desk(person).live(camera_id)

    def order_clip(self, person: Person, alert_id: str) -> Job:
        """Start rendering the masked clip beside the page; asking again gives the same work while it runs."""
        desk = self._desk(person)
        return self._jobs.submit(_key(person, alert_id), lambda progress: desk.clip(alert_id, progress))

    def order_minute(self, person: Person, camera_id: str, interval: Interval) -> Job:
        desk = self._desk(person)
        key = _minute_key(person, camera_id, interval)
        return self._jobs.submit(key, lambda progress: desk.minute(camera_id, interval, progress))

    def clip_work(self, person: Person, alert_id: str) -> Job:
        """How far the ordered clip is. Raises ``NotFound`` when none was ordered."""
        return self._work(_key(person, alert_id))

    def minute_work(self, person: Person, camera_id: str, interval: Interval) -> Job:
        return self._work(_minute_key(person, camera_id, interval))

    def clip(self, person: Person, alert_id: str) -> Path:
        """The file that was ordered, to send. Raises ``NotFound`` when it is not there (yet)."""
        return self._desk(person).again(_made(self.clip_work(person, alert_id)), alert_id=alert_id)

    def minute(self, person: Person, camera_id: str, interval: Interval) -> Path:
        return self._desk(person).again(_made(self.minute_work(person, camera_id, interval)), camera_id=camera_id)

    def glance(self, person: Person, camera_id: str, at_us: int, width: int) -> bytes:
        return self._desk(person).glance(camera_id, at_us, width)

    def changed(self, person: Person, asked: Asked) -> list[Moment]:
        """Looks back while the caller waits."""
        return self._desk(person).changed(asked.camera_id, asked.interval, asked.box, lambda _: None)

    def order_changed(self, person: Person, asked: Asked) -> Job:
        """The same beside the page, with progress."""
        desk, key = self._desk(person), _key(person, f"changed {asked}")

        def work(progress: Callable[[float], None]) -> Path:
            found = desk.changed(asked.camera_id, asked.interval, asked.box, progress)
            with self._lock:
                self._moments[key] = found
                while len(self._moments) > _LISTS_KEPT:
                    self._moments.popitem(last=False)
            return Path()

        return self._jobs.submit(key, work)

    def changed_work(self, person: Person, asked: Asked) -> Job:
        return self._work(_key(person, f"changed {asked}"))

    def moments(self, person: Person, asked: Asked) -> list[Moment]:
        """What the ordered look back found, for whoever ordered it. Raises ``NotFound`` before it is done."""
        self._desk(person)
        with self._lock:
            found = self._moments.get(_key(person, f"changed {asked}"))
        if found is None:
            raise NotFound("this was not asked, or is not answered yet", remedy="ask, and wait for the answer")
        return found

    def spans(self, person: Person, camera_id: str, interval: Interval) -> list[Interval]:
        return self._desk(person).spans(camera_id, interval)

    def _work(self, key: str) -> Job:
        job = self._jobs.get(key)
        if job is None:
            raise NotFound("this copy was not ordered", remedy="order it first")
        return job

    def _desk(self, person: Person) -> Desk:
        return self._reception.open_desk(person.account, Use.REVIEW, person.session.reason)

    def _open(self, person: Person, alert_id: str) -> None:
        with self._lock:
            self._opened.setdefault((person.session.token_sha256, alert_id), self._clock.monotonic_us())
            while len(self._opened) > _OPENED_KEPT:
                self._opened.popitem(last=False)

    def _spent_s(self, person: Person, alert_id: str) -> float:
        with self._lock:
            opened_us = self._opened.get((person.session.token_sha256, alert_id))
        return 0.0 if opened_us is None else (self._clock.monotonic_us() - opened_us) / SECOND_US

    def _forget(self, person: Person, alert_id: str) -> None:
        """Only once the verdict is stored: who is asked for a reason goes on with the same clock."""
        with self._lock:
            self._opened.pop((person.session.token_sha256, alert_id), None)


def _heard(desk: Desk, alert: Alert, microphone_id: str) -> AlertSheet:
    ears = tuple(desk.microphones())
    microphone = next((ear for ear in ears if ear.id == microphone_id), None)
    if microphone is None:
        raise NotFound(f"microphone {microphone_id} is no longer part of the site")
    length_s = alert.interval.length_us / SECOND_US
    right = desk.precision(microphone_id, alert.kind)
    return AlertSheet(alert, None, right, 0.0, length_s, False, microphone, ears)


def _key(person: Person, work: str) -> str:
    """Jobs are asked for by a person: nobody sees another's."""
    return f"{person.account.id}:{work}"


def _minute_key(person: Person, camera_id: str, interval: Interval) -> str:
    return _key(person, f"{camera_id}:{interval.start_us}:{interval.end_us}")


def _made(job: Job) -> Path:
    if job.path is None:
        raise NotFound("this copy is not ready", remedy="wait until its work is done")
    return job.path
