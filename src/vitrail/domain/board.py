"""A case's board: what people pinned on its recordings, and how each camera's clock goes."""

__all__ = ["BoardSheet", "CameraClock", "ClockSource", "Pin", "SavedQuery", "own_clock"]

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US

AS_RECEIVED_US = SECOND_US // 2
"""How well a clock is known that nobody compared: recordings carry the time at which they came in."""
_SOONEST_US, _LATEST_US = -SECOND_US // 20, 3 * SECOND_US // 5
"""How long a picture may be on its way. A camera whose own clock would make it longer, or arrive before it was taken,
has a clock that nobody set."""
_SET_US = SECOND_US // 10
"""How well the clock of a camera that takes its time from the network (NTP) is set, to be safe."""


@dataclass(frozen=True, slots=True)
class Pin:
    """What a person saw, where and when, in their own words. ``thread`` is the name they give to what they follow from
    camera to camera ("the white van"): pins of one thread are joined because a person said so, and for no other reason
    (law.md L22). ``x``, ``y``: where it touches the ground, shares of the picture. ``version`` grows with each
    change."""

    id: str
    case_id: str
    camera_id: str
    at_us: int
    """On the case's clock."""
    thread: str
    words: str
    made_by: str
    made_us: int
    x: float | None = None
    y: float | None = None
    version: int = 1
    removed_us: int | None = None


class ClockSource(StrEnum):
    SET = "set"
    """A person said so."""
    EVENT = "event"
    """Something that two cameras saw: a light that went on, a flash."""
    CAMERA = "camera"
    """What the camera itself said while it was recorded (RTCP sender reports)."""


@dataclass(frozen=True, slots=True)
class CameraClock:
    """How far a camera's recordings run ahead of the case's clock, and how well that is known."""

    case_id: str
    camera_id: str
    offset_us: int
    uncertainty_us: int
    source: ClockSource
    words: str
    made_by: str
    made_us: int
    version: int = 1


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A search of the case that somebody keeps, to ask again. ``query``: description and filters, as an address."""

    id: str
    case_id: str
    words: str
    query: str
    made_by: str
    made_us: int


@dataclass(frozen=True, slots=True)
class BoardSheet:
    """``told``: what cameras said of their own clocks; what a person set comes first."""

    pins: tuple[Pin, ...]
    clocks: tuple[CameraClock, ...]
    told: tuple[CameraClock, ...] = ()

    def clock(self, camera_id: str) -> tuple[int, int, str]:
        """Offset, uncertainty (microseconds) and where they come from."""
        found = next((c for c in (*self.clocks, *self.told) if c.camera_id == camera_id), None)
        return (
            (found.offset_us, found.uncertainty_us, found.source.value) if found else (0, AS_RECEIVED_US, "as received")
        )


def own_clock(case_id: str, camera_id: str, segments: Sequence[Segment]) -> CameraClock | None:
    """How far these recordings run ahead of the camera's own clock, as known as they agree with each other; None where
    the camera said nothing, or has a clock that cannot be right."""
    aheads = [segment.ahead_us for segment in segments if segment.ahead_us is not None]
    if not aheads:
        return None
    middle = round(median(aheads))
    if not _SOONEST_US <= middle <= _LATEST_US:
        return None
    spread_us = max(abs(ahead - middle) for ahead in aheads)
    words = f"{len(aheads)} recordings say it (RTCP)"
    return CameraClock(case_id, camera_id, middle, _SET_US + spread_us, ClockSource.CAMERA, words, camera_id, 0, 0)
