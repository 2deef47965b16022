"""Rows of sightings, and the index over their forms. Guard, adapters and compose only."""

__all__ = ["LikenessIndex", "SightingRecords"]

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from vitrail.domain.events import Alert
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.domain.search import Candidates, Filters
from vitrail.domain.sightings import Form, Sighting
from vitrail.ports.embedder import Vectors


class SightingRecords(Protocol):
    def add(self, permit: Permit, sightings: Sequence[Sighting]) -> list[int]:
        """All or none; their ids, which are never used again."""
        ...

    def find(self, grant: Grant, filters: Filters, most: int, maker: str) -> Candidates:
        """About ``most`` that meet the filters (``words`` and ``events`` apart): where there are more, the newest of
        each camera, class and colour, so that no camera hides another one. Forms of other makers are left out."""
        ...

    def among(self, grant: Grant, filters: Filters, ids: Sequence[int], maker: str) -> Candidates:
        """Those of ``ids`` that are in scope and meet the filters."""
        ...

    def read(self, grant: Grant, ids: Sequence[int]) -> list[Sighting]:
        """Whole, in the order of ``ids``, as far as they are in scope."""
        ...

    def get(self, grant: Grant, sighting_id: int) -> Sighting:
        """Raises ``NotFound``, also outside the scope."""
        ...

    def events(self, grant: Grant, filters: Filters, most: int) -> list[Alert]:
        """Alerts of the kinds in ``events``, newest first."""
        ...

    def newest_us(self, grant: Grant) -> int | None:
        """When the newest in scope was written down as seen; None when there is none."""
        ...

    def erase(self, now_us: int) -> list[int]:
        """Retention, as for alerts; their ids."""
        ...

    def kept(self) -> int: ...

    def reach(self) -> tuple[int, int]:
        """The lowest id there is and the highest there ever was; (1, 0) when there was none."""
        ...

    def forms(self, first: int, after: int, maker: str) -> Iterator[tuple[int, Form]]:
        """(id, form) with ``first <= id < after``, in order, of rows that have one of this maker."""
        ...


class LikenessIndex(Protocol):
    """A cache over ``SightingRecords.forms``: whatever is missing or damaged is made again from there."""

    def nearest(self, direction: Vectors, most: int) -> list[int]:
        """Ids with the greatest products, greatest first; approximately, and maybe of rows that are gone."""
        ...

    def forget(self, ids: Sequence[int]) -> None:
        """What was made of these rows goes from the disk now."""
        ...

    def check(self, mend: bool, progress: Callable[[float], None]) -> list[str]:
        """What differs from the rows; made again when ``mend``."""
        ...
