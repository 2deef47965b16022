"""From shift to shift: what happened since it began, what waits, a note that is read and taken. Made to be printed."""

__all__ = ["programs", "router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked, checked_by_header
from vitrail.console.status import ERRORS
from vitrail.domain.errors import NotFound
from vitrail.domain.shifts import HandoverNote, late
from vitrail.domain.time import HOUR_US, iso
from vitrail.services.handover import Report
from vitrail.services.review import Person

router = APIRouter(prefix="/handover")
programs = APIRouter(prefix="/api/v1", tags=["handover"], responses=ERRORS)
Hours = Annotated[int | None, Query(ge=1, le=24)]
_HOURS = (4, 8, 12, 24)
_MOVED = 303


class KindOut(BaseModel):
    kind: str
    sound: bool
    alerts: int
    confirmed: int
    dismissed: int
    open: int
    expired: int


class WaitingOut(BaseModel):
    """``late``: without a verdict for longer than the site declares."""

    alert: str
    kind: str
    device: str
    since: str
    waited_s: int
    late: bool


class NoteOut(BaseModel):
    id: str
    by: str
    at: str
    words: str
    devices: list[str]
    taken_by: str
    taken: str | None


class GoneOut(BaseModel):
    name: str
    state: str
    since: str
    why: str


class ReportOut(BaseModel):
    """``minutes``: spent on verdicts by everybody together; nothing is counted by name."""

    since: str
    now: str
    kinds: list[KindOut]
    minutes: float
    waiting: list[WaitingOut]
    gone: list[GoneOut]
    upkeep: list[dict[str, str]]
    suspensions: list[dict[str, str]]
    notes: list[NoteOut]


class NoteIn(BaseModel):
    words: str = Field(min_length=3, max_length=2000)


@router.get("")
def page(request: Request, person: Annotated[Person, Depends(asking)], hours: Hours = None) -> Response:
    made = _report(request, person, hours)
    return rooms(request).frame.page(request, "handover.html", {"report": made, "hours": hours, "choices": _HOURS})


@router.get("/late")
def lates(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    """The banner that pages of those who are told of late alerts ask for anew; 404 for everybody else."""
    told = rooms(request).handover.late(person.account, person.session.reason)
    if told is None:
        raise NotFound("this account is not told of late alerts", remedy="`escalation.to` of site.yaml names accounts")
    return rooms(request).frame.page(request, "part_late.html", {"late": told})


@router.post("")
def leave(
    request: Request,
    person: Annotated[Person, Depends(checked)],
    words: Annotated[str, Form(max_length=2000)],
) -> Response:
    rooms(request).handover.leave(person.account, person.session.reason, words)
    return RedirectResponse("/handover#notes", _MOVED)


@router.post("/{note_id}/taken")
def take(request: Request, note_id: str, person: Annotated[Person, Depends(checked)]) -> Response:
    rooms(request).handover.take(person.account, person.session.reason, note_id)
    return RedirectResponse("/handover#notes", _MOVED)


@programs.get("/handover")
def api_report(request: Request, person: Annotated[Person, Depends(asking)], hours: Hours = None) -> ReportOut:
    """Since so many hours; since the last note was taken, else for eight hours, when left out."""
    report = _report(request, person, hours)
    shift, site = report.shift, rooms(request).parts.site
    return ReportOut(
        since=iso(shift.since_us),
        now=iso(shift.now_us),
        kinds=[KindOut.model_validate(kind, from_attributes=True) for kind in shift.kinds],
        minutes=shift.minutes,
        waiting=[
            WaitingOut(
                alert=alert.id,
                kind=alert.kind,
                device=alert.place.device_id,
                since=iso(alert.created_us),
                waited_s=(shift.now_us - alert.created_us) // 1_000_000,
                late=late(alert, site.escalation, shift.now_us),
            )
            for alert in shift.waiting
        ],
        gone=[GoneOut(name=g.name, state=g.state, since=iso(g.since_us), why=g.why) for g in report.gone],
        upkeep=[{"camera": t.place.camera_id, "id": t.place.drawn, "state": t.condition.value} for t in report.upkept],
        suspensions=[{"id": s.order.id, "by": s.order.role, "at": iso(s.order.at_us)} for s in report.suspensions],
        notes=[_note(note) for note in report.notes],
    )


@programs.post("/handover")
def api_leave(request: Request, said: NoteIn, person: Annotated[Person, Depends(checked_by_header)]) -> NoteOut:
    """Leave a note to who comes next. Needs the header X-CSRF-Token."""
    return _note(rooms(request).handover.leave(person.account, person.session.reason, said.words))


@programs.post("/handover/{note}/taken")
def api_take(request: Request, note: str, person: Annotated[Person, Depends(checked_by_header)]) -> NoteOut:
    """Say that it was read; 409 when it was taken already, or is one's own. Needs the header X-CSRF-Token."""
    return _note(rooms(request).handover.take(person.account, person.session.reason, note))


def _report(request: Request, person: Person, hours: int | None) -> Report:
    made = rooms(request)
    since_us = None if hours is None else made.parts.clock.now_us() - hours * HOUR_US
    return made.handover.report(person.account, person.session.reason, made.parts.health(), since_us)


def _note(note: HandoverNote) -> NoteOut:
    return NoteOut(
        id=note.id,
        by=note.by,
        at=iso(note.at_us),
        words=note.words,
        devices=list(note.devices),
        taken_by=note.taken_by,
        taken=iso(note.taken_us) if note.taken_us is not None else None,
    )
