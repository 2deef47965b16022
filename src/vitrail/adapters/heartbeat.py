"""The eraser's sign of life in a small file, its turn in a lock that the system takes back when a process dies."""

__all__ = ["FileHeartbeat"]

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitrail.domain.errors import Unavailable

_BEAT, _TURN = "eraser.beat", "eraser.lock"


class FileHeartbeat:
    """In the state folder, for every process on this machine."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def beat(self, at_us: int) -> None:
        fresh = self._state / f"{_BEAT}.{os.getpid()}"
        try:
            fresh.write_text(f"{at_us}\n", encoding="ascii")
            fresh.replace(self._state / _BEAT)
        except OSError as error:
            raise self._unwritable(error) from error

    def last_us(self) -> int | None:
        try:
            return int((self._state / _BEAT).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None

    @contextmanager
    def turn(self) -> Iterator[bool]:
        try:
            handle = os.open(self._state / _TURN, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)

    def _unwritable(self, error: OSError) -> Unavailable:
        return Unavailable(
            f"the eraser cannot leave its sign of life: {error.strerror}",
            where=str(self._state),
            rule="L15",
            remedy="make the state folder writable, free some space",
        )
