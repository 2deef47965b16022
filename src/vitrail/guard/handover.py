"""Handing the ledger itself to somebody: decided, written down before and after, like everything that leaves (L13)."""

__all__ = ["handed_over"]

from collections.abc import Iterator
from contextlib import contextmanager

from vitrail.domain.ledger import Operation
from vitrail.domain.people import Account, Use
from vitrail.guard.acting import acted
from vitrail.guard.ledger import Ledger
from vitrail.guard.reception import Reception


@contextmanager
def handed_over(
    reception: Reception,
    ledger: Ledger,
    account: Account,
    what: str,
    reason: str,
    operation: Operation = Operation.COMMUNICATE,
) -> Iterator[None]:
    """Around what is written out, or (``CONSULT``) shown and not taken away. Raises ``Refused`` for a role that may
    not account for the ledger."""
    reception.open_desk(account, Use.ACCOUNT, reason)
    with acted(ledger, operation, account.id, what, reason):
        yield
