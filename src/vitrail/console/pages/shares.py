"""Links to bundles: asked for, agreed to, taken back; and the one page that needs no account (law.md L24)."""

__all__ = ["router", "taking"]

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.domain.time import DAY_US
from vitrail.services.review import Person

router = APIRouter(prefix="/cases/{case_id}/shares")
taking = APIRouter(prefix="/shared")
_MOVED = 303
_Words = Annotated[str, Form(min_length=3, max_length=200)]


@router.get("")
def shares(request: Request, case_id: str, person: Annotated[Person, Depends(asking)]) -> Response:
    return _page(request, person, case_id, "")


@router.post("")
def ask(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(checked)],
    bundle: Annotated[str, Form(max_length=100)],
    reason: _Words,
    days: Annotated[int, Form(ge=1, le=14)] = 7,
    most: Annotated[int, Form(ge=1, le=20)] = 3,
) -> Response:
    """The link is shown on this answer, and never again."""
    _, token = rooms(request).investigate.ask_share(person, bundle, days * DAY_US, most, reason)
    return _page(request, person, case_id, str(request.url_for("take_shared", token=token)))


@router.post("/{share_id}/answer")
def answer(
    request: Request,
    case_id: str,
    share_id: str,
    person: Annotated[Person, Depends(checked)],
    decision: Annotated[str, Form(pattern="^(grant|decline)$")],
    reason: _Words,
) -> Response:
    rooms(request).investigate.answer_share(person, share_id, decision == "grant", reason)
    return RedirectResponse(f"/cases/{case_id}/shares", _MOVED)


@router.post("/{share_id}/revoke")
def revoke(
    request: Request, case_id: str, share_id: str, person: Annotated[Person, Depends(checked)], reason: _Words
) -> Response:
    rooms(request).investigate.revoke_share(person, share_id, reason)
    return RedirectResponse(f"/cases/{case_id}/shares", _MOVED)


@taking.get("/{token}", name="take_shared")
def take(request: Request, token: str) -> Response:
    """For whoever holds the link: the file, or that it opens nothing."""
    bundle, path = rooms(request).investigate.take_shared(token)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return FileResponse(path, media_type="application/zip", filename=f"vitrail-{bundle.id}.zip", headers=headers)


def _page(request: Request, person: Person, case_id: str, link: str) -> Response:
    made = rooms(request)
    sheet = made.investigate.sheet(person, case_id)
    now_us = made.parts.clock.now_us()
    values = {
        "case": sheet.case,
        "bundles": {b.id: b for b in made.investigate.bundles(person, case_id)},
        "shares": made.investigate.shares(person, case_id),
        "answerable": made.investigate.shares_answerable(person, case_id),
        "works": person.account.id in sheet.case.members and sheet.case.stands(now_us),
        "link": link,
        "now_us": now_us,
    }
    return made.frame.page(request, "shares.html", values)
