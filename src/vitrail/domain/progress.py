"""How far the analysis of a recording has come, so that an interrupted one goes on where it stopped."""

__all__ = ["Progress", "UnderWay", "under_way"]

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from vitrail.domain.time import MINUTE_US, SECOND_US, Interval

_WARM_UP_US = 60 * SECOND_US
"""What stood there before the interruption is seen again for so long before anything new is judged."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``start_us``: the wall time of the first frame. ``settled_us``: the latest media time at which nothing was going
    on. ``told_us``: everything up to this wall time was judged and written. ``alerts``: ids of what was written.
    ``length_us`` of the whole recording that ``camera_id`` filmed; ``begun_us``: the media time at which this piece of
    it begins."""

    start_us: int
    settled_us: int = 0
    told_us: int = 0
    alerts: tuple[str, ...] = ()
    done: bool = False
    camera_id: str = ""
    length_us: int = 0
    begun_us: int = 0

    @property
    def from_us(self) -> int:
        """The media time to go on from: a little before nothing was going on."""
        return max(0, self.settled_us - _WARM_UP_US)

    @property
    def read_us(self) -> int:
        return max(0, self.told_us - self.start_us - self.begun_us)


_STOPPED_US = MINUTE_US
"""Progress is written each second: what has written none for so long has stopped."""
_THROUGH = 0.99


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A recording that is being analysed: what was filmed in ``interval`` is found as far as ``share`` of it is read.
    ``stopped``: the analysis was interrupted."""

    camera_id: str
    interval: Interval
    share: float
    stopped: bool


def under_way(rows: Iterable[tuple[Progress, int]], now_us: int) -> list[UnderWay]:
    """``rows``: progress, and when it was last written. Pieces of one recording are told together."""
    pieces: dict[tuple[str, int, int], list[tuple[Progress, int]]] = defaultdict(list)
    for progress, written_us in rows:
        if progress.camera_id and progress.length_us:
            pieces[(progress.camera_id, progress.start_us, progress.length_us)].append((progress, written_us))
    found = []
    for (camera_id, start_us, length_us), ours in sorted(pieces.items()):
        share = min(1.0, sum(progress.read_us for progress, _ in ours) / length_us)
        if share < _THROUGH and not (len(ours) == 1 and ours[0][0].done):
            stopped = now_us - max(written_us for _, written_us in ours) > _STOPPED_US
            found.append(UnderWay(camera_id, Interval(start_us, start_us + length_us), share, stopped))
    return found
