"""Counts that may be kept where no picture is: whole hours, late, coarse, and nothing small (law.md L16).

In ``statistics`` mode a reading never reaches the store as it was made. It goes into the hour of its place, in memory
only. When the hour and a delay are over, one number is kept: rounded down to a multiple of ``BASE``, so that everything
under ``BASE`` is 0, "fewer than 5". Hours do not overlap, and totals are made from kept numbers only; so no difference
of answers says more than the answers do: behind each stand at least ``BASE`` counts that would have given it.
"""

__all__ = ["BASE", "BUCKET_US", "DELAY_US", "Hours", "coarse"]

import math
from dataclasses import dataclass, field

from vitrail.domain.events import Place, Reading
from vitrail.domain.time import HOUR_US, MINUTE_US

BASE = 5
BUCKET_US = HOUR_US
DELAY_US = 15 * MINUTE_US
_SUMMED = frozenset({"crossings"})
"""Units that add up over an hour; of all others the hour's mean is kept."""


def coarse(value: float) -> float:
    """``value`` rounded down to a multiple of ``BASE``; 0 for everything below, and for what is no number."""
    if not math.isfinite(value) or value < BASE:
        return 0.0
    return float(math.floor(value / BASE) * BASE)


@dataclass(slots=True)
class _Hour:
    unit: str
    total: float = 0.0
    count: int = 0

    def value(self) -> float:
        return self.total if self.unit in _SUMMED else self.total / self.count


@dataclass(slots=True)
class Hours:
    """One stream's readings on their way. What is here when the process ends is gone, on purpose."""

    stream_id: str
    _hours: dict[tuple[int, str, Place], _Hour] = field(default_factory=dict)

    def add(self, reading: Reading) -> None:
        """Values below zero and what is no number are left out."""
        if not math.isfinite(reading.value) or reading.value < 0:
            return
        key = (reading.at_us // BUCKET_US, reading.name, reading.place)
        hour = self._hours.setdefault(key, _Hour(reading.unit))
        hour.total += reading.value
        hour.count += 1

    def ripe(self, now_us: int) -> tuple[Reading, ...]:
        """The hours that may be kept now, each once; ``at_us`` is the hour's end."""
        due = sorted(
            (key for key in self._hours if (key[0] + 1) * BUCKET_US + DELAY_US <= now_us), key=lambda key: key[:2]
        )
        found = []
        for key in due:
            bucket, name, place = key
            hour = self._hours.pop(key)
            end_us = (bucket + 1) * BUCKET_US
            found.append(Reading(name, self.stream_id, place, end_us, coarse(hour.value()), hour.unit))
        return tuple(found)
