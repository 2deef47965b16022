"""Search for programs: the same desk, inside the same case, refused for the same words."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from vitrail.console.pages.search import kept_query
from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked_by_header
from vitrail.console.status import ERRORS
from vitrail.domain.board import SavedQuery
from vitrail.domain.search import Found, Results
from vitrail.domain.time import iso
from vitrail.services.review import Person

_Acting = Annotated[Person, Depends(checked_by_header)]
router = APIRouter(prefix="/api/v1/cases/{case_id}/search", tags=["search"], responses=ERRORS)


class WordOut(BaseModel):
    """Words of the description, what they were taken for, and the filter's value."""

    text: str
    meaning: str
    value: str


class FoundOut(BaseModel):
    """A sighting (``sighting`` is its number) or an alert (``alert`` is its id). ``fit`` 0..1; ``box`` in shares of the
    picture; times RFC 3339 in UTC."""

    fit: float
    camera: str
    start: str
    end: str
    what: str
    sighting: int | None = None
    alert: str | None = None
    colours: list[str] = []
    places: list[str] = []
    heading: str = ""
    standing_s: float = 0.0
    speed_kmh: float | None = None
    length_m: float | None = None
    box: list[float] = []


class OutageOut(BaseModel):
    camera: str
    start: str
    end: str


class UnderWayOut(BaseModel):
    """A recording that is still being read, and the share of it that is. ``stopped``: its analysis was interrupted."""

    camera: str
    start: str
    end: str
    share: float
    stopped: bool


class SearchOut(BaseModel):
    """Best first. ``outages``: when cameras of the search were not recorded. ``searchable_until``: the newest one.
    ``likeness``: the model that weighed what things look like."""

    understood: list[WordOut]
    found: list[FoundOut]
    more: bool
    outages: list[OutageOut]
    searchable_until: str | None
    likeness: str
    under_way: list[UnderWayOut] = []


@router.get("")
def search(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(asking)],
    q: Annotated[str, Query(min_length=1, max_length=4000)],
    limit: Annotated[int, Query(ge=1, le=120)] = 50,
) -> SearchOut:
    """By a description in English or French. 403 with rule L21 when it describes a person."""
    answer = rooms(request).search.ask(person, case_id, q, None)
    words = [WordOut(text=w.text, meaning=w.meaning, value=w.value) for w in answer.understood.words]
    return _out(words, answer.results, limit)


class SavedIn(BaseModel):
    """``query``: as the search page writes it, such as ``q=red+car``."""

    words: str = Field(min_length=2, max_length=500)
    query: str = Field(min_length=1, max_length=8_000)


class SavedOut(BaseModel):
    id: str
    words: str
    query: str
    by: str
    at: str


class DroppedOut(BaseModel):
    dropped: bool


@router.get("/saved")
def saved(request: Request, case_id: str, person: Annotated[Person, Depends(asking)]) -> list[SavedOut]:
    """The searches that are kept in the case."""
    return [_saved(kept) for kept in rooms(request).search.saved(person, case_id)]


@router.post("/saved")
def save(request: Request, case_id: str, said: SavedIn, person: _Acting) -> SavedOut:
    """Keep a search in the case. 403 with rule L21 when it describes a person."""
    made = rooms(request)
    return _saved(made.search.save(person, case_id, said.words, *kept_query(said.query, made.parts.site.zone)))


@router.post("/saved/{query_id}/drop")
def drop(request: Request, case_id: str, query_id: str, person: _Acting) -> DroppedOut:
    rooms(request).search.drop(person, case_id, query_id)
    return DroppedOut(dropped=True)


def _saved(kept: SavedQuery) -> SavedOut:
    return SavedOut(id=kept.id, words=kept.words, query=kept.query, by=kept.made_by, at=iso(kept.made_us))


@router.get("/like/{sighting_id}")
def alike(
    request: Request,
    case_id: str,
    sighting_id: int,
    person: Annotated[Person, Depends(asking)],
    limit: Annotated[int, Query(ge=1, le=120)] = 50,
) -> SearchOut:
    """What looks like that sighting."""
    return _out([], rooms(request).search.alike(person, case_id, sighting_id), limit)


def _out(words: list[WordOut], results: Results, limit: int) -> SearchOut:
    return SearchOut(
        understood=words,
        found=[_found(one) for one in results.found[:limit]],
        more=results.more or len(results.found) > limit,
        outages=[
            OutageOut(camera=o.camera_id, start=iso(o.interval.start_us), end=iso(o.interval.end_us))
            for o in results.outages
        ],
        likeness=results.likeness,
        under_way=[
            UnderWayOut(
                camera=u.camera_id,
                start=iso(u.interval.start_us),
                end=iso(u.interval.end_us),
                share=round(u.share, 3),
                stopped=u.stopped,
            )
            for u in results.under_way
        ],
        searchable_until=None if results.indexed_until_us is None else iso(results.indexed_until_us),
    )


def _found(one: Found) -> FoundOut:
    start, end = iso(one.interval.start_us), iso(one.interval.end_us)
    if one.sighting is None:
        assert one.alert is not None
        what, alert = one.alert.kind, one.alert.id
        return FoundOut(fit=one.fit, camera=one.camera_id, start=start, end=end, what=what, alert=alert)
    seen = one.sighting
    return FoundOut(
        fit=one.fit,
        camera=one.camera_id,
        what=seen.kind,
        sighting=seen.id,
        colours=[tint.name for tint in seen.tints],
        places=list(seen.zones),
        heading=seen.heading.value,
        standing_s=seen.standing_s,
        speed_kmh=seen.speed_kmh,
        length_m=seen.length_m,
        box=list(seen.box),
        start=start,
        end=end,
    )
