"""What people drew on a camera's picture, checked: polygons, lines, dwelling masks."""

__all__ = ["Drawn", "ask_ids", "draw_camera", "read_masks"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from vitrail.adapters.sitefolder.document import Path
from vitrail.adapters.sitefolder.shaping import Item, Report
from vitrail.adapters.sitefolder.site_shape import (
    AreaShape,
    AssetShape,
    DwellingsShape,
    LineShape,
    SurfaceShape,
    ZoneShape,
)
from vitrail.domain.geometry import DirectedLine, Polygon
from vitrail.domain.streams import Asset, DwellingMasks, Line, Surface, Zone

A = TypeVar("A", bound=AreaShape)


@dataclass(frozen=True, slots=True)
class Drawn:
    zones: tuple[Zone, ...]
    lines: tuple[Line, ...]
    surfaces: tuple[Surface, ...]
    assets: tuple[Asset, ...]


def draw_camera(report: Report, raw: Mapping[str, Any], path: Path) -> Drawn:
    for key, what in (("zones", "zone"), ("lines", "line"), ("surfaces", "surface"), ("assets", "asset")):
        ask_ids(report, raw.get(key, []), (*path, key), what)
    zones = _rings(report, report.items(ZoneShape, raw, (*path, "zones")))
    surfaces = _rings(report, report.items(SurfaceShape, raw, (*path, "surfaces")))
    assets = _rings(report, report.items(AssetShape, raw, (*path, "assets")))
    return Drawn(
        zones=tuple(Zone(s.id, s.name, ring, s.area_m2, s.max_people) for s, ring in zones),
        lines=_lines(report, report.items(LineShape, raw, (*path, "lines"))),
        surfaces=tuple(Surface(s.id, s.name, ring) for s, ring in surfaces),
        assets=tuple(Asset(s.id, s.name, s.kind, ring) for s, ring in assets),
    )


def read_masks(report: Report, shape: DwellingsShape, path: Path) -> DwellingMasks | None:
    """``None`` when something is wrong with them."""
    try:
        date.fromisoformat(shape.reviewed_on)
    except ValueError:
        report.say((*path, "reviewed_on"), f"the calendar has no {shape.reviewed_on}", "write YYYY-MM-DD")
        return None
    rings = [_ring(report, corners, (*path, "masks", index)) for index, corners in enumerate(shape.masks)]
    whole = tuple(ring for ring in rings if ring)
    return DwellingMasks(shape.reviewed_by, shape.reviewed_on, whole) if len(whole) == len(rings) else None


def ask_ids(report: Report, rows: object, path: Path, what: str) -> None:
    """Say ids that are declared twice, also among rows that have other problems."""
    if not isinstance(rows, list):
        return
    ids = ((index, row.get("id")) for index, row in enumerate(rows) if isinstance(row, dict))
    report.twice((((*path, index), name) for index, name in ids if isinstance(name, str)), what)


def _rings(report: Report, items: Sequence[Item[A]]) -> list[tuple[A, Polygon]]:
    drawn: list[tuple[A, Polygon]] = []
    for item in items:
        ring = _ring(report, item.shape.corners, (*item.path, "corners"))
        if ring:
            drawn.append((item.shape, ring))
    return drawn


def _ring(report: Report, corners: Sequence[Sequence[float]], path: Path) -> Polygon | None:
    try:
        return Polygon(tuple((float(x), float(y)) for x, y in corners))
    except ValueError as error:
        report.say(path, str(error), "name the corners one after the other, going round the area")
        return None


def _lines(report: Report, items: Sequence[Item[LineShape]]) -> tuple[Line, ...]:
    lines: list[Line] = []
    for item in items:
        (ax, ay), (bx, by) = item.shape.from_, item.shape.to
        try:
            lines.append(Line(item.shape.id, item.shape.name, DirectedLine((ax, ay), (bx, by))))
        except ValueError as error:
            report.say(item.path, str(error), "`from` and `to` are two places of the picture")
    return tuple(lines)
