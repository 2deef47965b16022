"""Live pictures, masked before anybody sees them.

Pictures are shown a good second late, so that a person who is detected only now is masked in what came before too.
Nothing is kept but that second, and no picture is copied, masked or encoded while nobody looks.
"""

__all__ = ["LiveHub", "LiveView"]

import secrets
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakSet

import cv2
import numpy as np

from vitrail.domain.frames import Frame, Picture, Plane
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US
from vitrail.guard import masking
from vitrail.guard.backdrop import GrowingBackdrop, glimpse_of
from vitrail.guard.masking import Mask
from vitrail.guard.ways import Ways

Encode = Callable[[Picture, int], bytes]

_WIDTH = 960
_RIPE_US = SECOND_US
"""How late pictures are shown: who is detected only now is masked in what came before."""
_FASTEST_US = SECOND_US // 13
_GLIMPSE_US, _UNWATCHED_US = SECOND_US, 4 * SECOND_US
"""How often the place without people is learnt."""
_REPEAT_S = 2.0
"""After so long without a new picture the last one is sent again, which shows whether anybody still looks."""
_PATIENCE_S = 30.0
"""A camera that shows nothing at all for so long ends the view; the page asks again."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A picture that is not ripe yet, and what is no person on it."""

    wall_us: int
    picture: Picture
    spared: Boxes


class _Channel:
    """One camera: where people are, what the place looks like without them, and the newest masked picture."""

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._ways = Ways()
        self._backdrop = GrowingBackdrop()
        self._spared = _nothing()
        self._waiting: deque[_Waiting] = deque()
        self._last_us = self._glimpsed_us = self._kept_us = -_UNWATCHED_US
        self._changed = threading.Condition()
        self._newest: tuple[int, bytes] | None = None
        self._serial = 0
        self._viewers = 0
        self._closed = False

    def publish(self, frame: Frame, people: Boxes | None, spared: Boxes) -> None:
        at_us = frame.wall_us
        if at_us < self._last_us:
            self._begin_anew()
        self._last_us = at_us
        watched = self.watched()
        if people is not None:
            self._ways.look(at_us, people)
            self._ways.forget(at_us - _RIPE_US)
            self._spared = spared
        if at_us - self._glimpsed_us >= (_GLIMPSE_US if watched else _UNWATCHED_US) and people is not None:
            self._glimpsed_us = at_us
            glimpse = glimpse_of(frame.picture)
            self._ways.glimpse(at_us, glimpse)
            self._backdrop.learn(glimpse, self._ways.at(at_us), at_us)
        if not watched:
            self._waiting.clear()
        elif at_us - self._kept_us >= _FASTEST_US:
            self._kept_us = at_us
            self._waiting.append(_Waiting(at_us, _reduced(frame.picture), self._spared))
        shown = self._ripe(at_us - _RIPE_US)
        if shown is not None:
            self._show(shown)

    def _begin_anew(self) -> None:
        """The camera came back, or a recording begins again."""
        self._ways = Ways()
        self._backdrop.reset()
        self._waiting.clear()
        self._glimpsed_us = self._kept_us = -_UNWATCHED_US

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
        ripe: _Waiting | None = None
        while self._waiting and self._waiting[0].wall_us <= until_us:
            ripe = self._waiting.popleft()
        if ripe is None:
            return None
        mask = Mask.of(self._ways.at(ripe.wall_us))
        glimpse, known = glimpse_of(ripe.picture), self._backdrop.known
        if known is not None and known.level.shape == glimpse.shape:
            mask = mask + known.strange(glimpse, ripe.spared)
        else:
            mask = mask + Mask.of(np.array([[0.0, 0.0, 1.0, 1.0]], np.float32))
        return self._encode(masking.apply(ripe.picture, mask, secrets.randbits(64)), _WIDTH)

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
        self.end: Callable[[], None] = self.close
        """What the hub calls when it closes: whoever accounts for this view puts theirs here."""
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
        self._views: WeakSet[LiveView] = WeakSet()
        self._closed = False

    def publish(self, camera_id: str, frame: Frame, people: Boxes | None, spared: Boxes | None = None) -> None:
        """Called by the camera's own thread. ``people`` (n, 4): everything that may be a person; None for a frame in
        which nobody was looked for, which is only shown. ``spared``: vehicles and things, which need no mask."""
        self._channel(camera_id).publish(frame, people, _nothing() if spared is None else spared)

    def watched(self, camera_id: str) -> bool:
        """Whether somebody looks at the camera now."""
        return self._channel(camera_id).watched()

    def watch(self, camera_id: str) -> LiveView:
        view = LiveView(self._channel(camera_id))
        with self._lock:
            self._views.add(view)
        return view

    def close(self) -> None:
        """Ends every view, also of a browser that reads no more, while its end can still be written down; those that
        come after end at once."""
        with self._lock:
            self._closed = True
            for channel in self._channels.values():
                channel.close()
            views = list(self._views)
        for view in views:
            view.end()

    def _channel(self, camera_id: str) -> _Channel:
        with self._lock:
            channel = self._channels.get(camera_id)
            if channel is None:
                channel = self._channels[camera_id] = _Channel(self._encode)
                if self._closed:
                    channel.close()
            return channel


def _nothing() -> Boxes:
    return np.zeros((0, 4), np.float32)


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
