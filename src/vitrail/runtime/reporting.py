"""What one stream's loop counts, told to the health board once a second of the stream's own time."""

__all__ = ["StreamReport"]

from dataclasses import asdict, replace

from vitrail.domain.time import SECOND_US
from vitrail.runtime.health import Counters, HealthBoard, StreamHealth


class StreamReport:
    """One loop's counts; they go on where the loop before it stopped."""

    def __init__(self, stream_id: str, board: HealthBoard) -> None:
        self._board = board
        before = board.get(stream_id)
        self._counts: dict[str, int] = asdict(before.counters if before else Counters())
        self._told_us = 0
        self._detected_when_told = 0

    def count(self, name: str, more: int = 1) -> None:
        """``name`` is one of the ``Counters``."""
        self._counts[name] += more

    def due(self, wall_us: int) -> bool:
        return not 0 <= wall_us - self._told_us < SECOND_US

    def tell(self, row: StreamHealth) -> None:
        """``row`` with the counts, and with the detector's rate since the last one; its ``since_us`` is now."""
        counts = Counters(**self._counts)
        span_s = (row.since_us - self._told_us) / SECOND_US if self._told_us else 0.0
        detected = counts.frames_detected - self._detected_when_told
        self._board.put(replace(row, detector_fps=detected / span_s if span_s > 0 else 0.0, counters=counts))
        self._told_us, self._detected_when_told = row.since_us, counts.frames_detected
