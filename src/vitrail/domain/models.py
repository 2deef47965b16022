"""Model manifests: where weights come from, what they may say. A model with an identity-bearing output is refused
(law.md L20)."""

__all__ = ["ModelManifest", "PackageFile"]

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PackageFile:
    """One named file inside a pinned registry package: nothing else of the package touches the cache."""

    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelManifest:
    """``registry`` is ``npm`` or ``pypi``; ``archive_sha256`` binds the package archive itself."""

    id: str
    purpose: str
    registry: str
    package: str
    version: str
    archive_sha256: str
    files: tuple[PackageFile, ...]
    licence_code: str
    licence_weights: str
    attribution: str
    labels: tuple[str, ...]
    inputs: tuple[tuple[str, tuple[int, ...]], ...]
    outputs: tuple[tuple[str, tuple[int, ...]], ...]
    limits: tuple[str, ...]
