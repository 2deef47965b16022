"""Time and chance, so that tests can hold both still."""

__all__ = ["Clock"]

from typing import Protocol


class Clock(Protocol):
    def now_us(self) -> int:
        """Wall time, microseconds UTC."""
        ...

    def monotonic_us(self) -> int:
        """Never goes back; only differences mean something."""
        ...

    def sleep(self, seconds: float) -> None: ...
