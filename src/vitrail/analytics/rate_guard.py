"""Keeps a threshold where a place needs it: what this microphone hears every day must not be told more often than was
declared. Threats are rare, so nearly all that it hears counts as false."""

__all__ = ["RateGuard"]

import math
from dataclasses import replace

from vitrail.domain.sound import Habit
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US

_BELOW = 4.0
"""Log odds under the threshold from which on scores are counted: their tail is taken for exponential."""
_FEWEST = 12
_MOST_STRICTER = 4.0
"""However noisy a place is, the threshold goes no further up: a shot must still be told."""
_MEMORY_US = 30 * DAY_US
"""What was heard longer ago counts less and less: places change."""


class RateGuard:
    """``hear`` for each happening's best score; ``threshold`` at any time. ``a_day``: how many false alerts of this
    kind are declared."""

    def __init__(self, kind: str, base: float, a_day: float) -> None:
        self._base = base
        self._a_day = a_day
        self._habit = Habit(kind, 0, 0, 0.0)
        self._seen_us: int | None = None

    @property
    def habit(self) -> Habit:
        return self._habit

    def recall(self, habit: Habit) -> None:
        """Go on from what was heard before a restart."""
        self._habit = habit

    def hear(self, score: float) -> None:
        over = score - (self._base - _BELOW)
        if over > 0:
            count, total = self._habit.count + 1, self._habit.total + min(over, _BELOW + _MOST_STRICTER)
            self._habit = replace(self._habit, count=count, total=total)

    def tick(self, at_us: int) -> None:
        """Time in which something could be heard: a pause of the stream is none."""
        step_us = 0 if self._seen_us is None else at_us - self._seen_us
        self._seen_us = at_us
        if 0 < step_us <= SECOND_US:
            self._habit = replace(self._habit, listened_us=self._habit.listened_us + step_us)
        if self._habit.listened_us > _MEMORY_US:
            half = self._habit
            self._habit = Habit(half.kind, half.listened_us // 2, half.count // 2, half.total / 2)

    @property
    def threshold(self) -> float:
        """The base, or the score that so many happenings a day exceed here, if that is higher."""
        habit = self._habit
        if habit.count < _FEWEST or habit.listened_us < HOUR_US:
            return self._base
        a_day = habit.count * DAY_US / habit.listened_us
        if a_day <= self._a_day:
            return self._base
        here = self._base - _BELOW + habit.total / habit.count * math.log(a_day / self._a_day)
        return min(max(self._base, here), self._base + _MOST_STRICTER)
