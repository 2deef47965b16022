"""axe-core, the field's checker of accessibility: fetched from npm at a pinned version, checked by its digest."""

__all__ = ["axe_script"]

from functools import cache
from pathlib import Path

import pytest

from tests.models import model_cache
from vitrail.adapters.registry import PackageClients
from vitrail.domain.errors import Unavailable
from vitrail.domain.models import ModelManifest, PackageFile

_AXE = ModelManifest(
    id="axe-core",
    purpose="checks pages in tests",
    registry="npm",
    package="axe-core",
    version="4.14.1",
    archive_sha256="e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
    files=(PackageFile("package/axe.min.js", "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"),),
    licence_code="MPL-2.0",
    licence_weights="none",
    attribution="Deque Systems",
    labels=(),
    inputs=(),
    outputs=(),
    limits=("finds about half of what makes a page hard to use",),
)


@cache
def axe_script() -> str:
    """Skips aloud when it cannot be fetched."""
    kept: Path = model_cache() / "tests" / f"axe-{_AXE.version}"
    if not any(kept.rglob("axe.min.js")):
        kept.mkdir(parents=True, exist_ok=True)
        try:
            PackageClients().fetch(_AXE, kept, print)
        except Unavailable as error:
            pytest.skip(f"axe-core is not here and cannot be fetched: {error}")
    return next(kept.rglob("axe.min.js")).read_text(encoding="utf-8")
