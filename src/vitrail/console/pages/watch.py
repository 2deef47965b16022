"""The first page: live masked tiles and the queue of alerts; and the words that keep it up to date."""

__all__ = ["device_health", "router"]

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

from vitrail.console.naming import why
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking
from vitrail.domain.events import AlertQuery, AlertState
from vitrail.domain.people import Use
from vitrail.guard.window import Window
from vitrail.runtime.bus import Bus
from vitrail.services.review import Person

router = APIRouter()
_QUEUE = 12
_WALL = 4
"""Live pictures at once; the other cameras are named below them, each with its reason. A browser opens six connections
to one host (HTTP/1.1), and each live picture keeps one: with more, neither alerts nor clicks would come through."""
_BEAT_S = 10.0
"""A comment line this often keeps proxies from closing a silent stream."""
_BOUNDARY = "vitrail-picture"


@router.get("/")
def watch(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    review = rooms(request).review
    if not review.may(person, Use.REVIEW):
        return RedirectResponse(rooms(request).frame.home(person), 303)
    cameras = {camera.id: camera for camera in review.cameras(person)}
    queue = _queue(request, person)
    ordered = [cameras[place["camera"]] for place in queue["attention"] if place["camera"] in cameras]
    ears = review.microphones(person)
    values = {"cameras": ordered, "microphones": ears, "wall": _WALL, "health": device_health(request), **queue}
    return rooms(request).frame.page(request, "watch.html", values)


@router.get("/queue")
def queue(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    """The part of the first page that changes when an alert comes or goes."""
    return rooms(request).frame.page(request, "part_queue.html", _queue(request, person))


@router.get("/tiles/{camera_id}")
def tile_state(request: Request, camera_id: str, person: Annotated[Person, Depends(asking)]) -> Response:
    """The line under a tile: how its stream is doing."""
    camera = next((c for c in rooms(request).review.cameras(person) if c.id == camera_id), None)
    values = {"camera": camera, "health": device_health(request)}
    return rooms(request).frame.page(request, "part_tile_state.html", values, status=200 if camera else 404)


@router.get("/live/{camera_id}")
def live(request: Request, camera_id: str, person: Annotated[Person, Depends(asking)]) -> Response:
    """Masked pictures, a second late, as one endless multipart answer (motion JPEG)."""
    window = rooms(request).review.live(person, camera_id)
    return StreamingResponse(
        _pictures(window),
        media_type=f"multipart/x-mixed-replace; boundary={_BOUNDARY}",
        headers={"Cache-Control": "no-store"},
    )


@router.get("/events")
async def events(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    """Server-sent events: ids of alerts and words about health, never what they show."""
    return StreamingResponse(
        _words(request, rooms(request).parts.bus),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _queue(request: Request, person: Person) -> dict[str, Any]:
    """Alerts that wait, and the cameras in the order in which they are worth a look, each with the reason in words."""
    review = rooms(request).review
    words = rooms(request).frame.words(request)
    order = review.attention(person, rooms(request).parts.health())
    attention = [{"camera": place.camera_id, "why": why(words, place), "calls": place.kind != ""} for place in order]
    query = AlertQuery(states=frozenset({AlertState.OPEN}), limit=_QUEUE)
    return {"alerts": review.alerts(person, query), "counts": review.counts(person), "attention": attention}


def device_health(request: Request) -> dict[str, object]:
    """The stream that each camera is watched on, and that of each microphone."""
    rows = {row.stream_id: row for row in rooms(request).parts.health()}
    site = rooms(request).parts.site
    watched = {c.id: (c.stream_for("detect") or c.streams[0]).id for c in site.cameras}
    watched |= {ear.id: ear.stream.id for ear in site.microphones}
    return {device: rows.get(stream_id) for device, stream_id in watched.items()}


def _pictures(window: Window) -> Iterator[bytes]:
    with window:
        for picture in window.frames():
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            yield head.encode() + picture + b"\r\n"


async def _words(request: Request, bus: Bus) -> AsyncIterator[str]:
    with bus.subscribe(["alert", "heard", "verdict", "health"]) as subscription:
        yield "retry: 2000\n\n"
        silent_s = 0.0
        while not subscription.closed and not await request.is_disconnected():
            word = await to_thread.run_sync(subscription.next, 1.0)
            if word is not None:
                yield f"event: {word[0]}\ndata: {word[1]}\n\n"
                silent_s = 0.0
                continue
            silent_s += 1.0
            if silent_s >= _BEAT_S:
                silent_s = 0.0
                yield ": still here\n\n"
