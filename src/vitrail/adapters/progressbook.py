"""Progress of analysed recordings in the state folder: one small JSON file each, replaced whole."""

__all__ = ["FileProgressBook"]

import contextlib
import json
import os
from dataclasses import asdict
from pathlib import Path

from vitrail.domain.errors import Unavailable
from vitrail.domain.progress import Progress


class FileProgressBook:
    """``folder`` need not exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Progress | None:
        return _read(self._path(key))

    def every(self) -> list[tuple[Progress, int]]:
        found = []
        for path in sorted(self._folder.glob("*.json")):
            progress = _read(path)
            with contextlib.suppress(OSError):  # it ended meanwhile
                found += [(progress, path.stat().st_mtime_ns // 1000)] if progress is not None else []
        return found

    def put(self, key: str, progress: Progress) -> None:
        path = self._path(key)
        fresh = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(asdict(progress)), encoding="utf-8")
            fresh.replace(path)
        except OSError as error:
            raise Unavailable(
                f"how far the analysis has come cannot be written: {error.strerror}",
                where=str(path),
                remedy="make the state folder writable, free some space",
            ) from error

    def forget(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"


def _read(path: Path) -> Progress | None:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Progress(**{**row, "alerts": tuple(row["alerts"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
