"""What people drew on a camera's picture, checked: polygons, lines, dwelling masks."""

__all__ = ["Drawn", "ask_ids", "ask_visible", "draw_camera", "read_masks"]

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import numpy as np

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

_LEAST_SIDE = 0.02
"""A surface or asset is compared with its own past: narrower than 2 % of the picture (38 pixels of 1080p), what is seen
of it is noise."""


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
    surfaces = _rings(report, report.items(SurfaceShape, raw, (*path, "surfaces")), _LEAST_SIDE)
    assets = _rings(report, report.items(AssetShape, raw, (*path, "assets")), _LEAST_SIDE)
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


def _rings(report: Report, items: Sequence[Item[A]], least_side: float = 0.0) -> list[tuple[A, Polygon]]:
    drawn: list[tuple[A, Polygon]] = []
    for item in items:
        path = (*item.path, "corners")
        ring = _ring(report, item.shape.corners, path)
        if ring:
            drawn.append((item.shape, ring))
        if ring and ring.narrow < least_side:
            what = f"`{item.shape.id}` is too small: {ring.narrow:.1%} of the picture on its narrow side"
            report.say(path, what, f"at least {least_side:.0%}: choose a camera that is closer, or zoom in")
    return drawn


def ask_visible(report: Report, drawn: Drawn, masks: DwellingMasks, path: Path) -> None:
    """Say surfaces and assets that a dwelling mask hides: they would be compared black with black."""
    lists: tuple[tuple[str, Sequence[Surface | Asset]], ...] = (("surfaces", drawn.surfaces), ("assets", drawn.assets))
    for key, areas in lists:
        for index, area in enumerate(areas):
            corners = np.array(area.polygon.corners, np.float32)
            if any(bool(mask.contain(corners).all()) for mask in masks.polygons):
                what = f"`{area.id}` lies under a dwelling mask, where everything is black"
                report.say((*path, key, index, "corners"), what, "draw it where the camera may look")


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
