"""The emergency account (law.md L23, "break-glass"): sealed, used once, for one hour, and never quietly.

It is for the night when somebody must look and nobody who may is there. It sees what an operator sees, masked, and
nothing of cases, accounts or settings. Breaking the seal is told on every screen until an officer has looked into it,
stands in the ledger, and is counted in the public register.
"""

__all__ = ["OPEN_US", "SHORTEST_REASON", "TARGET", "Emergencies", "seal_refused"]

from collections.abc import Sequence
from dataclasses import replace

from vitrail.domain.errors import Conflict, Invalid, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account, Role
from vitrail.domain.time import HOUR_US, iso
from vitrail.guard.acting import acted
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.clock import Clock
from vitrail.ports.records import AccountRecords

OPEN_US = HOUR_US
SHORTEST_REASON = 10
TARGET = "emergency:"
"""What its targets in the ledger begin with."""


def seal_refused(account: Account, now_us: int) -> Refused | None:
    """An emergency account whose hour is over does nothing any more."""
    if not account.emergency or account.broken_us is None or now_us < account.broken_us + OPEN_US:
        return None
    what = f"the emergency account {account.id} was used on {iso(account.broken_us)}"
    return refuse("L23", what, f"account {account.id}", "an administrator seals a new one")


class Emergencies:
    """Thread-safe as far as its records are."""

    def __init__(self, records: AccountRecords, ledger: Ledger, clock: Clock) -> None:
        self._records = records
        self._ledger = ledger
        self._clock = clock

    def opened(self, account: Account, reason: str) -> Account:
        """Break the seal, at the first sign-in. Raises ``Invalid`` without a reason in words."""
        if len(reason.strip()) < SHORTEST_REASON:
            what = "an emergency account says what happens"
            raise Invalid(what, where="reason", rule="L23", remedy=f"at least {SHORTEST_REASON} characters")
        if account.broken_us is not None:
            return account
        now_us = self._clock.now_us()
        broken = replace(account, broken_us=now_us)
        with acted(self._ledger, Operation.RULE, account.id, f"{TARGET}{account.id}", reason.strip(), "seal broken"):
            self._records.update(broken)
        return broken

    def unreviewed(self) -> Sequence[Account]:
        """Those that were used and that no officer has looked into: for the banner on every screen."""
        return [a for a in self._records.every() if a.broken_us is not None and a.reviewed_us is None]

    def review(self, officer: Account, account_id: str, words: str) -> Account:
        """An officer has looked into it and says what they found. Raises ``Refused``, ``Conflict`` or ``Invalid``."""
        account = self._records.get(account_id)
        if officer.role is not Role.OFFICER:
            what = f"the role {officer.role.value} does not look into the use of an emergency account"
            refused = refuse("L23", what, f"account {officer.id}", "ask the data-protection officer")
            target = f"reviewed:{account_id}"
            self._ledger.note(
                Operation.RULE, Outcome.REFUSED, officer.id, target, words, rule=refused.rule, detail=refused.what
            )
            raise refused
        if account.broken_us is None or account.reviewed_us is not None:
            raise Conflict(f"there is nothing to look into about {account_id}")
        if len(words.strip()) < SHORTEST_REASON:
            raise Invalid("say what you found", where="words", remedy=f"at least {SHORTEST_REASON} characters")
        reviewed = replace(account, reviewed_us=self._clock.now_us())
        with acted(self._ledger, Operation.RULE, officer.id, f"reviewed:{account_id}", words.strip(), "reviewed"):
            self._records.update(reviewed)
        return reviewed
