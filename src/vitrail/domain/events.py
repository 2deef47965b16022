"""What analytics say (events and readings) and what is put before a person (alerts and verdicts).

An alert holds only kind, place, time, score, evidence reference and analytic version (law.md L09), with the
measures that explain it (L11): never a picture of somebody, never a track id.
"""

__all__ = [
    "Alert",
    "AlertQuery",
    "AlertState",
    "BeforeAfter",
    "Decision",
    "Event",
    "Findings",
    "Measure",
    "Phase",
    "Pictured",
    "Place",
    "Reading",
    "Side",
    "Verdict",
]

from dataclasses import dataclass, field
from enum import StrEnum

from vitrail.domain.frames import Picture
from vitrail.domain.sightings import Draft
from vitrail.domain.sound import SoundTrace
from vitrail.domain.time import Interval


class Phase(StrEnum):
    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Place:
    """Where: a camera and, when one was drawn, the zone, line, surface or asset."""

    camera_id: str
    zone_id: str | None = None
    line_id: str | None = None
    surface_id: str | None = None
    asset_id: str | None = None
    microphone_id: str | None = None
    """Where something was heard; ``camera_id`` is empty then (law.md L18)."""

    @classmethod
    def heard(cls, microphone_id: str) -> "Place":
        return cls("", microphone_id=microphone_id)

    def __post_init__(self) -> None:
        if (self.microphone_id is None) is (self.camera_id == ""):
            raise ValueError("a place is at a camera or at a microphone")
        if self.microphone_id is not None and self.drawn:
            raise ValueError("nothing is drawn at a microphone")

    @property
    def device_id(self) -> str:
        return self.microphone_id or self.camera_id

    @property
    def drawn(self) -> str:
        """Id of what was drawn there; empty when it is the whole picture."""
        return self.zone_id or self.line_id or self.surface_id or self.asset_id or ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number that made the analytic speak, against the threshold it had to pass: ``dwell 15.2 s >= 15 s``."""

    name: str
    value: float
    threshold: float
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class BeforeAfter:
    """One part of a place as it was known and as it is now. Nobody is in either: both come from the scene memory,
    which leaves people out."""

    before: Picture
    after: Picture


class Side(StrEnum):
    """Which of the two pictures of a change."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Pictured:
    """SHA-256 of the two JPEGs that are kept with an alert about a change."""

    before_sha256: str
    after_sha256: str

    def of(self, side: Side) -> str:
        return self.before_sha256 if side is Side.BEFORE else self.after_sha256


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. ``key`` pairs the ``opened`` and the ``closed`` phase of one happening inside one stream
    and is not stored. ``score`` 0..1. An event that has no duration (a crossing) is opened and closed at once.
    ``shown``: what a lasting change looks like, where the analytic knows it."""

    key: str
    phase: Phase
    kind: str
    analytic: str
    version: str
    stream_id: str
    place: Place
    interval: Interval
    score: float
    measures: tuple[Measure, ...] = ()
    shown: BeforeAfter | None = field(default=None, compare=False, repr=False)
    sound: SoundTrace | None = None

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"score {self.score} is outside 0..1")


@dataclass(frozen=True, slots=True)
class Reading:
    """A count or density of a place at a moment: a number about a place, never about somebody."""

    name: str
    stream_id: str
    place: Place
    at_us: int
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Findings:
    """What one update of an analytic produced."""

    events: tuple[Event, ...] = ()
    readings: tuple[Reading, ...] = ()
    sightings: tuple[Draft, ...] = ()
    renewed: tuple[Place, ...] = ()
    """Walls and things whose look after a repair is known now."""


class AlertState(StrEnum):
    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


class Decision(StrEnum):
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of an alert. ``seconds_spent`` runs from opening the alert's page to the verdict."""

    decision: Decision
    reason: str
    account_id: str
    at_us: int
    seconds_spent: float


@dataclass(frozen=True, slots=True)
class Alert:
    """An event put before a person. ``evidence`` is the span of recording that shows it, ``pictures`` what is kept of
    a lasting change."""

    id: str
    mandate_id: str
    kind: str
    analytic: str
    version: str
    stream_id: str
    place: Place
    interval: Interval
    ongoing: bool
    score: float
    measures: tuple[Measure, ...]
    evidence: Interval
    state: AlertState
    created_us: int
    verdict: Verdict | None = None
    pictures: Pictured | None = None
    sound: SoundTrace | None = None
    """What may be kept of what was heard."""


@dataclass(frozen=True, slots=True)
class AlertQuery:
    """Newest first. ``before_id`` continues a listing. ``camera_id`` may be a microphone's: ids are shared out once.
    ``within``: what began in that span."""

    states: frozenset[AlertState] = frozenset()
    camera_id: str | None = None
    kind: str | None = None
    before_id: str | None = None
    limit: int = 50
    within: Interval | None = None
