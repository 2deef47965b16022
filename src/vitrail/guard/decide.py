"""What machines may do now: pure decisions over the mandates, the legal profile and the moment. No I/O, no clock.

A decision is either a value that allows (``Permit``) or a ``Refused`` that cites its rule (law.md) and says in plain
words what would make it right. Checks are tried in order; the first refusal is the answer.
"""

__all__ = ["PERMIT_US", "Law", "glance_refused", "hearing", "permit", "refusals", "trial_refused"]

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import LegalProfile, Mandate, Mode, Permit
from vitrail.domain.streams import AnalyticSetting, Camera, Microphone, Site, SoundStream, Stream, called
from vitrail.domain.suspensions import Suspension
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval
from vitrail.guard.cells import Cell, cell, kind_refused
from vitrail.guard.mandate_rules import mandate_refused
from vitrail.guard.refusal import moved, refuse

PERMIT_US = 2 * SECOND_US
"""A permit's life: after a mandate ends, nothing runs on for longer than this, and never past the end itself."""


@dataclass(frozen=True, slots=True)
class Law:
    """What decisions rest on: the mandates and profile in charge, and what each analytic declares of itself."""

    mandates: tuple[Mandate, ...]
    profile: LegalProfile
    manifests: Mapping[str, AnalyticManifest]
    suspensions: tuple[Suspension, ...] = ()
    """Those in force."""
    published: bool = True
    """Whether the public register was made from this very configuration."""
    erasing: bool = True
    """Whether the eraser gives signs of life."""
    barred: Mapping[str, Refused] = field(default_factory=dict)
    """Mandates (by id) that may not be relied on outside ``lab``: changed under an old decision, or not assessed."""
    moved: Mapping[str, int] = field(default_factory=dict)
    """Cameras that look elsewhere since their masks were reviewed, and since when."""


def permit(camera: Camera, stream: Stream, law: Law, now_us: int) -> Permit | Refused:
    """The leave to process one stream now. ``valid`` ends after ``PERMIT_US``, or where the mandate or its hours do."""
    refused = _camera_refused(camera)
    if refused:
        return refused
    mandate = _mandate_in_charge(camera, law, now_us)
    if isinstance(mandate, Refused):
        return mandate
    if turned := _turned(camera, mandate, law):
        return turned
    cells, refusals_ = _cells(camera, mandate, law, now_us) if "detect" in stream.roles else ([], [])
    may_picture = _recording_refused(camera, mandate) is None
    may_record = "record" in stream.roles and may_picture
    if not cells and not may_record:
        return refusals_[0] if refusals_ else _nothing_to_do(camera, stream, mandate)
    made = _permit(mandate, stream.id, cells, now_us)
    return replace(made, camera_id=camera.id, may_record=may_record, may_picture=may_picture)


def hearing(microphone: Microphone, law: Law, now_us: int) -> Permit | Refused:
    """The leave to listen to one microphone now; as ``permit``, and nothing of it may ever be recorded (L19)."""
    mandate = _mandate_in_charge(microphone, law, now_us)
    if isinstance(mandate, Refused):
        return mandate
    refused = _coupled(microphone, mandate)
    if refused:
        return refused
    cells, refusals_ = _cells(microphone, mandate, law, now_us)
    if not cells:
        return refusals_[0] if refusals_ else _nothing_to_hear(microphone, mandate)
    return replace(_permit(mandate, microphone.stream.id, cells, now_us), microphone_id=microphone.id)


def _permit(mandate: Mandate, stream_id: str, cells: Sequence[Cell], now_us: int) -> Permit:
    return Permit(
        mandate_id=mandate.id,
        mode=mandate.mode,
        camera_id="",
        stream_id=stream_id,
        analytics=frozenset(c.analytic_id for c in cells),
        may_record=False,
        retention_us=mandate.retention_us,
        valid=Interval(now_us, _permit_end(mandate, now_us)),
        kinds=frozenset(kind for c in cells for kind in c.kinds),
        readings=frozenset(name for c in cells for name in c.readings),
    )


def refusals(site: Site, law: Law, now_us: int) -> list[Refused]:
    """Everything declared in the site that would be refused now: streams, recording, analytics, event kinds."""
    found: list[Refused] = []
    for device in site.devices():
        mandate = (_camera_refused(device) if isinstance(device, Camera) else None) or _mandate_for(device, law, now_us)
        if isinstance(mandate, Refused):
            found += [moved(mandate, f"stream {stream.id}") for stream in _streams(device)]
            continue
        found += filter(None, [_turned(device, mandate, law) if isinstance(device, Camera) else None])
        if mandate.mode is not Mode.LAB and mandate.id in law.barred:
            found.append(moved(law.barred[mandate.id], f"{called(device)}, mandate {mandate.id}"))
        if mandate.mode is not Mode.LAB and not law.published:
            found.append(_unpublished(device))
        if isinstance(device, Camera) and device.stream_for("record"):
            found += filter(None, [_recording_refused(device, mandate)])
        if isinstance(device, Microphone):
            found += filter(None, [_coupled(device, mandate)])
        found += _settings_refused(device, mandate, law, now_us)
    return found


