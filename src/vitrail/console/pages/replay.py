"""A case replayed: up to nine cameras on one clock, one axis, one map; pins, clocks, and where to look next."""

__all__ = ["router"]

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, Field

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked_by_header
from vitrail.domain.time import Interval
from vitrail.guard.board import Mark
from vitrail.guard.projector import FULL_US, KEYS_US
from vitrail.services.replay import Scene, Tip
from vitrail.services.review import Person

router = APIRouter(prefix="/cases/{case_id}/replay")
_NEVER_KEPT = {"Cache-Control": "no-store"}
_Us = Annotated[int, Query(ge=0, lt=2**62)]
_Moment = Annotated[int, Field(ge=0, lt=2**62)]
_Width = Annotated[int, Query(ge=64, le=1920)]


class PinIn(BaseModel):
    camera: str = Field(max_length=100)
    at_us: _Moment
    thread: str = Field(default="", max_length=100)
    words: str = Field(min_length=2, max_length=500)
    x: float | None = Field(default=None, ge=0, le=1)
    y: float | None = Field(default=None, ge=0, le=1)


class PinChange(BaseModel):
    version: int = Field(ge=1)
    at_us: _Moment
    thread: str = Field(default="", max_length=100)
    words: str = Field(min_length=2, max_length=500)


class ClockIn(BaseModel):
    camera: str = Field(max_length=100)
    offset_s: float = Field(ge=-86_400, le=86_400)
    uncertainty_s: float = Field(ge=0, le=86_400)
    words: str = Field(min_length=2, max_length=500)
    version: int = Field(ge=0)


class MarkIn(BaseModel):
    camera: str = Field(max_length=100)
    at_us: _Moment
    doubt_us: Annotated[int, Field(ge=0, le=60_000_000)] = 20_000


class EventIn(BaseModel):
    marks: list[MarkIn] = Field(min_length=2, max_length=9)
    words: str = Field(min_length=2, max_length=500)


@router.get("")
def page(request: Request, case_id: str, person: Annotated[Person, Depends(asking)], at: int = 0) -> Response:
    made = rooms(request)
    scene = made.replay.scene(person, case_id)
    chosen = max(scene.case.window.start_us, min(at, scene.case.window.end_us)) if at else 0
    return made.frame.page(request, "replay.html", {"case": scene.case, "scene": scene, "at_us": chosen})


@router.get("/scene")
def scene(request: Request, case_id: str, person: Annotated[Person, Depends(asking)]) -> JSONResponse:
    return JSONResponse(_said(rooms(request).replay.scene(person, case_id)), headers=_NEVER_KEPT)


@router.post("/viewing")
def begin(request: Request, case_id: str, person: Annotated[Person, Depends(checked_by_header)]) -> JSONResponse:
    token, ends_us = rooms(request).replay.begin(person, case_id)
    return JSONResponse({"viewing": token, "ends_us": ends_us}, headers=_NEVER_KEPT)


@router.post("/viewing/{viewing}/end")
def end(
    request: Request, case_id: str, viewing: str, person: Annotated[Person, Depends(checked_by_header)]
) -> JSONResponse:
    rooms(request).replay.end(person, case_id, viewing)
    return JSONResponse({"ended": True}, headers=_NEVER_KEPT)


@router.get("/viewing/{viewing}/{camera_id}/at.jpg")
def at(
    request: Request,
    case_id: str,
    viewing: str,
    camera_id: str,
    person: Annotated[Person, Depends(asking)],
    us: _Us,
    width: _Width = 480,
) -> Response:
    """The masked key picture of that moment, on the camera's clock; ``X-Wall-Us``: its own."""
    wall_us, data = rooms(request).replay.at(person, case_id, viewing, camera_id, us, width)
    return Response(data, media_type="image/jpeg", headers={**_NEVER_KEPT, "X-Wall-Us": str(wall_us)})


@router.get("/viewing/{viewing}/{camera_id}/pack")
def pack(
    request: Request,
    case_id: str,
    viewing: str,
    camera_id: str,
    person: Annotated[Person, Depends(asking)],
    us: _Us,
    width: _Width = 640,
    keys: bool = False,
) -> Response:
    """Masked pictures of the five seconds that begin at ``us`` (key pictures of the minute), on the camera's clock."""
    path = rooms(request).replay.pack(person, case_id, viewing, camera_id, us, width, keys)
    return FileResponse(path, media_type="application/octet-stream", headers=_NEVER_KEPT)


@router.post("/pins")
def pin(
    request: Request, case_id: str, said: PinIn, person: Annotated[Person, Depends(checked_by_header)]
) -> JSONResponse:
    spot = (said.x, said.y) if said.x is not None and said.y is not None else None
    made = rooms(request).replay.pin(person, case_id, said.camera, said.at_us, said.thread, said.words, spot)
    return JSONResponse({"id": made.id, "version": made.version}, headers=_NEVER_KEPT)


