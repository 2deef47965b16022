"""A case's board: what people pinned on its recordings, and how each camera's clock goes."""

__all__ = ["BoardSheet", "CameraClock", "ClockSource", "Pin"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.time import SECOND_US

AS_RECEIVED_US = SECOND_US // 2
"""How well a clock is known that nobody compared: recordings carry the time at which they came in."""


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
class BoardSheet:
    pins: tuple[Pin, ...]
    clocks: tuple[CameraClock, ...]

    def clock(self, camera_id: str) -> tuple[int, int, str]:
        """Offset, uncertainty (microseconds) and where they come from."""
        found = next((c for c in self.clocks if c.camera_id == camera_id), None)
        return (
            (found.offset_us, found.uncertainty_us, found.source.value) if found else (0, AS_RECEIVED_US, "as received")
        )
