"""Adding a camera: found on the network or typed, tried, and written into `site.yaml`."""

__all__ = ["programs", "router"]

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, SecretStr

from vitrail.console.parts import rooms
from vitrail.console.sessions import asking, checked_by_header
from vitrail.console.status import ERRORS, ProblemOut
from vitrail.domain.errors import Refused
from vitrail.domain.joining import Login, NewCamera
from vitrail.domain.people import Use
from vitrail.domain.streams import MapPosition
from vitrail.guard.refusal import refuse
from vitrail.services.adding import Outlook
from vitrail.services.review import Person

router = APIRouter(prefix="/setup/add")
programs = APIRouter(prefix="/api/v1/cameras", tags=["cameras"], responses=ERRORS)
Proven = Annotated[Person, Depends(checked_by_header)]
Address = Annotated[str, Field(min_length=1, max_length=500)]


class LoginIn(BaseModel):
    """Used for the asking, and kept only for a camera that is added."""

    user: str = Field(default="", max_length=200)
    password: SecretStr = Field(default=SecretStr(""), max_length=200)

    def login(self) -> Login:
        return Login(self.user, self.password.get_secret_value())


class DeviceIn(LoginIn):
    device: Address


class StreamIn(LoginIn):
    address: Address


class CameraIn(LoginIn):
    """``address``: rtsp:// or rtsps://, without user and password. ``nothing_to_hide``: somebody looked for insides
    and entrances of dwellings and found none; otherwise all of the picture stays black until masks are drawn (L17)."""

    id: str = Field(max_length=40)
    name: str = Field(max_length=200)
    address: Address
    sub_address: str = Field(default="", max_length=500)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    heading_deg: float | None = Field(default=None, ge=0, lt=360)
    nothing_to_hide: bool = False

    def camera(self) -> NewCamera:
        placed = self.latitude is not None and self.longitude is not None
        position = MapPosition(self.latitude or 0.0, self.longitude or 0.0, self.heading_deg) if placed else None
        return NewCamera(
            self.id, self.name, self.address, self.sub_address, self.login(), position, self.nothing_to_hide
        )


class JoinIn(CameraIn):
    """``base``: as the check told it, so that nothing is written over what somebody else wrote meanwhile."""

    base: str = Field(max_length=64)


class DeviceOut(BaseModel):
    address: str
    host: str
    name: str
    hardware: str


class OfferedOut(BaseModel):
    name: str
    address: str
    codec: str
    width: int
    height: int


class RefusedOut(BaseModel):
    what: str
    rule: str
    remedy: str


class TriedOut(BaseModel):
    """``still``: a masked picture waits at ``/api/v1/cameras/try/still.jpg``, once. ``withheld``: why there is none."""

    codec: str
    width: int
    height: int
    frames_per_s: float
    still: bool
    withheld: RefusedOut | None


class OutlookOut(BaseModel):
    """``lacking``: what would still be refused of the camera at the next start."""

    base: str
    changes: str
    problems: list[ProblemOut]
    lacking: list[RefusedOut]


@router.get("")
def page(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    if not rooms(request).review.may(person, Use.ADMINISTER):
        raise refuse("L23", "cameras are added by those who administer", "set-up", "ask a technician or administrator")
    return rooms(request).frame.page(
        request, "setup_add.html", {"looks": rooms(request).review.may(person, Use.REVIEW)}
    )


@programs.post("/nearby")
def nearby(request: Request, person: Proven) -> list[DeviceOut]:
    """Cameras of the server's own network that answer within three seconds (ONVIF). Needs the header X-CSRF-Token."""
    found = rooms(request).adding.find(person)
    return [DeviceOut.model_validate(one, from_attributes=True) for one in found]


@programs.post("/offered")
def offered(request: Request, asked: DeviceIn, person: Proven) -> list[OfferedOut]:
    """The streams of one ONVIF device, on its own host. Needs the header X-CSRF-Token."""
    streams = rooms(request).adding.offered(person, asked.device, asked.login())
    return [OfferedOut.model_validate(one, from_attributes=True) for one in streams]


@programs.post("/try")
def try_out(request: Request, asked: StreamIn, person: Proven) -> TriedOut:
    """Open a stream for a moment. In the lab a masked picture is made too. Needs the header X-CSRF-Token."""
    tried = rooms(request).adding.reach(person, asked.address, asked.login())
    reached = tried.reached
    return TriedOut(
        codec=reached.codec,
        width=reached.width,
        height=reached.height,
        frames_per_s=round(reached.frames_per_s, 2),
        still=bool(tried.still),
        withheld=_refused(request, tried.withheld) if tried.withheld else None,
    )


@programs.get("/try/still.jpg", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
def still(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    """The masked picture of your own last trial; it can be had once."""
    return Response(rooms(request).adding.still(person), media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@programs.post("/check")
def check(request: Request, given: CameraIn, person: Proven) -> OutlookOut:
    """What `site.yaml` would become, what `vitrail check` would say, and what the mandates lack. Writes nothing. Needs
    the header X-CSRF-Token."""
    return _outlook(request, rooms(request).adding.outlook(person, given.camera()))


@programs.post("")
def join(request: Request, given: JoinIn, person: Proven) -> OutlookOut:
    """Write the camera into `site.yaml`; it holds at the next start. 409 when the id is taken or the file has changed
    since the check, 503 when the folder cannot be written. Needs the header X-CSRF-Token."""
    return _outlook(request, rooms(request).adding.join(person, given.camera(), given.base))


def _outlook(request: Request, made: Outlook) -> OutlookOut:
    joined = made.joined
    words = rooms(request).frame.words(request)
    problems = [ProblemOut.of(one, words) for one in joined.problems]
    lacking = [_refused(request, one) for one in made.lacking]
    return OutlookOut(base=joined.base, changes=joined.changes, problems=problems, lacking=lacking)


def _refused(request: Request, one: Refused) -> RefusedOut:
    said = rooms(request).frame.words(request).said
    return RefusedOut(what=said(one.what), rule=one.rule, remedy=said(one.remedy))
