"""What an analytic declares about itself and what it is given."""

__all__ = ["SOUND", "AnalyticManifest", "DeclaredRate", "Maturity", "Parameter", "Scene"]

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from vitrail.domain.detections import Detections, Tracks
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.looks import PlaceLook
from vitrail.domain.places import PlaceView
from vitrail.domain.stirs import Stir

SOUND = "sound"
"""The input of analytics that listen."""


def _nobody() -> Boxes:
    return np.zeros((0, 4), np.float32)


class Maturity(StrEnum):
    LAB = "lab"
    TRIAL = "trial"
    OPERATIONAL = "operational"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number a site may set: name, unit, default and range."""

    name: str
    unit: str
    default: float
    low: float
    high: float
    meaning: str


@dataclass(frozen=True, slots=True)
class DeclaredRate:
    """How many false alarms an hour of one camera or microphone the default thresholds are meant to keep below, and
    what counts them. A claim: what was measured stands on the analytic's page, what happens on a site in its register.
    """

    an_hour: float
    benchmark: str

    def __post_init__(self) -> None:
        if not self.an_hour > 0:
            raise ValueError(f"nobody can declare {self.an_hour} false alarms an hour: it is more than none")

    @property
    def a_day(self) -> float:
        return 24 * self.an_hour


@dataclass(frozen=True, slots=True)
class AnalyticManifest:
    """What must be drawn on a camera's picture before this analytic can be switched on, is told by ``needs_zones``,
    ``needs_lines``, ``needs_surfaces`` and ``needs_assets``; ``needs_ground``: what it tells is in metres."""

    id: str
    version: str
    title: str
    inputs: frozenset[str]
    kinds: frozenset[str]
    readings: frozenset[str]
    category: str
    purposes: frozenset[str]
    parameters: tuple[Parameter, ...]
    models: tuple[str, ...]
    maturity: Maturity
    must_not: str
    limits: tuple[str, ...]
    needs_zones: bool = False
    needs_lines: bool = False
    needs_surfaces: bool = False
    needs_assets: bool = False
    needs_ground: bool = False
    steepest_deg: float = 90.0
    """Zones that are seen more steeply are refused."""
    exempts: bool = False
    """Whether a setting may name zones that are exempted."""
    declared: DeclaredRate | None = None
    """None where every event is simply what the camera shows, or where nobody has counted."""

    @property
    def hears(self) -> bool:
        """Whether it listens to microphones. What does never sees a picture (law.md L18)."""
        return SOUND in self.inputs

    @property
    def remembers(self) -> bool:
        """Whether it compares a place with what it has learnt of it for long: then nothing may be cut in pieces."""
        return "place" in self.inputs or self.needs_surfaces or self.needs_assets


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of one stream, as analytics see it.

    ``picture`` holds the decoder's own planes, for the time of ``update`` alone: analytics keep measures of it, never
    the picture. ``people`` are (n, 4) boxes 0..1 of everything that may be a person, far below the score at which one
    is followed: what has to be left out of any memory of the place. ``still``: nothing moves; ``key``: a key frame.
    ``seen``: all that the detector saw, before anything is followed. ``place``: what the scene memory knows, for
    analytics whose manifest names the input ``place``. ``look``: what a network sees in the whole picture, now and
    then, for those that name ``look``; ``stir``: what it makes of how people who are close move, for those that name
    ``stir``."""

    stream_id: str
    camera_id: str
    wall_us: int
    tracks: Tracks
    picture: Picture | None = None
    people: Boxes = field(default_factory=_nobody)
    still: bool = False
    key: bool = False
    seen: Detections = field(default_factory=Detections.none)
    place: PlaceView | None = None
    look: PlaceLook | None = None
    stir: Stir | None = None
