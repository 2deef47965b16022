"""One use of a desk, from the decision to the outcome; which uses of a grant open which method."""

__all__ = ["AROUND_US", "DESK_USES", "LONGEST_CLIP_US", "MOST_ROWS", "DeskFloor", "Progress", "said_span", "wide_px"]

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from vitrail.domain.errors import NotFound, Refused, VitrailError
from vitrail.domain.events import Alert
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Grant, Use
from vitrail.domain.recordings import Segment
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval
from vitrail.guard.admit import still_granted
from vitrail.guard.holdings import Holdings
from vitrail.guard.refusal import refuse
from vitrail.guard.render import LOOK_AROUND_US, Shot

AROUND_US = 5 * SECOND_US
"""A clip begins this long before its alert's evidence and ends this long after."""
LONGEST_CLIP_US = 2 * MINUTE_US
"""Of a longer happening the clip shows the beginning; ``minute`` shows any other part."""
MOST_ROWS = 200
_WIDTHS = (64, 1920)

_REVIEW = frozenset({Use.REVIEW})
_LOOK = frozenset({Use.REVIEW, Use.INQUIRE})
_INQUIRE = frozenset({Use.INQUIRE})
_FIGURES = frozenset({Use.REVIEW, Use.ACCOUNT, Use.INQUIRE})
_UPKEEP = frozenset({Use.UPKEEP})
DESK_USES: Mapping[str, frozenset[Use]] = {
    "cameras": frozenset(Use),
    "microphones": frozenset(Use),
    "alerts": _LOOK,
    "alert": _LOOK,
    "judge": _REVIEW,
    "was_check": _REVIEW,
    "tickets": _REVIEW,
    "still": _LOOK,
    "picture": _LOOK | _UPKEEP,
    "clip": _LOOK,
    "minute": _LOOK,
    "again": _LOOK,
    "spans": _LOOK,
    "glance": _LOOK,
    "changed": _LOOK,
    "rehearse": _REVIEW,
    "unmasked": _INQUIRE,
    "bundle": _INQUIRE,
    "bundled": _INQUIRE,
    "play": _INQUIRE,
    "clocks": _INQUIRE,
    "live": _REVIEW,
    "precision": _FIGURES,
    "counts": _FIGURES,
    "hours": _REVIEW,
    "readings": _FIGURES,
    "series": _FIGURES,
    "search": _INQUIRE,
    "alike": _INQUIRE,
    "pictured": _INQUIRE,
    "sighting": _INQUIRE,
    "sighting_still": _INQUIRE,
    "sighting_clip": _INQUIRE,
    "upkeep": _UPKEEP,
    "upkept": _UPKEEP,
    "say_of": _UPKEEP,
    "notices": _UPKEEP,
    "send_again": _UPKEEP,
    "shift": _REVIEW,
    "late": _REVIEW,
    "handovers": _REVIEW,
    "leave": _REVIEW,
    "take": _REVIEW,
    "entries": frozenset({Use.ACCOUNT}),
}
"""Which uses open which method. A method that is not named here does not work, and a test says so."""

Progress = Callable[[float], None]


class DeskFloor:
    """What every room of the desk stands on. Its rooms are one file each: ``desk_alerts``, ``desk_footage``,
    ``desk_inquiry``, ``desk_shift``, ``desk_upkeep``."""

    def __init__(self, holdings: Holdings, given: Grant) -> None:
        self._held = holdings
        self._given = given

    @property
    def grant(self) -> Grant:
        return self._given

    def _covering(self, grant: Grant, camera_id: str, span: Interval) -> list[Segment]:
        camera = self._held.site.camera(camera_id)
        stream = camera.stream_for("record") if camera else None
        return self._held.segments.covering(grant, stream.id, span) if stream else []

    def _alert(self, grant: Grant, alert_id: str) -> Alert:
        """An alert, or a blind check that looks like one. Raises ``NotFound``, also outside the scope."""
        check = self._held.checks.get(alert_id) if grant.use is Use.REVIEW else None
        return check if check is not None and self._in_scope(grant, check) else self._held.alerts.get(grant, alert_id)

    def _checks(self, grant: Grant) -> list[Alert]:
        """Blind checks that wait, of what is in scope and still recorded; for those alone who say verdicts."""
        if grant.use is not Use.REVIEW:
            return []
        mine = (check for check in self._held.checks.waiting() if self._in_scope(grant, check))
        return [check for check in mine if self._covering(grant, check.place.camera_id, check.evidence)]

    def _in_scope(self, grant: Grant, check: Alert) -> bool:
        scope = grant.scope
        return check.place.camera_id in scope.cameras and scope.window.holds(check.interval.start_us)

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


def wide_px(width: int) -> int:
    """A width of pictures that is neither useless nor larger than any camera's."""
    return max(_WIDTHS[0], min(width, _WIDTHS[1]))


def said_span(interval: Interval) -> str:
    """As it stands in the ledger."""
    return f"{interval.start_us}..{interval.end_us} us"
