"""Play a case's recordings on one clock, see what happened on one axis and one map, and be told where to look next."""

__all__ = ["Replay", "Scene", "Shown", "Tip"]

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vitrail.domain.board import BoardSheet, CameraClock, Pin
from vitrail.domain.cases import Case
from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.events import Alert, AlertQuery
from vitrail.domain.people import Use
from vitrail.domain.search import KINDS, Filters
from vitrail.domain.sightings import Sighting
from vitrail.domain.streams import Camera, Site
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.board import Board, Mark
from vitrail.guard.casework import Casework
from vitrail.guard.desk import Desk
from vitrail.guard.reception import Reception
from vitrail.guard.viewing import Viewing
from vitrail.pipeline.plan import Plan, plan_of
from vitrail.pipeline.prospects import TRAVELS, Proposal, Trace, propose
from vitrail.ports.clock import Clock
from vitrail.services.review import Person

_MOST_ALERTS = 200
_PLAN_MARGIN_US = SECOND_US


@dataclass(frozen=True, slots=True)
class Shown:
    """One camera of a scene: what is recorded of it in the case's span, and how its clock goes."""

    camera: Camera
    spans: tuple[Interval, ...]
    offset_us: int
    uncertainty_us: int
    clock: str
    clock_version: int


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything on the case's axis, times on the case's clock."""

    case: Case
    cameras: tuple[Shown, ...]
    alerts: tuple[Alert, ...]
    sounds: tuple[Alert, ...]
    """Of the case's microphones. They have no picture, and lead to no camera (law.md L18)."""
    sightings: tuple[Sighting, ...]
    """Vehicles, things left standing and marks; never of a person."""
    board: BoardSheet
    plan: Plan | None


@dataclass(frozen=True, slots=True)
class Tip:
    """Where to look next after a pin: a camera, when, and why. ``recorded_us``: how much of it is recorded."""

    proposal: Proposal
    camera: Camera
    recorded_us: int
    searched_share: float
    """The window's share of what is recorded of this camera from the pin on."""
    sightings: tuple[Sighting, ...]
    """Vehicles, things and marks seen there meanwhile."""


@dataclass(slots=True)
class _Open:
    account_id: str
    case_id: str
    viewing: Viewing


