"""What an analytic declares about itself and what it is given."""

__all__ = ["AnalyticManifest", "Maturity", "Parameter", "Scene"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.detections import Tracks


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
class AnalyticManifest:
    """``needs_zones`` and ``needs_lines`` tell what a camera must draw before this analytic can be switched on."""

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


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of one stream, as analytics see it."""

    stream_id: str
    camera_id: str
    wall_us: int
    tracks: Tracks
