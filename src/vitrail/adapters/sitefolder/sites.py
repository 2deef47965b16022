"""``site.yaml`` to a ``Site``: what the shape alone cannot tell is checked here."""

__all__ = ["SiteReading", "read_site_file"]

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path as FilePath
from typing import Any
from zoneinfo import available_timezones

from vitrail.adapters.sitefolder.addresses import BadAddress, read_address
from vitrail.adapters.sitefolder.document import Document, Path
from vitrail.adapters.sitefolder.drawings import ask_ids, ask_visible, draw_camera, read_masks
from vitrail.adapters.sitefolder.grounds import read_ground, with_areas
from vitrail.adapters.sitefolder.microphones import read_microphones
from vitrail.adapters.sitefolder.plans import read_plan
from vitrail.adapters.sitefolder.profiles import profile_ids
from vitrail.adapters.sitefolder.repairers import read_repairers
from vitrail.adapters.sitefolder.settings import SettingReader
from vitrail.adapters.sitefolder.shaping import Report, did_you_mean
from vitrail.adapters.sitefolder.signing_on import read_sign_on
from vitrail.adapters.sitefolder.site_shape import CameraShape, SiteShape, StreamShape
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.calibration import Calibration
from vitrail.domain.shifts import Escalation
from vitrail.domain.streams import Camera, JointModel, MapPosition, Site, Stream

_CAMERA_LISTS = ("streams", "zones", "lines", "surfaces", "assets", "analytics")


@dataclass(frozen=True, slots=True)
class SiteReading:
    """What the mandates need to know of the site, also when the site itself has problems."""

    site: Site | None
    zone: str
    profile_id: str
    camera_ids: frozenset[str]
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    microphone_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SiteReader:
    """Carries what reading a site needs besides its file."""

    folder: FilePath
    environ: Mapping[str, str]
    manifests: Mapping[str, AnalyticManifest]
    purposes: frozenset[str] | None
    """Purposes that mandates declare; ``None`` when there is no mandate to compare with."""
    report: Report
    calibrations: dict[str, Calibration] = field(default_factory=dict)
    """By camera, as they are read."""

    def camera(self, raw: object, path: Path, zone: str) -> Camera | None:
        if not isinstance(raw, dict):
            self.report.shape(CameraShape, raw, path)
            return None
        before = len(self.report.problems)
        # The lists are shaped item by item below; a list that is missing or no list at all is left for the shape.
        shell = {key: [] if key in _CAMERA_LISTS and isinstance(value, list) else value for key, value in raw.items()}
        if raw.get("streams"):
            shell["streams"] = [{"id": "x", "address": "x", "roles": ["detect"]}]
        shape = self.report.shape(CameraShape, shell, path)
        streams = self.streams(raw, (*path, "streams"))
        drawn = draw_camera(self.report, raw, path)
        reader = SettingReader(self.report, self.manifests, self.purposes, zone)
        settings = reader.settings(raw, path)
        masks = read_masks(self.report, shape.dwellings, (*path, "dwellings")) if shape else None
        if masks:
            ask_visible(self.report, drawn, masks, path)
        ground = read_ground(self.report, shape.ground, shape.position, (*path, "ground")) if shape else None
        zones = with_areas(self.report, drawn.zones, ground, (*path, "zones"))
        if shape and (ground or shape.ground is None):
            reader.ask_ground(raw, ground.ground if ground else None, zones, path)
        if shape is None or masks is None or len(self.report.problems) > before:
            return None
        if ground:
            self.calibrations[shape.id] = ground
        position = shape.position
        return Camera(
            id=shape.id,
            name=shape.name,
            streams=streams,
            dwellings=masks,
            position=MapPosition(position.latitude, position.longitude, position.heading_deg) if position else None,
            zones=zones,
            lines=drawn.lines,
            surfaces=drawn.surfaces,
            assets=drawn.assets,
            analytics=settings,
            ground=ground.ground if ground else None,
        )

    def streams(self, raw: Mapping[str, Any], path: Path) -> tuple[Stream, ...]:
        items = self.report.items(StreamShape, raw, path)
        self.report.twice(((item.path, item.shape.id) for item in items), "stream")
        by_role: dict[str, str] = {}
        for item in items:
            for role in item.shape.roles:
                if role in by_role:
                    what = f"`{by_role[role]}` has the role `{role}` already"
                    self.report.say((*item.path, "roles"), what, "one stream a camera for each role")
                by_role.setdefault(role, item.shape.id)
        streams = (self.stream(item.shape, item.path, str(raw.get("id"))) for item in items)
        return tuple(stream for stream in streams if stream)

    def stream(self, shape: StreamShape, path: Path, camera_id: str) -> Stream | None:
        try:
            address = read_address(shape.address, self.folder, self.environ)
        except BadAddress as error:
            self.report.say((*path, "address"), error.what, error.remedy)
            return None
        return Stream(
            id=f"{camera_id}.{shape.id}",
            camera_id=camera_id,
            address=address.text,
            label=shape.label or address.label,
            roles=frozenset(shape.roles),
            loop=shape.loop,
        )


