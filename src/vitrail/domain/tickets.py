"""A confirmed alert about a wall or a piece of furniture, as a request to whoever cleans and repairs.

The fields are those of Open311 GeoReport v2 (wiki.open311.org, "POST Service Request"), so that a city's system takes
them as they are. Nothing in them is about anybody: what, where, since when, and the alert's own number.
"""

__all__ = ["SERVICES", "Ticket", "ticket_of"]

from collections.abc import Mapping
from dataclasses import dataclass

from vitrail.domain.events import Alert, AlertState
from vitrail.domain.geometry import Polygon
from vitrail.domain.streams import Asset, Camera, Surface
from vitrail.domain.time import iso

SERVICES: Mapping[str, str] = {"graffiti": "graffiti", "damage": "street-furniture"}
"""Service code by kind of event."""
_SAID = {"graffiti": "new paint on", "damage": "damage to"}


@dataclass(frozen=True, slots=True)
class Ticket:
    """``reference``: the alert's id, by which a system knows that it has the request already. ``latitude`` and
    ``longitude``: of the wall or thing where the ground is calibrated, else of the camera, else none."""

    reference: str
    service_code: str
    description: str
    address: str
    requested: str
    latitude: float | None
    longitude: float | None

    def georeport(self) -> dict[str, str]:
        """Parameters of a GeoReport v2 request; those that are not known are left out."""
        given = {
            "service_code": self.service_code,
            "description": self.description,
            "address_string": self.address,
            "requested_datetime": self.requested,
            "attribute[reference]": self.reference,
        }
        if self.latitude is not None and self.longitude is not None:
            given |= {"lat": f"{self.latitude:.6f}", "long": f"{self.longitude:.6f}"}
        return given


def ticket_of(alert: Alert, camera: Camera) -> Ticket | None:
    """None for what no person has confirmed (law.md L10), and for kinds that nobody repairs."""
    if alert.state is not AlertState.CONFIRMED or alert.kind not in SERVICES:
        return None
    drawn = _drawn(alert, camera)
    what = ", ".join(measure.name for measure in alert.measures if measure.unit == "%")
    name = drawn.name if drawn else camera.name
    latitude, longitude = _position(camera, drawn.polygon if drawn else None)
    return Ticket(
        reference=alert.id,
        service_code=SERVICES[alert.kind],
        description=f"{_SAID[alert.kind]} {name}" + (f" ({what})" if what else ""),
        address=f"{name}, {camera.name}",
        requested=iso(alert.interval.start_us),
        latitude=latitude,
        longitude=longitude,
    )


def _drawn(alert: Alert, camera: Camera) -> Surface | Asset | None:
    for surface in camera.surfaces:
        if surface.id == alert.place.surface_id:
            return surface
    return next((asset for asset in camera.assets if asset.id == alert.place.asset_id), None)


def _position(camera: Camera, polygon: Polygon | None) -> tuple[float | None, float | None]:
    """Where its lower edge meets the ground."""
    if polygon is not None and camera.ground is not None:
        low = sorted(polygon.corners, key=lambda corner: -corner[1])[:2]
        foot = ((low[0][0] + low[1][0]) / 2, (low[0][1] + low[1][1]) / 2)
        found = camera.ground.on_map(camera.ground.metres([foot]))
        if found is not None and bool((found == found).all()):
            return float(found[0, 0]), float(found[0, 1])
    if camera.position is None:
        return None, None
    return camera.position.latitude, camera.position.longitude
