"""How the installation is doing: streams, the ledger, counts for a monitoring system."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.domain.events import Place
from vitrail.domain.streams import Camera, Microphone, SoundStream, Stream
from vitrail.services.review import Person

router = APIRouter()
_PAGE = 50


@router.get("/streams")
def streams(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    parts = rooms(request).parts
    names: dict[str, tuple[Camera | Microphone, Stream | SoundStream]] = {
        stream.id: (camera, stream) for camera in parts.site.cameras for stream in camera.streams
    }
    names |= {ear.stream.id: (ear, ear.stream) for ear in parts.site.microphones}
    rows = [(row, *names[row.stream_id]) for row in parts.health() if row.stream_id in names]
    values = {"rows": rows, "chores": parts.chores(), "own": person.account.territory, "drawn_name": _drawn_name}
    return rooms(request).frame.page(request, "streams.html", values)


def _drawn_name(camera: Camera, place: Place) -> str:
    names = {surface.id: surface.name for surface in camera.surfaces if place.surface_id}
    names |= {asset.id: asset.name for asset in camera.assets if place.asset_id}
    return names.get(place.drawn, place.drawn)


@router.get("/ledger")
def ledger(request: Request, person: Annotated[Person, Depends(asking)], until: int | None = None) -> Response:
    return _ledger(request, person, until, None)


@router.post("/ledger/verify")
def verify(request: Request, person: Annotated[Person, Depends(checked)]) -> Response:
    return _ledger(request, person, None, rooms(request).administer.verify(person))


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus text: counts about machines, nothing about anybody; open, so that a collector can read it."""
    return Response(rooms(request).parts.metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _ledger(request: Request, person: Person, until: int | None, report: object) -> Response:
    """Newest first. Reading the ledger is itself in the ledger."""
    administer = rooms(request).administer
    stop = administer.ledger_size() if until is None else max(0, until)
    start = max(0, stop - _PAGE)
    rows = administer.entries(person, start, stop)[::-1]
    values = {"rows": rows, "start": start, "stop": stop, "size": administer.ledger_size(), "report": report}
    return rooms(request).frame.page(request, "ledger.html", values)
