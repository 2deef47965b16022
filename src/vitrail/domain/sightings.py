"""Sightings: the stored, searchable summary of a vehicle, a thing, a mark or a place that was seen.

Never of a person: there is no subject and no class for one, and what is carried or worn has none either. People count
only as numbers of a place, which are readings (law.md L21, red lines 2 and 3).
"""

__all__ = ["CLASSES", "COLOURS", "FORM_BYTES", "Draft", "Form", "Heading", "Sighting", "Subject", "Tint"]

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from vitrail.domain.clearing import Cleared
from vitrail.domain.time import Interval

FORM_BYTES = 128
COLOURS = ("black", "white", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")
CLASSES = {
    "vehicle": ("bicycle", "car", "motorcycle", "bus", "train", "truck", "boat"),
    "thing": ("backpack", "umbrella", "handbag", "suitcase"),
    "mark": ("surface", "asset"),
    "place": ("view",),
}
"""Every class a sighting may have, by subject. A thing is one that was left standing by itself, never one carried."""


class Subject(StrEnum):
    VEHICLE = "vehicle"
    THING = "thing"
    MARK = "mark"
    """What an event says of a declared surface or piece of furniture: graffiti, damage."""
    PLACE = "place"
    """The scene itself, people painted over."""


class Heading(StrEnum):
    """Across the picture, as it is displayed."""

    NONE = ""
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Tint:
    """A colour and the share of the thing that has it, 0..1."""

    name: str
    share: float

    def __post_init__(self) -> None:
        if self.name not in COLOURS or not 0.0 <= self.share <= 1.0:
            raise ValueError(f"no such colour: {self.name} {self.share}")


@dataclass(frozen=True, slots=True)
class Form:
    """How a cleared thing or place looks: 128 signed steps of 1/300 of a direction. ``maker``: which model says so;
    forms of different makers cannot be compared."""

    steps: bytes
    maker: str = ""

    def __post_init__(self) -> None:
        if len(self.steps) != FORM_BYTES:
            raise ValueError(f"a form has {FORM_BYTES} bytes, not {len(self.steps)}")

    def row(self) -> npt.NDArray[np.float32]:
        return np.frombuffer(self.steps, np.int8).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """What an analytic says was seen. ``look`` is what the form is made from; it is never stored."""

    stream_id: str
    camera_id: str
    subject: Subject
    kind: str
    interval: Interval
    score: float
    box: tuple[float, float, float, float]
    tints: tuple[Tint, ...] = ()
    zones: tuple[str, ...] = ()
    path: tuple[tuple[float, float], ...] = ()
    heading: Heading = Heading.NONE
    standing_s: float = 0.0
    speed_kmh: float | None = None
    length_m: float | None = None
    best_us: int | None = None
    look: Cleared | None = None

    def __post_init__(self) -> None:
        if self.kind not in CLASSES[self.subject.value]:
            raise ValueError(f"a {self.subject.value} is no {self.kind}: sightings are never of people")


@dataclass(frozen=True, slots=True)
class Sighting:
    """``id`` counts in order of writing, 0 before it is written. ``box`` is where it was seen best, at the wall time
    ``best_us``, ``path`` a few places of its foot, all 0..1. ``zones``: ids of what it was in. ``standing_s``: the
    longest it stood. Speed and length where the camera is calibrated; length along the ground as it was seen: of a
    vehicle that only came straight at the camera it is its width."""

    id: int
    mandate_id: str
    subject: Subject
    kind: str
    stream_id: str
    camera_id: str
    interval: Interval
    score: float
    box: tuple[float, float, float, float]
    tints: tuple[Tint, ...] = ()
    zones: tuple[str, ...] = ()
    path: tuple[tuple[float, float], ...] = ()
    heading: Heading = Heading.NONE
    standing_s: float = 0.0
    speed_kmh: float | None = None
    length_m: float | None = None
    best_us: int | None = None
    form: Form | None = None

    def __post_init__(self) -> None:
        if self.kind not in CLASSES[self.subject.value]:
            raise ValueError(f"a {self.subject.value} is no {self.kind}: sightings are never of people")
        if not 0.0 <= self.score <= 1.0:
            raise ValueError(f"score {self.score} is outside 0..1")

    @property
    def moment_us(self) -> int:
        """When the box is where it is; the middle of the sighting where that was not written down."""
        middle_us = (self.interval.start_us + self.interval.end_us) // 2
        return middle_us if self.best_us is None else self.best_us
