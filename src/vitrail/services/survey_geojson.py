"""A surveyed place as GeoJSON (RFC 7946): what other maps and programs read. Longitude first, seven decimals."""

__all__ = ["geojson"]

from typing import Any

import numpy.typing as npt

from vitrail.domain.events import Alert
from vitrail.domain.time import iso
from vitrail.pipeline.plan import Plan
from vitrail.services.survey import Spot, Surveyed

_DECIMALS = 7
"""About a centimetre."""


def geojson(seen: Surveyed) -> dict[str, Any]:
    """One feature a thing, then one a camera's view or a zone's outline, then one an alert, which lies where its thing
    does, or where a sound came from."""
    features = [_thing(spot, seen.plan) for spot in seen.spots]
    features += [_outline(spot, seen.plan) for spot in seen.spots if seen.plan and spot.outline is not None]
    came_from = {sound.alert.id: sound.at for sound in seen.sounds}
    for spot in seen.spots:
        features += [_alert(alert, came_from.get(alert.id, spot.at), seen.plan) for alert in spot.alerts]
    return {
        "type": "FeatureCollection",
        "features": features,
        "hours": [{"start": iso(hour.start_us), "alerts": hour.alerts} for hour in seen.hours],
        "hour": iso(seen.hour.start_us) if seen.hour else None,
        "more": seen.more,
    }


def _thing(spot: Spot, plan: Plan | None) -> dict[str, Any]:
    said = {
        "what": spot.what,
        "device": spot.place.device_id,
        "drawn": spot.place.drawn,
        "name": spot.name,
        "kind": spot.kind,
        "state": spot.state,
        "problem": spot.problem,
        "problems": list(spot.problems),
        "gone": spot.gone,
        "alerts": len(spot.alerts),
    }
    key = ".".join(filter(None, (spot.what, spot.place.device_id, spot.place.drawn)))
    return _feature(key, _point(spot.at, plan), said)


def _outline(spot: Spot, plan: Plan | None) -> dict[str, Any]:
    assert plan is not None and spot.outline is not None
    ring = _degrees(plan, spot.outline)
    said = {"what": "view" if spot.what == "camera" else "outline", "device": spot.place.device_id}
    said |= {"drawn": spot.place.drawn, "name": spot.name}
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    key = ".".join(filter(None, (str(said["what"]), spot.place.device_id, spot.place.drawn)))
    return _feature(key, geometry, said | {"guessed": spot.guessed})


def _alert(alert: Alert, at: tuple[float, float] | None, plan: Plan | None) -> dict[str, Any]:
    said = {
        "what": "alert",
        "device": alert.place.device_id,
        "drawn": alert.place.drawn,
        "kind": alert.kind,
        "state": alert.state.value,
        "start": iso(alert.interval.start_us),
        "ongoing": alert.ongoing,
    }
    return _feature(f"alert.{alert.id}", _point(at, plan), said | {"alert": alert.id})


def _feature(key: str, geometry: dict[str, Any] | None, said: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "id": key, "geometry": geometry, "properties": said}


def _point(at: tuple[float, float] | None, plan: Plan | None) -> dict[str, Any] | None:
    return {"type": "Point", "coordinates": _degrees(plan, [at])[0]} if at and plan else None


def _degrees(plan: Plan, places: npt.ArrayLike) -> list[list[float]]:
    return [[round(float(east), _DECIMALS), round(float(north), _DECIMALS)] for north, east in plan.degrees(places)]
