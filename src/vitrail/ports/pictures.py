"""Pictures of places at rest, kept with an alert about a lasting change. Guard, adapters and compose only."""

__all__ = ["PictureArchive", "PictureRecords"]

from typing import Protocol


class PictureArchive(Protocol):
    """JPEGs by name."""

    def keep(self, name: str, jpeg: bytes) -> None:
        """Raises ``Unavailable`` when the disk is full; nothing is left of it then."""
        ...

    def read(self, name: str) -> bytes:
        """Raises ``NotFound`` when it is gone."""
        ...

    def erase_all_but(self, kept: frozenset[str]) -> int:
        """How many went."""
        ...


class PictureRecords(Protocol):
    def pictured(self) -> set[str]:
        """Ids of alerts that pictures are kept with. The guard's own housekeeping: retention."""
        ...
