"""Cases, what they keep from erasure, what they ask to see, and the requests of people who were filmed. Guard, adapters
and compose only."""

__all__ = ["CaseRecords", "RightsRecords"]

from typing import Protocol

from vitrail.domain.cases import Case, Hold, Unmasking
from vitrail.domain.rights import Request


class CaseRecords(Protocol):
    """``put`` methods insert, or replace what stands under the same id; a hold or unmasking names an existing case."""

    def put(self, case: Case, was: Case | None = None) -> None:
        """``was``: what this is a change of. Raises ``Conflict`` when something else stands there meanwhile."""
        ...

    def get(self, case_id: str) -> Case:
        """Raises ``NotFound``."""
        ...

    def every(self) -> list[Case]:
        """Newest first."""
        ...

    def put_hold(self, hold: Hold) -> None: ...

    def hold(self, hold_id: str) -> Hold:
        """Raises ``NotFound``."""
        ...

    def holds(self, case_id: str) -> list[Hold]:
        """Oldest first; those released or run out too."""
        ...

    def put_unmasking(self, unmasking: Unmasking) -> None:
        """Raises ``Conflict`` when another answer stands there."""
        ...

    def unmasking(self, unmasking_id: str) -> Unmasking:
        """Raises ``NotFound``."""
        ...

    def unmaskings(self, case_id: str | None) -> list[Unmasking]:
        """Of that case, or of all; newest first."""
        ...


class RightsRecords(Protocol):
    def put(self, request: Request) -> None:
        """Insert, or replace."""
        ...

    def get(self, request_id: str) -> Request:
        """Raises ``NotFound``."""
        ...

    def every(self) -> list[Request]:
        """Newest first."""
        ...

    def kept(self) -> int: ...

    def erase(self, now_us: int) -> int:
        """Words and contact of requests past their time; the counts stay. How many were emptied."""
        ...
