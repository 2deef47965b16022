"""The map: where everything stands, how it is, and what happened there now or in an hour of the last day."""

__all__ = ["programs", "router"]

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel

from vitrail.console.ground_plan import PlanPart, plan_part
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking
from vitrail.console.status import ERRORS
from vitrail.services.review import Person
from vitrail.services.survey import Spot, Surveyed
from vitrail.services.survey_geojson import geojson

router = APIRouter(prefix="/map")
programs = APIRouter(prefix="/api/v1", tags=["map"], responses=ERRORS)
_NAMED = ("camera", "microphone")
_ABOVE = ("asset", "surface", "zone", "microphone", "camera")
"""What is drawn over what."""
_APART = 2.0
"""In letters."""


class FeatureOut(BaseModel):
    """GeoJSON (RFC 7946), longitude first. ``geometry`` is null where nobody said where the thing is."""

    type: Literal["Feature"]
    id: str
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class HourOut(BaseModel):
    start: str
    alerts: int


class MapOut(BaseModel):
    """``hours``: how many alerts began in each hour of the last day; ``hour`` the one that was asked for, else null:
    what waits for a person or still goes on. ``more``: there were more alerts than are listed."""

    type: Literal["FeatureCollection"]
    features: list[FeatureOut]
    hours: list[HourOut]
    hour: str | None
    more: bool


@router.get("")
def page(request: Request, person: Annotated[Person, Depends(asking)], hour: int | None = None) -> Response:
    """``hour``: any moment of it, microseconds UTC."""
    return rooms(request).frame.page(request, "map.html", _values(request, person, hour))


@router.get("/now")
def part(request: Request, person: Annotated[Person, Depends(asking)], hour: int | None = None) -> Response:
    """What of the page changes when something happens."""
    return rooms(request).frame.page(request, "part_map.html", _values(request, person, hour))


@programs.get("/map")
def api_map(request: Request, person: Annotated[Person, Depends(asking)], hour: int | None = None) -> MapOut:
    """Cameras with what they see, microphones, zones, walls, furniture and alerts as GeoJSON. ``hour``: any moment
    of an hour of the last day, microseconds UTC."""
    return MapOut.model_validate(geojson(_looked(request, person, hour)))


def _looked(request: Request, person: Person, hour: int | None) -> Surveyed:
    made = rooms(request)
    return made.survey.look(person.account, person.session.reason, made.parts.health(), hour)


def _values(request: Request, person: Person, hour: int | None) -> dict[str, Any]:
    seen = _looked(request, person, hour)
    spots = {_key(spot): spot for spot in seen.spots}
    part = _drawn(seen, spots)
    marked = _gathered(spots, part) if part else {}
    return {
        "seen": seen,
        "spots": spots,
        "rows": sorted(spots.items(), key=lambda pair: not pair[1].gone),
        "marked": sorted(marked.items(), key=lambda pair: _ABOVE.index(pair[1].what)),
        "plan": part,
        "unplaced": [spot for spot in seen.spots if spot.what in _NAMED and spot.at is None],
        "most": max((each.alerts for each in seen.hours), default=0),
    }


def _drawn(seen: Surveyed, spots: Mapping[str, Spot]) -> PlanPart | None:
    """Names are given room in the order in which they matter: what is gone, what alerts, the rest."""
    if seen.plan is None:
        return None
    devices = [key for key, spot in spots.items() if spot.what in _NAMED]
    named = sorted(devices, key=lambda key: (not spots[key].gone, not spots[key].alerts))
    marks = {key: spot.at for key, spot in spots.items() if spot.at and spot.what in ("microphone", "asset", "surface")}
    marks |= {key: spot.at for key, spot in spots.items() if spot.at and spot.what == "zone" and spot.alerts}
    names = {key: spots[key].name for key in named}
    return plan_part(seen.plan, names, marks, [sound.at for sound in seen.sounds])


def _gathered(spots: Mapping[str, Spot], part: PlanPart) -> dict[str, Spot]:
    """What is marked. The alerts of a zone so near to its camera, or to another mark, that one number would lie on the
    other are counted at the camera."""
    marked = {key: spot for key, spot in spots.items() if key in part.places}
    for key in [key for key, spot in marked.items() if spot.what == "zone"]:
        near = [math.dist(part.places[key], part.places[other]) for other in marked if other != key]
        device = marked.get(marked[key].place.camera_id)
        if device and min(near, default=math.inf) < _APART * part.letter:
            zone = marked.pop(key)
            marked[zone.place.camera_id] = replace(device, alerts=(*device.alerts, *zone.alerts))
    return marked


def _key(spot: Spot) -> str:
    """A camera's is its id, as in the plan."""
    parts = (spot.place.device_id,) if spot.what == "camera" else (spot.what, spot.place.device_id, spot.place.drawn)
    return ".".join(filter(None, parts))
