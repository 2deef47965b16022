"""What is known of the ground in a camera's picture, as a ground in metres, or as what speaks against it."""

__all__ = ["read_ground", "with_areas"]

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vitrail.adapters.sitefolder.document import Path
from vitrail.adapters.sitefolder.shaping import Report
from vitrail.adapters.sitefolder.site_shape import GroundShape, PositionShape
from vitrail.domain.calibration import Calibration, KnownHeight, KnownPoint, calibrate
from vitrail.domain.ground import Ground
from vitrail.domain.streams import Zone

_ANYWHERE = Ground((1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0))
"""Lends its reckoning between degrees and metres."""
_FARTHEST_M = 2_000.0
_STRAY_M = 60.0
_AREA_RATIO = 2.0
_CHECK = "measure again; `vitrail calibrate` shows what each clue is worth"


def read_ground(
    report: Report, shape: GroundShape | None, position: PositionShape | None, path: Path
) -> Calibration | None:
    """``None`` when nothing is known or something is wrong with it, which is then said."""
    if shape is None or not _whole(report, shape, path):
        return None
    located = bool(shape.points) and shape.points[0].map is not None
    origin = _origin(shape, position, located)
    points = [KnownPoint(_pair(p.at), _metres(p.map, p.metres, origin)) for p in shape.points]
    heights = [KnownHeight(_pair(h.foot), _pair(h.head), h.metres) for h in shape.heights]
    if any(math.hypot(*p.metres) > _FARTHEST_M for p in points):
        report.say((*path, "points"), "the places are kilometres apart", "latitude first, then longitude")
        return None
    heading = (position.heading_deg or 0.0) if position else 0.0
    try:
        found = calibrate(points, heights, shape.picture[0] / shape.picture[1], shape.view_deg, heading, origin)
    except ValueError as error:
        report.say(path, str(error), "see docs/calibration.md")
        return None
    problems = [*found.implausible(), *_astray(found, position, located)]
    for problem in problems:
        report.say(path, f"implausible: {problem}", _CHECK)
    return None if problems else found


def with_areas(report: Report, zones: Sequence[Zone], found: Calibration | None, path: Path) -> tuple[Zone, ...]:
    """The zones, those without an area with the one that the ground tells. Says where the two tell very different
    things."""
    if found is None:
        return tuple(zones)
    whole: list[Zone] = []
    for index, zone in enumerate(zones):
        told = found.ground.area_m2(zone.polygon)
        if told and zone.area_m2 and not 1 / _AREA_RATIO < told / zone.area_m2 < _AREA_RATIO:
            what = f"`{zone.id}` is said to be {zone.area_m2:g} m2, the calibrated ground says {told:.0f} m2"
            report.say((*path, index, "area_m2"), what, "mend one of them, or leave `area_m2` out")
        whole.append(replace(zone, area_m2=zone.area_m2 or told))
    return tuple(whole)


def _whole(report: Report, shape: GroundShape, path: Path) -> bool:
    """Whether each clue says all it must, and no more."""
    before = len(report.problems)
    for index, point in enumerate(shape.points):
        here = (*path, "points", index)
        if (point.map is None) == (point.metres is None):
            report.say(here, "says where it is twice" if point.map else "does not say where it is", "`map` or `metres`")
        elif point.map and not (-90 < point.map[0] < 90 and -180 <= point.map[1] <= 180):
            report.say((*here, "map"), f"{point.map} is no place on earth", "[latitude, longitude] in degrees")
    if len({point.map is None for point in shape.points}) > 1:
        report.say((*path, "points"), "some places have `map` and some `metres`", "use one of them throughout")
    for index, height in enumerate(shape.heights):
        if height.head[1] >= height.foot[1]:
            report.say((*path, "heights", index), "its head is seen below its foot", "y grows downwards")
    return len(report.problems) == before


def _origin(shape: GroundShape, position: PositionShape | None, located: bool) -> tuple[float, float] | None:
    """The map place of the plane's zero: the middle of the points, or the camera where it says where it looks."""
    if located:
        latitude, longitude = np.mean([p.map for p in shape.points if p.map], axis=0)
        return float(latitude), float(longitude)
    if not shape.points and position and position.heading_deg is not None:
        return position.latitude, position.longitude
    return None


def _metres(
    degrees: list[float] | None, metres: list[float] | None, origin: tuple[float, float] | None
) -> tuple[float, float]:
    if degrees is None:
        return _pair(metres or [])
    places = Ground(_ANYWHERE.projection, origin).from_map([degrees])
    assert places is not None
    return float(places[0, 0]), float(places[0, 1])


def _astray(found: Calibration, position: PositionShape | None, located: bool) -> list[str]:
    """The calibrated camera against where the site says it hangs."""
    if not (located and position):
        return []
    declared = found.ground.from_map([[position.latitude, position.longitude]])
    assert declared is not None
    x, y, _ = found.ground.camera_m
    off_m = math.hypot(x - declared[0, 0], y - declared[0, 1])
    return [f"the camera would hang {off_m:.0f} m from its `position`"] if off_m > _STRAY_M else []


def _pair(values: Sequence[float]) -> tuple[float, float]:
    x, y = values
    return float(x), float(y)
