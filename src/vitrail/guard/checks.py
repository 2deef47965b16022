"""Blind checks: stretches of recording in which nothing was told, put into the queue like alerts, to measure attention.

A check takes kind, place and measures of an alert of the same camera, and a stretch of its recording during which no
analytic told anything. It lives in the ledger alone, under a target of its own, so that it is in no store of alerts:
figures, tickets, notices, cases and maps cannot count it. Whoever judges it is told at once what it was. That checks
happen is told to those who work there; which one is a check is not. Attention is a number of the desk, of nobody.
"""

__all__ = ["SHIFTS", "Attention", "BlindChecks", "attention"]

import json
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from vitrail.domain.errors import Conflict
from vitrail.domain.events import Alert, AlertState, Decision, Measure, Place, Verdict
from vitrail.domain.figures import Precision, precision
from vitrail.domain.ledger import Entry, Operation, Outcome, Stored
from vitrail.domain.time import HOUR_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard.figures import SAID
from vitrail.guard.followup import since
from vitrail.guard.ledger import Ledger
from vitrail.ports.clock import Clock

ENOUGH_CHECKS = 20
"""Fewer judged checks in a shift are not shown: they would be about one or two people."""
SHIFTS = ((6, 14), (14, 22), (22, 6))
"""From and to, in hours of the site's day: the usual three."""

_CHECK, _ALERT = "check:", "alert:"
_WAITS_US = 12 * HOUR_US
"""A check that nobody judged for so long is out of the queue: its shift is over."""
_SOONEST_US, _LATEST_US = 2 * MINUTE_US, 15 * MINUTE_US
"""How long after the alert that gave it its form a check comes: not beside it."""
_GIVEN_UP_US = 2 * HOUR_US
_QUIET_US = MINUTE_US
_BEFORE_END_US = 20 * SECOND_US
"""The newest part of a recording may still be on its way to the disk."""
_LENGTH_US = (5 * SECOND_US, 15 * SECOND_US)
_PENDING = 64
_REASON = "a blind check: nothing was told in this stretch"


@dataclass(frozen=True, slots=True)
class Attention:
    """Checks that came in one shift. ``share``: of those that were judged, rightly dismissed ones (as
    ``confirmed``) and the others (as ``dismissed``), with its interval; empty bounds where they are too few."""

    from_hour: int
    to_hour: int
    offered: int
    share: Precision

    @property
    def judged(self) -> int:
        return self.share.confirmed + self.share.dismissed

    @property
    def left(self) -> int:
        return self.offered - self.judged


@dataclass(slots=True)
class _Watched:
    """A live stream, and when something was going on at it."""

    camera_id: str
    since_us: int
    going: int = 0
    last_us: int = 0


@dataclass(frozen=True, slots=True)
class _Pending:
    due_us: int
    until_us: int
    form: Alert


@dataclass(slots=True)
class _Read:
    """What the ledger says, as far as it was read."""

    next: int | None = None
    checks: "OrderedDict[str, Alert]" = field(default_factory=OrderedDict)


