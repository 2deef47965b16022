"""Setting cameras up in the browser: what each still lacks, the picture to draw on, drafts and their adoption."""

__all__ = ["CameraStand", "SetUp"]

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.drawing import Candidate, Draft, Drawing, Sheet
from vitrail.domain.errors import NotFound, Refused
from vitrail.domain.events import Event
from vitrail.domain.people import Use
from vitrail.domain.streams import Camera, Site
from vitrail.domain.time import DAY_US, SECOND_US, Interval
from vitrail.guard.desk import Desk
from vitrail.guard.drafting import Drafting
from vitrail.guard.reception import Reception
from vitrail.guard.rehearsing import Rehearsing, Trial
from vitrail.ports.clock import Clock
from vitrail.runtime.jobs import Job, Jobs
from vitrail.services.review import Person

_BEFORE_END_US = 2 * SECOND_US
"""The newest part of a recording may still be on its way to the disk."""

_LISTS_KEPT = 32


@dataclass(frozen=True, slots=True)
class CameraStand:
    """A camera as the house runs it now, what of it would be refused, and whether a draft waits."""

    camera: Camera
    refused: tuple[Refused, ...]
    draft: Draft | None


class SetUp:
    """Every verb asks the guard first. Those who administer see every camera's drawings, and no picture by that."""

    def __init__(
        self, reception: Reception, drafting: Drafting, rehearsing: Rehearsing, jobs: Jobs, site: Site, clock: Clock
    ) -> None:
        self._reception = reception
        self._drafting = drafting
        self._rehearsing = rehearsing
        self._jobs = jobs
        self._told: OrderedDict[str, list[Event]] = OrderedDict()
        self._lock = Lock()
        self._site = site
        self._clock = clock

    def may_draw(self, person: Person) -> bool:
        return self._reception.may(person.account, Use.REVIEW)

    def may_adopt(self, person: Person) -> bool:
        return self._reception.may(person.account, Use.ADMINISTER)

    def stands(self, person: Person) -> list[CameraStand]:
        """Raises ``Refused`` for those who neither draw nor administer."""
        cameras = self._site.cameras if self.may_adopt(person) else self._desk(person).cameras()
        return [self.stand(person, camera.id) for camera in cameras]

    def stand(self, person: Person, camera_id: str) -> CameraStand:
        who, reason = person.account, person.session.reason
        refused = self._drafting.lacking(who, reason, camera_id)
        camera = self._site.camera(camera_id)
        if camera is None:
            raise NotFound(f"the running site has no camera {camera_id}", remedy="start the house anew")
        return CameraStand(camera, tuple(refused), self._drafting.draft(who, reason, camera_id))

    def sheet(self, person: Person, camera_id: str) -> Sheet:
        return self._drafting.sheet(person.account, person.session.reason, camera_id)

    def still(self, person: Person, camera_id: str, width: int) -> bytes:
        """The newest masked picture of the recording. Raises ``NotFound`` where nothing is recorded of a day."""
        desk, now_us = self._desk(person), self._clock.now_us()
        spans = desk.spans(camera_id, Interval(now_us - DAY_US, now_us))
        if not spans:
            raise NotFound("nothing is recorded of this camera", remedy="the live picture does instead")
        at_us = max(spans[-1].start_us, spans[-1].end_us - _BEFORE_END_US)
        return desk.glance(camera_id, at_us, width)

    def check(self, person: Person, drawing: Drawing, base: str, reviewed: bool) -> Candidate:
        return self._drafting.check(person.account, person.session.reason, drawing, base, reviewed)

    def propose(self, person: Person, drawing: Drawing, base: str, reviewed: bool) -> Draft:
        return self._drafting.propose(person.account, person.session.reason, drawing, base, reviewed)

    def changes(self, person: Person, draft: Draft) -> Candidate | None:
        return self._drafting.changes(person.account, person.session.reason, draft)

    def adopt(self, person: Person, camera_id: str, made_us: int) -> str:
        return self._drafting.adopt(person.account, person.session.reason, camera_id, made_us)

    def drop(self, person: Person, camera_id: str, made_us: int) -> None:
        self._drafting.drop(person.account, person.session.reason, camera_id, made_us)

    def analytics(self) -> list[AnalyticManifest]:
        """Those that can be tried."""
        return sorted(self._rehearsing.manifests.values(), key=lambda manifest: manifest.title)

    def order_trial(self, person: Person, trial: Trial) -> Job:
        """Tried beside the page, with progress; refused at once where it may not be."""
        self._desk(person)
        self._rehearsing.allowed(trial)
        who, reason, key = person.account, person.session.reason, _key(person, trial.camera_id)

        def work(progress: Callable[[float], None]) -> Path:
            told = self._rehearsing.run(who, reason, trial, progress)
            with self._lock:
                self._told[key] = told
                while len(self._told) > _LISTS_KEPT:
                    self._told.popitem(last=False)
            return Path()

        return self._jobs.submit(key, work)

    def trial_work(self, person: Person, camera_id: str) -> Job:
        job = self._jobs.get(_key(person, camera_id))
        if job is None:
            raise NotFound("nothing was tried", remedy="order it first")
        return job

    def told(self, person: Person, camera_id: str) -> list[Event]:
        """What the last trial would have told, for whoever ordered it."""
        self._desk(person)
        with self._lock:
            found = self._told.get(_key(person, camera_id))
        if found is None:
            raise NotFound("nothing was tried, or it is not done yet", remedy="order it, and wait")
        return found

    def _desk(self, person: Person) -> Desk:
        return self._reception.open_desk(person.account, Use.REVIEW, person.session.reason)


def _key(person: Person, camera_id: str) -> str:
    """Nobody sees another's."""
    return f"{person.account.id}:try {camera_id}"
