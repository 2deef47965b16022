"""A case handed over, for programs: asked for, agreed to by a second person, made, followed and fetched, under the
rules of its page (law.md L24, L30)."""

__all__ = ["router"]

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked_by_header
from vitrail.console.status import ERRORS, ErrorOut
from vitrail.domain.bundles import Bundle, Part, View
from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.time import Interval, iso, moment_us
from vitrail.runtime.jobs import Job, State
from vitrail.services.review import Person

router = APIRouter(prefix="/api/v1/cases/{case_id}/bundles", tags=["bundles"], responses=ERRORS)
_MOST_PARTS = 100
_Asking = Annotated[Person, Depends(asking)]
_Acting = Annotated[Person, Depends(checked_by_header)]
_Words = Annotated[str, Field(min_length=3, max_length=200)]
_Moment = Annotated[str, Field(max_length=40)]


class PartIn(BaseModel):
    """Footage of one camera. Moments are RFC 3339; without a zone they are the site's own."""

    camera: str = Field(max_length=100)
    begin: _Moment
    end: _Moment


class BundleIn(BaseModel):
    """``view``: a masked copy of key pictures or of every picture. ``originals`` need a second person."""

    parts: list[PartIn] = Field(min_length=1, max_length=_MOST_PARTS)
    recipient: _Words
    reason: _Words
    view: View = View.KEYS
    originals: bool = False
    language: Literal["en", "fr"] = "en"


class AnswerIn(BaseModel):
    granted: bool
    reason: _Words


class PartOut(BaseModel):
    camera: str
    begin: str
    end: str


class BundleOut(BaseModel):
    """Times are RFC 3339 in UTC. ``allowed``: it may be made and fetched now, as far as it depends on who agreed and on
    its time. ``sha256`` and ``size_bytes`` once it is made."""

    id: str
    case: str
    parts: list[PartOut]
    view: View
    originals: bool
    language: str
    recipient: str
    asked_by: str
    reason: str
    asked: str
    until: str
    answered_by: str
    answer: str
    answered: str | None
    granted: bool
    allowed: bool
    made: str | None
    sha256: str
    size_bytes: int


class WorkOut(BaseModel):
    """``progress`` runs from 0 to 1. What was cut off goes on where it stopped when it is ordered again."""

    state: State
    progress: float
    error: ErrorOut | None


@router.get("")
def listing(request: Request, case_id: str, person: _Asking) -> list[BundleOut]:
    """What was asked for in this case."""
    return [_told(request, bundle) for bundle in rooms(request).investigate.bundles(person, case_id)]


@router.post("")
def ask(request: Request, case_id: str, said: BundleIn, person: _Acting) -> BundleOut:
    """Ask for one. Needs the header X-CSRF-Token, as everything that changes something."""
    zone = rooms(request).parts.site.zone
    parts = [_part(part, zone, f"parts.{number}") for number, part in enumerate(said.parts)]
    made = rooms(request).investigate.ask_bundle(
        person, case_id, parts, said.recipient, said.reason, said.view, said.originals, said.language
    )
    return _told(request, made)


@router.get("/{bundle_id}")
def one(request: Request, case_id: str, bundle_id: str, person: _Asking) -> BundleOut:
    return _told(request, _own(request, person, case_id, bundle_id))


@router.post("/{bundle_id}/answer")
def answer(request: Request, case_id: str, bundle_id: str, said: AnswerIn, person: _Acting) -> BundleOut:
    """The second person's word on originals: 403 for whoever asked for them."""
    own = _own(request, person, case_id, bundle_id)
    return _told(request, rooms(request).investigate.answer_bundle(person, own.id, said.granted, said.reason))


@router.post("/{bundle_id}/make")
def make(request: Request, case_id: str, bundle_id: str, person: _Acting) -> WorkOut:
    """Begin, or go on where the work was cut off."""
    own = _own(request, person, case_id, bundle_id)
    return _work(request, rooms(request).investigate.order_bundle(person, case_id, own.id))


@router.get("/{bundle_id}/work")
def work(request: Request, case_id: str, bundle_id: str, person: _Asking) -> WorkOut:
    """How far it is. 404 for who did not order it."""
    return _work(request, rooms(request).investigate.bundle_work(person, case_id, bundle_id))


@router.get("/{bundle_id}/file", response_class=FileResponse, responses={200: {"content": {"application/zip": {}}}})
def file(request: Request, case_id: str, bundle_id: str, person: _Asking) -> Response:
    """The finished bundle; 404 before."""
    path = rooms(request).investigate.bundle(person, case_id, bundle_id)
    name = f"vitrail-{bundle_id}.zip"
    return FileResponse(path, media_type="application/zip", filename=name, headers={"Cache-Control": "no-store"})


def _own(request: Request, person: Person, case_id: str, bundle_id: str) -> Bundle:
    found = next((b for b in rooms(request).investigate.bundles(person, case_id) if b.id == bundle_id), None)
    if found is None:
        raise NotFound(f"no bundle {bundle_id} in this case", remedy="GET the case's bundles")
    return found


def _part(said: PartIn, zone: str, where: str) -> Part:
    begin_us, end_us = moment_us(said.begin, zone, f"{where}.begin"), moment_us(said.end, zone, f"{where}.end")
    if end_us <= begin_us:
        raise Invalid("the end lies before the beginning", where=f"{where}.end", remedy="swap them")
    return Part(said.camera, Interval(begin_us, end_us))


def _told(request: Request, bundle: Bundle) -> BundleOut:
    return BundleOut(
        id=bundle.id,
        case=bundle.case_id,
        parts=[
            PartOut(camera=p.camera_id, begin=iso(p.interval.start_us), end=iso(p.interval.end_us))
            for p in bundle.parts
        ],
        view=bundle.view,
        originals=bundle.originals,
        language=bundle.language,
        recipient=bundle.recipient,
        asked_by=bundle.asked_by,
        reason=bundle.reason,
        asked=iso(bundle.asked_us),
        until=iso(bundle.until_us),
        answered_by=bundle.answered_by,
        answer=bundle.answer,
        answered=iso(bundle.answered_us) if bundle.answered_us else None,
        granted=bundle.granted,
        allowed=bundle.allowed(rooms(request).parts.clock.now_us()),
        made=iso(bundle.made_us) if bundle.made_us else None,
        sha256=bundle.sha256,
        size_bytes=bundle.size_bytes,
    )


def _work(request: Request, job: Job) -> WorkOut:
    error = ErrorOut.of(job.error, rooms(request).frame.words(request)) if job.error else None
    return WorkOut(state=job.state, progress=round(job.progress, 3), error=error)
