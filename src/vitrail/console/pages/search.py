"""Search in a case: a description or a photograph, how it was understood, and a storyboard of what was found."""

__all__ = ["kept_query", "router"]

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qs, urlencode

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitrail.console.ground_plan import PlanPart, plan_part
from vitrail.console.parts import Rooms, rooms
from vitrail.console.sessions import asking, checked
from vitrail.console.when import typed
from vitrail.domain.errors import Invalid, Refused
from vitrail.domain.people import Use
from vitrail.domain.plan import SitePlan
from vitrail.domain.search import KINDS, Filters, Results
from vitrail.domain.sightings import COLOURS, Heading
from vitrail.domain.streams import Camera
from vitrail.domain.time import HOUR_US, Interval, moment_us
from vitrail.guard.asking import Understood, person_words
from vitrail.pipeline.plan import plan_of
from vitrail.services.review import Person

router = APIRouter(prefix="/cases/{case_id}/search")
_MOST_SPANS = 400
_BARS = 48
_MOVED = 303


class Asked(BaseModel):
    """The form. ``edited``: its filters count, not the words'. ``spans``: ``start-end`` in microseconds UTC."""

    model_config = ConfigDict(extra="ignore")

    q: str = Field("", max_length=4000)
    edited: bool = False
    kind: list[str] = []
    colour: list[str] = []
    event: list[str] = []
    camera: list[str] = []
    place: list[str] = []
    heading: str = ""
    standing: float = Field(0.0, ge=0, le=86_400)
    speed: float = Field(0.0, ge=0, le=400)
    length: float = Field(0.0, ge=0, le=40)
    words: str = Field("", max_length=400)
    near: bool = False
    spans: str = Field("", max_length=20_000)
    begin: str = Field("", max_length=40)
    end: str = Field("", max_length=40)

    def filters(self, zone: str) -> Filters:
        """Raises ``Invalid``."""
        try:
            return Filters(
                kinds=frozenset(self.kind),
                colours=frozenset(self.colour),
                events=frozenset(self.event),
                cameras=frozenset(self.camera),
                places=frozenset(self.place),
                spans=self._spans(zone),
                heading=Heading(self.heading),
                least_standing_s=self.standing,
                least_speed_kmh=self.speed,
                least_length_m=self.length,
                words=self.words.strip(),
                near=self.near,
            )
        except ValueError as error:
            raise Invalid(f"this is no filter: {error}", where="filters", remedy="choose among those shown") from error

    def _spans(self, zone: str) -> tuple[Interval, ...]:
        if self.begin and self.end:
            begin_us, end_us = moment_us(self.begin, zone, "begin"), moment_us(self.end, zone, "end")
            return (Interval(begin_us, end_us),)
        pairs = [part.split("-") for part in self.spans.split(",") if part][:_MOST_SPANS]
        return tuple(Interval(int(start), int(end)) for start, end in pairs)


@router.get("")
def search(
    request: Request, case_id: str, person: Annotated[Person, Depends(asking)], asked: Annotated[Asked, Query()]
) -> Response:
    made = rooms(request)
    values: dict[str, Any] = {"q": asked.q, "understood": None, "trouble": None, "results": None}
    values["filters"] = Filters()
    if asked.q.strip() or asked.edited:
        try:
            chosen = asked.filters(made.parts.site.zone) if asked.edited else None
            answer = made.search.ask(person, case_id, asked.q.strip(), chosen)
            values |= {"understood": answer.understood, "results": answer.results}
            values["filters"] = answer.understood.filters
        except (Refused, Invalid) as error:
            if isinstance(error, Refused) and error.rule != "L21":
                raise
            values |= {"trouble": error, "about": person_words(asked.q) or person_words(asked.words)}
    return _page(request, made, person, case_id, values)


@router.post("/photo")
def by_photo(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(checked)],
    photo: Annotated[UploadFile, File()],
) -> Response:
    made = rooms(request)
    values: dict[str, Any] = {"q": "", "understood": None, "trouble": None, "results": None, "filters": Filters()}
    try:
        name, results = made.search.pictured(person, case_id, photo.file.read())
        values |= {"photo": name, "results": results}
    except (Refused, Invalid) as error:
        if isinstance(error, Refused) and error.rule != "L21":
            raise
        values["trouble"] = error
    return _page(request, made, person, case_id, values)


@router.get("/photo/{name}.jpg")
def photo(request: Request, case_id: str, name: str, person: Annotated[Person, Depends(asking)]) -> Response:
    """The photograph as it was searched with: people painted over."""
    return Response(rooms(request).search.photo(person, name), media_type="image/jpeg")


@router.get("/like/{sighting_id}")
def alike(request: Request, case_id: str, sighting_id: int, person: Annotated[Person, Depends(asking)]) -> Response:
    made = rooms(request)
    like = made.search.sighting(person, case_id, sighting_id)
    results = made.search.alike(person, case_id, sighting_id)
    values = {"q": "", "understood": None, "trouble": None, "results": results, "filters": Filters(), "like": like}
    return _page(request, made, person, case_id, values)


@router.get("/sighting/{sighting_id}.jpg")
def still(request: Request, case_id: str, sighting_id: int, person: Annotated[Person, Depends(asking)]) -> Response:
    """Masked."""
    return Response(rooms(request).search.still(person, case_id, sighting_id), media_type="image/jpeg")


