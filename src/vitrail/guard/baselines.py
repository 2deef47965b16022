"""What each decision was first used for, kept in the ledger; a mandate that goes further under the same decision is
refused outside ``lab`` (law.md L01). Narrowing, and widening again up to the first use, need no decision."""

__all__ = ["Baselines"]

import threading
from collections.abc import Mapping, Sequence

from vitrail.domain.errors import Corrupt, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mandate, Mode
from vitrail.guard.changes import Scope, scope_of, widened
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse

_TARGET = "mandate:"
_Key = tuple[str, str]


class Baselines:
    """Thread-safe. Reads the ledger once, and only when a mandate outside ``lab`` is asked about."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._lock = threading.Lock()
        self._first: dict[_Key, Scope] | None = None

    def barred(self, mandates: Sequence[Mandate]) -> Mapping[str, Refused]:
        """Refusals by mandate id."""
        found = {}
        for mandate in mandates:
            firsts = [] if mandate.mode is Mode.LAB else self._firsts(mandate, {m.id for m in mandates})
            further = min((widened(first, scope_of(mandate)) for first in firsts), key=len, default=[])
            if further:
                found[mandate.id] = refuse(
                    "L01",
                    f"mandate {mandate.id} goes further than its decision did when it was first used: "
                    + "; ".join(further),
                    f"mandate {mandate.id}",
                    "have the change decided and published, and bind the new decision by its digest",
                )
        return found

    def _firsts(self, mandate: Mandate, ids: set[str]) -> list[Scope]:
        """What to hold the mandate to. Under a new id: to what used its decision under ids that are gone (renamed)."""
        known = self._known()
        own = known.get(_key(mandate))
        gone = [scope for (name, digest), scope in known.items() if digest == _key(mandate)[1] and name not in ids]
        return [own] if own else gone

    def remember(self, mandate: Mandate) -> None:
        """Before the first permit under mandate and decision. Raises ``Refused`` (L13) when it cannot be written."""
        if mandate.mode is Mode.LAB or _key(mandate) in self._known():
            return
        scope = scope_of(mandate)
        reason = f"first use of the decision sha256 {mandate.decision.sha256}"
        target = f"{_TARGET}{mandate.id}"
        self._ledger.note(Operation.RULE, Outcome.DONE, "vitrail", target, reason, mandate.id, detail=scope.text())
        with self._lock:
            self._known_locked().setdefault(_key(mandate), scope)

    def _known(self) -> Mapping[_Key, Scope]:
        with self._lock:
            return dict(self._known_locked())

    def _known_locked(self) -> dict[_Key, Scope]:
        if self._first is None:
            found: dict[_Key, Scope] = {}
            for stored in self._ledger.entries(0, self._ledger.size):
                entry = stored.entry
                if entry.operation is Operation.RULE and entry.target.startswith(_TARGET) and entry.detail:
                    key = (entry.mandate_id, entry.reason.rpartition(" ")[2])
                    found.setdefault(key, _scope(entry.detail, stored.index))
            self._first = found
        return self._first


def _scope(text: str, index: int) -> Scope:
    try:
        return Scope.parse(text)
    except (ValueError, KeyError, TypeError) as error:
        raise Corrupt(f"entry {index} cannot be read", rule="L14", remedy="run `vitrail ledger verify`") from error


def _key(mandate: Mandate) -> _Key:
    return mandate.id, mandate.decision.sha256
