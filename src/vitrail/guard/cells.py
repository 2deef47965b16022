"""One cell of camera x analytic x purpose (law.md L03, L04), and what may come out of it in each mode (L07). Pure."""

__all__ = ["SIGHTING", "Cell", "cell", "kind_refused"]

from collections.abc import Mapping
from dataclasses import dataclass

from vitrail.domain.analytics import AnalyticManifest, Maturity
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import OBJECTIVES, LegalProfile, Mandate, Mode, Purpose, Standing
from vitrail.domain.streams import AnalyticSetting, Camera, Microphone, called
from vitrail.domain.time import iso
from vitrail.guard.arguments import argument_refused
from vitrail.guard.profile_status import is_stale
from vitrail.guard.refusal import moved, refuse

_EVALUATION = "evaluation"
SIGHTING = "sighting"
SEARCHED = frozenset({SIGHTING})
"""What makes nothing but this is searched inside a case only: inquiry mode runs it, where the profile allows it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One allowed cell of camera x analytic x purpose, and what may come out of it."""

    analytic_id: str
    kinds: frozenset[str]
    readings: frozenset[str]


def cell(
    device: Camera | Microphone,
    setting: AnalyticSetting,
    mandate: Mandate,
    profile: LegalProfile,
    manifests: Mapping[str, AnalyticManifest],
    now_us: int,
) -> Cell | Refused:
    """One analytic of one device for one purpose (L04), under a mandate that is itself in order."""
    where = f"{called(device)}, analytic {setting.analytic_id}"
    manifest = manifests.get(setting.analytic_id)
    if manifest is None:
        return refuse(
            "L04", f"no analytic is called {setting.analytic_id}", where, "`vitrail check` lists those that exist"
        )
    if (device.id, setting.analytic_id, setting.purpose) not in mandate.matrix:
        return refuse(
            "L04",
            f"mandate {mandate.id} does not list {device.id} x {setting.analytic_id} x {setting.purpose}",
            where,
            "a new decision may add this line to the mandate's matrix; there is no wildcard",
        )
    refused = (
        _purpose_refused(setting.purpose, manifest, mandate, where)
        or _unripe(manifest, mandate, where)
        or argument_refused(setting.analytic_id, mandate, where)
    )
    if refused:
        return refused
    return _outcome(device, manifest, mandate, profile, now_us, where)


def kind_refused(
    kind: str, device: Camera | Microphone, mandate: Mandate, profile: LegalProfile, now_us: int
) -> Refused | None:
    """Why an event kind may not become an alert outside ``lab``, if so (L07)."""
    where = f"{called(device)}, mandate {mandate.id}"
    if is_stale(profile, now_us):
        return refuse(
            "L07",
            f"the legal profile {profile.id} was last verified on {iso(profile.last_verified_us)[:10]}: alerts are off",
            where,
            "somebody has to read the sources again and update the profile",
        )
    rule = profile.rule_for(kind, device.surroundings if isinstance(device, Microphone) else None)
    if rule is not None and rule.standing is Standing.ALLOWED:
        return None
    if rule is not None and rule.standing is Standing.FORBIDDEN:
        return refuse("L07", f"{profile.name} forbids alerts of kind {kind} ({rule.source})", where, "leave it out")
    return refuse(
        "L07",
        f"the legal profile {profile.id} does not say that alerts of kind {kind} are allowed: unknown is forbidden",
        where,
        "use `lab` mode on recordings you own, or leave the analytic out",
    )


def _outcome(
    device: Camera | Microphone,
    manifest: AnalyticManifest,
    mandate: Mandate,
    profile: LegalProfile,
    now_us: int,
    where: str,
) -> Cell | Refused:
    """What may come out of the analytic in the mandate's mode."""
    if mandate.mode is Mode.LAB:
        return Cell(manifest.id, manifest.kinds, manifest.readings)
    if mandate.mode is Mode.INQUIRY and manifest.kinds == SEARCHED:
        refused = kind_refused(SIGHTING, device, mandate, profile, now_us)
        return refused or Cell(manifest.id, manifest.kinds, frozenset())
    if mandate.mode is Mode.INQUIRY:
        return refuse("L07", "inquiry mode runs no live analytic", where, "search the recording inside a case")
    if mandate.mode is Mode.STATISTICS:
        if manifest.readings:
            return Cell(manifest.id, frozenset(), manifest.readings)
        return refuse(
            "L16", f"{manifest.id} makes no counts, and statistics mode makes nothing else", where, "leave it out"
        )
    reasons = {kind: kind_refused(kind, device, mandate, profile, now_us) for kind in sorted(manifest.kinds)}
    kinds = frozenset(kind for kind, refused in reasons.items() if refused is None)
    if kinds or (manifest.readings and not manifest.kinds):
        return Cell(manifest.id, kinds, manifest.readings)
    first = next((refused for refused in reasons.values() if refused), None)
    return moved(first, where) if first else refuse("L04", f"{manifest.id} makes nothing", where, "leave it out")


def _purpose_refused(purpose_id: str, manifest: AnalyticManifest, mandate: Mandate, where: str) -> Refused | None:
    purpose = next((p for p in mandate.purposes if p.id == purpose_id), None)
    if purpose is None:
        return refuse(
            "L03", f"mandate {mandate.id} declares no purpose {purpose_id}", where, "declare it under `purposes`"
        )
    if purpose.objective not in OBJECTIVES:
        return refuse("L03", f"{purpose.objective} is not in the closed list of objectives", where, _listed(purpose))
    if purpose.objective == _EVALUATION:
        if mandate.mode is Mode.LAB:
            return None
        return refuse(
            "L03", "evaluation is a purpose of lab mode only", where, "name the objective in the public interest"
        )
    if purpose.objective not in manifest.purposes:
        return refuse(
            "L03",
            f"{manifest.id} may not serve {purpose.objective}",
            where,
            f"it may serve: {', '.join(sorted(manifest.purposes))}",
        )
    return None


def _unripe(manifest: AnalyticManifest, mandate: Mandate, where: str) -> Refused | None:
    """What has not shown its figures yet runs on recordings of one's own, and nowhere else (L29)."""
    if mandate.mode is Mode.LAB or manifest.maturity is not Maturity.LAB:
        return None
    return refuse(
        "L29",
        f"{manifest.id} is for the lab: its figures do not hold yet",
        where,
        f"try it under a mandate in mode `lab`; take it out of {mandate.id} until its maturity is `trial`",
    )


def _listed(purpose: Purpose) -> str:
    return f"purpose {purpose.id} needs one of: {', '.join(sorted(OBJECTIVES))}"
