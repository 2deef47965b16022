"""The organisation's provider of accounts: it says who of the staff sits at a browser."""

__all__ = ["StaffDirectory"]

from typing import Protocol

from vitrail.domain.sign_on import Errand, Proven


class StaffDirectory(Protocol):
    def begin(self) -> Errand:
        """Where to send a browser. Raises ``Unavailable``."""
        ...

    def finish(self, errand: Errand, answer: str) -> Proven:
        """``answer`` is the whole address that the browser came back on. Raises ``Refused`` when it is not an answer to
        ``errand`` or its proof does not hold, ``Unavailable`` when the provider does not answer."""
        ...
