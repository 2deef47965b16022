"""Stopping analysis at once, and taking it up again with two people (law.md L08)."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.domain.suspensions import ORDER_ROLES
from vitrail.services.review import Person

router = APIRouter(prefix="/stop")
_MOVED = 303


@router.get("")
def stop(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    """Who stopped what, when and why is public inside the house: every role may read it."""
    made = rooms(request)
    values = {
        "orders": made.administer.orders()[::-1],
        "cameras": made.parts.site.cameras,
        "may_order": person.account.role.value in ORDER_ROLES,
    }
    return made.frame.page(request, "stop.html", values)


@router.post("")
def suspend(
    request: Request,
    person: Annotated[Person, Depends(checked)],
    reason: Annotated[str, Form(max_length=500)],
    camera: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    rooms(request).administer.suspend(person, reason, (camera,) if camera else ())
    rooms(request).parts.bus.publish("health", "suspended")
    return RedirectResponse("/stop", _MOVED)


@router.post("/{suspension_id}/resume")
def resume(
    request: Request,
    suspension_id: str,
    person: Annotated[Person, Depends(checked)],
    reason: Annotated[str, Form(max_length=500)],
) -> Response:
    rooms(request).administer.resume(person, suspension_id, reason)
    rooms(request).parts.bus.publish("health", "resumed")
    return RedirectResponse("/stop", _MOVED)
