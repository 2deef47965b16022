"""The list of alerts, and the page on which a person looks at one and says a verdict."""

__all__ = ["CONFIRM_REASONS", "DISMISS_REASONS", "router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse, Response

from vitrail.console.language import N_
from vitrail.console.orders import job_answer
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.console.soundmap import BANDS_HZ, sound_map
from vitrail.domain.errors import Conflict
from vitrail.domain.events import AlertQuery, AlertState, Decision, Side
from vitrail.domain.people import Use
from vitrail.services.review import Person

router = APIRouter(prefix="/alerts")
_PAGE = 50
_MOVED = 303
CONFIRM_REASONS = (
    N_("passed on to the patrol"),
    N_("passed on to the cleaning or repair team"),
    N_("seen, nothing more to do"),
)
DISMISS_REASONS = (
    N_("nothing there"),
    N_("authorised work or staff"),
    N_("light, shadow or reflection"),
    N_("an animal"),
    N_("the zone is drawn wrongly"),
)
SOUND_REASONS = (
    N_("fireworks"),
    N_("a door, a bin, works"),
    N_("play, sport or a feast"),
    N_("traffic or an engine"),
    N_("thunder or weather"),
)


@router.get("")
def listing(
    request: Request,
    person: Annotated[Person, Depends(asking)],
    state: AlertState | None = None,
    camera: str = "",
    kind: str = "",
    before: str = "",
) -> Response:
    review = rooms(request).review
    states = frozenset({state}) if state else frozenset[AlertState]()
    query = AlertQuery(states, camera or None, kind or None, before or None, _PAGE)
    values = {
        "alerts": review.alerts(person, query),
        "counts": review.counts(person),
        "cameras": [*review.cameras(person), *review.microphones(person)],
        "states": list(AlertState),
        "kinds": rooms(request).parts.kinds,
        "state": state,
        "camera": camera,
        "kind": kind,
        "page_size": _PAGE,
    }
    return rooms(request).frame.page(request, "alerts.html", values)


@router.get("/{alert_id}")
def alert(request: Request, alert_id: str, person: Annotated[Person, Depends(asking)]) -> Response:
    sheet = rooms(request).review.sheet(person, alert_id)
    parts = rooms(request).parts
    mandate = next((m for m in parts.mandates if m.id == sheet.alert.mandate_id), None)
    values: dict[str, object] = {
        "sheet": sheet,
        "mandate": mandate,
        "confirm": CONFIRM_REASONS,
        "dismiss": DISMISS_REASONS,
        "keeps": rooms(request).review.may(person, Use.UPKEEP),
    }
    if sheet.microphone is not None:
        values |= {"map": sound_map(sheet), "dismiss": SOUND_REASONS, "bands": BANDS_HZ}
        return rooms(request).frame.page(request, "sound.html", values)
    return rooms(request).frame.page(request, "alert.html", values)


@router.post("/{alert_id}/verdict")
def verdict(
    request: Request,
    alert_id: str,
    person: Annotated[Person, Depends(checked)],
    decision: Annotated[Decision, Form()],
    reason: Annotated[str, Form(max_length=500)],
) -> Response:
    """Stores the verdict and goes on to the next open alert, or back to the first page; to its own page where it was a
    blind check."""
    try:
        seen = rooms(request).review.judge(person, alert_id, decision, reason)
    except Conflict:
        return RedirectResponse(f"/alerts/{alert_id}?late=1", _MOVED)
    rooms(request).parts.bus.publish("verdict", alert_id)
    if seen.blind:
        return RedirectResponse(f"/alerts/{alert_id}", _MOVED)  # its page says what it was
    return RedirectResponse(f"/alerts/{seen.next_id}" if seen.next_id else "/", _MOVED)


@router.post("/{alert_id}/clip")
def order_clip(request: Request, alert_id: str, person: Annotated[Person, Depends(checked)]) -> JSONResponse:
    """Start rendering; the page then asks how far it is until it is done."""
    return job_answer(request, rooms(request).review.order_clip(person, alert_id))


@router.get("/{alert_id}/clip")
def clip_work(request: Request, alert_id: str, person: Annotated[Person, Depends(asking)]) -> JSONResponse:
    return job_answer(request, rooms(request).review.clip_work(person, alert_id))


@router.get("/{alert_id}/clip.mp4")
def clip(request: Request, alert_id: str, person: Annotated[Person, Depends(asking)]) -> Response:
    path = rooms(request).review.clip(person, alert_id)
    return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "no-store"})


@router.get("/{alert_id}/{side}.picture.jpg")
def picture(request: Request, alert_id: str, side: Side, person: Annotated[Person, Depends(asking)]) -> Response:
    shown = rooms(request).review.picture(person, alert_id, side)
    return Response(shown, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get("/{alert_id}/still.jpg")
def still(request: Request, alert_id: str, person: Annotated[Person, Depends(asking)], width: int = 640) -> Response:
    picture = rooms(request).review.still(person, alert_id, width)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})
