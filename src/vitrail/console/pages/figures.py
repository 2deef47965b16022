"""The figures of this site as pictures, each with its table: for those who account for the system."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking
from vitrail.domain.errors import NotFound
from vitrail.domain.time import DAY_US
from vitrail.guard.overview import TABLES, Overview, csv_of, overview
from vitrail.services.review import Person

router = APIRouter()
_DAYS = (7, 31)


@router.get("/figures")
def figures(
    request: Request, person: Annotated[Person, Depends(asking)], days: Annotated[int, Query(ge=1, le=31)] = 31
) -> Response:
    values = {"seen": _seen(request, person, days), "days": days, "choices": _DAYS}
    return rooms(request).frame.page(request, "figures.html", values)


@router.get("/figures/{table}.csv")
def numbers(
    request: Request,
    table: str,
    person: Annotated[Person, Depends(asking)],
    days: Annotated[int, Query(ge=1, le=31)] = 31,
) -> Response:
    """The numbers behind one picture: ``precision``, ``hours``, ``days`` or ``attention``."""
    if table not in TABLES:
        raise NotFound(f"there is no table {table}", where="figures", remedy=f"one of {', '.join(TABLES)}")
    headers = {"Content-Disposition": f'attachment; filename="vitrail-{table}.csv"'}
    text = csv_of(_seen(request, person, days), table)
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _seen(request: Request, person: Person, days: int) -> Overview:
    """Counted from the ledger, which says that it was asked for."""
    now_us = rooms(request).parts.clock.now_us()
    since_us = now_us - days * DAY_US
    rows = rooms(request).administer.follow_up(person, since_us, now_us)
    site = rooms(request).parts.site
    checks = rooms(request).administer.attention(person, site.zone, since_us)
    return overview(rows, site.zone, since_us, now_us, checks)
