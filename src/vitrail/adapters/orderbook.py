"""Signed orders in a text file, one JSON line each: anyone can read it, and it may be published as it is."""

__all__ = ["FileOrderBook"]

import os
from pathlib import Path

from vitrail.domain.errors import Unavailable


class FileOrderBook:
    def __init__(self, path: Path) -> None:
        self._path = path

    def lines(self) -> list[str]:
        try:
            return [line for line in self._path.read_text(encoding="utf-8").splitlines() if line.strip()]
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(
                f"the orders cannot be read: {error}",
                where=str(self._path),
                rule="L08",
                remedy="put the file back from your backup",
            ) from error

    def add(self, line: str) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") as file:
                file.write(line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise Unavailable(
                f"the order cannot be written: {error.strerror}",
                where=str(self._path),
                rule="L08",
                remedy="check the folder's permissions and free space; stop the service if it must stop now",
            ) from error

    def stamp(self) -> object:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)
