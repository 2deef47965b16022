"""The page on which a case is replayed: up to nine cameras on one clock, one axis, one map."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from vitrail.console.naming import CLOCKS, NAMES
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking
from vitrail.services.review import Person

router = APIRouter(prefix="/cases/{case_id}/replay")


@router.get("")
def page(request: Request, case_id: str, person: Annotated[Person, Depends(asking)], at: int = 0) -> Response:
    made = rooms(request)
    scene = made.replay.scene(person, case_id)
    chosen = max(scene.case.window.start_us, min(at, scene.case.window.end_us)) if at else 0
    translate = made.frame.words(request)._
    kinds = {word: translate(text) for word, text in NAMES.items() if " " not in word}
    clocks = {source: translate(text) for source, text in CLOCKS.items()}
    values = {"case": scene.case, "scene": scene, "at_us": chosen, "kinds": kinds, "clocks": clocks}
    return made.frame.page(request, "replay.html", values)
