"""Replay for programs, and for its page: a case's cameras on one clock, pins, clocks, and where to look next."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, Field

from vitrail.console.parts import rooms
from vitrail.console.scene import SceneOut, TipsOut, scene_out, tips_out
from vitrail.console.sessions import asking, checked_by_header
from vitrail.console.status import ERRORS
from vitrail.domain.board import CameraClock
from vitrail.guard.board import Mark
from vitrail.services.review import Person

router = APIRouter(prefix="/api/v1/cases/{case_id}/replay", tags=["replay"], responses=ERRORS)
_NEVER_KEPT = {"Cache-Control": "no-store"}
_Us = Annotated[int, Query(ge=0, lt=2**62)]
_Moment = Annotated[int, Field(ge=0, lt=2**62)]
_Width = Annotated[int, Query(ge=64, le=1920)]
_Asking = Annotated[Person, Depends(asking)]
_Acting = Annotated[Person, Depends(checked_by_header)]


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


class ViewingOut(BaseModel):
    """``viewing`` stands in the path of its pictures until ``ends_us``."""

    viewing: str
    ends_us: int


class EndedOut(BaseModel):
    ended: bool


class VersionOut(BaseModel):
    """Name this version to change what it is the version of."""

    id: str
    version: int


class RemovedOut(BaseModel):
    removed: bool


class ClockOut(BaseModel):
    camera: str
    offset_us: int
    uncertainty_us: int
    version: int


class ClocksOut(BaseModel):
    clocks: list[ClockOut]


@router.get("/scene")
def scene(request: Request, case_id: str, person: _Asking) -> SceneOut:
    """Everything on the case's axis and map."""
    return scene_out(rooms(request).replay.scene(person, case_id))


@router.post("/viewing")
def begin(request: Request, case_id: str, person: _Acting) -> ViewingOut:
    """One look at the recordings: one opening in the ledger, and one outcome that says what was looked at."""
    token, ends_us = rooms(request).replay.begin(person, case_id)
    return ViewingOut(viewing=token, ends_us=ends_us)


@router.post("/viewing/{viewing}/end")
def end(request: Request, case_id: str, viewing: str, person: _Acting) -> EndedOut:
    rooms(request).replay.end(person, case_id, viewing)
    return EndedOut(ended=True)


@router.get("/viewing/{viewing}/{camera_id}/at.jpg")
def at(
    request: Request,
    case_id: str,
    viewing: str,
    camera_id: str,
    person: _Asking,
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
    person: _Asking,
    us: _Us,
    width: _Width = 640,
    keys: bool = False,
) -> Response:
    """Masked pictures of the five seconds that begin at ``us`` (key pictures of the minute), on the camera's clock."""
    path = rooms(request).replay.pack(person, case_id, viewing, camera_id, us, width, keys)
    return FileResponse(path, media_type="application/octet-stream", headers=_NEVER_KEPT)


@router.post("/pins")
def pin(request: Request, case_id: str, said: PinIn, person: _Acting) -> VersionOut:
    spot = (said.x, said.y) if said.x is not None and said.y is not None else None
    made = rooms(request).replay.pin(person, case_id, said.camera, said.at_us, said.thread, said.words, spot)
    return VersionOut(id=made.id, version=made.version)


@router.post("/pins/{pin_id}")
def change(
    request: Request,
    case_id: str,
    pin_id: str,
    said: PinChange,
    person: _Acting,
) -> VersionOut:
    """409 when somebody else changed it meanwhile."""
    made = rooms(request).replay.change_pin(person, pin_id, said.version, said.at_us, said.thread, said.words)
    return VersionOut(id=made.id, version=made.version)


@router.post("/pins/{pin_id}/remove")
def remove(
    request: Request,
    case_id: str,
    pin_id: str,
    person: _Acting,
    version: Annotated[int, Query(ge=1)],
) -> RemovedOut:
    rooms(request).replay.remove_pin(person, pin_id, version)
    return RemovedOut(removed=True)


@router.get("/pins/{pin_id}/next")
def look_next(
    request: Request,
    case_id: str,
    pin_id: str,
    person: _Asking,
    travel: str = "walking",
) -> TipsOut:
    tips = rooms(request).replay.look_next(person, case_id, pin_id, travel)
    return tips_out(travel, tips)


@router.post("/clocks")
def clock(request: Request, case_id: str, said: ClockIn, person: _Acting) -> ClockOut:
    offset_us, doubt_us = round(said.offset_s * 1e6), round(said.uncertainty_s * 1e6)
    replay = rooms(request).replay
    made = replay.set_clock(person, case_id, said.camera, offset_us, doubt_us, said.words, said.version)
    return _clock(made)


@router.post("/clocks/event")
def from_event(request: Request, case_id: str, said: EventIn, person: _Acting) -> ClocksOut:
    marks = [Mark(m.camera, m.at_us, m.doubt_us) for m in said.marks]
    made = rooms(request).replay.clocks_from_event(person, case_id, marks, said.words)
    return ClocksOut(clocks=[_clock(clock) for clock in made])


def _clock(made: CameraClock) -> ClockOut:
    return ClockOut(
        camera=made.camera_id, offset_us=made.offset_us, uncertainty_us=made.uncertainty_us, version=made.version
    )
