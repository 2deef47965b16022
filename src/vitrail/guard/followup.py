"""The follow-up register (law.md L12): what became of each alert, who saw it, when, the outcome, the time spent.

Counted from the ledger alone, so that anybody who holds a copy can count again. Pure.
"""

__all__ = ["FollowUp", "Look", "Summary", "as_csv", "follow_up", "since", "summary"]

import csv
import io
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

from vitrail.domain.events import AlertState
from vitrail.domain.ledger import Entry, Operation, Outcome, Stored
from vitrail.domain.time import iso
from vitrail.guard.figures import BORN, SAID
from vitrail.guard.ledger import Ledger
from vitrail.guard.retention import UNJUDGED_US

_ALERT = "alert:"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take for a formula."""


@dataclass(frozen=True, slots=True)
class Look:
    """Who opened an alert, and when first."""

    account_id: str
    at_us: int


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One alert. ``outcome`` is ``expired`` when nobody judged it within a day: unhandled, and shown as such.
    ``erased`` stands where the names and words of staff are past their time (L14)."""

    alert_id: str
    camera_id: str
    kind: str
    mandate_id: str
    at_us: int
    outcome: AlertState
    seen: tuple[Look, ...] = ()
    judged_by: str = ""
    judged_us: int | None = None
    reason: str = ""
    spent_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Summary:
    """``unseen``: of the unhandled and open ones, those that nobody ever opened."""

    alerts: int
    confirmed: int
    dismissed: int
    open: int
    unhandled: int
    unseen: int
    minutes: float


def follow_up(entries: Iterable[Stored], now_us: int) -> list[FollowUp]:
    """One pass; newest first. Alerts whose entry is not among ``entries`` are left out."""
    rows: dict[str, FollowUp] = {}
    reasons: dict[int, str] = {}
    for stored in entries:
        entry = stored.entry
        if not entry.target.startswith(_ALERT):
            continue
        alert_id = entry.target.removeprefix(_ALERT)
        if entry.operation is Operation.CHANGE and entry.outcome is Outcome.OPENED:
            reasons[stored.index] = entry.reason
        said = reasons.pop(entry.about, "") if entry.about is not None else ""
        row = _after(rows.get(alert_id), alert_id, entry, said)
        if row is not None:
            rows[alert_id] = row
    return sorted((_at_rest(row, now_us) for row in rows.values()), key=lambda r: (r.at_us, r.alert_id), reverse=True)


def since(ledger: Ledger, at_us: int) -> int:
    """Index of the first entry at that moment or after: entries stand in the order of time."""
    return bisect_left(range(ledger.size), at_us, key=lambda index: ledger.entry(index).entry.at_us)


def summary(rows: Sequence[FollowUp]) -> Summary:
    left = (AlertState.OPEN, AlertState.EXPIRED)
    return Summary(
        alerts=len(rows),
        confirmed=sum(row.outcome is AlertState.CONFIRMED for row in rows),
        dismissed=sum(row.outcome is AlertState.DISMISSED for row in rows),
        open=sum(row.outcome is AlertState.OPEN for row in rows),
        unhandled=sum(row.outcome is AlertState.EXPIRED for row in rows),
        unseen=sum(row.outcome in left and not row.seen for row in rows),
        minutes=round(sum(row.spent_s for row in rows) / 60, 1),
    )


def as_csv(rows: Iterable[FollowUp]) -> str:
    """Comma-separated, one line an alert, times as RFC 3339. No cell begins like a formula."""
    told = io.StringIO()
    written = csv.writer(told, lineterminator="\n")
    written.writerow([each.name.removesuffix("_us") for each in fields(FollowUp)])
    for row in rows:
        seen = "; ".join(f"{look.account_id} {iso(look.at_us)}" for look in row.seen)
        judged = iso(row.judged_us) if row.judged_us is not None else ""
        outcome = "unhandled" if row.outcome is AlertState.EXPIRED else row.outcome.value
        place = (row.alert_id, row.camera_id, row.kind, row.mandate_id, iso(row.at_us), outcome)
        words = (*place, seen, row.judged_by, judged, row.reason, f"{row.spent_s:.1f}")
        written.writerow([f"'{word}" if word.startswith(_FORMULA) else word for word in words])
    return told.getvalue()


def _after(row: FollowUp | None, alert_id: str, entry: Entry, reason: str) -> FollowUp | None:
    """The alert's row after one entry about it."""
    if entry.outcome is not Outcome.DONE:
        return row
    born, said = BORN.fullmatch(entry.detail), SAID.fullmatch(entry.detail)
    if row is None:
        if entry.operation is not Operation.COLLECT or not born:
            return None
        return FollowUp(alert_id, born["camera"], born["kind"], entry.mandate_id, entry.at_us, AlertState.OPEN)
    if entry.operation is Operation.CONSULT and entry.actor not in {look.account_id for look in row.seen}:
        return replace(row, seen=(*row.seen, Look(entry.actor, entry.at_us)))
    if entry.operation is Operation.CHANGE and said:
        return replace(
            row,
            outcome=AlertState(said["decision"]),
            judged_by=entry.actor,
            judged_us=entry.at_us,
            reason=reason,
            spent_s=float(said["seconds"]),
        )
    return row


def _at_rest(row: FollowUp, now_us: int) -> FollowUp:
    late = row.outcome is AlertState.OPEN and now_us - row.at_us >= UNJUDGED_US
    return replace(row, outcome=AlertState.EXPIRED) if late else row
