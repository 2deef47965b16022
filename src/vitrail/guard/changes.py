"""What a mandate may become without a new decision: narrower. Anything wider is material (law.md L01, L04). Pure."""

__all__ = ["Change", "Scope", "changes", "scope_of", "widened"]

import json
from collections.abc import Iterator
from dataclasses import dataclass

from vitrail.domain.mandates import Mandate
from vitrail.domain.time import HOUR_US, Hours, iso

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two mandates. A material one needs a new decision."""

    what: str
    material: bool


@dataclass(frozen=True, slots=True)
class Scope:
    """What a decision allowed, as far as a change of it is material; kept as text in the ledger."""

    mode: str
    controller: str
    legal_basis: str
    matrix: frozenset[tuple[str, str, str]]
    recording: frozenset[str]
    recipients: frozenset[str]
    purposes: frozenset[tuple[str, str]]
    retention_us: int
    start_us: int
    end_us: int
    hours: Hours

    def text(self) -> str:
        """Canonical JSON."""
        said = {
            "mode": self.mode,
            "controller": self.controller,
            "legal_basis": self.legal_basis,
            "matrix": sorted(self.matrix),
            "recording": sorted(self.recording),
            "recipients": sorted(self.recipients),
            "purposes": sorted(self.purposes),
            "retention_us": self.retention_us,
            "start_us": self.start_us,
            "end_us": self.end_us,
            "hours": [list(self.hours.days), self.hours.start_min, self.hours.end_min, self.hours.zone],
        }
        return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Raises ``ValueError``, ``KeyError`` or ``TypeError`` for anything that ``text`` did not write."""
        said = json.loads(text)
        days, start_min, end_min, zone = said["hours"]
        return cls(
            mode=said["mode"],
            controller=said["controller"],
            legal_basis=said["legal_basis"],
            matrix=frozenset((camera, analytic, purpose) for camera, analytic, purpose in said["matrix"]),
            recording=frozenset(said["recording"]),
            recipients=frozenset(said["recipients"]),
            purposes=frozenset((name, objective) for name, objective in said["purposes"]),
            retention_us=int(said["retention_us"]),
            start_us=int(said["start_us"]),
            end_us=int(said["end_us"]),
            hours=Hours(tuple(days), start_min, end_min, zone),
        )


def scope_of(mandate: Mandate) -> Scope:
    return Scope(
        mode=mandate.mode.value,
        controller=mandate.controller,
        legal_basis=mandate.legal_basis,
        matrix=mandate.matrix,
        recording=mandate.recording,
        recipients=frozenset(mandate.recipients),
        purposes=frozenset((purpose.id, purpose.objective) for purpose in mandate.purposes),
        retention_us=mandate.retention_us,
        start_us=mandate.valid.start_us,
        end_us=mandate.valid.end_us,
        hours=mandate.hours,
    )


def widened(old: Scope, new: Scope) -> list[str]:
    """Every way in which ``new`` goes further than ``old``, in words; empty when it does not."""
    return [*_replaced(old, new), *_added(old, new), *_longer(old, new)]


def changes(old: Mandate, new: Mandate) -> list[Change]:
    """Material ones first. What was taken away or reworded is told, and needs no decision."""
    before, after = scope_of(old), scope_of(new)
    found = [Change(what, True) for what in widened(before, after)]
    gone = [*_added(after, before, "no longer: "), *_shorter(before, after)]
    reworded = [
        f"{name}: {was} -> {now}"
        for name, was, now in (
            ("id", old.id, new.id),
            ("title", old.title, new.title),
            ("supplier", old.supplier, new.supplier),
            ("cost", old.cost, new.cost),
            ("decision", _decision(old), _decision(new)),
        )
        if was != now
    ]
    said = {purpose.id: (purpose.harm, purpose.success, purpose.review_us) for purpose in old.purposes}
    reworded += [
        f"purpose {purpose.id} is said in other words"
        for purpose in new.purposes
        if said.get(purpose.id, (purpose.harm, purpose.success, purpose.review_us))
        != (purpose.harm, purpose.success, purpose.review_us)
    ]
    if set(old.arguments) != set(new.arguments):
        reworded.append("arguments are said in other words")
    return [*found, *(Change(what, False) for what in (*gone, *reworded))]


def _decision(mandate: Mandate) -> str:
    return f"{mandate.decision.body}, {mandate.decision.number} (sha256 {mandate.decision.sha256[:12]})"


def _replaced(old: Scope, new: Scope) -> Iterator[str]:
    for name in ("mode", "controller", "legal_basis"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield f"{name.replace('_', ' ')}: {was} -> {now}"


def _added(old: Scope, new: Scope, word: str = "new ") -> Iterator[str]:
    cameras = {camera for camera, _, _ in old.matrix} | old.recording
    for camera in sorted({camera for camera, _, _ in new.matrix} | new.recording):
        if camera not in cameras:
            yield f"{word}camera {camera}"
    yield from (f"{word}line of the matrix: {' x '.join(cell)}" for cell in sorted(new.matrix - old.matrix))
    yield from (f"{word}recording of camera {camera}" for camera in sorted(new.recording - old.recording))
    yield from (f"{word}recipient {name}" for name in sorted(new.recipients - old.recipients))
    yield from (f"{word}purpose {name}: {objective}" for name, objective in sorted(new.purposes - old.purposes))


def _longer(old: Scope, new: Scope) -> Iterator[str]:
    if new.retention_us > old.retention_us:
        yield f"kept longer: {old.retention_us / HOUR_US:g} -> {new.retention_us / HOUR_US:g} hours"
    if new.start_us < old.start_us:
        yield f"starts earlier: {iso(old.start_us)} -> {iso(new.start_us)}"
    if new.end_us > old.end_us:
        yield f"ends later: {iso(old.end_us)} -> {iso(new.end_us)}"
    if _wider(old.hours, new.hours):
        yield f"wider hours: {_hours(old.hours)} -> {_hours(new.hours)}"


def _shorter(old: Scope, new: Scope) -> Iterator[str]:
    if new.retention_us < old.retention_us:
        yield f"kept shorter: {old.retention_us / HOUR_US:g} -> {new.retention_us / HOUR_US:g} hours"
    if new.start_us > old.start_us:
        yield f"starts later: {iso(old.start_us)} -> {iso(new.start_us)}"
    if new.end_us < old.end_us:
        yield f"ends earlier: {iso(old.end_us)} -> {iso(new.end_us)}"
    if new.hours != old.hours and not _wider(old.hours, new.hours):
        yield f"narrower hours: {_hours(old.hours)} -> {_hours(new.hours)}"


def _wider(old: Hours, new: Hours) -> bool:
    """Minutes of a week in ``new`` that are not in ``old``; between two time zones only "always" can be compared."""
    before, after = _minutes(old), _minutes(new)
    if old.zone != new.zone:
        return len(before) < 7 * 1440
    return bool(after - before)


def _minutes(hours: Hours) -> set[int]:
    length = (hours.end_min - hours.start_min) % 1440 or 1440
    first = (_DAYS.index(day) * 1440 + hours.start_min for day in hours.days)
    return {(start + minute) % (7 * 1440) for start in first for minute in range(length)}


def _hours(hours: Hours) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    return f"{' '.join(hours.days)} {clock(hours.start_min)}-{clock(hours.end_min)} {hours.zone}"
