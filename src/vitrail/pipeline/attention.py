"""Which frames the detector is asked about, and which part of them; what it said stands meanwhile."""

__all__ = ["Attention", "Decoded", "Look"]

import zlib
from dataclasses import dataclass

import numpy as np

from vitrail.domain.detections import Detections, Label, Tracks
from vitrail.domain.frames import Frame, Picture, Region
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.regions import Regions

_LATE_US = SECOND_US
"""A live stream this far behind the clock skips looks, down to one a second, until it has caught up."""
_STANDS_US = 10 * SECOND_US
"""While nothing moves, what the detector said stands for so long: a still picture is not looked at again and again."""
_STANDS_FOR_PEOPLE_US = 4 * SECOND_US


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A frame that nobody looked at yet. ``still``: nothing moves; ``moved``: what did since the one before."""

    frame: Frame
    still: bool
    moved: Boxes


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is done with a frame. Without ``asks`` the last answer stands; without ``region`` all of it is looked at."""

    frame: Frame
    still: bool
    asks: bool = False
    region: Region | None = None

    @property
    def picture(self) -> Picture:
        return self.frame.picture.part(self.region) if self.region else self.frame.picture

    @property
    def share(self) -> float:
        return Regions.share(self.region)


class Attention:
    """One stream. Ask ``look`` about every frame in order, tell ``heard`` each answer and ``followed`` each outcome."""

    def __init__(self, stream_id: str, regions: Regions | None = None) -> None:
        self._regions = regions or Regions()
        self._pace = 0.75 + 0.25 * (zlib.crc32(stream_id.encode()) % 97) / 96
        """Streams that started together look again at different moments."""
        self._missed = 0
        self.reset()

    def reset(self) -> None:
        self._regions.reset()
        self._moved: list[Boxes] = []
        self._followed = Detections.none().boxes
        self._people = False
        self._said: Detections | None = None
        self._said_us: int | None = None
        self._due_us = 0
        self._looked_us = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is followed."""
        return not len(self._followed)

    def missed(self) -> int:
        """Frames that should have been looked at and were not, since this was last asked."""
        missed, self._missed = self._missed, 0
        return missed

    def look(self, seen: Decoded, period_us: int, lag_us: int = 0, watched: bool = False) -> Look | None:
        """None when this frame is not looked at: one every ``period_us`` on average is, whatever the camera's rate.
        ``lag_us``: how far behind the clock. ``watched``: somebody sees the picture now, so nothing is spared."""
        frame = seen.frame
        if not self._due(frame, period_us, lag_us):
            self._moved.append(seen.moved)
            return None
        if not watched and self._stands(frame, seen.still):
            return Look(frame, seen.still)
        moved = np.concatenate([*self._moved, seen.moved])
        self._moved.clear()
        whole = seen.still or watched or self._said_us is None
        self._said_us = frame.wall_us
        region = self._regions.choose(moved, self._followed, frame.wall_us)
        return Look(frame, seen.still, True, None if whole else region)

    def heard(self, look: Look, answer: Detections | None) -> Detections | None:
        """What is in the picture, with ``answer`` where it was asked for; None when the frame must be passed over."""
        if look.asks and answer is not None and look.region is not None:
            answer = Regions.merged(look.region, answer, self._said or Detections.none())
        said = answer if look.asks else self._said
        if said is None:
            self._missed += 1
            self._said_us = None
        else:
            self._said = said
        return said

    def followed(self, tracks: Tracks) -> bool:
        """What is followed now; whether somebody is."""
        self._followed = tracks.boxes
        self._people = bool((tracks.labels == Label.PERSON).any())
        return self._people

    def _due(self, frame: Frame, period_us: int, lag_us: int) -> bool:
        if frame.wall_us < self._due_us:
            return False
        self._due_us = max(self._due_us + period_us, frame.wall_us + period_us // 2)
        if lag_us > _LATE_US and frame.wall_us - self._looked_us < SECOND_US:
            self._missed += 1
            return False
        self._looked_us = frame.wall_us
        return True

    def _stands(self, frame: Frame, still: bool) -> bool:
        """Whether what the detector said last still holds at this frame, because nothing has moved since."""
        if not still or self._said_us is None:
            return False
        longest_us = _STANDS_FOR_PEOPLE_US if self._people else _STANDS_US
        return frame.wall_us - self._said_us < longest_us * self._pace
