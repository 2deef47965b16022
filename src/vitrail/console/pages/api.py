"""The same desk for programs: alerts as JSON, with OpenAPI. Signs in with the console's session."""

__all__ = ["router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked_by_header
from vitrail.console.status import ERRORS
from vitrail.domain.events import Alert, AlertQuery, AlertState, Decision
from vitrail.domain.health import Ailment, Unsure
from vitrail.domain.time import iso
from vitrail.runtime.health import StreamState
from vitrail.services.attention import Why
from vitrail.services.review import Person

router = APIRouter(prefix="/api/v1", tags=["alerts"], responses=ERRORS)


class MeasureOut(BaseModel):
    name: str
    value: float
    threshold: float
    unit: str


class VerdictOut(BaseModel):
    decision: Decision
    reason: str
    account: str
    at: str
    seconds_spent: float


class AlertOut(BaseModel):
    """Times are RFC 3339 in UTC."""

    id: str
    mandate: str
    kind: str
    analytic: str
    version: str
    camera: str
    """Empty for a sound."""
    microphone: str | None
    zone: str | None
    line: str | None
    surface: str | None
    asset: str | None
    start: str
    end: str
    ongoing: bool
    score: float
    measures: list[MeasureOut]
    state: AlertState
    verdict: VerdictOut | None
    blind_check: bool = False
    """It was a blind check, nothing had been told there; said once there is a verdict."""


class AttentionOut(BaseModel):
    """``kind`` of the alert that put the camera there, if one did; ``seconds`` since when that is so."""

    camera: str
    weight: float
    why: Why
    kind: str
    seconds: float


class UnjudgedOut(BaseModel):
    """A declared wall or piece of furniture that no machine judges now, and why."""

    surface: str | None
    asset: str | None
    why: Unsure
    since: str


class StreamOut(BaseModel):
    """How a stream is doing. ``ailments``: what is wrong with what the camera shows; ``since`` is RFC 3339."""

    stream: str
    camera: str
    state: StreamState
    since: str
    ailments: list[Ailment]
    unjudged: list[UnjudgedOut]
    problem: str
    recording: bool
    behind_s: float


class VerdictIn(BaseModel):
    decision: Decision
    reason: str = Field(min_length=3, max_length=500)


@router.get("/alerts")
def listing(
    request: Request,
    person: Annotated[Person, Depends(asking)],
    state: AlertState | None = None,
    camera: str | None = None,
    kind: str | None = None,
    before: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[AlertOut]:
    """Newest first; ``before`` continues a listing after the alert with that id."""
    states = frozenset({state}) if state else frozenset[AlertState]()
    found = rooms(request).review.alerts(person, AlertQuery(states, camera, kind, before, limit))
    return [_out(alert) for alert in found]


@router.get("/tickets")
def tickets(request: Request, person: Annotated[Person, Depends(asking)]) -> list[dict[str, str]]:
    """What people confirmed of walls and furniture, as Open311 GeoReport v2 requests."""
    return [ticket.georeport() for ticket in rooms(request).review.tickets(person)]


@router.get("/attention")
def attention(request: Request, person: Annotated[Person, Depends(asking)]) -> list[AttentionOut]:
    """The cameras of the territory, the one most worth a look first, each with the reason."""
    order = rooms(request).review.attention(person, rooms(request).parts.health())
    return [AttentionOut(camera=a.camera_id, weight=a.weight, why=a.why, kind=a.kind, seconds=a.for_s) for a in order]


@router.get("/streams")
def streams(request: Request, person: Annotated[Person, Depends(asking)]) -> list[StreamOut]:
    """Health of the streams of the person's cameras: machines, nothing of what they show."""
    own = person.account.territory
    return [
        StreamOut(
            stream=row.stream_id,
            camera=row.camera_id,
            state=row.state,
            since=iso(row.since_us),
            ailments=list(row.ailments),
            unjudged=[
                UnjudgedOut(
                    surface=one.place.surface_id, asset=one.place.asset_id, why=one.why, since=iso(one.since_us)
                )
                for one in row.unjudged
            ],
            problem=row.problem,
            recording=row.recording,
            behind_s=row.behind_s,
        )
        for row in rooms(request).parts.health()
        if not own or row.camera_id in own
    ]


@router.get("/alerts/{alert_id}")
def one(request: Request, alert_id: str, person: Annotated[Person, Depends(asking)]) -> AlertOut:
    sheet = rooms(request).review.sheet(person, alert_id)
    return _out(sheet.alert, sheet.blind)


@router.post("/alerts/{alert_id}/verdict")
def verdict(
    request: Request, alert_id: str, said: VerdictIn, person: Annotated[Person, Depends(checked_by_header)]
) -> AlertOut:
    """Needs the header X-CSRF-Token. 409 when there is a verdict already."""
    seen = rooms(request).review.judge(person, alert_id, said.decision, said.reason)
    rooms(request).parts.bus.publish("verdict", alert_id)
    return _out(seen.alert, seen.blind)


def _out(alert: Alert, blind: bool = False) -> AlertOut:
    said = alert.verdict
    return AlertOut(
        id=alert.id,
        mandate=alert.mandate_id,
        kind=alert.kind,
        analytic=alert.analytic,
        version=alert.version,
        camera=alert.place.camera_id,
        microphone=alert.place.microphone_id,
        zone=alert.place.zone_id,
        line=alert.place.line_id,
        surface=alert.place.surface_id,
        asset=alert.place.asset_id,
        start=iso(alert.interval.start_us),
        end=iso(alert.interval.end_us),
        ongoing=alert.ongoing,
        score=alert.score,
        measures=[MeasureOut(name=m.name, value=m.value, threshold=m.threshold, unit=m.unit) for m in alert.measures],
        state=alert.state,
        blind_check=blind,
        verdict=None
        if said is None
        else VerdictOut(
            decision=said.decision,
            reason=said.reason,
            account=said.account_id,
            at=iso(said.at_us),
            seconds_spent=said.seconds_spent,
        ),
    )
