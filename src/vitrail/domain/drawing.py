"""What people draw on a camera's picture while they set it up, before it is part of the site."""

__all__ = ["Candidate", "Clues", "Draft", "Drawing", "Kind", "PlaceClue", "Shape", "Sheet"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.calibration import Calibration, KnownHeight
from vitrail.domain.errors import Problem
from vitrail.domain.geometry import Point


class Kind(StrEnum):
    """The lists of `site.yaml` that hold drawings; masks lie under `dwellings`."""

    ZONE = "zones"
    LINE = "lines"
    SURFACE = "surfaces"
    ASSET = "assets"
    MASK = "masks"


@dataclass(frozen=True, slots=True)
class Shape:
    """``corners`` as shares of the picture; a line has two, from and to. A mask has neither id nor name. ``what``: the
    kind of an asset."""

    kind: Kind
    corners: tuple[Point, ...]
    id: str = ""
    name: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class PlaceClue:
    """A place on the ground; ``known`` as latitude and longitude (``on_map``) or as metres of a plan."""

    at: Point
    known: tuple[float, float]
    on_map: bool


@dataclass(frozen=True, slots=True)
class Clues:
    """What is known of the ground. ``picture_px``: width and height."""

    picture_px: tuple[int, int]
    places: tuple[PlaceClue, ...] = ()
    heights: tuple[KnownHeight, ...] = ()
    view_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn of one camera. ``reviewed_by``: who looked for dwellings just now; empty when nobody did."""

    camera_id: str
    shapes: tuple[Shape, ...] = ()
    clues: Clues | None = None
    reviewed_by: str = ""
    reviewed_on: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What `site.yaml` holds of a camera now. ``base``: SHA-256 of the file. ``newer``: the file has changed since the
    house started, which runs on the older one."""

    drawing: Drawing
    base: str
    newer: bool


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """What `site.yaml` would become: the lines that change, what `vitrail check` would say, and the ground that follows
    from the clues."""

    changes: str
    problems: tuple[Problem, ...]
    calibration: Calibration | None


@dataclass(frozen=True, slots=True)
class Draft:
    """Drawn by somebody who may see the picture, waiting for somebody who may change the configuration."""

    drawing: Drawing
    base: str
    author: str
    made_us: int
