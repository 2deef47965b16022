"""What an interrupted analysis had written already, so that it is not written twice."""

__all__ = ["Told"]

from collections.abc import Sequence
from dataclasses import replace

from vitrail.domain.events import Alert, Event
from vitrail.domain.time import SECOND_US, Interval

_SAME_US = 3 * SECOND_US
"""Seen again from another moment on, the same happening may begin so much earlier or later."""


class Told:
    """``until_us``: everything up to this wall time was judged and written. ``begins``: others tell what begins outside
    this span of wall time."""

    def __init__(self, alerts: Sequence[Alert] = (), until_us: int = 0, begins: Interval | None = None) -> None:
        self._until_us = until_us
        self._begins = begins
        self._alerts = list(alerts)

    def covers(self, start_us: int) -> bool:
        """Whether what begins then is ours to tell."""
        return self._begins is None or self._begins.holds(start_us)

    def wants(self, at_us: int) -> bool:
        """Whether a reading of that moment is ours to write and was not written."""
        return at_us > self._until_us and self.covers(at_us)

    def take(self, event: Event) -> Alert | None:
        """The alert that was written of this happening, once; it goes on."""
        near = [alert for alert in self._alerts if _same(alert, event)]
        if not near:
            return None
        found = min(near, key=lambda alert: abs(alert.interval.start_us - event.interval.start_us))
        self._alerts.remove(found)
        return replace(found, ongoing=event.interval.length_us > 0)


def _same(alert: Alert, event: Event) -> bool:
    return (alert.analytic, alert.kind, alert.place) == (event.analytic, event.kind, event.place) and abs(
        alert.interval.start_us - event.interval.start_us
    ) <= _SAME_US
