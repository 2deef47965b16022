"""Where bundles lie: one file each, and a folder while it is being put together."""

__all__ = ["DiskShelf"]

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitrail.domain.errors import Conflict, Invalid

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class DiskShelf:
    """Everything lies below ``root``, readable by this account only."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def folder(self, bundle_id: str) -> Path:
        folder = self._root / f"{_named(bundle_id)}.work"
        folder.mkdir(exist_ok=True, mode=0o700)
        return folder

    @contextmanager
    def alone(self, bundle_id: str) -> Iterator[None]:
        """The kernel lets go of it, however the process ends. The file goes while it is still held: who opened it just
        before holds one that has no name any more, and is told the same."""
        path = self._root / f"{_named(bundle_id)}.lock"
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise _taken(bundle_id) from error
            if not os.fstat(lock).st_nlink:
                raise _taken(bundle_id)
            try:
                yield
            finally:
                path.unlink(missing_ok=True)
        finally:
            os.close(lock)

    def path(self, bundle_id: str) -> Path:
        return self._root / f"{_named(bundle_id)}.zip"

    def tidy(self, bundle_id: str) -> None:
        shutil.rmtree(self._root / f"{_named(bundle_id)}.work", ignore_errors=True)

    def erase(self, bundle_id: str) -> bool:
        """Raises ``OSError`` when something would not go."""
        found = [p for p in self._root.iterdir() if p.name.partition(".")[0] == _named(bundle_id)]
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return bool(found)

    def kept(self) -> list[str]:
        return sorted({path.name.partition(".")[0] for path in self._root.iterdir()})

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._root).free


def _taken(bundle_id: str) -> Conflict:
    what = "somebody else is making this bundle now"
    return Conflict(what, where=bundle_id, remedy="wait until it is made, then take it")


def _named(bundle_id: str) -> str:
    if not _NAME.fullmatch(bundle_id):
        raise Invalid("no name for a bundle", where="bundle", remedy="use letters, digits, dash, underscore")
    return bundle_id
