"""Play any minute of a recording, masked: choose a camera and a day, see what is recorded, choose a minute."""

__all__ = ["local_day", "router"]

from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from vitrail.console.orders import job_answer
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked
from vitrail.domain.errors import Invalid
from vitrail.domain.time import DAY_US, MINUTE_US, SECOND_US, Interval
from vitrail.services.review import Person

router = APIRouter(prefix="/recording")


@router.get("")
def recording(
    request: Request, person: Annotated[Person, Depends(asking)], camera: str = "", day: str = "", at: str = ""
) -> Response:
    review, parts = rooms(request).review, rooms(request).parts
    cameras = review.cameras(person)
    chosen = next((c for c in cameras if c.id == camera), cameras[0] if cameras else None)
    whole = local_day(day, parts.site.zone, parts.clock.now_us())
    spans = review.spans(person, chosen.id, whole) if chosen else []
    start_us = _minute(at, whole, parts.site.zone) if at else None
    values = {
        "cameras": cameras,
        "chosen": chosen,
        "whole": whole,
        "spans": [((s.start_us - whole.start_us) / DAY_US, (s.end_us - s.start_us) / DAY_US, s) for s in spans],
        "day": _local(whole.start_us, parts.site.zone).date().isoformat(),
        "at": at,
        "start_us": start_us,
        "latest_us": max((s.end_us for s in spans), default=None),
    }
    return rooms(request).frame.page(request, "recording.html", values)


@router.post("/{camera_id}/{start_us}")
def order(request: Request, camera_id: str, start_us: int, person: Annotated[Person, Depends(checked)]) -> JSONResponse:
    return job_answer(request, rooms(request).review.order_minute(person, camera_id, _span(start_us)))


@router.get("/{camera_id}/{start_us}/work")
def work(request: Request, camera_id: str, start_us: int, person: Annotated[Person, Depends(asking)]) -> JSONResponse:
    return job_answer(request, rooms(request).review.minute_work(person, camera_id, _span(start_us)))


@router.get("/{camera_id}/{start_us}.mp4")
def minute(request: Request, camera_id: str, start_us: int, person: Annotated[Person, Depends(asking)]) -> Response:
    path = rooms(request).review.minute(person, camera_id, _span(start_us))
    return FileResponse(path, media_type="video/mp4", headers={"Cache-Control": "no-store"})


def _span(start_us: int) -> Interval:
    if not 0 <= start_us < 2**62:
        raise Invalid("the minute lies outside of time", where="start_us")
    return Interval(start_us, start_us + MINUTE_US)


def local_day(text: str, zone: str, now_us: int) -> Interval:
    """The local day, 23 or 25 hours long when the clocks change."""
    try:
        day = date.fromisoformat(text) if text else _local(now_us, zone).date()
        start = datetime.combine(day, clock_time(), ZoneInfo(zone))
        end = datetime.combine(day + timedelta(days=1), clock_time(), ZoneInfo(zone))
    except (ValueError, OverflowError) as error:
        raise Invalid(f"{text!r} is no day", where="day", remedy="write it as 2026-11-23") from error
    return Interval(_us(start), _us(end))


def _minute(text: str, whole: Interval, zone: str) -> int:
    try:
        at = clock_time.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is no time of day", where="at", remedy="write it as 14:05") from error
    return _us(datetime.combine(_local(whole.start_us, zone).date(), at, ZoneInfo(zone)))


def _local(at_us: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_us / SECOND_US, ZoneInfo(zone))


def _us(moment: datetime) -> int:
    return round(moment.timestamp()) * SECOND_US
