"""Walls and furniture for programs: their condition and history, what was repaired, and the requests about them."""

__all__ = ["router"]

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from vitrail.console.pages.upkeep import Drawn, drawn_place, unjudged
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked_by_header
from vitrail.console.status import ERRORS
from vitrail.domain.health import Unjudged, Unsure
from vitrail.domain.notices import Notice, NoticeState
from vitrail.domain.time import iso
from vitrail.domain.upkeep import Condition, Said, Step, Upkept
from vitrail.services.review import Person

router = APIRouter(prefix="/api/v1", tags=["upkeep"], responses=ERRORS)


class StepOut(BaseModel):
    """What was said: ``by`` a staff account, the id of a recipient, or ``vitrail``."""

    said: Said
    by: str
    at: str
    alert: str
    words: str


class NoticeOut(BaseModel):
    """A request to those who repair. ``number``: what they call it."""

    id: str
    alert: str
    recipient: str
    state: NoticeState
    number: str
    answer: str
    problem: str
    tries: int
    created: str
    sent: str | None
    closed: str | None


class UnsureOut(BaseModel):
    why: Unsure
    since: str


class ThingOut(BaseModel):
    """A declared wall or piece of furniture. ``suggested``: why it may have been repaired although nobody said so.
    ``unjudged``: why no machine judges it now."""

    camera: str
    drawn: Drawn
    id: str
    name: str
    kind: str
    condition: Condition
    since: str | None
    suggested: Said | None
    unjudged: UnsureOut | None
    notices: list[NoticeOut]
    history: list[StepOut]
    """Newest first."""


class SaidIn(BaseModel):
    said: Literal["repaired", "whole"]
    words: str = Field(min_length=3, max_length=300)


@router.get("/upkeep")
def api_listing(
    request: Request, person: Annotated[Person, Depends(asking)], state: Condition | None = None
) -> list[ThingOut]:
    """Every declared wall and piece of furniture of the territory."""
    doubts = unjudged(request)
    things = rooms(request).upkeep.things(person)
    return [_thing(t, doubts.get(t.place)) for t in things if state in (None, t.condition)]


@router.get("/upkeep/{camera}/{drawn}/{name}")
def api_thing(
    request: Request, camera: str, drawn: Drawn, name: str, person: Annotated[Person, Depends(asking)]
) -> ThingOut:
    """One of them with its history, newest first."""
    place = drawn_place(camera, drawn, name)
    return _thing(rooms(request).upkeep.thing(person, place), unjudged(request).get(place))


@router.post("/upkeep/{camera}/{drawn}/{name}")
def api_say(
    request: Request,
    camera: str,
    drawn: Drawn,
    name: str,
    told: SaidIn,
    person: Annotated[Person, Depends(checked_by_header)],
) -> ThingOut:
    """Say that it was repaired, or that it is in order as it stands. Needs the header X-CSRF-Token."""
    place = drawn_place(camera, drawn, name)
    said = rooms(request).upkeep.say(person, place, Said(told.said), told.words)
    return _thing(said, unjudged(request).get(place))


@router.get("/notices")
def api_notices(request: Request, person: Annotated[Person, Depends(asking)]) -> list[NoticeOut]:
    """Requests that left or are to leave, newest first, at most 200."""
    return [_notice(notice) for notice in rooms(request).upkeep.notices(person)]


@router.post("/notices/{notice}/again")
def api_again(request: Request, notice: str, person: Annotated[Person, Depends(checked_by_header)]) -> NoticeOut:
    """Send one again that failed; 409 when it has not failed. Needs the header X-CSRF-Token."""
    return _notice(rooms(request).upkeep.again(person, notice))


def _thing(thing: Upkept, unsure: Unjudged | None) -> ThingOut:
    return ThingOut(
        camera=thing.place.camera_id,
        drawn="surface" if thing.place.surface_id else "asset",
        id=thing.place.drawn,
        name=thing.name,
        kind=thing.kind,
        condition=thing.condition,
        since=iso(thing.since_us) if thing.since_us else None,
        suggested=thing.suggested,
        unjudged=UnsureOut(why=unsure.why, since=iso(unsure.since_us)) if unsure else None,
        notices=[_notice(notice) for notice in thing.notices],
        history=[_step(step) for step in thing.steps],
    )


def _step(step: Step) -> StepOut:
    return StepOut(said=step.said, by=step.by, at=iso(step.at_us), alert=step.alert_id, words=step.words)


def _notice(notice: Notice) -> NoticeOut:
    return NoticeOut(
        id=notice.id,
        alert=notice.alert_id,
        recipient=notice.recipient_id,
        state=notice.state,
        number=notice.number,
        answer=notice.answer,
        problem=notice.problem,
        tries=notice.tries,
        created=iso(notice.created_us),
        sent=iso(notice.sent_us) if notice.sent_us is not None else None,
        closed=iso(notice.closed_us) if notice.closed_us is not None else None,
    )
