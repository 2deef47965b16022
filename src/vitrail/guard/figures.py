"""How often the system was right, and how often it was used: counted from the ledger alone, so that anybody who holds
a copy of it can count again (law.md L12, L27)."""

__all__ = ["ALL_LIGHT", "BORN", "SAID", "Tally", "count"]

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from vitrail.domain.figures import precision
from vitrail.domain.ledger import Entry, Operation, Outcome
from vitrail.domain.register import Figure, RequestCount, Uses
from vitrail.domain.streams import MapPosition
from vitrail.domain.sun import light_at
from vitrail.domain.time import DAY_US, iso

ALL_LIGHT = "all"

BORN = re.compile(r"(?P<kind>\w+) at (?:camera|microphone) (?P<camera>\S+)")
SAID = re.compile(r"(?P<decision>confirmed|dismissed) after (?P<seconds>[0-9.]+) s")
"""What the ledger says of an alert that begins, and of a verdict."""
ASKED = re.compile(r"(?:request|answer)-(?P<kind>[a-z]+)(?:-(?P<answer>granted|partly|refused)(?P<late>-late)?)?:.*")
"""What targets say of requests of people who were filmed (domain/rights.py)."""
SEAL = "emergency:"
_ANSWERS = ("received", "granted", "partly", "refused", "late")


@dataclass(slots=True)
class _Line:
    alerts: int = 0
    confirmed: int = 0
    dismissed: int = 0
    wasted_s: float = 0.0

    def __add__(self, other: "_Line") -> "_Line":
        return _Line(
            self.alerts + other.alerts,
            self.confirmed + other.confirmed,
            self.dismissed + other.dismissed,
            self.wasted_s + other.wasted_s,
        )


_Cell = tuple[str, str, str]
"""Camera, kind, light."""


@dataclass(slots=True)
class Tally:
    """What one pass over the ledger has counted. ``positions`` of cameras tell the light at the moment of an alert's
    entry; where there is none, the light is unknown."""

    positions: Mapping[str, MapPosition | None] = field(default_factory=dict)
    lines: dict[_Cell, _Line] = field(default_factory=dict)
    cells: dict[str, _Cell] = field(default_factory=dict)
    first_us: int | None = None
    last_us: int = 0
    consultations: int = 0
    refusals: int = 0
    erasures: int = 0
    unmaskings: int = 0
    emergencies: int = 0
    originals: int = 0
    shares: int = 0
    taken: int = 0
    requests: Counter[tuple[str, str]] = field(default_factory=Counter)

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
        self.shares += entry.target.startswith("shared:")
        self.taken += entry.target.startswith("taken:")
        self.originals += entry.target.startswith("originals:")
        self.emergencies += entry.target.startswith(SEAL)
        asked = ASKED.fullmatch(entry.target)
        if asked:
            self.requests[asked["kind"], asked["answer"] or "received"] += 1
            self.requests[asked["kind"], "late"] += bool(asked["late"])

    def _alert(self, entry: Entry, alert_id: str) -> None:
        born, said = BORN.fullmatch(entry.detail), SAID.fullmatch(entry.detail)
        if entry.operation is Operation.COLLECT and born:
            light = light_at(self.positions.get(born["camera"]), entry.at_us)
            self.cells[alert_id] = (born["camera"], born["kind"], light.value)
            self._line(alert_id).alerts += 1
        elif entry.operation is Operation.CHANGE and said and alert_id in self.cells:
            line = self._line(alert_id)
            line.confirmed += said["decision"] == "confirmed"
            line.dismissed += said["decision"] == "dismissed"
            line.wasted_s += float(said["seconds"]) if said["decision"] == "dismissed" else 0.0

    def _line(self, alert_id: str) -> _Line:
        return self.lines.setdefault(self.cells[alert_id], _Line())

    def figures(self) -> tuple[Figure, ...]:
        """By camera, kind and light. Days run from the first entry of the ledger to the last."""
        days = max(1.0, (self.last_us - (self.first_us or 0)) / DAY_US)
        return tuple(_figure(cell, line, days) for cell, line in sorted(self._rows(), key=lambda row: row[0]))

    def _rows(self) -> Iterator[tuple[_Cell, _Line]]:
        """Each light, and all of them together where there are several."""
        together: dict[tuple[str, str], list[_Line]] = {}
        for cell, line in self.lines.items():
            yield cell, line
            together.setdefault(cell[:2], []).append(line)
        for (camera_id, kind), lines in together.items():
            if len(lines) > 1:
                yield (camera_id, kind, ALL_LIGHT), sum(lines, _Line())

    def uses(self) -> Uses:
        since = iso(self.first_us) if self.first_us is not None else ""
        requests = tuple(
            RequestCount(kind, *(self.requests[kind, said] for said in _ANSWERS))
            for kind in sorted({kind for kind, _ in self.requests})
        )
        return Uses(
            since,
            self.consultations,
            self.refusals,
            self.erasures,
            self.unmaskings,
            self.emergencies,
            requests,
            self.originals,
            self.shares,
            self.taken,
        )


def count(
    entries: Iterable[Entry],
    size: int,
    progress: Callable[[float], None] | None = None,
    positions: Mapping[str, MapPosition | None] | None = None,
) -> Tally:
    """One pass. ``size`` is for the progress only."""
    tally = Tally(positions or {})
    for number, entry in enumerate(entries, 1):
        tally.add(entry)
        if progress and number % 1024 == 0:
            progress(min(1.0, number / max(1, size)))
    if progress:
        progress(1.0)
    return tally


def _figure(cell: _Cell, line: _Line, days: float) -> Figure:
    bounds = precision(line.confirmed, line.dismissed)
    return Figure(
        *cell,
        alerts=line.alerts,
        confirmed=line.confirmed,
        dismissed=line.dismissed,
        low=bounds.low,
        high=bounds.high,
        dismissed_a_day=round(line.dismissed / days, 2),
        minutes=round(line.wasted_s / 60, 1),
    )
