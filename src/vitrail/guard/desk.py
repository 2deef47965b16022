"""The reading surface bound to a grant: the only object with methods that read personal data.

Every method goes the same way: decide on the account as it stands now -> write the opening into the ledger -> ask the
store with the grant's scope in the WHERE clause -> mask -> write the outcome. A ledger that cannot be written is a
refusal (law.md L13); what is read before the outcome is written is not handed out either.
"""

__all__ = ["AROUND_US", "DESK_USES", "LONGEST_LOOKBACK_US", "LONGEST_MINUTE_US", "Desk"]

import hashlib
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from vitrail.domain.bundles import Bundle
from vitrail.domain.cases import Case, Unmasking
from vitrail.domain.errors import Invalid, NotFound, Refused, VitrailError
from vitrail.domain.events import Alert, AlertQuery, AlertState, Decision, Reading, Side, Verdict
from vitrail.domain.figures import Precision, precision
from vitrail.domain.ledger import Operation, Outcome, Stored
from vitrail.domain.moments import Moment
from vitrail.domain.people import Grant, Use
from vitrail.domain.places import Box
from vitrail.domain.recordings import Segment
from vitrail.domain.search import Filters, Results
from vitrail.domain.sightings import CLASSES, Sighting
from vitrail.domain.streams import Camera, Microphone
from vitrail.domain.tickets import Ticket, ticket_of
from vitrail.domain.time import HOUR_US, MINUTE_US, SECOND_US, Interval, iso
from vitrail.guard import pictures
from vitrail.guard.admit import still_granted
from vitrail.guard.asking import Answer, Pictured, understand
from vitrail.guard.bundles import bundle_refused
from vitrail.guard.holdings import Holdings
from vitrail.guard.refusal import refuse
from vitrail.guard.render import LOOK_AROUND_US, Shot, Shown
from vitrail.guard.searching import look_like, search
from vitrail.guard.viewing import LONGEST_VIEWING_US, Viewing
from vitrail.guard.window import Window

LONGEST_MINUTE_US = 2 * MINUTE_US
LONGEST_LOOKBACK_US = 25 * HOUR_US
"""A day, also the one on which the clocks go back."""
_LEAST_BOX = 0.02
AROUND_US = 5 * SECOND_US
"""A clip begins this long before its alert's evidence and ends this long after."""
_LONGEST_CLIP_US = 2 * MINUTE_US
"""Of a longer happening the clip shows the beginning; ``minute`` shows any other part."""
_MOST_ROWS = 200
_WIDTHS = (64, 1920)
_SHORTEST_REASON = 3
_LONGEST_SAID = 300
_LONGEST_SPENT_S = 12 * HOUR_US / SECOND_US

_REVIEW = frozenset({Use.REVIEW})
_LOOK = frozenset({Use.REVIEW, Use.INQUIRE})
_INQUIRE = frozenset({Use.INQUIRE})
_FIGURES = frozenset({Use.REVIEW, Use.ACCOUNT, Use.INQUIRE})
DESK_USES: Mapping[str, frozenset[Use]] = {
    "cameras": frozenset(Use),
    "microphones": frozenset(Use),
    "alerts": _LOOK,
    "alert": _LOOK,
    "judge": _REVIEW,
    "tickets": _REVIEW,
    "still": _LOOK,
    "picture": _LOOK,
    "clip": _LOOK,
    "minute": _LOOK,
    "again": _LOOK,
    "spans": _LOOK,
    "glance": _LOOK,
    "changed": _LOOK,
    "unmasked": _INQUIRE,
    "bundle": _INQUIRE,
    "bundled": _INQUIRE,
    "play": _INQUIRE,
    "live": _REVIEW,
    "precision": _FIGURES,
    "counts": _FIGURES,
    "readings": _FIGURES,
    "series": _FIGURES,
    "search": _INQUIRE,
    "alike": _INQUIRE,
    "pictured": _INQUIRE,
    "sighting": _INQUIRE,
    "sighting_still": _INQUIRE,
    "sighting_clip": _INQUIRE,
    "entries": frozenset({Use.ACCOUNT}),
}
"""Which uses open which method. A method that is not named here does not work, and a test says so."""

Progress = Callable[[float], None]


