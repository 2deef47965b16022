"""The site's own map out of GeoJSON (RFC 7946): lines, areas, and streets (lines with the property ``highway``, as
OpenStreetMap has it, or ``street``)."""

__all__ = ["read_plan"]

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vitrail.adapters.sitefolder.shaping import Report
from vitrail.domain.plan import SitePlan

_MOST_BYTES = 8 << 20
_MOST_CORNERS = 200_000
_HOW = "a GeoJSON file (RFC 7946, degrees), such as OpenStreetMap exports"


def read_plan(folder: Path, name: str, report: Report) -> SitePlan | None:
    """What is wrong is said of the key ``map``."""
    path = (folder / name).resolve()
    try:
        if not path.is_relative_to(folder.resolve()):
            raise ValueError("it lies outside of the site folder")
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is longer than 8 MiB")
        document = json.loads(path.read_text(encoding="utf-8"))
        return _plan(document)
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = getattr(error, "strerror", None) or error
        report.say(("map",), f"`{name}` cannot be read as a map ({why})", _HOW)
        return None


def _plan(document: dict[str, Any]) -> SitePlan:
    lines, areas, streets = [], [], []
    for kind, corners, properties in _shapes(document):
        if kind == "Polygon":
            areas.append(corners)
        elif properties.get("highway") or properties.get("street"):
            streets.append(corners)
        else:
            lines.append(corners)
    if sum(map(len, (*lines, *areas, *streets))) > _MOST_CORNERS:
        raise ValueError(f"it has more than {_MOST_CORNERS} corners")
    return SitePlan(tuple(lines), tuple(areas), tuple(streets))


def _shapes(document: dict[str, Any]) -> Iterator[tuple[str, tuple[tuple[float, float], ...], dict[str, Any]]]:
    features = document["features"] if document["type"] == "FeatureCollection" else [document]
    for feature in features:
        geometry, properties = feature["geometry"] or {}, feature.get("properties") or {}
        kind, given = geometry.get("type", ""), geometry.get("coordinates", [])
        for line in {"LineString": [given], "MultiLineString": given}.get(kind, []):
            yield "LineString", _corners(line), properties
        for rings in {"Polygon": [given], "MultiPolygon": given}.get(kind, []):
            yield "Polygon", _corners(rings[0]), properties


def _corners(given: list[list[float]]) -> tuple[tuple[float, float], ...]:
    found = tuple((float(row[1]), float(row[0])) for row in given)
    if not all(-90 <= latitude <= 90 and -180 <= longitude <= 180 for latitude, longitude in found):
        raise ValueError("a corner lies outside of the world: longitude comes first")
    return found