def trial_refused(camera: Camera, setting: AnalyticSetting, law: Law, now_us: int) -> Refused | None:
    """Why an analytic that is not switched on may not be tried on the camera's recording, if so: as for running it."""
    refused = _camera_refused(camera)
    if refused:
        return refused
    mandate = _mandate_in_charge(camera, law, now_us)
    if isinstance(mandate, Refused):
        return mandate
    answer = (
        _turned(camera, mandate, law)
        or _suspended(camera, setting.analytic_id, law)
        or cell(camera, setting, mandate, law.profile, law.manifests, now_us)
    )
    return answer if isinstance(answer, Refused) else None


def glance_refused(law: Law, now_us: int) -> Refused | None:
    """One picture of a camera that no site declares yet. Only in the lab, where the cameras are one's own: under a
    mandate in force, while nothing is suspended as a whole. Elsewhere a mandate names the camera first (L01, L04)."""
    where = "a camera that is not declared yet"
    if not law.mandates or any(m.mode is not Mode.LAB for m in law.mandates):
        what = "no picture is looked at of a camera that no mandate names"
        return refuse("L01", what, where, "add it, name it in a mandate, start anew: then its set-up page shows it")
    if not any(m.valid.holds(now_us) and m.hours.hold(now_us) for m in law.mandates):
        return refuse("L01", "no mandate is in force now", where, "publish a mandate, or wait for its hours")
    if any(not s.over and not s.order.cameras and not s.order.analytics for s in law.suspensions):
        return refuse("L08", "analysis is suspended", where, "two people in two roles resume it")
    return None


def _settings_refused(device: Camera | Microphone, mandate: Mandate, law: Law, now_us: int) -> Iterator[Refused]:
    for setting in device.analytics:
        answer = _suspended(device, setting.analytic_id, law) or cell(
            device, setting, mandate, law.profile, law.manifests, now_us
        )
        if isinstance(answer, Refused):
            yield answer
        elif mandate.mode is Mode.ALERT:
            kinds = sorted(law.manifests[setting.analytic_id].kinds - answer.kinds)
            yield from filter(None, (kind_refused(kind, device, mandate, law.profile, now_us) for kind in kinds))


def _streams(device: Camera | Microphone) -> Sequence[Stream | SoundStream]:
    return device.streams if isinstance(device, Camera) else (device.stream,)


def _mandate_in_charge(device: Camera | Microphone, law: Law, now_us: int) -> Mandate | Refused:
    """In force, relied on rightly, published, and what it keeps is erased on time."""
    mandate = _mandate_for(device, law, now_us)
    if isinstance(mandate, Refused):
        return mandate
    if mandate.mode is not Mode.LAB and mandate.id in law.barred:
        return moved(law.barred[mandate.id], f"{called(device)}, mandate {mandate.id}")
    if mandate.mode is not Mode.LAB and not law.published:
        return _unpublished(device)
    return mandate if law.erasing else _never_erased(device)


def _coupled(microphone: Microphone, mandate: Mandate) -> Refused | None:
    """Microphones beside cameras, one decision for both, were annulled (TA Orléans, 12 July 2024, no. 2104478)."""
    if mandate.mode is Mode.LAB or mandate.cameras() <= mandate.microphones:
        return None
    return refuse(
        "L18",
        f"mandate {mandate.id} names cameras and microphones together",
        f"microphone {microphone.id}, mandate {mandate.id}",
        "decide on microphones by themselves, with a mandate of their own",
    )


def _nothing_to_hear(microphone: Microphone, mandate: Mandate) -> Refused:
    return refuse(
        "L04",
        f"mandate {mandate.id} lets nothing be done with microphone {microphone.id}",
        f"microphone {microphone.id}",
        "switch on an analytic that the mandate lists",
    )


def _camera_refused(camera: Camera) -> Refused | None:
    if camera.dwellings.reviewed_by.strip() and camera.dwellings.reviewed_on.strip():
        return None
    return refuse(
        "L17",
        f"nobody has reviewed the dwelling masks of camera {camera.id}",
        f"camera {camera.id}",
        "look at the picture, draw masks over dwellings and their entrances, then fill in reviewed_by and reviewed_on",
    )


