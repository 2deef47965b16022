"""One detector for all streams of a process: loops ask, a thread a core answers them in batches."""

__all__ = ["Answers", "InferenceEngine"]

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from vitrail.domain.detections import Detections
from vitrail.domain.errors import Unavailable
from vitrail.domain.frames import Picture
from vitrail.domain.time import SECOND_US
from vitrail.ports.detector import Detector

Answers = Callable[[], list[Detections | None]]

_WAITING_PER_SLOT = 16
"""Pictures that may wait for each slot of a batch before the oldest is dropped (see the table in ``bus``)."""
_ANSWER_S = 30.0
_FASTEST_S, _FLOOR_S = 0.1, 0.25
"""Between two looks at one stream: ten a second while there is room, four at least."""
_REST = 4.0
"""A stream rests between looks this many times as long as it waited for the last answers."""
_FORGET = 0.05


class _Request:
    """One picture waiting; answered with detections, with None when dropped, or with an error."""

    __slots__ = ("answer", "answered_s", "error", "picture", "ready", "share")

    def __init__(self, picture: Picture, share: float) -> None:
        self.picture = picture
        self.share = share
        self.answer: Detections | None = None
        self.answered_s = 0.0
        self.error: Exception | None = None
        self.ready = threading.Event()


class InferenceEngine:
    """``servers`` threads answer. When more than ``16 x batch`` pictures wait, the oldest is dropped and counted."""

    def __init__(self, detector: Detector, floor: float, servers: int = 1) -> None:
        self._detector = detector
        self._floor = floor
        self._bound = _WAITING_PER_SLOT * detector.batch
        self._waiting: deque[_Request] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self.dropped = 0
        self.answered = 0
        self._wait_s = 0.0
        self._threads = [threading.Thread(target=self._serve, name="inference", daemon=True) for _ in range(servers)]
        for thread in self._threads:
            thread.start()

    @property
    def period_us(self) -> int:
        """How long to let pass between two looks at one live stream, as the load stands: see ``_FASTEST_S``."""
        return round(min(_FLOOR_S, max(_FASTEST_S, _REST * self._wait_s)) * SECOND_US)

    def detect(self, pictures: Sequence[Picture], shares: Sequence[float] | None = None) -> list[Detections | None]:
        """One answer a picture, None where it was dropped. ``shares``: see ``Detector``. Blocks.

        Raises ``Unavailable`` when the engine is stopped, and whatever the detector raised."""
        return self.ask(pictures, shares)()

    def ask(self, pictures: Sequence[Picture], shares: Sequence[float] | None = None) -> Answers:
        """The same without waiting: call what is returned for the answers."""
        worth = shares or [1.0] * len(pictures)
        requests = [_Request(picture, share) for picture, share in zip(pictures, worth, strict=True)]
        asked_s = time.monotonic()
        with self._changed:
            if self._stopping:
                raise Unavailable("the inference engine has stopped")
            self._waiting.extend(requests)
            while len(self._waiting) > self._bound:
                oldest = self._waiting.popleft()
                oldest.answered_s = asked_s
                oldest.ready.set()
                self.dropped += 1
            self._changed.notify_all()
        return lambda: self._answers(requests, asked_s)

    def _answers(self, requests: Sequence[_Request], asked_s: float) -> list[Detections | None]:
        for request in requests:
            if not request.ready.wait(_ANSWER_S):
                raise Unavailable("the detector did not answer in time", rule=f"{_ANSWER_S:.0f} s")
            if request.error is not None:
                raise request.error
        if requests:
            self._wait_s += _FORGET * (requests[-1].answered_s - asked_s - self._wait_s)
        return [request.answer for request in requests]

    def close(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=_ANSWER_S)

    def _serve(self) -> None:
        while (batch := self._take()) is not None:
            try:
                answers = self._detector.detect([r.picture for r in batch], self._floor, [r.share for r in batch])
                for request, answer in zip(batch, answers, strict=True):
                    request.answer = answer
            except Exception as error:
                for request in batch:
                    request.error = error
            with self._changed:
                self.answered += len(batch)
            for request in batch:
                request.answered_s = time.monotonic()
                request.ready.set()

    def _take(self) -> list[_Request] | None:
        """The next batch, or None when stopping and nobody waits."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._waiting) or self._stopping)
            if not self._waiting:
                return None
            share = -(-len(self._waiting) // len(self._threads))
            return [self._waiting.popleft() for _ in range(min(self._detector.batch, share))]
