"""Each analytic is argued before it runs outside ``lab`` (law.md L05): necessity, other ways first, rate, failures."""

__all__ = ["argument_refused"]

from vitrail.domain.errors import Refused
from vitrail.domain.mandates import Argument, Mandate, Mode
from vitrail.guard.refusal import refuse


def argument_refused(analytic_id: str, mandate: Mandate, where: str) -> Refused | None:
    """Why the mandate does not argue this analytic, if so. ``lab`` may leave the argument out."""
    if mandate.mode is Mode.LAB:
        return None
    argument = mandate.argument(analytic_id)
    missing = ["everything"] if argument is None else _missing(argument)
    if missing:
        what = f"mandate {mandate.id} does not argue {analytic_id}: {', '.join(missing)}"
        return refuse("L05", what, where, "write it under `arguments`, and have it decided with the mandate")
    if argument is not None and argument.alternatives[0].algorithmic:
        what = f"mandate {mandate.id} considers software before anything else in place of {analytic_id}"
        return refuse("L05", what, where, "name first what could be done without any algorithm")
    return None


def _missing(argument: Argument) -> list[str]:
    said = {
        "necessity": argument.necessity.strip(),
        "alternatives": argument.alternatives
        and all(a.what.strip() and a.why_not.strip() for a in argument.alternatives),
        "expected_rate": argument.expected_rate.strip(),
        "failure_modes": argument.failure_modes and all(mode.strip() for mode in argument.failure_modes),
    }
    return [name for name, given in said.items() if not given]
