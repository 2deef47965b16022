"""Work in a case: open it, look into it, keep what it needs, ask to see a box, answer who asks."""

__all__ = ["Investigate"]

from collections.abc import Sequence
from pathlib import Path

from vitrail.domain.bundles import Bundle, Part, Share, View
from vitrail.domain.cases import Case, CaseKind, Hold, Unmasking
from vitrail.domain.errors import NotFound
from vitrail.domain.people import Use
from vitrail.domain.streams import Camera
from vitrail.domain.time import Interval
from vitrail.guard.bundles import Bundles
from vitrail.guard.casework import CaseSheet, Casework
from vitrail.guard.desk import Desk
from vitrail.guard.reception import Reception
from vitrail.guard.sharing import Sharing
from vitrail.runtime.jobs import Job, Jobs
from vitrail.services.review import Person

Region = tuple[float, float, float, float]


class Investigate:
    """Thread-safe. The reason of the session is the reason of each look; changes are given one of their own."""

    def __init__(
        self, reception: Reception, casework: Casework, bundles: Bundles, sharing: Sharing, jobs: Jobs
    ) -> None:
        self._reception = reception
        self._casework = casework
        self._bundles = bundles
        self._sharing = sharing
        self._jobs = jobs

    def may_open(self, person: Person, kind: CaseKind) -> bool:
        """For menus: reads nothing and promises nothing."""
        return self._casework.may_open(person.account, kind)

    def may_try(self, person: Person) -> bool:
        return self._casework.may_try(person.account)

    def lab(self, person: Person) -> Case:
        return self._casework.lab(person.account, person.session.reason)

    def cases(self, person: Person) -> list[Case]:
        return self._casework.cases(person.account, person.session.reason)

    def waiting(self, person: Person) -> list[Unmasking]:
        return self._casework.waiting(person.account)

    def sheet(self, person: Person, case_id: str) -> CaseSheet:
        return self._casework.sheet(person.account, case_id, person.session.reason)

    def open(
        self,
        person: Person,
        reference: str,
        legal_basis: str,
        reason: str,
        cameras: frozenset[str],
        window: Interval,
        length_us: int,
    ) -> Case:
        kind = CaseKind.INQUIRY
        return self._casework.open(person.account, kind, reference, legal_basis, reason, cameras, window, length_us)

    def assign(self, person: Person, case_id: str, member_id: str, reason: str) -> Case:
        return self._casework.assign(person.account, case_id, member_id, reason)

    def close(self, person: Person, case_id: str, reason: str) -> Case:
        return self._casework.close(person.account, case_id, reason)

    def hold(
        self, person: Person, case_id: str, camera_id: str, interval: Interval, reason: str, until_us: int
    ) -> Hold:
        return self._casework.hold(person.account, case_id, camera_id, interval, reason, until_us)

    def release(self, person: Person, hold_id: str, reason: str) -> Hold:
        return self._casework.release(person.account, hold_id, reason)

    def ask(
        self, person: Person, case_id: str, camera_id: str, interval: Interval, region: Region, reason: str
    ) -> Unmasking:
        return self._casework.ask(person.account, case_id, camera_id, interval, region, reason)

    def answer(self, person: Person, unmasking_id: str, granted: bool, reason: str) -> Unmasking:
        return self._casework.answer(person.account, unmasking_id, granted, reason)

    def cameras(self, person: Person, case_id: str) -> list[Camera]:
        """Those that the case and the territory have in common. Raises ``Refused`` for who does not work in it."""
        return self._desk(person, case_id).cameras()

    def spans(self, person: Person, case_id: str, camera_id: str, interval: Interval) -> list[Interval]:
        return self._desk(person, case_id).spans(camera_id, interval)

    def order_minute(self, person: Person, case_id: str, camera_id: str, interval: Interval) -> Job:
        desk = self._desk(person, case_id)
        key = _key(person, case_id, camera_id, str(interval.start_us))
        return self._jobs.submit(key, lambda progress: desk.minute(camera_id, interval, progress))

    def minute_work(self, person: Person, case_id: str, camera_id: str, interval: Interval) -> Job:
        return self._work(_key(person, case_id, camera_id, str(interval.start_us)))

    def minute(self, person: Person, case_id: str, camera_id: str, interval: Interval) -> Path:
        made = _made(self.minute_work(person, case_id, camera_id, interval))
        return self._desk(person, case_id).again(made, camera_id=camera_id)

    def order_unmasked(self, person: Person, case_id: str, unmasking_id: str) -> Job:
        desk = self._desk(person, case_id)
        key = _key(person, case_id, unmasking_id)
        return self._jobs.submit(key, lambda progress: desk.unmasked(unmasking_id, progress))

    def unmasked_work(self, person: Person, case_id: str, unmasking_id: str) -> Job:
        return self._work(_key(person, case_id, unmasking_id))

    def unmasked(self, person: Person, case_id: str, unmasking_id: str) -> Path:
        made = _made(self.unmasked_work(person, case_id, unmasking_id))
        return self._desk(person, case_id).again(made, unmasking_id=unmasking_id)

    def bundles(self, person: Person, case_id: str) -> list[Bundle]:
        return self._bundles.of(person.account, case_id, person.session.reason)

    def shares(self, person: Person, case_id: str) -> list[Share]:
        return self._sharing.of(person.account, case_id, person.session.reason)

    def shares_answerable(self, person: Person, case_id: str) -> set[str]:
        return self._sharing.answerable(person.account, case_id)

    def ask_share(self, person: Person, bundle_id: str, length_us: int, most: int, reason: str) -> tuple[Share, str]:
        return self._sharing.ask(person.account, bundle_id, length_us, most, reason)

    def answer_share(self, person: Person, share_id: str, granted: bool, reason: str) -> Share:
        return self._sharing.answer(person.account, share_id, granted, reason)

    def revoke_share(self, person: Person, share_id: str, reason: str) -> Share:
        return self._sharing.revoke(person.account, share_id, reason)

    def take_shared(self, token: str) -> tuple[Bundle, Path]:
        """For whoever holds the link. Raises ``NotFound`` for every one that opens nothing."""
        return self._sharing.take(token)

    def bundles_waiting(self, person: Person) -> list[Bundle]:
        return self._bundles.waiting(person.account)

    def ask_bundle(
        self,
        person: Person,
        case_id: str,
        parts: Sequence[Part],
        recipient: str,
        reason: str,
        view: View,
        originals: bool,
        language: str,
    ) -> Bundle:
        return self._bundles.ask(person.account, case_id, parts, recipient, reason, view, originals, language)

    def answer_bundle(self, person: Person, bundle_id: str, granted: bool, reason: str) -> Bundle:
        return self._bundles.answer(person.account, bundle_id, granted, reason)

    def order_bundle(self, person: Person, case_id: str, bundle_id: str) -> Job:
        """Make it, or go on making it."""
        desk = self._desk(person, case_id)
        key = _key(person, case_id, bundle_id)
        return self._jobs.submit(key, lambda progress: desk.bundle(bundle_id, progress))

    def bundle_work(self, person: Person, case_id: str, bundle_id: str) -> Job:
        return self._work(_key(person, case_id, bundle_id))

    def bundle(self, person: Person, case_id: str, bundle_id: str) -> Path:
        """The finished file, to send. Raises ``NotFound`` before."""
        return self._desk(person, case_id).bundled(bundle_id)

    def _desk(self, person: Person, case_id: str) -> Desk:
        return self._reception.open_desk(person.account, Use.INQUIRE, person.session.reason, case_id)

    def _work(self, key: str) -> Job:
        job = self._jobs.get(key)
        if job is None:
            raise NotFound("this copy was not ordered", remedy="order it first")
        return job


def _key(person: Person, *what: str) -> str:
    """Jobs are asked for by a person: nobody sees another's."""
    return ":".join((person.account.id, *what))


def _made(job: Job) -> Path:
    if job.path is None:
        raise NotFound("this copy is not ready", remedy="wait until its work is done")
    return job.path
