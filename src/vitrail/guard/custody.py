"""Everything that was done in a case, out of the ledger: its chain of custody."""

__all__ = ["deeds_of"]

from collections.abc import Iterator

from vitrail.domain.bundles import Deed
from vitrail.domain.cases import Case
from vitrail.domain.ledger import Outcome, Stored
from vitrail.guard.followup import since
from vitrail.guard.ledger import Ledger
from vitrail.ports.bundles import BundleRecords
from vitrail.ports.cases import CaseRecords


def deeds_of(ledger: Ledger, case: Case, cases: CaseRecords, bundles: BundleRecords) -> tuple[Deed, ...]:
    """Openings stand with their outcomes; both are entries of their own. Looks name the case in their outcome."""
    own = {f"case:{case.id}"} | {f"hold:{hold.id}" for hold in cases.holds(case.id)}
    own |= {f"{word}:{u.id}" for u in cases.unmaskings(case.id) for word in ("unmasking", "unmasked")}
    own |= {f"{word}:{b.id}" for b in bundles.of(case.id) for word in ("bundle", "originals")}
    own |= {f"{word}:{s.id}" for s in bundles.shares(case.id) for word in ("share", "shared", "taken")}
    return tuple(_about(ledger.entries(since(ledger, case.opened_us), ledger.size), own, f"case {case.id}"))


def _about(entries: Iterator[Stored], targets: set[str], named: str) -> Iterator[Deed]:
    openings: dict[int, Stored] = {}
    for stored in entries:
        entry = stored.entry
        mine = entry.target in targets or named in entry.detail.split("; ") or entry.detail.startswith(f"{named},")
        opening = openings.pop(entry.about, None) if entry.about is not None else None
        if entry.outcome is Outcome.OPENED:
            openings[stored.index] = stored
        elif mine:
            if opening is not None:
                yield _deed(opening)
            yield _deed(stored)


def _deed(stored: Stored) -> Deed:
    e = stored.entry
    said = (e.actor, e.operation.value, e.outcome.value, e.target, e.reason, e.detail)
    return Deed(stored.index, e.at_us, *said)
