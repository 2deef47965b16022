"""The eraser's sign of life, and whose turn it is to sweep: several processes may offer to."""

__all__ = ["Heartbeat"]

from contextlib import AbstractContextManager
from typing import Protocol


class Heartbeat(Protocol):
    def beat(self, at_us: int) -> None:
        """A sweep of that moment took everything that was due. Raises ``Unavailable``."""
        ...

    def last_us(self) -> int | None:
        """When the last whole sweep began; None before the first, or when it cannot be read."""
        ...

    def turn(self) -> AbstractContextManager[bool]:
        """Whether the caller may sweep: False while another process does. Held until the context ends."""
        ...
