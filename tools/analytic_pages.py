"""One page for each analytic, from its docstring and manifest."""

__all__ = ["pages"]

import inspect
import sys
from collections.abc import Iterator

from tools import figures
from vitrail.analytics.registry import Registry
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.mandates import OBJECTIVES

_NOTE = "<!-- Made by `make docs` from the analytic's own manifest; change it there. -->\n"


def pages() -> dict[str, str]:
    registry = Registry.load()
    factories = {**dict[str, object](registry.factories), **registry.ears}
    manifests = registry.manifests
    measured = figures.read(manifests)
    made = {
        f"analytics/{name}.md": _page(manifests[name], _words(factory), measured.get(name))
        for name, factory in factories.items()
    }
    made["analytics/index.md"] = _index(list(manifests.values()))
    return made


def _words(factory: object) -> str:
    module = sys.modules[getattr(factory, "__module__", type(factory).__module__)]
    return inspect.cleandoc(module.__doc__ or "")


def _page(manifest: AnalyticManifest, words: str, measured: figures.Figures | None) -> str:
    lines = [_NOTE, f"# {manifest.id}: {manifest.title}", "", words, ""]
    lines += ["| | |", "|---|---|"]
    facts = {
        "version": manifest.version,
        "maturity": manifest.maturity.value,
        "looks at": ", ".join(sorted(manifest.inputs)),
        "events": ", ".join(sorted(manifest.kinds)) or "none",
        "readings": ", ".join(sorted(manifest.readings)) or "none",
        "category of data": manifest.category,
        "models": ", ".join(manifest.models) or "none",
        "needs": " and ".join(_needs(manifest)) or "nothing drawn",
        "false alarms declared": _declared(manifest),
        "must not be used for": manifest.must_not,
    }
    lines += [f"| {name} | {fact} |" for name, fact in facts.items()]
    lines += ["", "## Objectives it may serve", ""]
    lines += [f"- `{purpose}`: {OBJECTIVES[purpose]}" for purpose in OBJECTIVES if purpose in manifest.purposes]
    lines += ["- `evaluation`: in mode `lab` only", "", "## Parameters", ""]
    if manifest.parameters:
        lines += ["| name | unit | default | range | meaning |", "|---|---|---|---|---|"]
    for p in manifest.parameters:
        lines.append(f"| `{p.name}` | {p.unit} | {p.default:g} | {p.low:g} to {p.high:g} | {p.meaning} |")
    if not manifest.parameters:
        lines.append("None.")
    lines += ["", "## Known limits", "", *(f"- {limit}" for limit in manifest.limits)]
    lines += _measured(measured) if measured else []
    return "\n".join(lines).rstrip() + "\n"


def _declared(manifest: AnalyticManifest) -> str:
    """Rare ones are told by the day: nobody thinks in 0.04 an hour."""
    if manifest.declared is None:
        return "none"
    rate = manifest.declared
    said = f"{rate.an_hour:.2g} an hour" if rate.an_hour >= 1 else f"{rate.a_day:.2g} a day"
    device = "microphone" if manifest.hears else "camera"
    return f"at most {said} of one {device}; counted by `{rate.benchmark}`"


def _measured(measured: figures.Figures) -> Iterator[str]:
    yield from ("", "## Measured", "")
    yield from ("| what | figure | conditions | measured on | printed again by |", "|---|---|---|---|---|")
    for row in measured.measured:
        yield f"| {row.what} | {row.figure} | {row.conditions} | {row.date} | `{row.command}` |"
    if measured.fails:
        yield from ("", "## Where it fails", "")
    for failure in measured.fails:
        yield from (f"![{failure.caption}](../pictures/failures/{failure.picture})", "")
        yield from (f"{failure.caption} *{failure.source}*", "")


def _needs(manifest: AnalyticManifest) -> list[str]:
    needs = {
        "at least one zone": manifest.needs_zones,
        "at least one line": manifest.needs_lines,
        "at least one surface": manifest.needs_surfaces,
        "at least one asset": manifest.needs_assets,
        "a calibrated ground": manifest.needs_ground,
    }
    return [what for what, needed in needs.items() if needed]


def _index(manifests: list[AnalyticManifest]) -> str:
    lines = [_NOTE, "# Analytics", "", "| analytic | what it tells | events | maturity |", "|---|---|---|---|"]
    for m in manifests:
        kinds = ", ".join(sorted(m.kinds)) or "readings only"
        lines.append(f"| [`{m.id}`]({m.id}.md) | {m.title} | {kinds} | {m.maturity.value} |")
    return "\n".join(lines) + "\n"
