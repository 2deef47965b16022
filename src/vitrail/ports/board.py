"""A case's board at rest. Guard, adapters and compose only."""

__all__ = ["BoardRecords"]

from typing import Protocol

from vitrail.domain.board import CameraClock, Pin, SavedQuery


class BoardRecords(Protocol):
    """``put`` methods insert version 1, or replace the version before; raise ``Conflict`` when another one stands."""

    def put_pin(self, pin: Pin) -> None: ...

    def pin(self, pin_id: str) -> Pin:
        """Raises ``NotFound``."""
        ...

    def pins(self, case_id: str) -> list[Pin]:
        """By their moment; removed ones are left out."""
        ...

    def put_clock(self, clock: CameraClock) -> None: ...

    def clocks(self, case_id: str) -> list[CameraClock]: ...

    def put_query(self, query: SavedQuery) -> None: ...

    def queries(self, case_id: str) -> list[SavedQuery]:
        """Oldest first."""
        ...

    def drop_query(self, case_id: str, query_id: str) -> None:
        """Raises ``NotFound``."""
        ...

    def erase(self, now_us: int) -> int:
        """Retention: pins, clocks and saved queries of cases that have ended; how many."""
        ...
