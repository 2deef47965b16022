"""A clock that stands still until told."""

__all__ = ["FakeClock"]

from tests.builders import NOW_US
from vitrail.domain.time import seconds


class FakeClock:
    def __init__(self, now_us: int = NOW_US) -> None:
        self._now_us = now_us
        self._monotonic_us = 0

    def now_us(self) -> int:
        return self._now_us

    def monotonic_us(self) -> int:
        return self._monotonic_us

    def sleep(self, wait_s: float) -> None:
        self.advance(wait_s)

    def advance(self, wait_s: float) -> None:
        self._now_us += seconds(wait_s)
        self._monotonic_us += seconds(wait_s)

    def set_back(self, by_s: float) -> None:
        """Somebody corrects the wall clock; monotonic time knows nothing of it."""
        self._now_us -= seconds(by_s)
