"""Where the progress of analysed recordings is kept: ids of cameras, times and random ids only."""

__all__ = ["ProgressBook"]

from typing import Protocol

from vitrail.domain.progress import Progress


class ProgressBook(Protocol):
    """``key`` stands for one recording under one site."""

    def get(self, key: str) -> Progress | None:
        """None when nothing is known, or what is kept cannot be read: then it is analysed from the beginning."""
        ...

    def put(self, key: str, progress: Progress) -> None:
        """Whole or not at all, whenever the process dies. Raises ``Unavailable``."""
        ...

    def every(self) -> list[tuple[Progress, int]]:
        """All that can be read, each with the wall time at which it was written."""
        ...

    def forget(self, key: str) -> None: ...
