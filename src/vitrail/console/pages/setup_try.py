"""An analytic tried on a recording of this camera: ordered, with progress, and what it would have told."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from vitrail.console.orders import job_answer
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked_by_header
from vitrail.domain.streams import AnalyticSetting
from vitrail.domain.time import MINUTE_US, Interval, moment_us
from vitrail.guard.rehearsing import Trial
from vitrail.services.review import Person

router = APIRouter(prefix="/setup")
Asking = Annotated[Person, Depends(asking)]
Names = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=64)]


class TrialIn(BaseModel):
    """``start``: a moment of the site's time."""

    model_config = ConfigDict(extra="forbid")

    analytic: Annotated[str, Field(max_length=60)]
    purpose: Annotated[str, Field(max_length=60)]
    start: Annotated[str, Field(max_length=40)]
    minutes: Annotated[int, Field(ge=1, le=60)] = 10
    zones: Names = []
    lines: Names = []
    surfaces: Names = []
    assets: Names = []
    parameters: dict[Annotated[str, Field(max_length=40)], Annotated[float, Field(allow_inf_nan=False)]] = {}


@router.post("/{camera_id}/try")
def order(
    request: Request, camera_id: str, given: TrialIn, person: Annotated[Person, Depends(checked_by_header)]
) -> JSONResponse:
    start_us = moment_us(given.start, rooms(request).parts.site.zone, "start")
    setting = AnalyticSetting(
        given.analytic,
        given.purpose,
        tuple(given.zones),
        tuple(given.lines),
        tuple(given.surfaces),
        tuple(given.assets),
        parameters=dict(given.parameters),
    )
    trial = Trial(camera_id, setting, Interval(start_us, start_us + given.minutes * MINUTE_US))
    return job_answer(request, rooms(request).setup.order_trial(person, trial))


@router.get("/{camera_id}/try/work")
def work(request: Request, camera_id: str, person: Asking) -> JSONResponse:
    return job_answer(request, rooms(request).setup.trial_work(person, camera_id))


@router.get("/{camera_id}/try/told")
def told(request: Request, camera_id: str, person: Asking) -> Response:
    """The list as a part of the page."""
    values = {"told": rooms(request).setup.told(person, camera_id), "camera_id": camera_id}
    return rooms(request).frame.page(request, "part_told.html", values)
