"""Cases: what is looked into, what it keeps, and what two people agree to see (law.md L15, L22-L24)."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response

from vitrail.console.orders import job_answer
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.console.when import typed
from vitrail.domain.cases import CaseKind
from vitrail.domain.errors import Invalid
from vitrail.domain.time import DAY_US, MINUTE_US, SECOND_US, Interval, moment_us
from vitrail.services.review import Person

router = APIRouter(prefix="/cases")
_MOVED = 303
_Words = Annotated[str, Form(max_length=500)]
_Moment = Annotated[str, Form(max_length=40)]


@router.get("")
def cases(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    made = rooms(request)
    now_us = made.parts.clock.now_us()
    values = {
        "cases": made.investigate.cases(person),
        "waiting": made.investigate.waiting(person),
        "bundles_waiting": made.investigate.bundles_waiting(person),
        "may_try": made.investigate.may_try(person),
        "may_open": made.investigate.may_open(person, CaseKind.INQUIRY),
        "cameras": [c for c in made.parts.site.cameras if c.id in person.account.territory],
        "microphones": [m for m in made.parts.site.microphones if m.id in person.account.territory],
        "now_us": now_us,
        "from_": typed(now_us - DAY_US, made.parts.site.zone),
        "until": typed(now_us, made.parts.site.zone),
    }
    return made.frame.page(request, "cases.html", values)


@router.post("")
def open_case(
    request: Request,
    person: Annotated[Person, Depends(checked)],
    reference: _Words,
    legal_basis: _Words,
    reason: _Words,
    begin: _Moment,
    end: _Moment,
    camera: Annotated[list[str], Form()] = [],  # noqa: B006 -- FastAPI reads it, nobody changes it
    days: Annotated[int, Form(ge=1, le=366)] = 90,
) -> Response:
    made = rooms(request)
    window = _span(begin, end, made.parts.site.zone)
    case = made.investigate.open(person, reference, legal_basis, reason, frozenset(camera), window, days * DAY_US)
    return RedirectResponse(f"/cases/{case.id}", _MOVED)


@router.post("/lab")
def lab(request: Request, person: Annotated[Person, Depends(checked)]) -> Response:
    """Lab mode: one's own case over one's own recordings, and its search."""
    return RedirectResponse(f"/cases/{rooms(request).investigate.lab(person).id}/search", _MOVED)


@router.get("/{case_id}")
def case(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(asking)],
    camera: str = "",
    at: str = "",
    show: str = "",
    from_us: Annotated[int, Query(alias="from", ge=0, lt=2**62)] = 0,
    to_us: Annotated[int, Query(alias="to", ge=0, lt=2**62)] = 0,
) -> Response:
    """Everything about one case; to its members also what it lets them look at."""
    made = rooms(request)
    zone = made.parts.site.zone
    sheet = made.investigate.sheet(person, case_id)
    now_us = made.parts.clock.now_us()
    works = person.account.id in sheet.case.members and sheet.case.stands(now_us)
    cameras = made.investigate.cameras(person, case_id) if works else []
    chosen = next((c for c in cameras if c.id == camera), cameras[0] if cameras else None)
    spans = made.investigate.spans(person, case_id, chosen.id, sheet.case.window) if chosen else []
    values = {
        "case": sheet.case,
        "holds": sheet.holds,
        "unmaskings": sheet.unmaskings,
        "answerable": {u.id for u in made.investigate.waiting(person)},
        "bundles": made.investigate.bundles(person, case_id),
        "bundles_answerable": {b.id for b in made.investigate.bundles_waiting(person)},
        "works": works,
        "stands": sheet.case.stands(now_us),
        "may_close": works or person.account.role.value == "officer",
        "cameras": cameras,
        "chosen": chosen,
        "spans": spans,
        "at": at or (typed(spans[0].start_us, zone) if spans else ""),
        "start_us": moment_us(at, zone, "at") if at else None,
        "show": next((u for u in sheet.unmaskings if u.id == show and u.shows(now_us)), None),
        "hand": (from_us or sheet.case.window.start_us, to_us or sheet.case.window.end_us),
        "now_us": now_us,
        "typed": lambda us: typed(us, zone),
    }
    return made.frame.page(request, "case.html", values)


@router.post("/{case_id}/assign")
def assign(
    request: Request, case_id: str, person: Annotated[Person, Depends(checked)], member: _Words, reason: _Words
) -> Response:
    rooms(request).investigate.assign(person, case_id, member, reason)
    return _back(case_id)


@router.post("/{case_id}/close")
def close(request: Request, case_id: str, person: Annotated[Person, Depends(checked)], reason: _Words) -> Response:
    rooms(request).investigate.close(person, case_id, reason)
    return RedirectResponse("/cases", _MOVED)


@router.post("/{case_id}/hold")
def hold(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(checked)],
    camera: _Words,
    begin: _Moment,
    end: _Moment,
    until: _Moment,
    reason: _Words,
) -> Response:
    made = rooms(request)
    zone = made.parts.site.zone
    span = _span(begin, end, zone)
    made.investigate.hold(person, case_id, camera, span, reason, moment_us(until, zone, "until"))
    return _back(case_id)


@router.post("/{case_id}/hold/{hold_id}/release")
def release(
    request: Request, case_id: str, hold_id: str, person: Annotated[Person, Depends(checked)], reason: _Words
) -> Response:
    rooms(request).investigate.release(person, hold_id, reason)
    return _back(case_id)


@router.post("/{case_id}/unmask")
def ask(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(checked)],
    camera: _Words,
    begin: _Moment,
    length: Annotated[float, Form(gt=0, le=120)],
    box: Annotated[str, Form(max_length=80)],
    reason: _Words,
) -> Response:
    """``box``: x0, y0, x1, y1 as shares of the picture."""
    made = rooms(request)
    start_us = moment_us(begin, made.parts.site.zone, "begin")
    span = Interval(start_us, start_us + round(length * SECOND_US))
    made.investigate.ask(person, case_id, camera, span, _box(box), reason)
    return _back(case_id)


@router.post("/{case_id}/unmask/{unmasking_id}/answer")
def answer(
    request: Request,
    case_id: str,
    unmasking_id: str,
    person: Annotated[Person, Depends(checked)],
    decision: Annotated[str, Form(pattern="^(grant|decline)$")],
    reason: _Words,
) -> Response:
    rooms(request).investigate.answer(person, unmasking_id, decision == "grant", reason)
    return _back(case_id)


@router.post("/{case_id}/unmask/{unmasking_id}/film")
def order_unmasked(
    request: Request, case_id: str, unmasking_id: str, person: Annotated[Person, Depends(checked)]
) -> JSONResponse:
    return job_answer(request, rooms(request).investigate.order_unmasked(person, case_id, unmasking_id))


@router.get("/{case_id}/unmask/{unmasking_id}/work")
def unmasked_work(
    request: Request, case_id: str, unmasking_id: str, person: Annotated[Person, Depends(asking)]
) -> JSONResponse:
    return job_answer(request, rooms(request).investigate.unmasked_work(person, case_id, unmasking_id))


@router.get("/{case_id}/unmask/{unmasking_id}.mp4")
def unmasked(request: Request, case_id: str, unmasking_id: str, person: Annotated[Person, Depends(asking)]) -> Response:
    path = rooms(request).investigate.unmasked(person, case_id, unmasking_id)
    return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "no-store"})


@router.post("/{case_id}/film/{camera_id}/{start_us}")
def order(
    request: Request, case_id: str, camera_id: str, start_us: int, person: Annotated[Person, Depends(checked)]
) -> JSONResponse:
    return job_answer(request, rooms(request).investigate.order_minute(person, case_id, camera_id, _minute(start_us)))


@router.get("/{case_id}/film/{camera_id}/{start_us}/work")
def work(
    request: Request, case_id: str, camera_id: str, start_us: int, person: Annotated[Person, Depends(asking)]
) -> JSONResponse:
    return job_answer(request, rooms(request).investigate.minute_work(person, case_id, camera_id, _minute(start_us)))


@router.get("/{case_id}/film/{camera_id}/{start_us}.mp4")
def minute(
    request: Request, case_id: str, camera_id: str, start_us: int, person: Annotated[Person, Depends(asking)]
) -> Response:
    path = rooms(request).investigate.minute(person, case_id, camera_id, _minute(start_us))
    return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "no-store"})


def _back(case_id: str) -> RedirectResponse:
    return RedirectResponse(f"/cases/{case_id}", _MOVED)


def _minute(start_us: int) -> Interval:
    if not 0 <= start_us < 2**62:
        raise Invalid("the minute lies outside of time", where="start_us")
    return Interval(start_us, start_us + MINUTE_US)


def _span(begin: str, end: str, zone: str) -> Interval:
    start_us, end_us = moment_us(begin, zone, "begin"), moment_us(end, zone, "end")
    if end_us <= start_us:
        raise Invalid("the end lies before the beginning", where="end", remedy="swap them")
    return Interval(start_us, end_us)


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Invalid("a box is four numbers", where="box", remedy="x0, y0, x1, y1 between 0 and 1") from error
    return x0, y0, x1, y1
