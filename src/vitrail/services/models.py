"""Models as verbs: which there are, where they come from, fetching them."""

__all__ = ["KnownModel", "Models"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vitrail.domain.errors import NotFound
from vitrail.domain.models import ModelManifest
from vitrail.ports.models import ModelCache
from vitrail.ports.registry import PackageRegistry

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model of the catalogue, and whether its weights are here."""

    manifest: ModelManifest
    cached: bool


@dataclass(frozen=True, slots=True)
class Models:
    """``defaults`` are the ids without which nothing can be watched."""

    known: tuple[ModelManifest, ...]
    defaults: tuple[str, ...]
    registry: PackageRegistry
    cache: ModelCache

    def catalogue(self) -> tuple[KnownModel, ...]:
        return tuple(KnownModel(manifest, self.cache.holds(manifest)) for manifest in self.known)

    def show(self, model_id: str) -> KnownModel:
        """Raises ``NotFound``."""
        manifest = self._manifest(model_id)
        return KnownModel(manifest, self.cache.holds(manifest))

    def fetch(self, ids: Sequence[str], progress: Progress) -> tuple[KnownModel, ...]:
        """Fetch these anew, also those that are here: the way to mend a damaged one.

        Raises ``NotFound`` before anything is fetched, ``Unavailable`` or ``Corrupt``."""
        return tuple(self._fetch(manifest, progress) for manifest in [self._manifest(i) for i in ids])

    def ensure_default(self, progress: Progress) -> tuple[KnownModel, ...]:
        """Fetch the default models that are not here, check the digests of those that are.

        Raises ``Corrupt`` for a damaged one: replacing it is for a person to ask."""
        ready = []
        for manifest in [self._manifest(model_id) for model_id in self.defaults]:
            if self.cache.holds(manifest):
                self.cache.check(manifest)
                ready.append(KnownModel(manifest, cached=True))
            else:
                ready.append(self._fetch(manifest, progress))
        return tuple(ready)

    def _fetch(self, manifest: ModelManifest, progress: Progress) -> KnownModel:
        def fill(folder: Path) -> None:
            self.registry.fetch(manifest, folder, progress)
            progress(f"converting {manifest.id}")

        self.cache.keep(manifest, fill)
        return KnownModel(manifest, cached=True)

    def _manifest(self, model_id: str) -> ModelManifest:
        for manifest in self.known:
            if manifest.id == model_id:
                return manifest
        raise NotFound(
            f"no model is called {model_id}", remedy=f"known are {', '.join(sorted(m.id for m in self.known))}"
        )
