"""Live pictures, masked before anybody sees them.

Pictures are shown a good second late, so that a person who is detected only now is masked in what came before too.
Nothing is kept but that second, and no picture is copied, masked or encoded while nobody looks.
"""

__all__ = ["LiveHub", "LiveView"]

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from vitrail.domain.frames import Frame, Picture, Plane
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US
from vitrail.guard import masking

Encode = Callable[[Picture, int], bytes]

_WIDTH = 960
_KNOWN_US = 4 * SECOND_US
"""How long boxes are remembered: the mask fills gaps of up to three seconds."""
_REPEAT_S = 2.0
"""After so long without a new picture the last one is sent again, which shows whether anybody still looks."""
_PATIENCE_S = 30.0
"""A camera that shows nothing at all for so long ends the view; the page asks again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    wall_us: int
    people: Boxes
    picture: Picture | None


class _Channel:
    """One camera: the last looks, and the newest masked picture."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._looks: deque[_Look] = deque()
        self._changed = threading.Condition()
        self._newest: tuple[int, bytes] | None = None
        self._serial = 0
        self._viewers = 0
        self._closed = False

    def publish(self, frame: Frame, people: Boxes) -> None:
        if self._looks and frame.wall_us < self._looks[-1].wall_us:
            self._looks.clear()
        watched = self.watched()
        if not watched:
            self._let_go(range(len(self._looks)))
        picture = _reduced(frame.picture) if watched else None
        self._looks.append(_Look(frame.wall_us, people, picture))
        while frame.wall_us - self._looks[0].wall_us > _KNOWN_US and len(self._looks) > 2:
            self._looks.popleft()
        shown = self._ripe(frame.wall_us - masking.HOLD_US)
        if shown is not None:
            self._show(shown)

    def watched(self) -> bool:
        with self._changed:
            return self._viewers > 0

    def _show(self, shown: bytes) -> None:
        with self._changed:
            if self._viewers:  # the last one may have left while it was made
                self._serial += 1
                self._newest = (self._serial, shown)
                self._changed.notify_all()

    def _ripe(self, until_us: int) -> bytes | None:
        """The newest picture that has its second of knowledge after it, masked; older ones are let go unshown."""
        ripe = [i for i, look in enumerate(self._looks) if look.picture is not None and look.wall_us <= until_us]
        if not ripe:
            return None
        looks = list(self._looks)
        plans = masking.plan([look.wall_us for look in looks], [look.people for look in looks])
        picture = looks[ripe[-1]].picture
        assert picture is not None
        self._let_go(ripe)
        return self._encode(masking.apply(picture, plans[ripe[-1]], secrets.randbits(64)), _WIDTH)

    def _let_go(self, places: Iterable[int]) -> None:
        """Keep where people were, not the pictures."""
        for i in places:
            look = self._looks[i]
            if look.picture is not None:
                self._looks[i] = _Look(look.wall_us, look.people, None)

    def enter(self) -> None:
        with self._changed:
            self._viewers += 1

    def leave(self) -> None:
        with self._changed:
            self._viewers -= 1
            if not self._viewers:
                self._newest = None
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def after(self, serial: int, view: "LiveView") -> tuple[int, bytes] | None:
        """The next picture after ``serial``; the last one again after a while of silence; None when it is over."""
        waited_s = 0.0
        with self._changed:
            while not (self._closed or view.closed):
                if self._newest is not None and (self._newest[0] > serial or waited_s >= _REPEAT_S):
                    return self._newest
                if waited_s >= _PATIENCE_S:
                    return None
                if not self._changed.wait(_REPEAT_S):
                    waited_s += _REPEAT_S
        return None


class LiveView:
    """One person's view of one camera. ``close`` may be called from any thread, and twice."""

    def __init__(self, channel: _Channel) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self.closed = False
        channel.enter()

    def frames(self) -> Iterator[bytes]:
        """Masked JPEGs, each as soon as it may be shown; ends when closed or when the camera stays away."""
        serial = 0
        while (newest := self._channel.after(serial, self)) is not None:
            serial, picture = newest
            yield picture

    def close(self) -> None:
        with self._lock:
            if self.closed:
                return
            self.closed = True
        self._channel.leave()


class LiveHub:
    """All cameras. ``encode`` makes a JPEG of a picture, no wider than asked."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._lock = threading.Lock()
        self._channels: dict[str, _Channel] = {}
        self._closed = False

    def publish(self, camera_id: str, frame: Frame, person_boxes: Boxes) -> None:
        """Every frame in which people were looked for; called by the camera's own thread. (n, 4) boxes, 0..1."""
        self._channel(camera_id).publish(frame, person_boxes)

    def watched(self, camera_id: str) -> bool:
        """Whether somebody looks at the camera now."""
        return self._channel(camera_id).watched()

    def watch(self, camera_id: str) -> LiveView:
        return LiveView(self._channel(camera_id))

    def close(self) -> None:
        """Ends every view; those that come after end at once."""
        with self._lock:
            self._closed = True
            for channel in self._channels.values():
                channel.close()

    def _channel(self, camera_id: str) -> _Channel:
        with self._lock:
            channel = self._channels.get(camera_id)
            if channel is None:
                channel = self._channels[camera_id] = _Channel(self._encode)
                if self._closed:
                    channel.close()
            return channel


def _reduced(picture: Picture) -> Picture:
    """A copy no wider than is shown: the decoder's memory is not held back for a second."""
    if picture.width <= _WIDTH:
        return picture.copy()
    height = max(2, round(picture.height * _WIDTH / picture.width / 2) * 2)
    y = _shrunk(picture.y, _WIDTH, height)
    u, v = (_shrunk(plane, _WIDTH // 2, height // 2) for plane in (picture.u, picture.v))
    return Picture(y, u, v, picture.full_range)


def _shrunk(plane: Plane, width: int, height: int) -> Plane:
    return np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
