"""Keeps a threshold where a place needs it: what this microphone hears every day must not be told more often than was
declared. Threats are rare, so nearly all that it hears counts as false."""

__all__ = ["RateGuard"]

import math

from vitrail.domain.time import DAY_US, HOUR_US

_BELOW = 4.0
"""Log odds under the threshold from which on scores are counted: their tail is taken for exponential."""
_FEWEST = 12
_MOST_STRICTER = 4.0
"""However noisy a place is, the threshold goes no further up: a shot must still be told."""


class RateGuard:
    """``hear`` for each happening's best score; ``threshold`` at any time. ``a_day``: how many false alerts of this
    kind are declared."""

    def __init__(self, base: float, a_day: float) -> None:
        self._base = base
        self._a_day = a_day
        self._began_us: int | None = None
        self._now_us = 0
        self._count = 0
        self._sum = 0.0

    def hear(self, score: float, at_us: int) -> None:
        over = score - (self._base - _BELOW)
        if over > 0:
            self._count += 1
            self._sum += min(over, _BELOW + _MOST_STRICTER)

    def tick(self, at_us: int) -> None:
        self._began_us = at_us if self._began_us is None else self._began_us
        self._now_us = at_us

    @property
    def threshold(self) -> float:
        """The base, or the score that so many happenings a day exceed here, if that is higher."""
        heard_us = self._now_us - (self._began_us or self._now_us)
        if self._count < _FEWEST or heard_us < HOUR_US:
            return self._base
        a_day = self._count * DAY_US / heard_us
        if a_day <= self._a_day:
            return self._base
        here = self._base - _BELOW + self._sum / self._count * math.log(a_day / self._a_day)
        return min(max(self._base, here), self._base + _MOST_STRICTER)
