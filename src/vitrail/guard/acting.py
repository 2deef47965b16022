"""One act of one person, written down before it is done and after (law.md L13)."""

__all__ = ["acted"]

from collections.abc import Iterator
from contextlib import contextmanager

from vitrail.domain.errors import Refused, VitrailError
from vitrail.domain.ledger import Operation, Outcome
from vitrail.guard.ledger import Ledger


@contextmanager
def acted(
    ledger: Ledger, operation: Operation, actor: str, target: str, reason: str, detail: str = ""
) -> Iterator[None]:
    """The opening entry, the body, the outcome. Raises ``Refused`` (L13) before the body when it cannot be written."""
    entry = ledger.open(operation, actor, target, reason)
    try:
        yield
    except Refused as error:
        ledger.conclude(entry, Outcome.REFUSED, error.what, error.rule)
        raise
    except BaseException as error:
        ledger.conclude(entry, Outcome.FAILED, error.kind if isinstance(error, VitrailError) else type(error).__name__)
        raise
    ledger.conclude(entry, Outcome.DONE, detail)
