"""How much two things look alike, and how much something looks like what a description says."""

__all__ = ["Likeness"]

from collections.abc import Sequence
from typing import Protocol

from vitrail.domain.clearing import Cleared
from vitrail.domain.sightings import Form
from vitrail.ports.embedder import Vectors


class Likeness(Protocol):
    @property
    def maker(self) -> str:
        """Which model makes these forms, and which version of it. Needs no model to be loaded."""
        ...

    def forms(self, pictures: Sequence[Cleared]) -> list[Form]:
        """How each thing or place looks, as a short code. Cleared pictures only: never of anybody."""
        ...

    def meaning(self, text: str) -> Vectors:
        """What looks like the (English) description, as a direction (128,) of length 1: its product with a form is the
        greater the better it fits."""
        ...
