"""Walls and furniture: all of them with their condition, and one with its history, its pictures and its requests."""

__all__ = ["Drawn", "drawn_place", "router", "unjudged"]

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.domain.events import Place, Side
from vitrail.domain.health import Unjudged
from vitrail.domain.notices import NoticeState
from vitrail.domain.upkeep import Condition, Said
from vitrail.services.review import Person

router = APIRouter(prefix="/upkeep")
Drawn = Literal["asset", "surface"]
_MOVED = 303
_ORDER = [Condition.SUSPECTED, Condition.CONFIRMED, Condition.REPAIRED, Condition.OK]
"""What waits for somebody comes first."""


def drawn_place(camera: str, drawn: Drawn, name: str) -> Place:
    return Place(camera, surface_id=name) if drawn == "surface" else Place(camera, asset_id=name)


@router.get("")
def listing(
    request: Request, person: Annotated[Person, Depends(asking)], state: Condition | None = None, camera: str = ""
) -> Response:
    upkeep = rooms(request).upkeep
    things = [thing for thing in upkeep.things(person) if camera in ("", thing.place.camera_id)]
    counts = {one: sum(thing.condition is one for thing in things) for one in _ORDER}
    shown = [thing for thing in things if state in (None, thing.condition)]
    site = rooms(request).parts.site
    values = {
        "things": sorted(shown, key=lambda thing: (_ORDER.index(thing.condition), -thing.since_us)),
        "counts": counts,
        "state": state,
        "camera": camera,
        "cameras": [c for c in site.cameras if (c.assets or c.surfaces) and c.id in person.account.territory],
        "camera_names": {c.id: c.name for c in site.cameras},
        "notices": upkeep.notices(person),
        "recipients": {recipient.id: recipient.name for recipient in site.recipients},
        "unjudged": unjudged(request),
        "failed": NoticeState.FAILED,
    }
    return rooms(request).frame.page(request, "upkeep.html", values)


@router.get("/{camera}/{drawn}/{name}")
def thing(
    request: Request, camera: str, drawn: Drawn, name: str, person: Annotated[Person, Depends(asking)]
) -> Response:
    place = drawn_place(camera, drawn, name)
    site = rooms(request).parts.site
    known = site.camera(camera)
    values = {
        "thing": rooms(request).upkeep.thing(person, place),
        "here": request.url.path,
        "camera_name": known.name if known else camera,
        "recipients": {recipient.id: recipient.name for recipient in site.recipients},
        "unsure": unjudged(request).get(place),
        "failed": NoticeState.FAILED,
    }
    return rooms(request).frame.page(request, "upkept.html", values)


@router.post("/{camera}/{drawn}/{name}/said")
def say(
    request: Request,
    camera: str,
    drawn: Drawn,
    name: str,
    person: Annotated[Person, Depends(checked)],
    said: Annotated[Literal["repaired", "whole"], Form()],
    words: Annotated[str, Form(max_length=300)],
) -> Response:
    rooms(request).upkeep.say(person, drawn_place(camera, drawn, name), Said(said), words)
    return RedirectResponse(f"/upkeep/{camera}/{drawn}/{name}", _MOVED)


@router.get("/{camera}/{drawn}/{name}/{side}.jpg")
def picture(
    request: Request, camera: str, drawn: Drawn, name: str, side: Side, person: Annotated[Person, Depends(asking)]
) -> Response:
    shown = rooms(request).upkeep.picture(person, drawn_place(camera, drawn, name), side)
    return Response(shown, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/again")
def again(
    request: Request, person: Annotated[Person, Depends(checked)], notice: Annotated[str, Form(max_length=200)]
) -> Response:
    rooms(request).upkeep.again(person, notice)
    return RedirectResponse("/upkeep#notices", _MOVED)


def unjudged(request: Request) -> dict[Place, Unjudged]:
    """What no machine judges now, and why."""
    return {one.place: one for row in rooms(request).parts.health() for one in row.unjudged}
