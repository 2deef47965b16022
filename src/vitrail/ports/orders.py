"""Where signed orders to suspend and resume are kept, one line each, added only."""

__all__ = ["OrderBook"]

from typing import Protocol


class OrderBook(Protocol):
    def lines(self) -> list[str]:
        """Oldest first. Raises ``Unavailable``."""
        ...

    def add(self, line: str) -> None:
        """Durable on return. Raises ``Unavailable``."""
        ...

    def stamp(self) -> object:
        """Changes when a line was added, by whichever process; cheap enough to ask before every packet."""
        ...
