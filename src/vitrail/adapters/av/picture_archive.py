"""JPEGs of places, and what is known of places, on a disk: readable by this account only."""

__all__ = ["DiskPictures"]

import re
from pathlib import Path

from vitrail.adapters.av.fragments import unwritable
from vitrail.domain.errors import Invalid, NotFound

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


class DiskPictures:
    def __init__(self, folder: Path, suffix: str = ".jpg") -> None:
        self._folder = folder
        self._suffix = suffix
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def keep(self, name: str, jpeg: bytes) -> None:
        path = self._path(name)
        try:
            path.write_bytes(jpeg)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise unwritable(error, path.name) from error

    def read(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise NotFound("the picture is gone", where=name, remedy="it may have been erased on time") from None

    def erase_all_but(self, kept: frozenset[str]) -> int:
        gone = [path for path in self._folder.iterdir() if path.is_file() and path.stem not in kept]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Invalid("no name for a picture", where="picture", remedy="use letters, digits, dot, dash, underscore")
        return self._folder / f"{name}{self._suffix}"
