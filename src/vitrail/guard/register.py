"""The public register, put together from what runs: site, mandates, analytics, decisions of this moment, suspensions,
and figures counted from the ledger (law.md L26, L27). Pure; nothing in it is written by hand."""

__all__ = ["build"]

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import OBJECTIVES, Mandate
from vitrail.domain.register import (
    CameraEntry,
    MandateEntry,
    MicrophoneEntry,
    Register,
    RunningAnalytic,
    configuration_digest,
    published_suspension,
)
from vitrail.domain.streams import Camera, Microphone, Site
from vitrail.domain.suspensions import Suspension
from vitrail.domain.time import HOUR_US, iso
from vitrail.guard import decide
from vitrail.guard.figures import Tally
from vitrail.guard.profile_status import profile_status

_UNLISTED = "the mandate does not list it, or analysis is suspended"


def build(
    site: Site,
    law: decide.Law,
    every: Sequence[Suspension],
    tally: Tally,
    now_us: int,
    contact: str = "",
    url: str = "",
) -> Register:
    """``every`` suspension there ever was; ``law`` holds those in force."""
    manifests = list(law.manifests.values())
    used = {setting.analytic_id for device in site.devices() for setting in device.analytics}
    return Register(
        site_id=site.id,
        site_name=site.name,
        made=iso(now_us),
        configuration=configuration_digest(site, law.mandates, law.profile, manifests),
        profile_id=law.profile.id,
        profile_name=law.profile.name,
        status=profile_status(law.profile, now_us),
        cameras=tuple(_camera(camera, law, now_us) for camera in site.cameras),
        analytics=tuple(_analytic(law.manifests[name]) for name in sorted(used) if name in law.manifests),
        mandates=tuple(_mandate(mandate) for mandate in law.mandates),
        suspensions=tuple(published_suspension(suspension) for suspension in every),
        figures=tally.figures(),
        uses=tally.uses(),
        contact=contact,
        url=url,
        microphones=tuple(_microphone(microphone, law, now_us) for microphone in site.microphones),
    )


def _camera(camera: Camera, law: decide.Law, now_us: int) -> CameraEntry:
    stream = camera.stream_for("detect") or camera.streams[0]
    answer = decide.permit(camera, stream, law, now_us)
    running = frozenset[str]() if isinstance(answer, Refused) else answer.analytics
    why_not = f"{answer.rule}: {answer.what}" if isinstance(answer, Refused) else _UNLISTED
    analytics = []
    for setting in camera.analytics:
        places = tuple(drawn.name for drawn in camera.drawn_for(setting))
        permitted = setting.analytic_id in running
        why = "" if permitted else why_not
        analytics.append(RunningAnalytic(setting.analytic_id, setting.purpose, places, permitted, why))
    position = camera.position
    record = camera.stream_for("record")
    kept = decide.permit(camera, record, law, now_us) if record else None
    return CameraEntry(
        id=camera.id,
        name=camera.name,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        heading_deg=position.heading_deg if position else None,
        recorded=kept is not None and not isinstance(kept, Refused) and kept.may_record,
        mandate_id="" if isinstance(answer, Refused) else answer.mandate_id,
        analytics=tuple(analytics),
    )


def _microphone(microphone: Microphone, law: decide.Law, now_us: int) -> MicrophoneEntry:
    answer = decide.hearing(microphone, law, now_us)
    running = frozenset[str]() if isinstance(answer, Refused) else answer.analytics
    why_not = f"{answer.rule}: {answer.what}" if isinstance(answer, Refused) else _UNLISTED
    position = microphone.position
    return MicrophoneEntry(
        id=microphone.id,
        name=microphone.name,
        surroundings=microphone.surroundings,
        latitude=position.latitude if position else None,
        longitude=position.longitude if position else None,
        mandate_id="" if isinstance(answer, Refused) else answer.mandate_id,
        analytics=tuple(
            RunningAnalytic(
                s.analytic_id, s.purpose, (), s.analytic_id in running, "" if s.analytic_id in running else why_not
            )
            for s in microphone.analytics
        ),
    )


def _analytic(manifest: AnalyticManifest) -> Mapping[str, object]:
    return {
        "id": manifest.id,
        "version": manifest.version,
        "title": manifest.title,
        "maturity": manifest.maturity.value,
        "looks_at": sorted(manifest.inputs),
        "tells": sorted(manifest.kinds),
        "counts": sorted(manifest.readings),
        "models": list(manifest.models),
        "false_alarms_declared_a_day": manifest.declared.a_day if manifest.declared else None,
        "must_not_be_used_to": manifest.must_not,
        "known_limits": list(manifest.limits),
    }


def _mandate(mandate: Mandate) -> MandateEntry:
    decision = mandate.decision
    return MandateEntry(
        id=mandate.id,
        title=mandate.title,
        mode=mandate.mode.value,
        controller=mandate.controller,
        legal_basis=mandate.legal_basis,
        decision=f"{decision.body}, {decision.number}",
        decision_date=decision.date,
        decision_url=decision.url,
        decision_sha256=decision.sha256,
        supplier=mandate.supplier,
        cost=mandate.cost,
        start=iso(mandate.valid.start_us),
        end=iso(mandate.valid.end_us),
        retention_hours=mandate.retention_us / HOUR_US,
        purposes=tuple(
            {
                "id": purpose.id,
                "objective": OBJECTIVES.get(purpose.objective, purpose.objective),
                "harm": purpose.harm,
                "success": purpose.success,
                "review": iso(purpose.review_us)[:10],
            }
            for purpose in mandate.purposes
        ),
        arguments=tuple(asdict(argument) for argument in mandate.arguments),
        recipients=mandate.recipients,
    )
