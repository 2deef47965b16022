"""What happens in a made place, and when: the truth of the composite studio."""

__all__ = ["Incident", "Kind", "Painter"]

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
import numpy.typing as npt

from composite.plates import Image


class Kind(StrEnum):
    GRAFFITI = "graffiti"
    FURNITURE = "furniture"
    BAG = "bag"
    POSTER = "poster"
    """No damage: must stay silent."""
    PARKED = "parked"
    """No damage: must stay silent."""


class Painter(Protocol):
    """Draws something into a place; its opacity there (h, w), 0..1."""

    def __call__(self, place: Image) -> tuple[Image, npt.NDArray[np.float32]]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Incident:
    """From ``start_s`` until ``end_s`` the place is drawn with ``after``, else with ``before`` (or nothing).
    ``detail``: the state of furniture, the style of a mark."""

    kind: Kind
    start_s: float
    end_s: float
    after: Painter
    before: Painter | None = None
    detail: str = ""
    asset: str = ""
    """Id of the declared surface or asset that it happens to."""
