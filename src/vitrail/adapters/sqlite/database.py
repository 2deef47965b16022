"""One SQLite file: connections, transactions, and its errors said in the words of the house."""

__all__ = ["Database", "said_plainly"]

import contextlib
import queue
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitrail.adapters.sqlite.migrations import migrate
from vitrail.domain.errors import Conflict, Corrupt, Unavailable, VitrailError

_READERS = 4
"""Idle reading connections kept; more are opened when asked for at once, and closed after use."""
_AGAIN_S = 0.02
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REMEDIES = {
    sqlite3.SQLITE_BUSY: ("is locked by another process", "close the other program that has it open, then try again"),
    sqlite3.SQLITE_LOCKED: ("is locked", "try again"),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "free some space on its disk"),
    sqlite3.SQLITE_READONLY: ("cannot be written", "give this account write permission on the file and its folder"),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", "check that the folder exists and may be written"),
    sqlite3.SQLITE_IOERR: ("cannot be read or written: disk error, or disk full", "check the disk and its free space"),
    sqlite3.SQLITE_PERM: ("may not be accessed", "give this account permission on the file and its folder"),
}


class Database:
    """Thread-safe: one writing connection behind a lock, a few reading ones beside it (WAL lets them run at once).

    ``durable`` syncs every commit to the disk (``synchronous=FULL``); without it a power cut may lose the last
    transactions, never the file.
    """

    def __init__(self, path: Path, kind: str, *, durable: bool, busy_timeout_s: float) -> None:
        self.path = path
        self._timeout_s = busy_timeout_s
        self._durable = durable
        self._lock = threading.Lock()
        self._readers: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue(_READERS)
        self._closed = False
        _create(path)
        with said_plainly(path):
            self._writer = self._connect()
            try:
                migrate(self._writer, path, kind)
            except BaseException:
                self._writer.close()
                raise

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing. Others wait up to the busy timeout, then get ``Unavailable``."""
        if not self._lock.acquire(timeout=max(self._timeout_s, 0.001)):
            raise Unavailable(f"{self.path.name} is busy", where=str(self.path), remedy="try again")
        try:
            self._still_open()
            with said_plainly(self.path):
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.Error):
                        self._writer.execute("ROLLBACK")
                    raise
        finally:
            self._lock.release()

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """One consistent view for as long as it is held; never writes."""
        self._still_open()
        with said_plainly(self.path):
            try:
                reader = self._readers.get_nowait()
            except queue.Empty:
                reader = self._connect()
                reader.execute("PRAGMA query_only = ON")
            try:
                reader.execute("BEGIN")
                yield reader
            finally:
                with contextlib.suppress(sqlite3.Error):
                    reader.execute("ROLLBACK")
                self._give_back(reader)

    def scrub(self) -> bool:
        """After an erasure: fold the write-ahead file back, so that erased rows do not linger in it. Whether it worked:
        a reader that holds an old view delays it to the next time."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            return not self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        return False

    def close(self) -> None:
        with self._lock:
            self._closed = True
            with contextlib.suppress(queue.Empty):
                while True:
                    self._readers.get_nowait().close()
            self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=self._timeout_s, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            connection.row_factory = sqlite3.Row
            _write_ahead(connection, self._timeout_s)
            connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA recursive_triggers = ON")
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_back(self, reader: sqlite3.Connection) -> None:
        if self._closed:
            reader.close()
            return
        try:
            self._readers.put_nowait(reader)
        except queue.Full:
            reader.close()

    def _still_open(self) -> None:
        if self._closed:
            raise Unavailable(f"{self.path.name} is closed", where=str(self.path), remedy="open it again")


def _write_ahead(connection: sqlite3.Connection, timeout_s: float) -> None:
    """SQLite does not wait by itself for others that switch a new file to write-ahead logging at the same moment: two
    that waited for each other would wait for ever."""
    until = time.monotonic() + timeout_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                raise
            time.sleep(_AGAIN_S)


def _create(path: Path) -> None:
    """Readable by nobody but the account that runs Vitrail; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise Unavailable(
            f"{path.name} cannot be created ({error.strerror})",
            where=str(path),
            remedy="check that its folder exists, may be written and has space",
        ) from error


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours: locked and full may pass, damage does not."""
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error, path) from error


def _translated(error: sqlite3.Error, path: Path) -> VitrailError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    where = str(path)
    if code in _CORRUPT:
        return Corrupt(
            f"{path.name} is damaged ({error})",
            where=where,
            remedy="stop, keep a copy of the file, restore the last backup, then run `vitrail check`",
        )
    if code in _REMEDIES:
        what, remedy = _REMEDIES[code]
        return Unavailable(f"{path.name} {what}", where=where, remedy=remedy)
    if isinstance(error, sqlite3.IntegrityError):
        return Conflict(f"{path.name} refuses the row: {error}", where=where)
    if isinstance(error, sqlite3.ProgrammingError):
        return Unavailable(f"{path.name}: {error}", where=where, remedy="open it again")
    return Corrupt(f"{path.name}: {error}", where=where, remedy="run `vitrail check`")