class Replay:
    """Thread-safe. Holds the viewings that pages have open."""

    def __init__(self, reception: Reception, casework: Casework, board: Board, site: Site, clock: Clock) -> None:
        self._reception = reception
        self._casework = casework
        self._board = board
        self._site = site
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}

    def scene(self, person: Person, case_id: str) -> Scene:
        desk = self._desk(person, case_id)
        case = self._casework.sheet(person.account, case_id, person.session.reason).case
        sheet = self._board.sheet(person.account, case_id, person.session.reason, desk.clocks())
        cameras = desk.cameras()
        alerts = desk.alerts(AlertQuery(limit=_MOST_ALERTS))
        shown = tuple(self._shown(desk, case, camera, sheet) for camera in cameras)
        sightings = self._sightings(desk, case)
        inside = [a for a in alerts if a.interval.start_us < case.window.end_us]
        seen = tuple(a for a in inside if a.place.camera_id)
        heard = tuple(a for a in inside if a.place.microphone_id)
        return Scene(case, shown, seen, heard, sightings, sheet, plan_of(cameras, self._site.plan))

    def begin(self, person: Person, case_id: str) -> tuple[str, int]:
        """A fresh viewing: its token, and when it ends. Those that ran out are concluded."""
        viewing = self._desk(person, case_id).play()
        token = secrets.token_urlsafe(12)
        now_us = self._clock.now_us()
        with self._lock:
            over = [key for key, each in self._open.items() if each.viewing.ends_us <= now_us]
            gone = [self._open.pop(key) for key in over]
            self._open[token] = _Open(person.account.id, case_id, viewing)
        for each in gone:
            each.viewing.close()
        return token, viewing.ends_us

    def at(self, person: Person, case_id: str, token: str, camera_id: str, at_us: int, width: int) -> tuple[int, bytes]:
        return self._viewing(person, case_id, token).at(camera_id, at_us, width)

    def pack(
        self, person: Person, case_id: str, token: str, camera_id: str, at_us: int, width: int, keys: bool
    ) -> Path:
        return self._viewing(person, case_id, token).pack(camera_id, at_us, width, keys)

    def end(self, person: Person, case_id: str, token: str) -> None:
        viewing = self._viewing(person, case_id, token)
        with self._lock:
            self._open.pop(token, None)
        viewing.close()

    def close(self) -> None:
        """Every viewing is concluded: the process stops."""
        with self._lock:
            left, self._open = list(self._open.values()), {}
        for each in left:
            each.viewing.close()

    def pin(
        self,
        person: Person,
        case_id: str,
        camera_id: str,
        at_us: int,
        thread: str,
        words: str,
        spot: tuple[float, float] | None,
    ) -> Pin:
        reason = person.session.reason
        return self._board.pin(person.account, case_id, camera_id, at_us, thread, words, spot, reason)

    def change_pin(self, person: Person, pin_id: str, version: int, at_us: int, thread: str, words: str) -> Pin:
        return self._board.change(person.account, pin_id, version, at_us, thread, words, person.session.reason)

    def remove_pin(self, person: Person, pin_id: str, version: int) -> None:
        self._board.remove(person.account, pin_id, version, person.session.reason)

    def set_clock(
        self,
        person: Person,
        case_id: str,
        camera_id: str,
        offset_us: int,
        uncertainty_us: int,
        words: str,
        version: int,
    ) -> CameraClock:
        reason = person.session.reason
        return self._board.set_clock(
            person.account, case_id, camera_id, offset_us, uncertainty_us, words, version, reason
        )

    def clocks_from_event(self, person: Person, case_id: str, marks: Sequence[Mark], words: str) -> list[CameraClock]:
        told = self._desk(person, case_id).clocks()
        return self._board.from_event(person.account, case_id, marks, words, person.session.reason, told)

    def look_next(self, person: Person, case_id: str, pin_id: str, travel: str) -> list[Tip]:
        """Cameras and minutes that could show what was pinned, soonest first, then those that could not. From place,
        way and speed alone. Raises ``NotFound`` where nobody said where the camera stands."""
        if travel not in TRAVELS:
            raise Invalid(f"no way to travel is called {travel}", where="travel", remedy=", ".join(TRAVELS))
        scene = self.scene(person, case_id)
        pin = next((p for p in scene.board.pins if p.id == pin_id), None)
        if pin is None:
            raise NotFound(f"no pin {pin_id} in this case")
        trace = self._trace(scene, pin)
        assert scene.plan is not None
        until_us = scene.case.window.end_us
        found = propose(trace, scene.plan.views, TRAVELS[travel], until_us, scene.plan.streets)
        shown = {each.camera.id: each for each in scene.cameras}
        return [_tip(p, shown[p.camera_id], pin.at_us, until_us, scene.sightings) for p in found]

    def _trace(self, scene: Scene, pin: Pin) -> Trace:
        """The pin, and the way it moved since the pin before it of the same thread on the same camera."""
        camera = next((each.camera for each in scene.cameras if each.camera.id == pin.camera_id), None)
        here = scene.plan.spot(camera, _foot(pin)) if scene.plan and camera else None
        if here is None or camera is None or scene.plan is None:
            remedy = "give the camera a position (and a heading) in site.yaml, or calibrate it"
            raise NotFound(f"nobody said where camera {pin.camera_id} stands", remedy=remedy)
        place, doubt_m = here
        _, uncertainty_us, _ = scene.board.clock(pin.camera_id)
        before = [
            p
            for p in scene.board.pins
            if p.thread and (p.thread, p.camera_id) == (pin.thread, pin.camera_id) and p.at_us < pin.at_us
        ]
        velocity = None
        earlier = scene.plan.spot(camera, _foot(before[-1])) if before and _foot(before[-1]) else None
        if earlier and _foot(pin):
            gap_s = (pin.at_us - before[-1].at_us) / SECOND_US
            (x0, y0), _ = earlier
            velocity = ((place[0] - x0) / gap_s, (place[1] - y0) / gap_s)
        return Trace(pin.camera_id, pin.at_us, place, doubt_m, uncertainty_us + _PLAN_MARGIN_US, velocity)

    def _sightings(self, desk: Desk, case: Case) -> tuple[Sighting, ...]:
        """Those that overlap the case's span, by their beginning."""
        found = desk.search("", Filters(kinds=KINDS - {"view"}, spans=(case.window,))).results.found
        seen = [each.sighting for each in found if each.sighting]
        return tuple(sorted(seen, key=lambda s: (s.interval.start_us, s.id)))

    def _shown(self, desk: Desk, case: Case, camera: Camera, sheet: BoardSheet) -> Shown:
        offset_us, uncertainty_us, how = sheet.clock(camera.id)
        window = Interval(case.window.start_us + offset_us, case.window.end_us + offset_us)
        spans = tuple(Interval(s.start_us - offset_us, s.end_us - offset_us) for s in desk.spans(camera.id, window))
        version = next((c.version for c in sheet.clocks if c.camera_id == camera.id), 0)
        return Shown(camera, spans, offset_us, uncertainty_us, how, version)

    def _viewing(self, person: Person, case_id: str, token: str) -> Viewing:
        with self._lock:
            found = self._open.get(token)
        if found is None or (found.account_id, found.case_id) != (person.account.id, case_id):
            raise NotFound("this viewing is over", remedy="open the page again")
        return found.viewing

    def _desk(self, person: Person, case_id: str) -> Desk:
        return self._reception.open_desk(person.account, Use.INQUIRE, person.session.reason, case_id)


def _foot(pin: Pin) -> tuple[float, float] | None:
    return (pin.x, pin.y) if pin.x is not None and pin.y is not None else None


def _tip(proposal: Proposal, shown: Shown, from_us: int, until_us: int, sightings: Sequence[Sighting]) -> Tip:
    window = proposal.window
    recorded_us = sum(_both_us(window, span) for span in shown.spans) if window else 0
    rest = Interval(from_us, max(until_us, from_us))
    all_us = sum(_both_us(rest, span) for span in shown.spans)
    there = (s for s in sightings if s.camera_id == proposal.camera_id)
    seen = tuple(s for s in there if window and window.touches(s.interval))
    return Tip(proposal, shown.camera, recorded_us, recorded_us / all_us if all_us else 0.0, seen)


def _both_us(a: Interval, b: Interval) -> int:
    return max(0, min(a.end_us, b.end_us) - max(a.start_us, b.start_us))
