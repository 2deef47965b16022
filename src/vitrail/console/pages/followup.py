"""What became of each alert: the follow-up register, for those who account for the system."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking
from vitrail.domain.time import DAY_US
from vitrail.guard.followup import summary
from vitrail.services.review import Person

router = APIRouter()
_DAYS = (1, 7, 31)
_MOST_ROWS = 500


@router.get("/followup")
def followup(
    request: Request, person: Annotated[Person, Depends(asking)], days: Annotated[int, Query(ge=1, le=31)] = 7
) -> Response:
    """Newest first. Sums are over the whole span, also where not every row is shown."""
    now_us = rooms(request).parts.clock.now_us()
    rows = rooms(request).administer.follow_up(person, now_us - days * DAY_US, now_us)
    values = {"rows": rows[:_MOST_ROWS], "left": max(0, len(rows) - _MOST_ROWS), "sums": summary(rows), "days": days}
    return rooms(request).frame.page(request, "followup.html", {**values, "choices": _DAYS})
