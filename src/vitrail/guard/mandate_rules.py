"""What makes a mandate in order, by itself and at a moment: a table of checks tried in order. Pure."""

__all__ = ["mandate_refused"]

from collections.abc import Callable

from vitrail.domain.errors import Refused
from vitrail.domain.mandates import LegalProfile, Mandate, Mode
from vitrail.domain.time import DAY_US, iso
from vitrail.guard.refusal import refuse


def mandate_refused(
    mandate: Mandate, profile: LegalProfile, now_us: int, surroundings: str | None = None
) -> Refused | None:
    """Why nothing may rest on this mandate at this moment, if so; ``surroundings`` are those of a microphone."""
    if mandate.mode is not Mode.LAB and mandate.mode not in profile.modes_at(surroundings):
        return _mode_unknown(mandate, profile)
    for check in _MANDATE_CHECKS:
        refused = check(mandate, profile, now_us)
        if refused:
            return refused
    return None


def _decision_incomplete(mandate: Mandate, _: LegalProfile, __: int) -> Refused | None:
    decision = mandate.decision
    named = {
        "body": decision.body,
        "number": decision.number,
        "date": decision.date,
        "url": decision.url,
        "sha256": decision.sha256,
        "supplier": mandate.supplier,
        "cost": mandate.cost,
        "controller": mandate.controller,
        "legal_basis": mandate.legal_basis,
    }
    missing = [name for name, text in named.items() if not text.strip()]
    if not missing:
        return None
    what = f"mandate {mandate.id} does not say: {', '.join(missing)}"
    return refuse(
        "L01", what, f"mandate {mandate.id}", "name the published decision in full, the supplier and the cost"
    )


def _not_in_force(mandate: Mandate, _: LegalProfile, now_us: int) -> Refused | None:
    if mandate.valid.holds(now_us):
        return None
    over = now_us >= mandate.valid.end_us
    what = f"ended at {iso(mandate.valid.end_us)}" if over else f"begins at {iso(mandate.valid.start_us)}"
    return refuse("L07", f"mandate {mandate.id} {what}", f"mandate {mandate.id}", "only a new decision can change that")


def _outside_hours(mandate: Mandate, _: LegalProfile, now_us: int) -> Refused | None:
    if mandate.hours.hold(now_us):
        return None
    return refuse(
        "L07", f"mandate {mandate.id} does not run at this hour", f"mandate {mandate.id}", "wait for its hours"
    )


def _mode_unknown(mandate: Mandate, profile: LegalProfile) -> Refused:
    what = f"the legal profile {profile.id} does not know {mandate.mode.value} mode: unknown is forbidden"
    return refuse("L07", what, f"mandate {mandate.id}", "use `lab` mode on recordings you own")


def _too_long(mandate: Mandate, profile: LegalProfile, _: int) -> Refused | None:
    if mandate.mode is Mode.LAB or profile.max_mandate_us is None or mandate.valid.length_us <= profile.max_mandate_us:
        return None
    days = profile.max_mandate_us // DAY_US
    return refuse(
        "L07", f"mandate {mandate.id} runs for more than {days} days", f"mandate {mandate.id}", "end it earlier"
    )


def _kept_too_long(mandate: Mandate, profile: LegalProfile, _: int) -> Refused | None:
    if 0 < mandate.retention_us <= profile.max_retention_us:
        return None
    days, kept = profile.max_retention_us / DAY_US, mandate.retention_us / DAY_US
    what = f"mandate {mandate.id} keeps recordings for {kept:g} days; {profile.id} allows {days:g}"
    return refuse("L15", what, f"mandate {mandate.id}", f"set retention to more than 0 and at most {days:g} days")


_MANDATE_CHECKS: tuple[Callable[[Mandate, LegalProfile, int], Refused | None], ...] = (
    _decision_incomplete,
    _too_long,
    _kept_too_long,
    _not_in_force,
    _outside_hours,
)
