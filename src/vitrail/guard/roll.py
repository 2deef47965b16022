"""A recording as a roll of key frames: the one that stands at a moment, without playing what lies between."""

__all__ = ["Roll"]

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from vitrail.domain.frames import Frame
from vitrail.domain.recordings import Segment
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval

_LOOKS = 720
_STEP_US = (2 * SECOND_US, MINUTE_US)
"""A short recording is looked at more closely; a day once a minute, which is 1440 key frames."""


Keys = Callable[[Sequence[Segment], Interval], Iterator[Frame]]


class Roll:
    """``segments`` of one stream, over ``interval``; ``keys`` reads their key frames."""

    def __init__(self, keys: Keys, segments: Sequence[Segment], interval: Interval) -> None:
        self._keys = keys
        self._segments = sorted(segments, key=lambda segment: segment.interval.start_us)
        self._starts = [segment.interval.start_us for segment in self._segments]
        self._interval = interval

    def times_us(self) -> list[int]:
        """Moments to look at, where something is recorded."""
        spans = [(max(s.interval.start_us, self._interval.start_us), s.interval.end_us) for s in self._segments]
        length_us = sum(min(end, self._interval.end_us) - start for start, end in spans)
        step_us = min(max(length_us // _LOOKS, _STEP_US[0]), _STEP_US[1])
        times: list[int] = []
        for start_us, end_us in spans:
            at_us = start_us
            while at_us < min(end_us, self._interval.end_us):
                if not times or at_us - times[-1] >= step_us * 9 // 10:
                    times.append(at_us)
                at_us += step_us
        if self._segments and times and self._segments[-1].interval.end_us - 1 > times[-1]:
            times.append(min(self._segments[-1].interval.end_us, self._interval.end_us) - 1)
        return times

    def look(self, at_us: int) -> Frame | None:
        """The key frame at or before the moment, in the segment that holds it."""
        place = bisect_right(self._starts, at_us) - 1
        if place < 0:
            return None
        return next(self._keys([self._segments[place]], Interval(at_us, at_us + 1)), None)
