"""Finding heads, for one purpose: to mask them (law.md, red line 1). Where they are, nothing else of them."""

__all__ = ["HeadFinder"]

from collections.abc import Sequence
from typing import Protocol

from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes


class HeadFinder(Protocol):
    def find(self, pictures: Sequence[Picture]) -> list[Boxes]:
        """For each picture the boxes (n, 4) of everything that may be a head."""
        ...
