"""What changed here? Draw a box on a masked picture of the recording and get the moments at which it changed."""

__all__ = ["programs", "router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from vitrail.console.orders import job_answer
from vitrail.console.pages.recording import local_day
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.console.status import ERRORS
from vitrail.console.when import typed
from vitrail.domain.errors import Invalid
from vitrail.domain.time import Interval, iso, moment_us
from vitrail.services.review import Asked, Person

router = APIRouter()
programs = APIRouter(prefix="/api/v1", tags=["recording"], responses=ERRORS)
_LATEST_US = 2**62
_LONGEST_BOX = 60
Asking = Annotated[Person, Depends(asking)]
Box = Annotated[str, Query(description="x0,y0,x1,y1 as shares of the picture")]


class MomentOut(BaseModel):
    """Times are RFC 3339 in UTC. ``share`` of the box that changed; ``light``: it looks like other light only;
    ``view``: most of the picture changed at once."""

    before: str
    since: str
    share: float
    light: bool
    view: bool


@router.get("/changed")
def page(request: Request, person: Asking, camera: str = "", day: str = "", box: str = "") -> Response:
    """``box``: drawn already, as shares of the picture."""
    review, parts = rooms(request).review, rooms(request).parts
    cameras = review.cameras(person)
    chosen = next((c for c in cameras if c.id == camera), cameras[0] if cameras else None)
    whole = local_day(day, parts.site.zone, parts.clock.now_us())
    spans = review.spans(person, chosen.id, whole) if chosen else []
    values = {
        "cameras": cameras,
        "chosen": chosen,
        "box": box if len(box) <= _LONGEST_BOX else "",
        "day": typed(whole.start_us, parts.site.zone)[:10],
        "span": Interval(spans[0].start_us, spans[-1].end_us) if spans else None,
    }
    return rooms(request).frame.page(request, "changed.html", values)


@router.get("/changed/{camera_id}/{start_us}.jpg")
def glance(request: Request, camera_id: str, start_us: int, person: Asking, width: int = 960) -> Response:
    """A masked picture of the recording at that moment."""
    data = rooms(request).review.glance(person, camera_id, _within(start_us), width)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/changed/{camera_id}/{start_us}/{end_us}")
def order(
    request: Request,
    camera_id: str,
    start_us: int,
    end_us: int,
    box: Box,
    person: Annotated[Person, Depends(checked)],
) -> JSONResponse:
    return job_answer(request, rooms(request).review.order_changed(person, _asked(camera_id, start_us, end_us, box)))


@router.get("/changed/{camera_id}/{start_us}/{end_us}/work")
def work(request: Request, camera_id: str, start_us: int, end_us: int, box: Box, person: Asking) -> JSONResponse:
    return job_answer(request, rooms(request).review.changed_work(person, _asked(camera_id, start_us, end_us, box)))


@router.get("/changed/{camera_id}/{start_us}/{end_us}/moments")
def moments(request: Request, camera_id: str, start_us: int, end_us: int, box: Box, person: Asking) -> Response:
    """The list as a part of the page."""
    asked = _asked(camera_id, start_us, end_us, box)
    zone = rooms(request).parts.site.zone
    values = {
        "moments": rooms(request).review.moments(person, asked),
        "camera_id": camera_id,
        "typed": lambda at_us: typed(at_us, zone),
    }
    return rooms(request).frame.page(request, "part_moments.html", values)


@programs.get("/cameras/{camera_id}/changed")
def changed(request: Request, camera_id: str, start: str, end: str, box: Box, person: Asking) -> list[MomentOut]:
    """When this box of the picture changed for good between two moments of the site's time, at most a day apart.
    Answers when it has looked: a day takes about a minute."""
    zone = rooms(request).parts.site.zone
    start_us, end_us = moment_us(start, zone, "start"), moment_us(end, zone, "end")
    found = rooms(request).review.changed(person, _asked(camera_id, start_us, end_us, box))
    return [
        MomentOut(before=iso(m.before_us), since=iso(m.since_us), share=m.share, light=m.light, view=m.view)
        for m in found
    ]


def _asked(camera_id: str, start_us: int, end_us: int, box: str) -> Asked:
    try:
        x0, y0, x1, y1 = (float(part) for part in box.split(","))
    except ValueError as error:
        raise Invalid("a box is four numbers", where="box", remedy="x0,y0,x1,y1 between 0 and 1") from error
    if end_us <= start_us:
        raise Invalid("the end lies before the beginning", where="end", remedy="swap them")
    return Asked(camera_id, Interval(_within(start_us), _within(end_us)), (x0, y0, x1, y1))


def _within(at_us: int) -> int:
    if not 0 <= at_us < _LATEST_US:
        raise Invalid("the moment lies outside of time", where="start_us")
    return at_us
