"""``arguments`` of a mandate: why each analytic may run, what else was considered (L05)."""

__all__ = ["read_arguments"]

import re
from collections.abc import Mapping
from typing import Any

from vitrail.adapters.sitefolder.mandate_shape import ArgumentShape
from vitrail.adapters.sitefolder.shaping import Item, Report
from vitrail.domain.mandates import Alternative, Argument

_FIGURE = re.compile(r"\d")


def read_arguments(
    report: Report, raw: Mapping[str, Any], analytics: frozenset[str], lab: bool
) -> tuple[Argument, ...]:
    """The arguments of a mandate whose matrix names ``analytics``; in ``lab`` they may be missing."""
    items = report.items(ArgumentShape, raw, ("arguments",))
    seen: set[str] = set()
    for item in items:
        name = item.shape.analytic
        if name not in analytics:
            report.unknown((*item.path, "analytic"), "analytic of the matrix", name, analytics)
        if name in seen:
            report.say(item.path, f"`{name}` is argued twice", "keep one of the two")
        seen.add(name)
        _weigh(report, item)
    for name in sorted(analytics - _named(raw)) if not lab else ():
        what = f"`{name}` is not argued (L05)"
        report.say(("arguments",), what, "say necessity, alternatives, expected_rate and failure_modes")
    return tuple(_argument(item.shape) for item in items)


def _weigh(report: Report, item: Item[ArgumentShape]) -> None:
    shape = item.shape
    if shape.alternatives[0].algorithmic:
        what = "software is considered before anything else (L05)"
        report.say((*item.path, "alternatives", 0), what, "name first what could be done without any algorithm")
    if not _FIGURE.search(shape.expected_rate):
        report.say((*item.path, "expected_rate"), "names no figure (L05)", "how many alerts a day, how many right")


def _named(raw: Mapping[str, Any]) -> frozenset[str]:
    """Analytics that are argued, also where the argument has problems of its own."""
    rows = raw.get("arguments")
    return (
        frozenset(str(row.get("analytic")) for row in rows if isinstance(row, dict))
        if isinstance(rows, list)
        else frozenset()
    )


def _argument(shape: ArgumentShape) -> Argument:
    alternatives = tuple(Alternative(a.what, a.algorithmic, a.why_not) for a in shape.alternatives)
    return Argument(shape.analytic, shape.necessity, alternatives, shape.expected_rate, tuple(shape.failure_modes))
