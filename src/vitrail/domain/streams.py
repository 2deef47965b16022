"""Places and devices: site, camera, stream, and what people drew on the picture."""

__all__ = [
    "AnalyticSetting",
    "Asset",
    "Camera",
    "DwellingMasks",
    "JointModel",
    "Line",
    "MapPosition",
    "Microphone",
    "Site",
    "SoundStream",
    "Stream",
    "StreamFacts",
    "Surface",
    "Zone",
    "called",
]

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vitrail.domain.geometry import DirectedLine, Polygon
from vitrail.domain.ground import Ground
from vitrail.domain.plan import SitePlan
from vitrail.domain.recipients import Recipient
from vitrail.domain.shifts import Escalation
from vitrail.domain.sign_on import SignOn
from vitrail.domain.time import Hours, Season

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Stream:
    """One encoded feed of a camera, or one file. ``address`` is a path or an rtsp:// URL and may hold a secret
    taken from the environment: never log it, show ``label``."""

    id: str
    camera_id: str
    address: str
    label: str
    roles: frozenset[Literal["detect", "record"]]
    loop: bool = False


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a source learnt of its stream on opening it."""

    codec: str
    width: int
    height: int
    frames_per_s: float
    live: bool
    length_us: int | None = None


@dataclass(frozen=True, slots=True)
class MapPosition:
    """WGS 84 degrees; ``heading_deg`` clockwise from north."""

    latitude: float
    longitude: float
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Zone:
    id: str
    name: str
    polygon: Polygon
    area_m2: float | None = None
    """As declared, else as the calibrated ground tells it."""
    max_people: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    name: str
    line: DirectedLine


@dataclass(frozen=True, slots=True)
class Surface:
    """A declared wall."""

    id: str
    name: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class Asset:
    """A declared piece of street furniture."""

    id: str
    name: str
    kind: str
    polygon: Polygon


@dataclass(frozen=True, slots=True)
class DwellingMasks:
    """Insides and entrances of dwellings, burned in before inference and storage (law.md L17). A camera whose
    masks nobody reviewed cannot start, also when there is nothing to mask."""

    reviewed_by: str
    reviewed_on: str
    polygons: tuple[Polygon, ...] = ()


@dataclass(frozen=True, slots=True)
class AnalyticSetting:
    """One analytic switched on for one camera: where (ids of what is drawn), when, with which
    parameters."""

    analytic_id: str
    purpose: str
    zones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    assets: tuple[str, ...] = ()
    hours: Hours = field(default_factory=Hours.always)
    season: Season | None = None
    """All year, when there is none."""
    exempt: tuple[str, ...] = ()
    """Zones: what stands in them does not count."""
    parameters: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Camera:
    id: str
    name: str
    streams: tuple[Stream, ...]
    dwellings: DwellingMasks
    position: MapPosition | None = None
    zones: tuple[Zone, ...] = ()
    lines: tuple[Line, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    assets: tuple[Asset, ...] = ()
    analytics: tuple[AnalyticSetting, ...] = ()
    ground: Ground | None = None
    """In metres, where somebody calibrated the camera."""

    def stream_for(self, role: Literal["detect", "record"]) -> Stream | None:
        return next((s for s in self.streams if role in s.roles), None)

    def drawn_for(self, setting: AnalyticSetting) -> "tuple[Zone | Line | Surface | Asset, ...]":
        """What ``setting`` names, among what is drawn on this camera's picture."""
        return (
            *(zone for zone in self.zones if zone.id in setting.zones),
            *(line for line in self.lines if line.id in setting.lines),
            *(surface for surface in self.surfaces if surface.id in setting.surfaces),
            *(asset for asset in self.assets if asset.id in setting.assets),
        )

    def zone(self, zone_id: str) -> Zone:
        return next(z for z in self.zones if z.id == zone_id)

    def line(self, line_id: str) -> Line:
        return next(item for item in self.lines if item.id == line_id)

    def surface(self, surface_id: str) -> Surface:
        return next(item for item in self.surfaces if item.id == surface_id)

    def asset(self, asset_id: str) -> Asset:
        return next(item for item in self.assets if item.id == asset_id)


@dataclass(frozen=True, slots=True)
class SoundStream:
    """One encoded feed of a microphone, or one file; ``address`` as in ``Stream``, or ``card:NAME`` for a sound card.
    ``channel`` counts from 0; without it all channels are heard as one."""

    id: str
    microphone_id: str
    address: str
    label: str
    channel: int | None = None
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Microphone:
    """Something that listens at a place on the map. It knows no camera and no camera knows it (law.md L18); what it
    hears lives two seconds and is never kept (L19). ``surroundings`` is what the legal profile asks: ``street``, or a
    closed place such as ``tunnel``."""

    id: str
    name: str
    stream: SoundStream
    surroundings: str
    position: MapPosition | None = None
    analytics: tuple[AnalyticSetting, ...] = ()


def called(device: Camera | Microphone) -> str:
    """``camera gate``, ``microphone quay-2``"""
    return f"{'camera' if isinstance(device, Camera) else 'microphone'} {device.id}"


@dataclass(frozen=True, slots=True)
class JointModel:
    """A joint picture-text model of the site's own: where its manifest lies, and its digest."""

    manifest: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Site:
    id: str
    name: str
    zone: str
    languages: tuple[str, ...]
    profile_id: str
    cameras: tuple[Camera, ...]
    witnesses: tuple[str, ...] = ()
    """Who keeps signed heads of the ledger: paths and https:// addresses."""
    ledger_months: int = 36
    """How long the ledger's personal words can be opened."""
    sign_on: SignOn | None = None
    """The organisation's own provider of accounts, where it has one."""
    microphones: tuple[Microphone, ...] = ()
    """Their ids are none of a camera's."""

    plan: SitePlan | None = None
    """The map that the site brings, if it does."""
    recipients: tuple[Recipient, ...] = ()
    """Those who clean and repair, and take requests in."""
    timestamps: str = ""
    """Address of a time-stamping authority (RFC 3161) that vouches for the moment of bundles; empty: none."""

    joint: JointModel | None = None
    """Makes forms and reads descriptions instead of our own models, where the site brings one."""

    escalation: Escalation = field(default_factory=Escalation)
    """When an alert without a verdict is late, and who is told."""

    blind_share: float = 0.0
    """Blind checks for each alert; 0: none."""

    def camera(self, camera_id: str) -> Camera | None:
        return next((c for c in self.cameras if c.id == camera_id), None)

    def microphone(self, microphone_id: str) -> Microphone | None:
        return next((m for m in self.microphones if m.id == microphone_id), None)

    def device(self, device_id: str) -> Camera | Microphone | None:
        return self.camera(device_id) or self.microphone(device_id)

    def devices(self) -> tuple[Camera | Microphone, ...]:
        return (*self.cameras, *self.microphones)

    def device_ids(self) -> frozenset[str]:
        return frozenset(device.id for device in self.devices())

    def streams(self) -> tuple[Stream, ...]:
        """Of cameras."""
        return tuple(s for c in self.cameras for s in c.streams)
