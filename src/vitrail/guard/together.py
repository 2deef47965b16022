"""Entries that come in while others are being written are written down together: one transaction, one sync of the disk
(group commit). Whoever comes first writes for everybody who waits; the others sleep until theirs is on the disk."""

__all__ = ["Together", "Waiting"]

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vitrail.domain.errors import Unavailable
from vitrail.domain.ledger import Entry

_MOST = 512


def _closed() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class Waiting:
    """An entry on its way: at the end it has an index or an error."""

    entry: Entry
    payload: bytes = b""
    index: int | None = None
    error: Exception | None = None
    leads: bool = False
    """It is on this one's thread to write."""
    _turn: threading.Lock = field(default_factory=_closed, repr=False)

    @property
    def over(self) -> bool:
        return self.index is not None or self.error is not None

    def wait(self) -> None:
        self._turn.acquire()

    def wake(self) -> None:
        self._turn.release()


class Together:
    """Thread-safe. ``write`` is called by one thread at a time; it gives each an index or an error, or raises: then
    nobody's was written."""

    def __init__(self, write: Callable[[Sequence[Waiting]], None]) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._queue: list[Waiting] = []
        self._writing = False

    def put(self, mine: Waiting) -> None:
        """Returns when ``mine`` is over."""
        with self._lock:
            self._queue.append(mine)
            mine.leads, self._writing = not self._writing, True
        if not mine.leads:
            self._sleep(mine)
        if mine.leads:
            self._lead(mine)

    def _sleep(self, mine: Waiting) -> None:
        """Who is interrupted takes their entry back if it can be, and leaves nobody waiting."""
        try:
            mine.wait()
        except BaseException:
            with self._lock:
                if mine in self._queue and not mine.leads:
                    self._queue.remove(mine)
            if mine.leads:
                self._lead(mine)
            raise

    def _lead(self, mine: Waiting) -> None:
        """``mine`` is the oldest in the queue."""
        with self._lock:
            batch, self._queue = self._queue[:_MOST], self._queue[_MOST:]
        try:
            self._write(batch)
        except Exception as error:
            _fail(batch, error)
        finally:
            _fail(batch, Unavailable("the program was stopped while it wrote"))
            with self._lock:
                follower = self._queue[0] if self._queue else None
                self._writing = follower is not None
                if follower:
                    follower.leads = True
            for waiting in batch:
                if waiting is not mine:
                    waiting.wake()
            if follower:
                follower.wake()


def _fail(batch: Sequence[Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.over:
            waiting.error = error