def _turned(camera: Camera, mandate: Mandate, law: Law) -> Refused | None:
    """A camera that looks elsewhere may show dwellings that no mask covers. In ``lab``, where nothing was masked
    before, it goes on."""
    if camera.id not in law.moved or (mandate.mode is Mode.LAB and not camera.dwellings.polygons):
        return None
    return refuse(
        "L17",
        f"camera {camera.id} moved since its dwelling masks were reviewed",
        f"camera {camera.id}",
        f"look at the picture, mend the masks in site.yaml, then run: vitrail reviewed {camera.id}",
    )


def _mandate_for(device: Camera | Microphone, law: Law, now_us: int) -> Mandate | Refused:
    """The one mandate in force that covers the device. Two at once are refused: every row names exactly one."""
    covering = [m for m in law.mandates if device.id in m.cameras()]
    if not covering:
        return refuse(
            "L01",
            f"no mandate names {called(device)}",
            called(device),
            "a published decision is needed: write it down in mandates/*.yaml",
        )
    where = device.surroundings if isinstance(device, Microphone) else None
    answers = [(m, mandate_refused(m, law.profile, now_us, where)) for m in covering]
    in_force = [m for m, answer in answers if answer is None]
    if len(in_force) > 1:
        names = " and ".join(sorted(m.id for m in in_force))
        return refuse("L04", f"mandates {names} cover {called(device)} at once", called(device), "end one of them")
    if in_force:
        return in_force[0]
    refused = [(m, answer) for m, answer in answers if answer is not None]
    last, answer = max(refused, key=lambda pair: (pair[0].valid.end_us, pair[0].id))
    return moved(answer, f"{called(device)}, mandate {last.id}")


def _cells(device: Camera | Microphone, mandate: Mandate, law: Law, now_us: int) -> tuple[list[Cell], list[Refused]]:
    """Allowed cells and refusals. A permit names analytics by id, so an id with one refused setting is left out."""
    answers = [
        _suspended(device, setting.analytic_id, law)
        or cell(device, setting, mandate, law.profile, law.manifests, now_us)
        for setting in device.analytics
    ]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    tainted = {s.analytic_id for s, a in zip(device.analytics, answers, strict=True) if isinstance(a, Refused)}
    return [a for a in answers if isinstance(a, Cell) and a.analytic_id not in tainted], refused


def _unpublished(device: Camera | Microphone) -> Refused:
    return refuse(
        "L26",
        "the public register does not say what would run now",
        called(device),
        "make it again after each change and publish it: `vitrail register build`",
    )


def _never_erased(device: Camera | Microphone) -> Refused:
    return refuse(
        "L15",
        "what is past its time is not being erased, so nothing new is collected",
        called(device),
        "start the eraser and see what it says: `vitrail erase --stay`",
    )


def _suspended(device: Camera | Microphone, analytic_id: str, law: Law) -> Refused | None:
    """A suspension stops analysis; what the mandate lets be recorded goes on being recorded."""
    found = next((s.order for s in law.suspensions if s.covers(device.id, analytic_id)), None)
    if found is None:
        return None
    return refuse(
        "L08",
        f"analysis is suspended by {found.by} ({found.role}): {found.reason}",
        f"{called(device)}, analytic {analytic_id}, suspension {found.id}",
        "two people in two roles may resume it: `vitrail resume`",
    )


def _recording_refused(camera: Camera, mandate: Mandate) -> Refused | None:
    where = f"camera {camera.id}, recording"
    if mandate.mode is Mode.STATISTICS:
        return refuse("L16", "statistics mode writes no picture", where, "take the role `record` from its streams")
    if camera.id not in mandate.recording:
        return refuse(
            "L04", f"mandate {mandate.id} does not let {camera.id} be recorded", where, "list it under `recording`"
        )
    return None


def _nothing_to_do(camera: Camera, stream: Stream, mandate: Mandate) -> Refused:
    return _recording_refused(camera, mandate) or refuse(
        "L04",
        f"mandate {mandate.id} lets nothing be done with stream {stream.id}",
        f"stream {stream.id}",
        "switch on an analytic that the mandate lists, or let the stream be recorded",
    )


def _permit_end(mandate: Mandate, now_us: int) -> int:
    """Hours begin and end on whole minutes: one look at the next minute is enough."""
    end = min(now_us + PERMIT_US, mandate.valid.end_us)
    minute = (now_us // MINUTE_US + 1) * MINUTE_US
    return minute if minute < end and not mandate.hours.hold(minute) else end
