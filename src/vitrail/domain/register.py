"""What is published about an installation: everything that runs, from what runs (law.md L26, L27). No personal data."""

__all__ = [
    "CameraEntry",
    "Figure",
    "MandateEntry",
    "MicrophoneEntry",
    "Register",
    "RequestCount",
    "RunningAnalytic",
    "Uses",
    "configuration_digest",
    "published_suspension",
]

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.streams import AnalyticSetting, Site
from vitrail.domain.suspensions import Suspension


@dataclass(frozen=True, slots=True)
class RunningAnalytic:
    """One analytic switched on for one camera, and what a mandate says of it. ``permitted`` now, else ``why_not``."""

    id: str
    purpose: str
    places: tuple[str, ...]
    permitted: bool
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class CameraEntry:
    id: str
    name: str
    latitude: float | None
    longitude: float | None
    heading_deg: float | None
    recorded: bool
    mandate_id: str
    analytics: tuple[RunningAnalytic, ...]


@dataclass(frozen=True, slots=True)
class MicrophoneEntry:
    """Never recorded: a microphone has no such field."""

    id: str
    name: str
    surroundings: str
    latitude: float | None
    longitude: float | None
    mandate_id: str
    analytics: tuple[RunningAnalytic, ...]


@dataclass(frozen=True, slots=True)
class MandateEntry:
    """A mandate as it is published; times as RFC 3339."""

    id: str
    title: str
    mode: str
    controller: str
    legal_basis: str
    decision: str
    decision_date: str
    decision_url: str
    decision_sha256: str
    supplier: str
    cost: str
    start: str
    end: str
    retention_hours: float
    purposes: tuple[Mapping[str, str], ...]
    arguments: tuple[Mapping[str, object], ...] = ()
    """Why each analytic may run, as the mandate argues it (L05)."""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """Counted from the ledger, for one kind of alert of one camera in one light (domain/sun.py; ``all`` sums them up
    where there are several), bad results included. ``low`` and ``high`` are the 95 % interval of the share that was
    confirmed; None where there are not enough verdicts."""

    camera_id: str
    kind: str
    light: str
    alerts: int
    confirmed: int
    dismissed: int
    low: float | None
    high: float | None
    dismissed_a_day: float
    minutes: float
    """Human minutes spent on alerts that were dismissed."""


@dataclass(frozen=True, slots=True)
class RequestCount:
    """What people who were filmed asked for, complaints among it, and how it was answered."""

    kind: str
    received: int
    granted: int
    partly: int
    refused: int
    late: int


@dataclass(frozen=True, slots=True)
class Uses:
    """How often the system was used, counted from the ledger since its first entry."""

    since: str
    consultations: int
    refusals: int
    erasures: int
    unmaskings: int
    emergencies: int = 0
    """How often a sealed emergency account was opened."""
    requests: tuple[RequestCount, ...] = ()
    originals: int = 0
    """Bundles that two people agreed to hand out with unmasked originals."""
    shares: int = 0
    """Links to bundles that two people agreed to."""
    taken: int = 0
    """How often bundles were taken by such links."""


@dataclass(frozen=True, slots=True)
class Register:
    site_id: str
    site_name: str
    made: str
    configuration: str
    profile_id: str
    profile_name: str
    status: Mapping[str, str]
    cameras: tuple[CameraEntry, ...]
    analytics: tuple[Mapping[str, object], ...]
    mandates: tuple[MandateEntry, ...]
    suspensions: tuple[Mapping[str, object], ...]
    figures: tuple[Figure, ...]
    uses: Uses
    contact: str = ""
    url: str = ""
    microphones: tuple[MicrophoneEntry, ...] = ()

    def record(self) -> dict[str, object]:
        return asdict(self)


def configuration_digest(
    site: Site, mandates: Sequence[Mandate], profile: LegalProfile, manifests: Sequence[AnalyticManifest]
) -> str:
    """Binds a published register to what runs: cameras with everything drawn on them, mandates, profile, analytics.
    Addresses of streams are left out: they may hold a secret, and tell nothing about what is done."""
    cameras = []
    for camera in site.cameras:
        streams = [[stream.id, sorted(stream.roles)] for stream in camera.streams]
        drawn: list[object] = [
            camera.dwellings,
            camera.position,
            camera.zones,
            camera.lines,
            camera.surfaces,
            camera.assets,
        ]
        if camera.ground:
            drawn.append(camera.ground)
        settings = [_setting(s) for s in camera.analytics]
        cameras.append([camera.id, camera.name, streams, [str(item) for item in drawn], settings])
    ears = [
        [m.id, m.name, m.surroundings, m.stream.channel, str(m.position), [_setting(s) for s in m.analytics]]
        for m in site.microphones
    ]
    taking = [[r.id, r.name, r.channel.value, sorted(r.services), r.pictures] for r in site.recipients]
    said = {
        "site": [site.id, site.name, site.zone, site.profile_id],
        "cameras": cameras,
        **({"microphones": ears} if ears else {}),
        **({"recipients": taking} if taking else {}),
        "mandates": sorted(f"{mandate.id} {mandate.digest}" for mandate in mandates),
        "profile": [profile.id, profile.last_verified_us],
        "analytics": sorted(f"{manifest.id} {manifest.version}" for manifest in manifests),
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _setting(s: AnalyticSetting) -> list[object]:
    drawn = [s.zones, s.lines, s.surfaces, s.assets]
    return [s.analytic_id, s.purpose, *drawn, str(s.hours), str(s.season), s.exempt, sorted(s.parameters.items())]


def published_suspension(suspension: Suspension) -> Mapping[str, object]:
    """Who, when, why; and who resumed it, when, why."""
    orders = [asdict(order) for order in (suspension.order, *suspension.resumed_by)]
    return {"over": suspension.over, "orders": orders}