@router.post("/pins/{pin_id}")
def change(
    request: Request,
    case_id: str,
    pin_id: str,
    said: PinChange,
    person: Annotated[Person, Depends(checked_by_header)],
) -> JSONResponse:
    """409 when somebody else changed it meanwhile."""
    made = rooms(request).replay.change_pin(person, pin_id, said.version, said.at_us, said.thread, said.words)
    return JSONResponse({"id": made.id, "version": made.version}, headers=_NEVER_KEPT)


@router.post("/pins/{pin_id}/remove")
def remove(
    request: Request,
    case_id: str,
    pin_id: str,
    person: Annotated[Person, Depends(checked_by_header)],
    version: Annotated[int, Query(ge=1)],
) -> JSONResponse:
    rooms(request).replay.remove_pin(person, pin_id, version)
    return JSONResponse({"removed": True}, headers=_NEVER_KEPT)


@router.get("/pins/{pin_id}/next")
def look_next(
    request: Request,
    case_id: str,
    pin_id: str,
    person: Annotated[Person, Depends(asking)],
    travel: str = "walking",
) -> JSONResponse:
    tips = rooms(request).replay.look_next(person, case_id, pin_id, travel)
    return JSONResponse({"travel": travel, "cameras": [_tip(tip) for tip in tips]}, headers=_NEVER_KEPT)


@router.post("/clocks")
def clock(
    request: Request, case_id: str, said: ClockIn, person: Annotated[Person, Depends(checked_by_header)]
) -> JSONResponse:
    offset_us, doubt_us = round(said.offset_s * 1e6), round(said.uncertainty_s * 1e6)
    replay = rooms(request).replay
    made = replay.set_clock(person, case_id, said.camera, offset_us, doubt_us, said.words, said.version)
    return JSONResponse({"version": made.version}, headers=_NEVER_KEPT)


@router.post("/clocks/event")
def from_event(
    request: Request, case_id: str, said: EventIn, person: Annotated[Person, Depends(checked_by_header)]
) -> JSONResponse:
    marks = [Mark(m.camera, m.at_us, m.doubt_us) for m in said.marks]
    made = rooms(request).replay.clocks_from_event(person, case_id, marks, said.words)
    rows = [{"camera": c.camera_id, "offset_us": c.offset_us, "uncertainty_us": c.uncertainty_us} for c in made]
    return JSONResponse({"clocks": rows}, headers=_NEVER_KEPT)


def _said(scene: Scene) -> dict[str, Any]:
    return {
        "start_us": scene.case.window.start_us,
        "end_us": scene.case.window.end_us,
        "full_us": FULL_US,
        "keys_us": KEYS_US,
        "cameras": [
            {
                "id": each.camera.id,
                "name": each.camera.name,
                "spans": [_span(s) for s in each.spans],
                "offset_us": each.offset_us,
                "uncertainty_us": each.uncertainty_us,
                "clock": each.clock,
                "clock_version": each.clock_version,
            }
            for each in scene.cameras
        ],
        "alerts": [
            {
                "id": a.id,
                "camera": a.place.camera_id,
                "kind": a.kind,
                "state": a.state.value,
                "start_us": a.interval.start_us,
                "end_us": a.interval.end_us,
            }
            for a in scene.alerts
        ],
        "sightings": [
            {
                "id": s.id,
                "camera": s.camera_id,
                "kind": s.kind,
                "colours": [tint.name for tint in s.tints],
                "start_us": s.interval.start_us,
                "end_us": s.interval.end_us,
            }
            for s in scene.sightings
        ],
        "pins": [
            {
                "id": p.id,
                "camera": p.camera_id,
                "at_us": p.at_us,
                "thread": p.thread,
                "words": p.words,
                "x": p.x,
                "y": p.y,
                "by": p.made_by,
                "version": p.version,
            }
            for p in scene.board.pins
        ],
        "map": _map(scene),
    }


def _map(scene: Scene) -> dict[str, Any] | None:
    plan = scene.plan
    if plan is None:
        return None
    cameras = {each.camera.id: each.camera for each in scene.cameras}
    spots = {}
    for p in scene.board.pins:
        foot = (p.x, p.y) if p.x is not None and p.y is not None else None
        found = plan.spot(cameras[p.camera_id], foot) if p.camera_id in cameras else None
        if found:
            spots[p.id] = {"place": found[0], "doubt_m": round(found[1], 1)}
    return {
        "views": {v.camera_id: v.outline.round(2).tolist() for v in plan.views},
        "places": plan.places,
        "guessed": sorted(plan.guessed),
        "lines": [line.round(1).tolist() for line in plan.lines],
        "areas": [area.round(1).tolist() for area in plan.areas],
        "pins": spots,
    }


def _tip(tip: Tip) -> dict[str, Any]:
    window = tip.proposal.window
    return {
        "camera": tip.camera.id,
        "name": tip.camera.name,
        "window": _span(window) if window else None,
        "why": tip.proposal.why,
        "distance_m": round(tip.proposal.distance_m, 1) if tip.proposal.distance_m < 1e6 else None,
        "recorded_us": tip.recorded_us,
        "share": round(tip.searched_share, 3),
    }


def _span(span: Interval) -> list[int]:
    return [span.start_us, span.end_us]