def read_site_file(
    folder: FilePath,
    document: Document,
    environ: Mapping[str, str],
    manifests: Mapping[str, AnalyticManifest],
    purposes: frozenset[str] | None,
    report: Report,
) -> SiteReading:
    """Says every problem in ``report``; the reading's site is ``None`` when there was one."""
    raw = document.value if isinstance(document.value, dict) else {}
    listed = (key for key in ("cameras", "microphones") if isinstance(raw.get(key, []), list))
    shell = {**raw, **{key: [] for key in listed}}
    shape = report.shape(SiteShape, shell, ()) if raw else None
    zone = _zone(raw, report)
    profile_id = str(raw.get("profile", "lab"))
    if shape and profile_id not in profile_ids():
        known = ", ".join(profile_ids())
        remedy = did_you_mean(profile_id, profile_ids()) or f"known: {known}"
        report.say(("profile",), f"unknown legal profile `{profile_id}`", remedy)
    reader = SiteReader(folder, environ, manifests, purposes, report)
    rows = raw.get("cameras", []) if isinstance(raw.get("cameras", []), list) else []
    cameras = [reader.camera(row, ("cameras", index), zone) for index, row in enumerate(rows)]
    ask_ids(report, rows, ("cameras",), "camera")
    ids = frozenset(str(row.get("id")) for row in rows if isinstance(row, dict))
    heard = raw.get("microphones", []) if isinstance(raw.get("microphones", []), list) else []
    ears = SettingReader(report, manifests, purposes, zone, hears=True)
    microphones = read_microphones(report, heard, folder, environ, ears)
    ask_ids(report, heard, ("microphones",), "microphone")
    ears_ids = frozenset(str(row.get("id")) for row in heard if isinstance(row, dict))
    for index, row in enumerate(heard):
        if isinstance(row, dict) and str(row.get("id")) in ids:
            report.say(("microphones", index, "id"), f"camera `{row['id']}` has this id already", "choose another id")
    site = None
    sign_on = read_sign_on(shape.sign_on, environ, report) if shape and shape.sign_on else None
    plan = read_plan(folder, shape.map, report) if shape and shape.map else None
    recipients = read_repairers(shape.repairs, environ, report) if shape else ()
    joint = _joint(folder, shape, report) if shape else None
    if shape and not report.problems:
        whole = tuple(camera for camera in cameras if camera)
        site = Site(shape.id, shape.name, zone, tuple(dict.fromkeys(shape.languages)), shape.profile, whole)
        witnesses = tuple(_witnesses(shape.witnesses, report))
        site = replace(site, joint=joint, witnesses=witnesses, ledger_months=shape.ledger_months, sign_on=sign_on)
        site = replace(
            site, recipients=recipients, timestamps=shape.timestamps or "", microphones=microphones, plan=plan
        )
        site = replace(site, escalation=Escalation(shape.escalation.minutes, tuple(shape.escalation.to)))
        site = replace(site, blind_share=shape.blind_checks.share if shape.blind_checks else 0.0)
    return SiteReading(site, zone, profile_id, ids, reader.calibrations, ears_ids)


def _witnesses(named: list[str], report: Report) -> Iterator[str]:
    for index, name in enumerate(named):
        if not (name.startswith("https://") or FilePath(name).is_absolute()):
            report.say(("witnesses", index), f"`{name}` is no witness", "name an absolute path or an https:// address")
        yield name


def _zone(raw: Mapping[str, Any], report: Report) -> str:
    """The site's time zone, or UTC where there is none to work with."""
    zone = raw.get("zone")
    if not isinstance(zone, str) or not zone.strip():
        return "UTC"
    known = available_timezones()
    if zone in known:
        return zone
    report.say(("zone",), f"unknown time zone `{zone}`", did_you_mean(zone, known) or "use an IANA name: Europe/Paris")
    return "UTC"


def _joint(folder: FilePath, shape: SiteShape, report: Report) -> JointModel | None:
    if shape.likeness is None:
        return None
    path = (folder / shape.likeness.manifest).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        report.say(
            ("likeness", "manifest"),
            f"`{shape.likeness.manifest}` is no file in the site folder",
            "name its joint.yaml",
        )
        return None
    return JointModel(str(path), shape.likeness.sha256)