class BlindChecks:
    """Thread-safe. ``share``: checks for each alert; 0: there are none. ``chance`` gives numbers of 0..1."""

    def __init__(
        self, ledger: Ledger, clock: Clock, new_id: Callable[[], str], share: float, chance: Callable[[], float]
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._new_id = new_id
        self._share = share
        self._chance = chance
        self._lock = threading.Lock()
        self._streams: dict[str, _Watched] = {}
        self._pending: deque[_Pending] = deque(maxlen=_PENDING)
        self._read = _Read()

    def began(self, stream_id: str, camera_id: str) -> None:
        """A live stream is watched from now on."""
        with self._lock:
            self._streams[stream_id] = _Watched(camera_id, self._clock.now_us())

    def ended(self, stream_id: str) -> None:
        with self._lock:
            self._streams.pop(stream_id, None)

    def told(self, alert: Alert) -> None:
        """An alert began: perhaps a check follows it, some minutes later."""
        now_us = self._clock.now_us()
        with self._lock:
            watched = self._streams.get(alert.stream_id)
            if watched is None:
                return
            watched.last_us = now_us
            watched.going += alert.ongoing
            if alert.pictures is None and self._chance() < self._share:
                due_us = now_us + self._between(_SOONEST_US, _LATEST_US)
                self._pending.append(_Pending(due_us, now_us + _GIVEN_UP_US, alert))

    def over(self, stream_id: str) -> None:
        """A happening ended."""
        with self._lock:
            watched = self._streams.get(stream_id)
            if watched is not None:
                watched.last_us = self._clock.now_us()
                watched.going = max(0, watched.going - 1)

    def calm(self, stream_id: str) -> None:
        """Nothing is known to go on any more."""
        with self._lock:
            watched = self._streams.get(stream_id)
            if watched is not None:
                watched.last_us, watched.going = self._clock.now_us(), 0

    def sweep(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Put what is due into the queue, where nothing happens now. ``tell`` gets the id of each new one."""
        now_us = self._clock.now_us()
        made = []
        with self._lock:
            for _ in range(len(self._pending)):
                one = self._pending.popleft()
                if one.due_us <= now_us and self._quiet(one.form.place.camera_id, now_us):
                    made.append(self._made(one.form, now_us))
                elif one.until_us > now_us:
                    self._pending.append(one)
        for check in made:
            self._note(check)
            tell(check.id)

    def waiting(self) -> list[Alert]:
        """Those that nobody judged yet, newest first."""
        now_us = self._clock.now_us()
        return [check for check in self._known() if check.verdict is None and check.created_us > now_us - _WAITS_US]

    def get(self, alert_id: str) -> Alert | None:
        """The check of that id, with its verdict; None when it is none."""
        if not self._share:
            return None
        with self._lock:
            self._catch_up()
            return self._read.checks.get(alert_id)

    def judged(self, check: Alert, verdict: Verdict) -> Alert:
        """What the desk's entry in the ledger says of it, at once. Raises ``Conflict`` for a second verdict."""
        with self._lock:
            known = self._read.checks.get(check.id, check)
            if known.verdict is not None:
                raise Conflict("there is a verdict already", where=f"alert {check.id}", remedy="look at it again")
            judged = replace(known, verdict=verdict, state=AlertState(verdict.decision.value))
            self._read.checks[check.id] = judged
            return judged

    def _known(self) -> list[Alert]:
        if not self._share:
            return []
        with self._lock:
            self._catch_up()
            return list(self._read.checks.values())[::-1]

    def _catch_up(self) -> None:
        """Also what another process wrote: the ledger is where checks live."""
        read = self._read
        if read.next is None:
            read.next = since(self._ledger, self._clock.now_us() - 2 * _WAITS_US)
        size = self._ledger.size
        for stored in self._ledger.entries_about(read.next, size, _CHECK):
            check = _check_of(stored.entry)
            if check is not None:
                read.checks.setdefault(check.id, check)
        for stored in self._ledger.entries_about(read.next, size, _ALERT) if read.checks else ():
            self._judge(stored.entry)
        read.next = size
        oldest_us = self._clock.now_us() - 2 * _WAITS_US
        while read.checks and next(iter(read.checks.values())).created_us < oldest_us:
            read.checks.popitem(last=False)

    def _judge(self, entry: Entry) -> None:
        check = self._read.checks.get(entry.target.removeprefix(_ALERT))
        said = SAID.fullmatch(entry.detail)
        if check is None or check.verdict is not None or not said or entry.outcome is not Outcome.DONE:
            return
        decision = Decision(said["decision"])
        verdict = Verdict(decision, "", entry.actor, entry.at_us, float(said["seconds"]))
        self._read.checks[check.id] = replace(check, verdict=verdict, state=AlertState(decision.value))

    def _quiet(self, camera_id: str, now_us: int) -> bool:
        watched = [one for one in self._streams.values() if one.camera_id == camera_id]
        earliest_us = now_us - _BEFORE_END_US - _LENGTH_US[1] - _QUIET_US
        return bool(watched) and all(
            one.since_us < earliest_us and one.last_us < earliest_us and not one.going for one in watched
        )

    def _made(self, form: Alert, now_us: int) -> Alert:
        end_us = now_us - _BEFORE_END_US
        span = Interval(end_us - self._between(*_LENGTH_US), end_us)
        return replace(
            form,
            id=self._new_id(),
            interval=span,
            evidence=span,
            ongoing=False,
            state=AlertState.OPEN,
            created_us=now_us,
        )

    def _note(self, check: Alert) -> None:
        self._ledger.note(
            Operation.RULE,
            Outcome.DONE,
            "vitrail",
            f"{_CHECK}{check.id}",
            _REASON,
            check.mandate_id,
            detail=_described(check),
        )

    def _between(self, low: int, high: int) -> int:
        return low + int(self._chance() * (high - low))


def attention(entries: Iterable[Stored], zone: str) -> tuple[Attention, ...]:
    """By shift, counted from the ledger alone; nothing where there was no check."""
    local, born, said = ZoneInfo(zone), dict[str, int](), dict[str, str]()
    for stored in entries:
        entry = stored.entry
        if entry.outcome is not Outcome.DONE:
            continue
        if entry.target.startswith(_CHECK):
            born[entry.target.removeprefix(_CHECK)] = datetime.fromtimestamp(entry.at_us / SECOND_US, local).hour
        elif entry.operation is Operation.CHANGE and (found := SAID.fullmatch(entry.detail)):
            said.setdefault(entry.target.removeprefix(_ALERT), found["decision"])
    if not born:
        return ()
    return tuple(
        _shift(low, high, [said.get(name) for name, hour in born.items() if _within(hour, low, high)])
        for low, high in SHIFTS
    )


def _shift(low: int, high: int, said: list[str | None]) -> Attention:
    right, wrong = said.count(Decision.DISMISSED.value), said.count(Decision.CONFIRMED.value)
    share = precision(right, wrong)
    if right + wrong < ENOUGH_CHECKS:
        share = replace(share, low=None, high=None)
    return Attention(low, high, len(said), share)


def _within(hour: int, low: int, high: int) -> bool:
    return low <= hour < high if low < high else hour >= low or hour < high


def _described(check: Alert) -> str:
    """Everything that its page needs, none of it about anybody."""
    told = {
        "kind": check.kind,
        "analytic": check.analytic,
        "version": check.version,
        "stream": check.stream_id,
        "camera": check.place.camera_id,
        "drawn": [check.place.zone_id, check.place.line_id, check.place.surface_id, check.place.asset_id],
        "span": [check.interval.start_us, check.interval.end_us],
        "score": round(check.score, 3),
        "measures": [[m.name, round(m.value, 3), m.threshold, m.unit] for m in check.measures],
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _check_of(entry: Entry) -> Alert | None:
    try:
        told = json.loads(entry.detail)
        span = Interval(*told["span"])
        return Alert(
            id=entry.target.removeprefix(_CHECK),
            mandate_id=entry.mandate_id,
            kind=told["kind"],
            analytic=told["analytic"],
            version=told["version"],
            stream_id=told["stream"],
            place=Place(told["camera"], *told["drawn"]),
            interval=span,
            ongoing=False,
            score=told["score"],
            measures=tuple(Measure(*one) for one in told["measures"]),
            evidence=span,
            state=AlertState.OPEN,
            created_us=entry.at_us,
        )
    except (ValueError, TypeError, KeyError):
        return None