@router.post("/saved")
def save(
    request: Request,
    case_id: str,
    person: Annotated[Person, Depends(checked)],
    words: Annotated[str, Form(max_length=500)],
    query: Annotated[str, Form(max_length=8_000)],
) -> Response:
    """Keep this search in the case, and go on with what it found."""
    made = rooms(request)
    kept, asked = kept_query(query, made.parts.site.zone)
    made.search.save(person, case_id, words, kept, asked)
    return RedirectResponse(f"/cases/{case_id}/search?{kept}#saved", _MOVED)


@router.post("/saved/{query_id}/drop")
def drop(request: Request, case_id: str, query_id: str, person: Annotated[Person, Depends(checked)]) -> Response:
    rooms(request).search.drop(person, case_id, query_id)
    return RedirectResponse(f"/cases/{case_id}/search#saved", _MOVED)


@router.post("/pin/{sighting_id}")
def pin(
    request: Request,
    case_id: str,
    sighting_id: int,
    person: Annotated[Person, Depends(checked)],
    words: Annotated[str, Form(max_length=500)],
) -> Response:
    """Put a sighting on the case's board, where all of it lies on one axis and one map."""
    rooms(request).search.pin(person, case_id, sighting_id, words)
    return RedirectResponse(f"/cases/{case_id}/replay", _MOVED)


def kept_query(query: str, zone: str) -> tuple[str, tuple[str, ...]]:
    """An address's query as it is kept, and the words in it. Raises ``Invalid`` for what no search of the page is."""
    try:
        asked = Asked.model_validate(_single(parse_qs(query, max_num_fields=1_000)))
    except (ValidationError, ValueError) as error:
        raise Invalid("this is no search", where="query", remedy="keep one that the page shows") from error
    if asked.edited:
        filters = asked.filters(zone)
        return _query(Understood(asked.q, (), filters), filters, {}), (asked.q, filters.words)
    return urlencode({"q": asked.q}), (asked.q,)


def _single(fields: dict[str, list[str]]) -> dict[str, Any]:
    return {
        name: values if name in ("kind", "colour", "event", "camera", "place") else values[-1]
        for name, values in fields.items()
    }


def _page(request: Request, made: Rooms, person: Person, case_id: str, values: dict[str, Any]) -> Response:
    sheet = made.investigate.sheet(person, case_id)
    cameras = made.search.cameras(person, case_id)
    zone = made.parts.site.zone
    results: Results | None = values["results"]
    filters: Filters = values["filters"]
    return made.frame.page(
        request,
        "search.html",
        {"photo": None, "like": None, "about": None}
        | values
        | {
            "case": sheet.case,
            "cameras": cameras,
            "drawn_at": _drawn(cameras),
            "kinds": sorted(KINDS),
            "colours": COLOURS,
            "events": sorted({*made.parts.kinds, *filters.events}),
            "headings": [h.value for h in Heading],
            "spans": ",".join(f"{s.start_us}-{s.end_us}" for s in filters.spans),
            "by_camera": Counter(one.camera_id for one in results.found) if results else {},
            "plan": _plan(cameras, made.parts.site.plan) if results and results.found else None,
            "bars": _bars(results, sheet.case.window) if results else [],
            "typed": lambda us: typed(us, zone),
            "link": lambda **change: f"/cases/{case_id}/search?" + _query(values["understood"], filters, change),
            "saved": made.search.saved(person, case_id),
            "query": _query(values["understood"], filters, {}) if values["understood"] else "",
            "may_review": made.review.may(person, Use.REVIEW),
        },
        403 if isinstance(values["trouble"], Refused) else 422 if values["trouble"] else 200,
    )


def _drawn(cameras: Sequence[Camera]) -> dict[str, str]:
    """What is drawn on their pictures: names by id."""
    found: dict[str, str] = {}
    for camera in cameras:
        found |= {zone.id: zone.name for zone in camera.zones} | {line.id: line.name for line in camera.lines}
        found |= {wall.id: wall.name for wall in camera.surfaces} | {asset.id: asset.name for asset in camera.assets}
    return found


def _query(understood: Understood | None, filters: Filters, change: dict[str, Any]) -> str:
    """The same search with other filters, as an address that can be kept."""
    said: dict[str, Any] = {
        "q": understood.text if understood else "",
        "edited": 1,
        "kind": sorted(filters.kinds),
        "colour": sorted(filters.colours),
        "event": sorted(filters.events),
        "camera": sorted(filters.cameras),
        "place": sorted(filters.places),
        "heading": filters.heading.value,
        "standing": filters.least_standing_s,
        "speed": filters.least_speed_kmh,
        "length": filters.least_length_m,
        "words": filters.words,
        "near": int(filters.near),
        "spans": ",".join(f"{s.start_us}-{s.end_us}" for s in filters.spans),
    }
    return urlencode(said | change, doseq=True)


def _plan(cameras: Sequence[Camera], drawn: SitePlan | None) -> PlanPart | None:
    """None while fewer than two cameras say where they stand."""
    plan = plan_of(cameras, drawn)
    names = {camera.id: camera.name for camera in cameras}
    return plan_part(plan, names) if plan is not None and len(plan.places) > 1 else None


def _bars(results: Results, window: Interval) -> list[tuple[int, int, Interval]]:
    """How many were found in each part of the span that holds any: (place, count, part)."""
    if not results.found:
        return []
    first = min(one.interval.start_us for one in results.found)
    last = max(one.interval.start_us for one in results.found)
    width = max((last - first) // _BARS + 1, HOUR_US // 12)
    counts = Counter((one.interval.start_us - first) // width for one in results.found)
    return [(i, n, Interval(first + i * width, first + (i + 1) * width)) for i, n in sorted(counts.items())]
