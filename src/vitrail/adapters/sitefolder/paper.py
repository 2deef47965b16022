"""A mandate as a commented YAML file, from answers."""

__all__ = ["mandate_text"]

import json
from collections.abc import Mapping, Sequence
from typing import Any


def mandate_text(said: Mapping[str, Any]) -> str:
    """Every value is written as JSON, which is YAML: no answer can become a key, a tag or an anchor."""
    decision = said["decision"]
    rows = [
        "# yaml-language-server: $schema=../schema/mandate.schema.json",
        "# Written by `vitrail mandate new`. What goes further than this needs a new decision: `vitrail mandate diff`.",
        *_keys(said, "id", "title", "mode", "controller", "legal_basis"),
        "",
        "# The published decision this rests on (L01), bound by its digest.",
        "decision:",
        *(f"  {row}" for row in _keys(decision, "body", "number", "date", "url", "document", "sha256")),
        *_keys(said, "supplier", "cost"),
        "",
        "# First moment, and first moment no longer covered, in the site's time zone.",
        *_keys(said, "start", "end", "retention_hours"),
        "",
        "# Objectives, never functions of software (L03).",
        *_items("purposes", said["purposes"]),
        "",
        "# Explicit triples; there is no wildcard (L04).",
        *_items("matrix", said["matrix"]),
        "",
        "# Why each analytic may run, and what was considered first (L05).",
        *_items("arguments", said["arguments"]),
        "",
        "# Cameras whose recording may be kept, and who else receives what leaves.",
        *_keys(said, "recording", "recipients"),
    ]
    return "\n".join(rows) + "\n"


def _keys(said: Mapping[str, Any], *names: str) -> list[str]:
    return [f"{name}: {_value(said[name])}" for name in names]


def _items(name: str, items: Sequence[Mapping[str, Any]]) -> list[str]:
    if not items:
        return [f"{name}: []"]
    rows = [f"{name}:"]
    for item in items:
        first, *others = _keys(item, *item)
        rows += [f"  - {first}", *(f"    {row}" for row in others)]
    return rows


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
