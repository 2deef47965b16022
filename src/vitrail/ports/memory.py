"""What is known of declared walls and furniture, at rest. Guard, adapters and compose only."""

__all__ = ["Kept", "MemoryRecords"]

from dataclasses import dataclass
from typing import Protocol

from vitrail.domain.mandates import Permit


@dataclass(frozen=True, slots=True)
class Kept:
    """One stream's file."""

    sha256: str
    size_bytes: int
    kept_us: int
    erase_after_us: int


class MemoryRecords(Protocol):
    def put(self, permit: Permit, kept: Kept) -> None:
        """The permit's stream has this file now, and no other."""
        ...

    def get(self, permit: Permit, now_us: int) -> Kept | None:
        """Of the permit's stream, if it was learnt under the permit's mandate and its time is not up."""
        ...

    def files(self) -> set[str]:
        """Streams that a file is kept of. Retention."""
        ...

    def erase(self, now_us: int) -> int:
        """Retention: how many went."""
        ...
