"""The rights desk (law.md L25), and what an officer looks into: the use of an emergency account (L23)."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.console.when import typed
from vitrail.domain.cases import CaseKind
from vitrail.domain.rights import GROUNDS, Answer, RequestKind
from vitrail.domain.time import MINUTE_US, Interval, moment_us
from vitrail.services.review import Person

router = APIRouter()
_MOVED = 303
_Moment = Annotated[str, Form(max_length=40)]


@router.get("/rights")
def rights(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    made = rooms(request)
    zone, now_us = made.parts.site.zone, made.parts.clock.now_us()
    values = {
        "requests": made.administer.requests(person),
        "may_answer": made.investigate.may_open(person, CaseKind.RIGHTS),
        "cameras": made.parts.site.cameras,
        "kinds": list(RequestKind),
        "answers": list(Answer),
        "grounds": GROUNDS,
        "now_us": now_us,
        "now": typed(now_us, zone),
    }
    return made.frame.page(request, "rights.html", values)


@router.post("/rights")
def receive(
    request: Request,
    person: Annotated[Person, Depends(checked)],
    kind: Annotated[RequestKind, Form()],
    said: Annotated[str, Form(max_length=4000)],
    contact: Annotated[str, Form(max_length=500)],
    received: _Moment,
    camera: Annotated[str, Form(max_length=100)] = "",
    begin: _Moment = "",
    minutes: Annotated[int, Form(ge=1, le=1440)] = 10,
) -> Response:
    made = rooms(request)
    zone = made.parts.site.zone
    interval = None
    if begin:
        start_us = moment_us(begin, zone, "begin")
        interval = Interval(start_us, start_us + minutes * MINUTE_US)
    received_us = min(moment_us(received, zone, "received"), made.parts.clock.now_us())
    made.administer.receive(person, kind, said, contact, camera, interval, received_us)
    return RedirectResponse("/rights", _MOVED)


@router.post("/rights/{request_id}/answer")
def answer(
    request: Request,
    request_id: str,
    person: Annotated[Person, Depends(checked)],
    decision: Annotated[Answer, Form()],
    said: Annotated[str, Form(max_length=4000)],
    grounds: Annotated[str, Form(max_length=40)] = "",
) -> Response:
    rooms(request).administer.answer(person, request_id, decision, grounds, said)
    return RedirectResponse("/rights", _MOVED)


@router.get("/emergency")
def emergency(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    """That a seal was broken is for everybody to see; why stands in the ledger."""
    made = rooms(request)
    values = {"may_review": person.account.role.value == "officer"}
    return made.frame.page(request, "emergency.html", values)


@router.post("/emergency/{account_id}")
def review(
    request: Request,
    account_id: str,
    person: Annotated[Person, Depends(checked)],
    said: Annotated[str, Form(max_length=500)],
) -> Response:
    rooms(request).administer.review_emergency(person, account_id, said)
    return RedirectResponse("/emergency", _MOVED)