class Desk:
    def __init__(self, holdings: Holdings, given: Grant) -> None:
        self._held = holdings
        self._given = given

    @property
    def grant(self) -> Grant:
        return self._given

    def cameras(self) -> list[Camera]:
        """Those in scope, in the site's order. Stream addresses may hold a secret and are replaced by their labels."""
        with self._used("cameras", "cameras") as grant:
            return [_shown(c) for c in self._held.site.cameras if c.id in grant.scope.cameras]

    def microphones(self) -> list[Microphone]:
        """Those in scope, in the site's order; addresses are replaced by their labels. What they hear cannot be had."""
        with self._used("microphones", "microphones") as grant:
            ears = (m for m in self._held.site.microphones if m.id in grant.scope.microphones)
            return [replace(m, stream=replace(m.stream, address=m.stream.label)) for m in ears]

    def alerts(self, query: AlertQuery) -> list[Alert]:
        """Newest first, at most 200."""
        with self._used("alerts", "alerts") as grant:
            return self._held.alerts.find(grant, replace(query, limit=max(1, min(query.limit, _MOST_ROWS))))

    def alert(self, alert_id: str) -> Alert:
        """Raises ``NotFound``, also for alerts outside the scope."""
        with self._used("alert", f"alert:{alert_id}") as grant:
            return self._held.alerts.get(grant, alert_id)

    def tickets(self) -> list[Ticket]:
        """What people confirmed of walls and furniture, as requests to whoever repairs: the newest 200 at most."""
        with self._used("tickets", "tickets", Operation.COMMUNICATE) as grant:
            query = AlertQuery(states=frozenset({AlertState.CONFIRMED}), limit=_MOST_ROWS)
            found = self._held.alerts.find(grant, query)
            cameras = {camera.id: camera for camera in self._held.site.cameras}
            known = [alert for alert in found if alert.place.camera_id in cameras]
            made = [ticket_of(alert, cameras[alert.place.camera_id]) for alert in known]
            return [ticket for ticket in made if ticket is not None]

    def judge(self, alert_id: str, decision: Decision, reason: str, seconds_spent: float) -> Alert:
        """The verdict of a person. Raises ``Conflict`` when there is one already, ``Invalid`` without a reason."""
        reason = reason.strip()
        if len(reason) < _SHORTEST_REASON:
            raise Invalid("a verdict needs a reason", where="reason", remedy="say in a few words what you saw")
        if not math.isfinite(seconds_spent) or seconds_spent < 0:
            raise Invalid("the time spent must be a number of seconds", where="seconds_spent")
        spent_s = min(seconds_spent, _LONGEST_SPENT_S)
        said = f"{decision.value} after {spent_s:.1f} s"
        with self._used("judge", f"alert:{alert_id}", Operation.CHANGE, reason=reason, detail=said) as grant:
            verdict = Verdict(decision, reason, grant.account_id, self._held.clock.now_us(), spent_s)
            return self._held.alerts.judge(grant, alert_id, verdict)

    def precision(self, camera_id: str, kind: str) -> Precision:
        """How often past alerts of this kind at this camera or microphone were confirmed (law.md L11)."""
        with self._used("precision", f"camera:{camera_id}", camera_id=camera_id) as grant:
            return precision(*self._held.alerts.tally(grant, camera_id, kind))

    def counts(self) -> dict[AlertState, int]:
        with self._used("counts", "alerts") as grant:
            return self._held.alerts.counts(grant)

    def still(self, alert_id: str, width: int = 640) -> bytes:
        """A masked JPEG from the beginning of the happening. ``NotFound`` when nothing was recorded then."""
        with self._used("still", f"alert:{alert_id}") as grant:
            alert = self._held.alerts.get(grant, alert_id)
            moment_us = alert.interval.start_us + min(alert.interval.length_us, 2 * SECOND_US) // 2
            shot = self._shot(grant, alert.place.camera_id, Interval(moment_us, moment_us + SECOND_US))
            wide = max(_WIDTHS[0], min(width, _WIDTHS[1]))
            return self._held.renderer.still(f"still-{alert.id}", shot, wide, self._held.clock.now_us())

    def picture(self, alert_id: str, side: Side) -> bytes:
        """A JPEG of the place before or after a lasting change, nobody in it. ``NotFound`` when none is kept."""
        with self._used("picture", f"alert:{alert_id}", detail=side.value) as grant:
            return pictures.shown(self._held.pictures, self._held.alerts.get(grant, alert_id), side)

    def clip(self, alert_id: str, progress: Progress) -> Path:
        """A masked clip (fragmented MP4) over the evidence and 5 s on either side, at most two minutes of it."""
        with self._used("clip", f"alert:{alert_id}") as grant:
            alert = self._held.alerts.get(grant, alert_id)
            start_us = alert.evidence.start_us - AROUND_US
            end_us = min(alert.evidence.end_us + AROUND_US, start_us + _LONGEST_CLIP_US)
            shot = self._shot(grant, alert.place.camera_id, Interval(start_us, end_us))
            return self._held.renderer.clip(f"alert-{alert.id}", shot, self._held.clock.now_us(), progress)

    def minute(self, camera_id: str, interval: Interval, progress: Progress) -> Path:
        """A masked excerpt of the recording, at most two minutes."""
        if not 0 < interval.length_us <= LONGEST_MINUTE_US:
            raise Invalid("an excerpt is at most two minutes long", where="interval", remedy="ask for less")
        with self._used("minute", f"camera:{camera_id}", camera_id=camera_id, detail=_span(interval)) as grant:
            shot = self._shot(grant, camera_id, interval)
            return self._held.renderer.clip(f"minute-{camera_id}", shot, self._held.clock.now_us(), progress)

    def glance(self, camera_id: str, at_us: int, width: int = 640) -> bytes:
        """A masked JPEG of the recording at a moment. ``NotFound`` where nothing is recorded."""
        span = Interval(at_us, at_us + SECOND_US)
        with self._used("glance", f"camera:{camera_id}", camera_id=camera_id, detail=_span(span)) as grant:
            shot = self._shot(grant, camera_id, span)
            wide = max(_WIDTHS[0], min(width, _WIDTHS[1]))
            return self._held.renderer.still(f"glance-{camera_id}", shot, wide, self._held.clock.now_us())

    def changed(self, camera_id: str, interval: Interval, box: Box, progress: Progress) -> list[Moment]:
        """When this box of the picture changed for good, over at most a day of the recording; people and vehicles are
        taken out. Raises ``Invalid`` for a box or a span that cannot be."""
        if not 0 < interval.length_us <= LONGEST_LOOKBACK_US:
            raise Invalid("what changed is asked of at most a day", where="interval", remedy="ask for less")
        if not (0.0 <= box[0] < box[2] <= 1.0 and 0.0 <= box[1] < box[3] <= 1.0):
            raise Invalid("this is no box of the picture", where="box", remedy="x0,y0,x1,y1 between 0 and 1")
        if min(box[2] - box[0], box[3] - box[1]) < _LEAST_BOX:
            raise Invalid("the box is too small to tell", where="box", remedy="draw it larger than a 50th each way")
        said = f"{_span(interval)} box {','.join(f'{v:.3f}' for v in box)}"
        with self._used("changed", f"camera:{camera_id}", camera_id=camera_id, detail=said) as grant:
            return self._held.renderer.changed(self._shot(grant, camera_id, interval), box, progress)

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

    def bundle(self, bundle_id: str, progress: Progress) -> Path:
        """Make a bundle of this grant's case that was agreed on, or go on making it; the finished file. Raises
        ``Refused`` (L24, L30), ``NotFound`` when nothing of its footage is left, ``Unavailable`` on a full disk."""
        with self._used("bundle", f"bundle:{bundle_id}", Operation.COMMUNICATE) as grant:
            case, asked = self._bundle(grant, bundle_id)
            return self._held.binder.make(grant, case, asked, progress)

    def bundled(self, bundle_id: str) -> Path:
        """A finished bundle, to take away. Raises ``NotFound`` before it is made."""
        with self._used("bundled", f"bundle:{bundle_id}", Operation.COMMUNICATE) as grant:
            _, asked = self._bundle(grant, bundle_id)
            return self._held.binder.finished(asked)

    def again(
        self,
        made: Path,
        alert_id: str | None = None,
        camera_id: str | None = None,
        unmasking_id: str | None = None,
        sighting_id: int | None = None,
    ) -> Path:
        """A copy that ``clip`` (``alert_id``) or ``minute`` (``camera_id``) has made, once more: a player asks for it
        piece by piece, and an alert that still goes on would be rendered anew each time. ``NotFound`` when it is gone.
        """
        target = f"alert:{alert_id}" if alert_id else f"camera:{camera_id}"
        target = f"unmasking:{unmasking_id}" if unmasking_id else target
        target = f"sighting:{sighting_id}" if sighting_id else target
        with self._used("again", target, camera_id=camera_id) as grant:
            name = f"minute-{camera_id}"
            if alert_id:
                name = f"alert-{self._held.alerts.get(grant, alert_id).id}"
            if unmasking_id:
                name = f"unmasked-{self._granted(grant, unmasking_id).id}"
            if sighting_id:
                name = f"sighting-{self._held.seen.records.get(grant, sighting_id).id}"
            if not self._held.renderer.holds(made, name):
                raise NotFound("this copy is gone", remedy="ask for it again")
            return made

    def spans(self, camera_id: str, interval: Interval) -> list[Interval]:
        """What is recorded of the interval."""
        with self._used("spans", f"camera:{camera_id}", camera_id=camera_id) as grant:
            return self._held.segments.spans(grant, camera_id, interval)

    def live(self, camera_id: str) -> Window:
        """Masked live pictures, a second late, while a mandate in force names the camera. Close it: that is when the
        outcome is written."""
        grant = self._decided("live", f"camera:{camera_id}", Operation.CONSULT, camera_id)
        entry = self._held.ledger.open(Operation.CONSULT, grant.account_id, f"live:{camera_id}", grant.reason)
        try:
            view = self._held.live.watch(camera_id)
        except BaseException as error:
            self._conclude(entry, error, "")
            raise
        return Window(
            view,
            check=lambda: self._decided("live", f"live:{camera_id}", Operation.CONSULT, camera_id),
            over=lambda error, seen: self._conclude(entry, error, seen),
        )

    def readings(self, name: str) -> list[Reading]:
        """The newest of each place."""
        with self._used("readings", f"readings:{name}") as grant:
            return self._held.readings.latest(grant, name)

    def series(self, name: str, camera_id: str, interval: Interval) -> list[Reading]:
        with self._used("series", f"readings:{name}", camera_id=camera_id) as grant:
            return self._held.readings.series(grant, name, camera_id, interval)

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
            if sighting.form is None:
                raise NotFound("this was not seen well enough to look for others like it", remedy="search by words")
            kinds = frozenset(CLASSES[sighting.subject.value])
            asked = filters or Filters(kinds=kinds)
            return look_like(self._held.seen, grant, asked, [sighting.form], sighting.id)

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
        """A masked JPEG from the middle of it. ``NotFound`` when nothing was recorded then."""
        with self._used("sighting_still", f"sighting:{sighting_id}") as grant:
            sighting = self._held.seen.records.get(grant, sighting_id)
            moment_us = (sighting.interval.start_us + sighting.interval.end_us) // 2
            shot = self._shot(grant, sighting.camera_id, Interval(moment_us, moment_us + SECOND_US))
            wide = max(_WIDTHS[0], min(width, _WIDTHS[1]))
            return self._held.renderer.still(f"sighting-{sighting.id}", shot, wide, self._held.clock.now_us())

    def sighting_clip(self, sighting_id: int, progress: Progress) -> Path:
        """A masked clip of it and 5 s on either side, at most two minutes of it."""
        with self._used("sighting_clip", f"sighting:{sighting_id}") as grant:
            sighting = self._held.seen.records.get(grant, sighting_id)
            start_us = sighting.interval.start_us - AROUND_US
            end_us = min(sighting.interval.end_us + AROUND_US, start_us + _LONGEST_CLIP_US)
            shot = self._shot(grant, sighting.camera_id, Interval(start_us, end_us))
            return self._held.renderer.clip(f"sighting-{sighting.id}", shot, self._held.clock.now_us(), progress)

    def entries(self, start: int, stop: int) -> list[Stored]:
        """Entries of the ledger, at most 200 at a time."""
        with self._used("entries", "ledger"):
            start = max(0, start)
            return list(self._held.ledger.entries(start, min(stop, start + _MOST_ROWS)))

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

    def _covering(self, grant: Grant, camera_id: str, span: Interval) -> list[Segment]:
        camera = self._held.site.camera(camera_id)
        stream = camera.stream_for("record") if camera else None
        return self._held.segments.covering(grant, stream.id, span) if stream else []

    def _shot(self, grant: Grant, camera_id: str, interval: Interval) -> Shot:
        """The recording of the camera over the span, from the stream that is recorded."""
        if not camera_id:
            raise NotFound("a sound has no picture, and was not recorded", remedy="its alert holds all there is of it")
        camera = self._held.site.camera(camera_id)
        stream = camera.stream_for("record") if camera else None
        wide = Interval(interval.start_us - LOOK_AROUND_US, interval.end_us + LOOK_AROUND_US)
        segments = self._held.segments.covering(grant, stream.id, wide) if stream else []
        if not segments:
            raise NotFound(
                f"nothing is recorded of camera {camera_id} at that moment",
                remedy="it may have been erased on time, or was never recorded",
            )
        return Shot(tuple(segments), interval)

    @contextmanager
    def _used(
        self,
        method: str,
        target: str,
        operation: Operation = Operation.CONSULT,
        camera_id: str | None = None,
        reason: str = "",
        detail: str = "",
    ) -> Iterator[Grant]:
        """One use of the desk, from the decision to the outcome. The body's value is handed out only after both were
        written."""
        grant = self._decided(method, target, operation, camera_id)
        entry = self._held.ledger.open(operation, grant.account_id, target, reason or grant.reason)
        try:
            yield grant
        except BaseException as error:
            self._conclude(entry, error, "")
            raise
        inside = f"case {grant.case_id}" if grant.case_id else ""
        self._conclude(entry, None, "; ".join(filter(None, (detail, inside))))

    def _decided(self, method: str, target: str, operation: Operation, camera_id: str | None) -> Grant:
        answer = self._decide(method, camera_id)
        if isinstance(answer, Refused):
            given = self._given
            self._held.ledger.note(
                operation,
                Outcome.REFUSED,
                given.account_id,
                target,
                given.reason,
                rule=answer.rule,
                detail=answer.what,
            )
            raise answer
        return answer

    def _decide(self, method: str, camera_id: str | None) -> Grant | Refused:
        held, given = self._held, self._given
        where = f"account {given.account_id}, {method}"
        try:
            account = held.accounts.get(given.account_id)
        except NotFound:
            return refuse("L23", "there is no such account", where, "sign in")
        grant = still_granted(
            given, account, held.site, held.mandates, held.profile, held.clock.now_us(), held.case(given.case_id)
        )
        if isinstance(grant, Refused):
            return grant
        if grant.use not in DESK_USES.get(method, frozenset()):
            return refuse("L23", f"a grant to {grant.use.value} does not open {method}", where, "ask for another use")
        known = grant.scope.cameras | (grant.scope.microphones if method == "precision" else frozenset())
        if camera_id is not None and camera_id not in known:
            return refuse(
                "L23", f"no camera {camera_id} in the territory of {account.id}", where, "ask an administrator"
            )
        if method == "live" and not self._in_force(camera_id):
            return refuse("L01", f"no mandate in force names camera {camera_id}", where, "publish a mandate")
        return grant

    def _in_force(self, camera_id: str | None) -> bool:
        """Looking now needs a mandate now; what was recorded under one may be reviewed until it is erased."""
        now_us = self._held.clock.now_us()
        return any(
            m.valid.holds(now_us) and m.hours.hold(now_us) and camera_id in m.cameras() for m in self._held.mandates
        )

    def _conclude(self, entry: int, error: BaseException | None, detail: str) -> None:
        if error is None:
            self._held.ledger.conclude(entry, Outcome.DONE, detail)
        elif isinstance(error, Refused):
            self._held.ledger.conclude(entry, Outcome.REFUSED, error.what, error.rule)
        else:
            brief = error.kind if isinstance(error, VitrailError) else type(error).__name__
            self._held.ledger.conclude(entry, Outcome.FAILED, brief)


def _shown(camera: Camera) -> Camera:
    return replace(camera, streams=tuple(replace(stream, address=stream.label) for stream in camera.streams))


def _brief(said: str) -> str:
    return said if len(said) <= _LONGEST_SAID else said[:_LONGEST_SAID] + "…"


def _span(interval: Interval) -> str:
    return f"{interval.start_us}..{interval.end_us} us"
