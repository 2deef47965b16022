"""Help: the first steps of a role, the keys, and the house's words; and putting the first steps away."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from vitrail.console.first_steps import STEPS
from vitrail.console.glossary import GLOSSARY
from vitrail.console.language import N_
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.services.review import Person

router = APIRouter()
_MOVED = 303
_KEYS = (
    (N_("Watch"), "J K", N_("choose an alert; Enter opens it")),
    (N_("Watch"), "B", N_("a black screen until something happens")),
    (N_("Alert"), "C D", N_("confirm, dismiss; a number says why")),
    (N_("Alert"), "N", N_("the next one that waits; Esc goes back")),
    (N_("Map"), "← →", N_("an hour back or on; N is now")),
    (N_("Upkeep"), "R W", N_("repaired; in order as it stands")),
)


@router.get("/help")
def help_page(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    words = rooms(request).frame.words(request)
    known = sorted(GLOSSARY, key=lambda term: words._(term.word).casefold())
    values = {"steps": STEPS[person.account.role], "glossary": known, "keys": _KEYS}
    return rooms(request).frame.page(request, "help.html", values)


@router.post("/help/welcomed")
def welcomed(request: Request, person: Annotated[Person, Depends(checked)]) -> Response:
    """The first steps never come by themselves again, for this account, in whichever browser."""
    rooms(request).administer.welcomed(person)
    return RedirectResponse(rooms(request).frame.home(person), _MOVED)
