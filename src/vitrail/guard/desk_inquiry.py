"""The desk inside a case: search, what two people agreed to see, replay on one clock, and what is handed over."""

__all__ = ["InquiryDesk"]

import hashlib
from pathlib import Path

from vitrail.domain.board import CameraClock, own_clock
from vitrail.domain.bundles import Bundle
from vitrail.domain.cases import Case, Unmasking
from vitrail.domain.errors import NotFound
from vitrail.domain.ledger import Operation
from vitrail.domain.people import Grant
from vitrail.domain.search import Filters, Results
from vitrail.domain.sightings import CLASSES, Sighting
from vitrail.domain.time import SECOND_US, Interval, iso
from vitrail.guard.asking import Answer, Pictured, understand
from vitrail.guard.bundles import bundle_refused
from vitrail.guard.desk_floor import AROUND_US, LONGEST_CLIP_US, DeskFloor, Progress, wide_px
from vitrail.guard.refusal import refuse
from vitrail.guard.render import Shown
from vitrail.guard.searching import look_like, search
from vitrail.guard.viewing import LONGEST_VIEWING_US, Viewing

_LONGEST_SAID = 300


class InquiryDesk(DeskFloor):
    def search(self, text: str, filters: Filters | None = None) -> Answer:
        """What the description asks for, inside a case. ``filters``: as a person has changed them; the description is
        then kept for the ledger only. Raises ``Refused`` (L21) when it describes a person, in whatever way it came."""
        said = " | ".join(part for part in (text, filters.words if filters else "") if part)
        with self._used("search", "sightings", detail=_brief(said)) as grant:
            understood = understand(text, self._held.site, grant, filters)
            results = search(self._held.seen, self._held.segments, self._held.site, grant, understood.filters)
            return Answer(understood, results)

    def alike(self, sighting_id: int, filters: Filters | None = None) -> Results:
        """What looks like that sighting. Raises ``NotFound``, also when it was not seen well enough to say."""
        with self._used("alike", f"sighting:{sighting_id}") as grant:
            sighting = self._held.seen.records.get(grant, sighting_id)
            form = sighting.form
            if form is None or form.maker != self._held.seen.likeness.maker:
                raise NotFound("this was not seen well enough to look for others like it", remedy="search by words")
            kinds = frozenset(CLASSES[sighting.subject.value])
            asked = filters or Filters(kinds=kinds)
            return look_like(self._held.seen, grant, asked, [form], sighting.id)

    def pictured(self, upload: bytes, filters: Filters | None = None) -> Pictured:
        """What looks like the things in a photograph. People in it are painted over before anything is computed; the
        painted picture is all that comes back, and nothing of it is kept. Raises ``Refused`` (L21) when nothing but
        people is left, ``Invalid`` for what is no photograph."""
        digest = hashlib.sha256(upload).hexdigest()
        with self._used("pictured", f"photo:{digest[:16]}", detail=f"{len(upload)} bytes") as grant:
            photo = self._held.renderer.photo(upload)
            forms = self._held.seen.likeness.forms(photo.parts)
            return Pictured(photo.shown, look_like(self._held.seen, grant, filters or Filters(), forms))

    def sighting(self, sighting_id: int) -> Sighting:
        """Raises ``NotFound``, also for sightings outside the scope."""
        with self._used("sighting", f"sighting:{sighting_id}") as grant:
            return self._held.seen.records.get(grant, sighting_id)

    def sighting_still(self, sighting_id: int, width: int = 640) -> bytes:
        """A masked JPEG of the moment it was seen best. ``NotFound`` when nothing was recorded then."""
        with self._used("sighting_still", f"sighting:{sighting_id}") as grant:
            sighting = self._held.seen.records.get(grant, sighting_id)
            moment_us = sighting.moment_us
            shot = self._shot(grant, sighting.camera_id, Interval(moment_us, moment_us + SECOND_US))
            return self._held.renderer.still(f"sighting-{sighting.id}", shot, wide_px(width), self._held.clock.now_us())

    def sighting_clip(self, sighting_id: int, progress: Progress) -> Path:
        """A masked clip of it and 5 s on either side, at most two minutes of it."""
        with self._used("sighting_clip", f"sighting:{sighting_id}") as grant:
            sighting = self._held.seen.records.get(grant, sighting_id)
            start_us = sighting.interval.start_us - AROUND_US
            end_us = min(sighting.interval.end_us + AROUND_US, start_us + LONGEST_CLIP_US)
            shot = self._shot(grant, sighting.camera_id, Interval(start_us, end_us))
            return self._held.renderer.clip(f"sighting-{sighting.id}", shot, self._held.clock.now_us(), progress)

    def unmasked(self, unmasking_id: str, progress: Progress) -> Path:
        """The clip of an unmasking that a second person granted in this grant's case: its box without masks, the rest
        masked, watermarked. Raises ``Refused`` (L24) before it is granted and after it ran out."""
        with self._used("unmasked", f"unmasking:{unmasking_id}") as grant:
            seen = self._granted(grant, unmasking_id)
            shot = self._shot(grant, seen.camera_id, seen.interval)
            words = (f"case {seen.case_id}", grant.account_id, f"second {seen.answered_by}", iso(seen.expires_us)[:10])
            shown = Shown(seen.region, words, seen.expires_us)
            now_us = self._held.clock.now_us()
            return self._held.renderer.clip(f"unmasked-{seen.id}", shot, now_us, progress, shown)

    def play(self) -> Viewing:
        """Masked pictures of the case's cameras, any moment of its span. Close it: that is when the outcome is written,
        with what was looked at."""
        grant = self._decided("play", "play", Operation.CONSULT, None)
        target = f"case:{grant.case_id}"
        entry = self._held.ledger.open(Operation.CONSULT, grant.account_id, target, grant.reason)
        return Viewing(
            self._held.projector,
            self._covering,
            check=lambda: self._decided("play", target, Operation.CONSULT, None),
            over=lambda error, seen: self._conclude(entry, error, f"played {seen}; case {grant.case_id}"),
            ends_us=self._held.clock.now_us() + LONGEST_VIEWING_US,
            now_us=self._held.clock.now_us,
        )

    def clocks(self) -> list[CameraClock]:
        """What the case's cameras said of their own clocks while they were recorded."""
        with self._used("clocks", "clocks") as grant:
            found = [
                own_clock(grant.case_id or "", camera_id, self._covering(grant, camera_id, grant.scope.window))
                for camera_id in sorted(grant.scope.cameras)
            ]
            return [clock for clock in found if clock]

    def bundle(self, bundle_id: str, progress: Progress) -> Path:
        """Make a bundle of this grant's case that was agreed on, or go on making it; the finished file. Raises
        ``Refused`` (L24, L30), also where its basis falls away meanwhile, ``NotFound`` when nothing of its footage is
        left, ``Unavailable`` on a full disk."""
        target = f"bundle:{bundle_id}"

        def still() -> None:
            self._bundle(self._decided("bundle", target, Operation.COMMUNICATE, None), bundle_id)

        with self._used("bundle", target, Operation.COMMUNICATE) as grant:
            case, asked = self._bundle(grant, bundle_id)
            return self._held.binder.make(grant, case, asked, progress, still)

    def bundled(self, bundle_id: str) -> Path:
        """A finished bundle, to take away. Raises ``NotFound`` before it is made."""
        with self._used("bundled", f"bundle:{bundle_id}", Operation.COMMUNICATE) as grant:
            _, asked = self._bundle(grant, bundle_id)
            return self._held.binder.finished(asked)

    def _granted(self, grant: Grant, unmasking_id: str) -> Unmasking:
        found = self._held.cases.unmasking(unmasking_id)
        if found.case_id != grant.case_id or found.camera_id not in grant.scope.cameras:
            raise NotFound(f"no unmasking {unmasking_id} in this case")
        if not found.shows(self._held.clock.now_us()):
            what = "this has run out" if found.granted else "no second person has granted this"
            raise refuse("L24", what, f"unmasking {unmasking_id}", "ask, with a reason, and let another person answer")
        return found

    def _bundle(self, grant: Grant, bundle_id: str) -> tuple[Case, Bundle]:
        asked = self._held.binder.bundles.get(bundle_id)
        case = self._held.case(grant.case_id)
        if case is None or asked.case_id != case.id:
            raise NotFound(f"no bundle {bundle_id} in this case")
        refused = bundle_refused(case, asked, self._held.clock.now_us())
        beyond = {part.camera_id for part in asked.parts} - grant.scope.cameras
        if beyond and not refused:
            what = f"camera {min(beyond)} is not in the territory of {grant.account_id}"
            refused = refuse("L23", what, f"bundle {asked.id}", "ask for cameras that are")
        if refused:
            raise refused
        return case, asked


def _brief(said: str) -> str:
    return said if len(said) <= _LONGEST_SAID else said[:_LONGEST_SAID] + "…"
