"""Seeing: pictures in, boxes out."""

__all__ = ["Detector"]

from collections.abc import Sequence
from typing import Protocol

from vitrail.domain.detections import Detections
from vitrail.domain.frames import Picture
from vitrail.domain.models import ModelManifest


class Detector(Protocol):
    @property
    def manifest(self) -> ModelManifest: ...

    @property
    def batch(self) -> int:
        """How many pictures one call handles best."""
        ...

    def detect(
        self, pictures: Sequence[Picture], floor: float, shares: Sequence[float] | None = None
    ) -> list[Detections]:
        """One ``Detections`` a picture, scores >= ``floor``, overlapping boxes of one class already merged. ``shares``:
        how many of the pixels of a full look each is worth, 0..1 (all of them, if nothing is said)."""
        ...
