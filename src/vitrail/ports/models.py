"""Where checked, converted models are kept."""

__all__ = ["ModelCache"]

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from vitrail.domain.models import ModelManifest


class ModelCache(Protocol):
    def holds(self, manifest: ModelManifest) -> bool:
        """Whether it is there; says nothing of its digests."""
        ...

    def check(self, manifest: ModelManifest) -> None:
        """Recompute the digests of what is kept. Raises ``NotFound`` or ``Corrupt``."""
        ...

    def keep(self, manifest: ModelManifest, fill: Callable[[Path], None]) -> None:
        """Let ``fill`` put the manifest's files into an empty folder, convert them, and keep the result whole or not
        at all, in the place of what was kept before. Raises ``Corrupt`` or ``Invalid`` when they cannot be converted.
        """
        ...
