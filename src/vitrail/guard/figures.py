"""How often the system was right, and how often it was used: counted from the ledger alone, so that anybody who holds
a copy of it can count again (law.md L12, L27)."""

__all__ = ["Tally", "count"]

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from vitrail.domain.figures import precision
from vitrail.domain.ledger import Entry, Operation, Outcome
from vitrail.domain.register import Figure, Uses
from vitrail.domain.time import DAY_US, iso

_BORN = re.compile(r"(?P<kind>\w+) at camera (?P<camera>\S+)")
_SAID = re.compile(r"(?P<decision>confirmed|dismissed) after (?P<seconds>[0-9.]+) s")


@dataclass(slots=True)
class _Line:
    alerts: int = 0
    confirmed: int = 0
    dismissed: int = 0
    wasted_s: float = 0.0


@dataclass(slots=True)
class Tally:
    """What one pass over the ledger has counted."""

    lines: dict[tuple[str, str], _Line] = field(default_factory=dict)
    kinds: dict[str, tuple[str, str]] = field(default_factory=dict)
    first_us: int | None = None
    last_us: int = 0
    consultations: int = 0
    refusals: int = 0
    erasures: int = 0
    unmaskings: int = 0

    def add(self, entry: Entry) -> None:
        self.first_us = entry.at_us if self.first_us is None else self.first_us
        self.last_us = entry.at_us
        self._use(entry)
        if entry.target.startswith("alert:") and entry.outcome is Outcome.DONE:
            self._alert(entry, entry.target.removeprefix("alert:"))

    def _use(self, entry: Entry) -> None:
        self.refusals += entry.outcome is Outcome.REFUSED
        if entry.outcome is not Outcome.DONE:
            return
        self.consultations += entry.operation is Operation.CONSULT
        self.erasures += entry.operation is Operation.ERASE
        self.unmaskings += entry.target.startswith("unmasked:")

    def _alert(self, entry: Entry, alert_id: str) -> None:
        born, said = _BORN.fullmatch(entry.detail), _SAID.fullmatch(entry.detail)
        if entry.operation is Operation.COLLECT and born:
            self.kinds[alert_id] = (born["camera"], born["kind"])
            self._line(alert_id).alerts += 1
        elif entry.operation is Operation.CHANGE and said and alert_id in self.kinds:
            line = self._line(alert_id)
            line.confirmed += said["decision"] == "confirmed"
            line.dismissed += said["decision"] == "dismissed"
            line.wasted_s += float(said["seconds"]) if said["decision"] == "dismissed" else 0.0

    def _line(self, alert_id: str) -> _Line:
        return self.lines.setdefault(self.kinds[alert_id], _Line())

    def figures(self) -> tuple[Figure, ...]:
        """By camera and kind. Days run from the first entry of the ledger to the last."""
        days = max(1.0, (self.last_us - (self.first_us or 0)) / DAY_US)
        found = []
        for (camera_id, kind), line in sorted(self.lines.items()):
            bounds = precision(line.confirmed, line.dismissed)
            found.append(
                Figure(
                    camera_id,
                    kind,
                    line.alerts,
                    line.confirmed,
                    line.dismissed,
                    bounds.low,
                    bounds.high,
                    round(line.dismissed / days, 2),
                    round(line.wasted_s / 60, 1),
                )
            )
        return tuple(found)

    def uses(self) -> Uses:
        since = iso(self.first_us) if self.first_us is not None else ""
        return Uses(since, self.consultations, self.refusals, self.erasures, self.unmaskings)


def count(entries: Iterable[Entry], size: int, progress: Callable[[float], None] | None = None) -> Tally:
    """One pass. ``size`` is for the progress only."""
    tally = Tally()
    for number, entry in enumerate(entries, 1):
        tally.add(entry)
        if progress and number % 1024 == 0:
            progress(min(1.0, number / max(1, size)))
    if progress:
        progress(1.0)
    return tally
