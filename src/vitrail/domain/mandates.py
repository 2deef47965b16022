"""The lawful instruments: mandates for machines, permits cut from them, legal profiles and suspensions."""

__all__ = [
    "OBJECTIVES",
    "Alternative",
    "Argument",
    "Decree",
    "LegalProfile",
    "Mandate",
    "Mode",
    "Permit",
    "PlaceRules",
    "Purpose",
    "Rule",
    "Standing",
]

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from vitrail.domain.time import Hours, Interval

OBJECTIVES: Mapping[str, str] = {
    "safety_of_closed_places": "nobody is hurt in a place that is closed to the public, and it stays whole",
    "rescue": "somebody in danger gets help sooner",
    "crowd_safety": "nobody is crushed where many people meet",
    "road_safety": "fewer collisions between those who share a road",
    "fire_safety": "a fire is put out before it spreads",
    "upkeep_of_public_places": "damage to walls and street furniture is repaired sooner",
    "traffic_planning": "ways and hours are planned on counts, without knowing who passed",
    "judicial_inquiry": "a named inquiry gets the recording it is entitled to",
    "evaluation": "the software itself is tried and measured on recordings one owns (lab only)",
}
"""The closed list of objectives (L03). Analytics name those they may serve; ``evaluation`` serves all of them in
``lab`` mode and exists in no other."""


class Mode(StrEnum):
    LAB = "lab"
    STATISTICS = "statistics"
    ALERT = "alert"
    INQUIRY = "inquiry"


class Standing(StrEnum):
    """What a legal profile says of an event kind. Unknown is forbidden outside ``lab``."""

    ALLOWED = "allowed"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a legal profile: what it says, where it is written, when somebody last read it there."""

    standing: Standing
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """What holds in some surroundings of a microphone instead of the profile's general rules."""

    modes: frozenset[Mode]
    kinds: Mapping[str, Rule]


@dataclass(frozen=True, slots=True)
class LegalProfile:
    """A country's rules as data. ``last_verified_us`` older than ``stale_after_us`` turns alerts off (L07)."""

    id: str
    name: str
    modes: frozenset[Mode]
    kinds: Mapping[str, Rule]
    last_verified_us: int
    stale_after_us: int
    max_retention_us: int
    banner: Mapping[str, str]
    max_mandate_us: int | None = None
    """The longest a mandate may run; ``None`` where the profile knows no limit."""
    places: Mapping[str, PlaceRules] = field(default_factory=dict)
    """By surroundings of a microphone; surroundings that are not here follow the general rules."""

    def modes_at(self, surroundings: str | None) -> frozenset[Mode]:
        special = self.places.get(surroundings or "")
        return self.modes | special.modes if special else self.modes

    def rule_for(self, kind: str, surroundings: str | None) -> Rule | None:
        special = self.places.get(surroundings or "")
        found = special.kinds.get(kind) if special else None
        return found or self.kinds.get(kind)


@dataclass(frozen=True, slots=True)
class Purpose:
    """A declared objective (L03): ``objective`` from the closed list, the harm it addresses, how success is
    measured, when it is reviewed."""

    id: str
    objective: str
    harm: str
    success: str
    review_us: int


@dataclass(frozen=True, slots=True)
class Decree:
    """The published decision a mandate rests on (L01). ``sha256`` binds the file ``document`` beside the mandate."""

    body: str
    number: str
    date: str
    url: str
    document: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to the same end that was looked at, and why it is not enough."""

    what: str
    algorithmic: bool
    why_not: str


@dataclass(frozen=True, slots=True)
class Argument:
    """Why one analytic may run (L05). The first of ``alternatives`` is not algorithmic."""

    analytic_id: str
    necessity: str
    alternatives: tuple[Alternative, ...]
    expected_rate: str
    failure_modes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mandate:
    """Lets machines process named streams with named analytics for named purposes (L01, L04)."""

    id: str
    title: str
    mode: Mode
    controller: str
    legal_basis: str
    decision: Decree
    supplier: str
    cost: str
    valid: Interval
    hours: Hours
    retention_us: int
    purposes: tuple[Purpose, ...]
    matrix: frozenset[tuple[str, str, str]]
    """Explicit (id of a camera or microphone, analytic_id, purpose_id); no wildcard."""
    recording: frozenset[str]
    """Camera ids whose record stream may be kept."""
    digest: str
    """SHA-256 of the mandate file's bytes."""
    arguments: tuple[Argument, ...] = ()
    """One for each analytic of the matrix, outside ``lab`` (L05)."""
    recipients: tuple[str, ...] = ()
    """Who receives what leaves, besides the staff that has accounts."""
    microphones: frozenset[str] = frozenset()
    """Those ids of the matrix that are microphones."""

    def argument(self, analytic_id: str) -> Argument | None:
        return next((a for a in self.arguments if a.analytic_id == analytic_id), None)

    def cameras(self) -> frozenset[str]:
        """And microphones: every device that machines may process under it."""
        return frozenset(camera for camera, _, _ in self.matrix) | self.recording


@dataclass(frozen=True, slots=True)
class Permit:
    """A short-lived leave to process one stream, cut from a mandate. Built only inside ``guard/``: everything that
    opens a source or writes personal data asks for one."""

    mandate_id: str
    mode: Mode
    camera_id: str
    stream_id: str
    analytics: frozenset[str]
    may_record: bool
    retention_us: int
    valid: Interval
    kinds: frozenset[str] = frozenset()
    """Event kinds that may become alerts: allowed by the profile, made by a permitted analytic. Empty in
    ``statistics`` mode."""
    readings: frozenset[str] = frozenset()
    """Names of the readings that permitted analytics make."""
    may_picture: bool = False
    """Whether pictures of the place may be kept: where its recording is permitted."""
    microphone_id: str = ""
    """Set for the stream of a microphone; ``camera_id`` is empty then: no permit covers both (L18)."""

    @property
    def device_id(self) -> str:
        return self.microphone_id or self.camera_id
