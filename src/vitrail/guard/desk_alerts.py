"""The desk's alerts: find, judge and count them, and what was measured."""

__all__ = ["AlertsDesk"]

import math
from dataclasses import replace

from vitrail.domain.errors import Invalid
from vitrail.domain.events import Alert, AlertQuery, AlertState, Decision, Reading, Verdict
from vitrail.domain.figures import Precision, precision
from vitrail.domain.ledger import Operation
from vitrail.domain.tickets import Ticket, ticket_of
from vitrail.domain.time import HOUR_US, SECOND_US, Interval
from vitrail.guard.desk_floor import MOST_ROWS, DeskFloor
from vitrail.guard.upkeep import following

_SHORTEST_REASON = 3
_LONGEST_SPENT_S = 12 * HOUR_US / SECOND_US


_WAITING = frozenset({AlertState.OPEN})
"""Blind checks stand among what waits, and nowhere else."""


def _among(found: list[Alert], checks: list[Alert], query: AlertQuery, before_us: int | None) -> list[Alert]:
    """Newest first. Each check stands on one page of a listing: between the alerts that are beside it in time."""
    oldest_us = found[-1].created_us if len(found) >= query.limit else 0
    fits = [
        check
        for check in checks
        if query.camera_id in (None, check.place.camera_id)
        and query.kind in (None, check.kind)
        and (query.within is None or query.within.holds(check.interval.start_us))
        and check.created_us > oldest_us
        and (before_us is None or check.created_us <= before_us)
    ]
    return sorted([*found, *fits], key=lambda alert: (alert.created_us, alert.id), reverse=True)


class AlertsDesk(DeskFloor):
    def alerts(self, query: AlertQuery) -> list[Alert]:
        """Newest first, at most 200."""
        with self._used("alerts", "alerts") as grant:
            asked = replace(query, limit=max(1, min(query.limit, MOST_ROWS)))
            found = self._held.alerts.find(grant, asked)
            checks = self._checks(grant) if query.states == _WAITING else []
            if not checks:
                return found
            before_us = self._alert(grant, query.before_id).created_us if query.before_id is not None else None
            return _among(found, checks, asked, before_us)

    def alert(self, alert_id: str) -> Alert:
        """Raises ``NotFound``, also for alerts outside the scope."""
        with self._used("alert", f"alert:{alert_id}") as grant:
            return self._alert(grant, alert_id)

    def was_check(self, alert_id: str) -> bool:
        """Whether it was a blind check. Told once there is a verdict, never before."""
        with self._used("was_check", f"alert:{alert_id}") as grant:
            known = self._held.checks.get(alert_id)
            return known is not None and self._in_scope(grant, known) and known.verdict is not None

    def tickets(self) -> list[Ticket]:
        """What people confirmed of walls and furniture, as requests to whoever repairs: the newest 200 at most."""
        with self._used("tickets", "tickets", Operation.COMMUNICATE) as grant:
            query = AlertQuery(states=frozenset({AlertState.CONFIRMED}), limit=MOST_ROWS)
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
            alert = self._alert(grant, alert_id)
            if self._held.checks.get(alert_id) is not None:
                return self._held.checks.judged(alert, verdict)
            return self._held.alerts.judge(grant, alert_id, verdict, following(alert, verdict, self._held.site))

    def precision(self, camera_id: str, kind: str) -> Precision:
        """How often past alerts of this kind at this camera or microphone were confirmed (law.md L11)."""
        with self._used("precision", f"camera:{camera_id}", camera_id=camera_id) as grant:
            return precision(*self._held.alerts.tally(grant, camera_id, kind))

    def counts(self) -> dict[AlertState, int]:
        with self._used("counts", "alerts") as grant:
            counts = self._held.alerts.counts(grant)
            checks = len(self._checks(grant))
            return {**counts, AlertState.OPEN: counts.get(AlertState.OPEN, 0) + checks} if checks else counts

    def hours(self, since_us: int) -> dict[int, int]:
        """How many alerts began in each hour since then, by the hour's number from 0."""
        with self._used("hours", "alerts") as grant:
            return self._held.alerts.hours(grant, since_us)

    def readings(self, name: str) -> list[Reading]:
        """The newest of each place."""
        with self._used("readings", f"readings:{name}") as grant:
            return self._held.readings.latest(grant, name)

    def series(self, name: str, camera_id: str, interval: Interval) -> list[Reading]:
        with self._used("series", f"readings:{name}", camera_id=camera_id) as grant:
            return self._held.readings.series(grant, name, camera_id, interval)
