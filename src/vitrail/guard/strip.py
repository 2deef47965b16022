"""What one viewing has in memory while somebody drags over a recording: small key pictures that wait to be masked, and
tiles that are finished. Bounded, and gone with the viewing; only tiles leave."""

__all__ = ["HELD_PX", "Beside", "Strip"]

from bisect import bisect_right, insort
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TypeVar

from vitrail.domain.frames import Frame
from vitrail.guard.shrinking import shrunk

HELD_PX = 960
"""As wide as the widest tile: one decoding serves them all, and the key picture after this one is often shown next."""
_WAITING, _TILES, _PLACES = 36, 360, 4096
"""Four for each of nine cameras: some 28 MB. Tiles: a minute of dragging."""

_Key = tuple[str, int]
_Name = TypeVar("_Name")
_Thing = TypeVar("_Thing")


@dataclass(frozen=True, slots=True)
class Beside:
    """The wall times of the key picture shown at a moment (``own``) and of those beside it. ``whole``: there is one
    after it, so that nothing will come between."""

    times_us: tuple[int, ...]
    own_us: int
    whole: bool


class Strip:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: OrderedDict[_Key, Frame] = OrderedDict()
        self._tiles: OrderedDict[tuple[_Key, int], bytes] = OrderedDict()
        self._places: OrderedDict[_Key, Beside] = OrderedDict()
        self._times: dict[str, list[int]] = {}

    def beside(self, stream_id: str, at_us: int) -> Beside | None:
        """What is known of that moment from looks before."""
        with self._lock:
            times = self._times.get(stream_id, [])
            place = bisect_right(times, at_us) - 1
            found = self._places.get((stream_id, times[place])) if place >= 0 else None
        return found if found and at_us < found.times_us[-1] else None

    def know(self, stream_id: str, found: Beside) -> None:
        if not found.whole:
            return
        with self._lock:
            if (stream_id, found.own_us) not in self._places:
                insort(self._times.setdefault(stream_id, []), found.own_us)
            for stream, at_us in _put(self._places, (stream_id, found.own_us), found, _PLACES):
                self._times[stream].remove(at_us)

    def waiting(self, stream_id: str, at_us: int) -> Frame | None:
        with self._lock:
            return self._waiting.get((stream_id, at_us))

    def wait(self, frame: Frame) -> Frame:
        """Made small."""
        small = Frame(frame.stream_id, frame.media_us, frame.wall_us, True, 0, shrunk(frame.picture, HELD_PX))
        with self._lock:
            _put(self._waiting, (frame.stream_id, frame.wall_us), small, _WAITING)
        return small

    def tile(self, stream_id: str, at_us: int, width: int) -> bytes | None:
        with self._lock:
            return self._tiles.get(((stream_id, at_us), width))

    def finish(self, stream_id: str, at_us: int, width: int, jpeg: bytes) -> None:
        with self._lock:
            _put(self._tiles, ((stream_id, at_us), width), jpeg, _TILES)

    def clear(self) -> None:
        with self._lock:
            for kept in (self._waiting, self._tiles, self._places, self._times):
                kept.clear()


def _put(where: OrderedDict[_Name, _Thing], name: _Name, thing: _Thing, most: int) -> list[_Name]:
    """The names of those that had to go."""
    where[name] = thing
    where.move_to_end(name)
    return [where.popitem(last=False)[0] for _ in range(len(where) - most)]
