"""All cameras on one plan in metres, x to the east, y to the north: what each sees, and the streets between. Pure."""

__all__ = ["Plan", "plan_of"]

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.plan import SitePlan
from vitrail.domain.streams import Camera, MapPosition
from vitrail.pipeline.prospects import Streets, View, placed

Points = npt.NDArray[np.float64]
_EARTH_M = 6_371_008.8
REACH_M = 40.0
"""How far a camera shows things well enough to know again what was pinned."""
_OPENING_DEG = 60.0
"""What a camera sees that nobody calibrated: a usual lens."""
_SAME_M = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``views`` of the cameras whose place is known; ``guessed``: those of them that nobody calibrated."""

    origin: tuple[float, float]
    views: tuple[View, ...]
    places: dict[str, tuple[float, float]]
    guessed: frozenset[str]
    streets: Streets | None
    lines: tuple[Points, ...]
    areas: tuple[Points, ...]

    def spot(self, camera: Camera, foot: tuple[float, float] | None) -> tuple[tuple[float, float], float] | None:
        """Where on the plan a place of the picture is, and how well that is known; the middle of what the camera sees
        where nobody calibrated it. None where its place is unknown."""
        view = next((v for v in self.views if v.camera_id == camera.id), None)
        if view is None:
            return None
        if foot is None or camera.ground is None or camera.ground.origin is None:
            middle = view.outline.mean(axis=0)
            doubt_m = float(np.hypot(*(view.outline - middle).T).max())
            return (float(middle[0]), float(middle[1])), doubt_m
        place, doubt_m = placed(camera.ground, foot, REACH_M)
        degrees = camera.ground.on_map([place])
        assert degrees is not None
        (x, y) = metres(degrees, self.origin)[0]
        return (float(x), float(y)), doubt_m

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        x, y = metres(np.array([[latitude, longitude]]), self.origin)[0]
        return round(float(x), 1), round(float(y), 1)

    def outline(self, camera: Camera, corners: npt.ArrayLike) -> Points | None:
        """What is drawn on the ground of a calibrated camera's picture, in metres; None where it reaches the horizon or
        nobody calibrated the camera."""
        if camera.ground is None or camera.id in self.guessed or camera.id not in self.places:
            return None
        places = camera.ground.metres(corners)
        degrees = None if np.isnan(places).any() else camera.ground.on_map(places)
        return None if degrees is None else metres(degrees, self.origin)

    def degrees(self, places: npt.ArrayLike) -> Points:
        """Latitude and longitude (n, 2) of places (n, 2): the way back of ``at``."""
        east_north = np.asarray(places, np.float64).reshape(-1, 2)
        latitude, longitude = self.origin
        north = latitude + np.degrees(east_north[:, 1] / _EARTH_M)
        east = longitude + np.degrees(east_north[:, 0] / (_EARTH_M * math.cos(math.radians(latitude))))
        return np.column_stack([north, east])


def plan_of(cameras: Sequence[Camera], site_plan: SitePlan | None, others: Sequence[MapPosition] = ()) -> Plan | None:
    """None where no camera, and none of the ``others`` that are to be shown, says where it stands."""
    known = [(c.position.latitude, c.position.longitude) for c in cameras if c.position]
    known += [c.ground.origin for c in cameras if not c.position and c.ground and c.ground.origin]
    known += [(other.latitude, other.longitude) for other in others]
    if not known:
        return None
    origin = (float(np.mean([p[0] for p in known])), float(np.mean([p[1] for p in known])))
    views, places, guessed = [], {}, set()
    for camera in cameras:
        outline = _outline(camera, origin)
        if outline is None or len(outline) < 3:
            continue
        views.append(View(camera.id, outline))
        if camera.ground is None or camera.ground.origin is None:
            guessed.add(camera.id)
        places[camera.id] = _place(camera, origin)
    drawn = site_plan or SitePlan()
    lines = tuple(metres(np.array(line), origin) for line in (*drawn.lines, *drawn.streets))
    areas = tuple(metres(np.array(area), origin) for area in drawn.areas)
    return Plan(origin, tuple(views), places, frozenset(guessed), _streets(drawn, origin), lines, areas)


def metres(degrees: Points, origin: tuple[float, float]) -> Points:
    steps = np.radians(np.asarray(degrees, np.float64).reshape(-1, 2) - origin) * _EARTH_M
    return np.column_stack([steps[:, 1] * math.cos(math.radians(origin[0])), steps[:, 0]])


def _outline(camera: Camera, origin: tuple[float, float]) -> Points | None:
    if camera.ground is not None and camera.ground.origin is not None:
        degrees = camera.ground.on_map(camera.ground.footprint(REACH_M))
        return None if degrees is None else metres(degrees, origin)
    if camera.position is None:
        return None
    place = metres(np.array([[camera.position.latitude, camera.position.longitude]]), origin)[0]
    if camera.position.heading_deg is None:
        turns = np.radians(np.arange(0, 360, 30))
        return np.asarray(place + REACH_M / 2 * np.column_stack([np.sin(turns), np.cos(turns)]))
    middle = camera.position.heading_deg
    turns = np.radians(np.linspace(middle - _OPENING_DEG / 2, middle + _OPENING_DEG / 2, 9))
    arc = place + REACH_M * np.column_stack([np.sin(turns), np.cos(turns)])
    return np.concatenate([place[None], arc])


def _place(camera: Camera, origin: tuple[float, float]) -> tuple[float, float]:
    if camera.position is not None:
        x, y = metres(np.array([[camera.position.latitude, camera.position.longitude]]), origin)[0]
        return float(x), float(y)
    assert camera.ground is not None
    degrees = camera.ground.on_map([camera.ground.camera_m[:2]])
    assert degrees is not None
    x, y = metres(degrees, origin)[0]
    return float(x), float(y)


def _streets(drawn: SitePlan, origin: tuple[float, float]) -> Streets | None:
    """Corners nearer than a metre are one crossing."""
    nodes: list[tuple[float, float]] = []
    known: dict[tuple[int, int], int] = {}
    edges: list[tuple[int, int]] = []
    for line in drawn.streets:
        last: int | None = None
        for x, y in metres(np.array(line), origin):
            key = (round(x / _SAME_M), round(y / _SAME_M))
            node = known.setdefault(key, len(nodes))
            if node == len(nodes):
                nodes.append((float(x), float(y)))
            if last is not None and last != node:
                edges.append((last, node))
            last = node
    return Streets(np.array(nodes), tuple(edges)) if edges else None
