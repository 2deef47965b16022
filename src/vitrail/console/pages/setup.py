"""Set-up: what each camera still lacks; drawing on its picture, calibrating it, and the drafts that wait."""

__all__ = ["router"]

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from vitrail.console.drawing import DrawingIn, candidate_out, drawing_in, drawing_out
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked, checked_by_header
from vitrail.console.status import ErrorOut, ProblemOut
from vitrail.console.when import typed
from vitrail.domain.errors import Invalid
from vitrail.domain.mandates import Mode
from vitrail.domain.time import DAY_US
from vitrail.services.review import Person

router = APIRouter(prefix="/setup")
Asking = Annotated[Person, Depends(asking)]
Checked = Annotated[Person, Depends(checked)]
_MOVED = 303


@router.get("")
def listing(request: Request, person: Asking) -> Response:
    setup = rooms(request).setup
    stands = setup.stands(person)
    newer = bool(stands) and setup.sheet(person, stands[0].camera.id).newer
    return rooms(request).frame.page(
        request, "setup.html", {"stands": stands, "newer": newer, "adds": setup.may_adopt(person)}
    )


@router.get("/{camera_id}")
def page(request: Request, camera_id: str, person: Asking, saved: bool = False) -> Response:
    """For those who draw, with the picture; for those who administer, the draft and what it would change."""
    setup, parts = rooms(request).setup, rooms(request).parts
    stand, sheet = setup.stand(person, camera_id), setup.sheet(person, camera_id)
    draws = setup.may_draw(person) and camera_id in person.account.territory
    draft = stand.draft
    values = {
        "stand": stand,
        "sheet": sheet,
        "drawing": json.dumps({"base": sheet.base, **drawing_out(sheet.drawing)}),
        "draws": draws,
        "adopts": setup.may_adopt(person),
        "draft": draft,
        "draft_drawing": json.dumps(drawing_out(draft.drawing)) if draft else "",
        "candidate": setup.changes(person, draft) if draft else None,
        "saved": saved,
        "analytics": setup.analytics(),
        "purposes": sorted({row[2] for m in parts.mandates for row in m.matrix if row[0] == camera_id}),
        "start": typed(parts.clock.now_us() - DAY_US, parts.site.zone),
        "outside_lab": any(m.mode is not Mode.LAB for m in parts.mandates),
    }
    return rooms(request).frame.page(request, "setup_camera.html", values)


@router.get("/{camera_id}/still.jpg")
def still(request: Request, camera_id: str, person: Asking, width: int = 1280) -> Response:
    data = rooms(request).setup.still(person, camera_id, width)
    return Response(data, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/{camera_id}/check")
def check(
    request: Request, camera_id: str, given: DrawingIn, person: Annotated[Person, Depends(checked_by_header)]
) -> JSONResponse:
    """What `site.yaml` would become, and what `vitrail check` would say. Writes nothing."""
    found = rooms(request).setup.check(person, drawing_in(given, camera_id), given.base, given.reviewed)
    return JSONResponse(candidate_out(found, rooms(request).frame.words(request)).model_dump())


@router.post("/{camera_id}/draft")
def propose(
    request: Request, camera_id: str, given: DrawingIn, person: Annotated[Person, Depends(checked_by_header)]
) -> JSONResponse:
    """The drawing waits for somebody who administers. 422 with every problem that the file would have."""
    try:
        rooms(request).setup.propose(person, drawing_in(given, camera_id), given.base, given.reviewed)
    except Invalid as error:
        words = rooms(request).frame.words(request)
        problems = [ProblemOut.of(one, words).model_dump() for one in error.problems]
        return JSONResponse({"error": ErrorOut.of(error, words).model_dump(), "problems": problems}, status_code=422)
    return JSONResponse({"next": f"/setup/{camera_id}"})


@router.post("/{camera_id}/adopt")
def adopt(request: Request, camera_id: str, person: Checked, made_us: Annotated[int, Form()]) -> Response:
    rooms(request).setup.adopt(person, camera_id, made_us)
    return RedirectResponse(f"/setup/{camera_id}?saved=true", _MOVED)


@router.post("/{camera_id}/drop")
def drop(request: Request, camera_id: str, person: Checked, made_us: Annotated[int, Form()]) -> Response:
    rooms(request).setup.drop(person, camera_id, made_us)
    return RedirectResponse(f"/setup/{camera_id}", _MOVED)
