"""A case handed over: asked for, agreed to, made, taken away (law.md L24, L30)."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response

from vitrail.console.orders import job_answer
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.domain.bundles import Part, View
from vitrail.domain.errors import Invalid
from vitrail.domain.time import Interval, moment_us
from vitrail.services.review import Person

router = APIRouter(prefix="/cases/{case_id}/bundles")
_MOVED = 303
_Words = Annotated[str, Form(max_length=500)]
_Moment = Annotated[str, Form(max_length=40)]


@router.post("")
def ask(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(checked)],
    begin: _Moment,
    end: _Moment,
    recipient: _Words,
    reason: _Words,
    camera: Annotated[list[str], Form()] = [],  # noqa: B006 -- FastAPI reads it, nobody changes it
    view: View = View.KEYS,
    originals: Annotated[bool, Form()] = False,
) -> Response:
    made = rooms(request)
    zone = made.parts.site.zone
    start_us, end_us = moment_us(begin, zone, "begin"), moment_us(end, zone, "end")
    if end_us <= start_us:
        raise Invalid("the end lies before the beginning", where="end", remedy="swap them")
    parts = [Part(name, Interval(start_us, end_us)) for name in camera]
    language = made.frame.words(request).language
    made.investigate.ask_bundle(person, case_id, parts, recipient, reason, view, originals, language)
    return _back(case_id)


@router.post("/{bundle_id}/answer")
def answer(
    request: Request,
    case_id: str,
    bundle_id: str,
    person: Annotated[Person, Depends(checked)],
    decision: Annotated[str, Form(pattern="^(grant|decline)$")],
    reason: _Words,
) -> Response:
    rooms(request).investigate.answer_bundle(person, bundle_id, decision == "grant", reason)
    return _back(case_id)


@router.post("/{bundle_id}")
def order(request: Request, case_id: str, bundle_id: str, person: Annotated[Person, Depends(checked)]) -> JSONResponse:
    return job_answer(request, rooms(request).investigate.order_bundle(person, case_id, bundle_id))


@router.get("/{bundle_id}/work")
def work(request: Request, case_id: str, bundle_id: str, person: Annotated[Person, Depends(asking)]) -> JSONResponse:
    return job_answer(request, rooms(request).investigate.bundle_work(person, case_id, bundle_id))


@router.get("/{bundle_id}.zip")
def take(request: Request, case_id: str, bundle_id: str, person: Annotated[Person, Depends(asking)]) -> Response:
    path = rooms(request).investigate.bundle(person, case_id, bundle_id)
    name = f"vitrail-{bundle_id}.zip"
    return FileResponse(path, media_type="application/zip", filename=name, headers={"Cache-Control": "no-store"})


def _back(case_id: str) -> RedirectResponse:
    return RedirectResponse(f"/cases/{case_id}#bundles", _MOVED)
