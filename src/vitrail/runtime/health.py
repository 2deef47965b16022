"""How each stream is doing, in words and counts."""

__all__ = ["Counters", "HealthBoard", "StreamHealth", "StreamState"]

import threading
from dataclasses import dataclass, replace
from enum import StrEnum

from vitrail.domain.health import Ailment, Unjudged
from vitrail.runtime.bus import Bus


class StreamState(StrEnum):
    STARTING = "starting"
    QUIET = "quiet"
    AWAKE = "awake"
    LOST = "lost"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    """Analysis is stopped by order; recording goes on as the mandate lets it."""
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Counters:
    packets: int = 0
    frames_decoded: int = 0
    frames_detected: int = 0
    frames_dropped: int = 0
    bytes_recorded: int = 0


@dataclass(frozen=True, slots=True)
class StreamHealth:
    """``problem`` is empty when all is well; ``detector_fps`` over the last seconds."""

    stream_id: str
    camera_id: str
    state: StreamState = StreamState.STARTING
    since_us: int = 0
    detail: str = ""
    problem: str = ""
    ailments: tuple[Ailment, ...] = ()
    """What is wrong with what the camera shows."""
    unjudged: tuple[Unjudged, ...] = ()
    """Declared walls and furniture that are not judged now, and why."""
    recording: bool = False
    detector_fps: float = 0.0
    behind_s: float = 0.0
    """How far a live stream's analysis lags behind the clock."""
    mute: str = ""
    """Why the sizes of this stream's packets say nothing, so that its key frames alone wake it; empty while they do."""
    counters: Counters = Counters()

    @property
    def frames_decoded(self) -> int:
        return self.counters.frames_decoded

    @property
    def frames_dropped(self) -> int:
        return self.counters.frames_dropped


def _told(row: StreamHealth) -> tuple[object, ...]:
    return row.state, row.problem, row.ailments, row.unjudged


class HealthBoard:
    """Every stream's latest word; changes of state are told on the bus as ``health``."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lock = threading.Lock()
        self._rows: dict[str, StreamHealth] = {}

    def put(self, row: StreamHealth) -> None:
        with self._lock:
            before = self._rows.get(row.stream_id)
            changed = before is None or _told(before) != _told(row)
            if before is not None and before.state == row.state:
                row = replace(row, since_us=before.since_us)
            self._rows[row.stream_id] = row
        if changed:
            self._bus.publish("health", row.stream_id)

    def rows(self) -> list[StreamHealth]:
        with self._lock:
            return [self._rows[key] for key in sorted(self._rows)]

    def get(self, stream_id: str) -> StreamHealth | None:
        with self._lock:
            return self._rows.get(stream_id)
