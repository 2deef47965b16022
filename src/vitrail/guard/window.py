"""A person looking at a live camera: masked pictures for as long as the grant holds, concluded in the ledger."""

__all__ = ["Window"]

import threading
from collections.abc import Callable, Iterator

from vitrail.guard.live import LiveView


class Window:
    """Use as a context manager. ``frames`` ends when the view does and raises ``Refused`` when the grant no longer
    holds: it is asked again before every picture."""

    def __init__(
        self, view: LiveView, check: Callable[[], object], over: Callable[[BaseException | None, str], None]
    ) -> None:
        self._view = view
        self._check = check
        self._over = over
        self._seen = 0
        self._lock = threading.Lock()
        self._closed = False
        view.end = self.close

    def frames(self) -> Iterator[bytes]:
        """Masked JPEGs."""
        for picture in self._view.frames():
            self._check()
            self._seen += 1
            yield picture

    def close(self) -> None:
        """Safe to call twice, and from another thread than the one that looks."""
        self._end(None)

    def __enter__(self) -> "Window":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._end(error if isinstance(error, Exception) else None)

    def _end(self, error: BaseException | None) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        try:
            self._view.close()
        finally:
            self._over(error, f"{self._seen} pictures")
