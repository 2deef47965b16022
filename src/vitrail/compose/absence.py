"""What is looked through for the proof of absence: this installation, its databases, its models."""

__all__ = ["exhibits", "prove_absence"]

from collections.abc import Mapping
from pathlib import Path

from vitrail.adapters.installed import packages, sources
from vitrail.adapters.openvino import catalogue
from vitrail.adapters.sqlite.shape import shape
from vitrail.analytics.registry import GROUP, Registry
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.models import ModelManifest
from vitrail.guard.absence import Exhibits, report


def exhibits(state: Path | None) -> Exhibits:
    """Without ``state``, or before it exists, no database is looked at: the report says which tables were."""
    seen = shape(state) if state and (state / "ledger.db").exists() else None
    said = {f"model {m.id}": _model(m) for m in catalogue()}
    said |= {f"analytic {m.id}": _analytic(m) for m in Registry.load().manifests.values()}
    return Exhibits(
        dependencies=tuple(package.name for package in packages()),
        sources=sources(GROUP),
        schema=seen.tables if seen else {},
        triggers=seen.triggers if seen else (),
        models=said,
    )


def prove_absence(state: Path | None) -> Mapping[str, object]:
    return report(exhibits(state))


def _model(manifest: ModelManifest) -> tuple[str, ...]:
    outputs, files = (name for name, _ in manifest.outputs), (file.path for file in manifest.files)
    return (manifest.id, manifest.purpose, *manifest.labels, *outputs, *files)


def _analytic(manifest: AnalyticManifest) -> tuple[str, ...]:
    named = (parameter.name for parameter in manifest.parameters)
    return (manifest.id, *sorted(manifest.kinds), *sorted(manifest.readings), *named)
