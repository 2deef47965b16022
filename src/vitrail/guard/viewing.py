"""A person who plays recordings of a case: masked pictures of its cameras while the grant holds. One opening in
the ledger before the first picture, one outcome that says what was looked at."""

__all__ = ["LONGEST_VIEWING_US", "Viewing"]

import threading
from collections.abc import Callable
from pathlib import Path

from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.people import Grant
from vitrail.domain.recordings import Segment
from vitrail.domain.time import MINUTE_US, Interval, iso
from vitrail.guard.projector import FULL_US, KEYS_US, Projector
from vitrail.guard.render import LOOK_AROUND_US, Shot
from vitrail.guard.strip import Strip

LONGEST_VIEWING_US = 15 * MINUTE_US
"""After this the page opens another one: its entry in the ledger says what was looked at until then."""
WIDTHS = (320, 480, 640, 960)
_Covering = Callable[[Grant, str, Interval], list[Segment]]


class Viewing:
    """Thread-safe. Use as a context manager, or ``close`` it: that is when the outcome is written."""

    def __init__(
        self,
        projector: Projector,
        covering: _Covering,
        check: Callable[[], Grant],
        over: Callable[[BaseException | None, str], None],
        ends_us: int,
        now_us: Callable[[], int],
    ) -> None:
        self._projector = projector
        self._covering = covering
        self._check = check
        self._over = over
        self._now_us = now_us
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._closed = False
        self._strip = Strip()
        self.ends_us = ends_us

    def at(self, camera_id: str, at_us: int, width: int) -> tuple[int, bytes]:
        """The masked key picture of that moment: its wall time, a JPEG. Raises ``NotFound``, ``Refused``."""
        segments = self._segments(camera_id, Interval(at_us, at_us + 1))
        made = self._projector.at(segments, at_us, _width(width), self._strip)
        self._saw(camera_id, made[0], 1)
        return made

    def pack(self, camera_id: str, at_us: int, width: int, keys: bool) -> Path:
        """A pack of pictures, whole multiples of its length since 1970: every picture of five seconds, or the key
        pictures of a minute."""
        length_us = KEYS_US if keys else FULL_US
        if at_us % length_us:
            raise Invalid("a pack begins on a whole multiple of its length", where="at", remedy=f"{length_us} us")
        grant = self._open()
        window = grant.scope.window
        span = Interval(max(at_us, window.start_us), max(at_us, window.start_us, min(at_us + length_us, window.end_us)))
        if not span.length_us:
            raise NotFound("this lies outside of the case's span")
        segments = self._segments(camera_id, span)
        if not segments:
            raise NotFound("nothing was recorded then", remedy="look at the recorded spans of the camera")
        shot = Shot(tuple(segments), span)
        made = self._projector.pack(f"play-{grant.case_id}-{camera_id}", shot, _width(width), keys, self._now_us())
        self._saw(camera_id, at_us, 1)
        return made

    def close(self) -> None:
        """Safe to call twice, and from another thread."""
        self._end(None)

    def __enter__(self) -> "Viewing":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._end(error if isinstance(error, Exception) else None)

    def _open(self) -> Grant:
        if self._closed or self._now_us() >= self.ends_us:
            self.close()
            raise NotFound("this viewing is over", remedy="open the page again")
        return self._check()

    def _segments(self, camera_id: str, span: Interval) -> list[Segment]:
        grant = self._open()
        if camera_id not in grant.scope.cameras:
            raise NotFound(f"no camera {camera_id} in this case")
        if not (grant.scope.window.start_us <= span.start_us and span.end_us <= grant.scope.window.end_us):
            raise NotFound("this lies outside of the case's span")
        wide = Interval(span.start_us - LOOK_AROUND_US, span.end_us + LOOK_AROUND_US)
        return self._covering(grant, camera_id, wide)

    def _saw(self, camera_id: str, at_us: int, count: int) -> None:
        with self._lock:
            low, high, seen = self._seen.get(camera_id, (at_us, at_us, 0))
            self._seen[camera_id] = (min(low, at_us), max(high, at_us), seen + count)

    def _end(self, error: BaseException | None) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._strip.clear()
        with self._lock:
            told = [f"{c} {iso(low)}..{iso(high)} ({n})" for c, (low, high, n) in sorted(self._seen.items())]
        self._over(error, ", ".join(told) or "nothing was looked at")


def _width(width: int) -> int:
    if width not in WIDTHS:
        raise Invalid(f"no pictures of {width} pixels", where="width", remedy=f"one of {', '.join(map(str, WIDTHS))}")
    return width
