"""One desk's watch from its beginning until now, and the note that is left to who comes next.

Figures are of places and of the desk as a whole: nothing here counts or ranks those who work (law.md, red lines).
"""

__all__ = ["Escalation", "HandoverNote", "KindCount", "Lateness", "Shift", "late", "lateness", "shift_of"]

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from vitrail.domain.events import Alert, AlertState
from vitrail.domain.time import MINUTE_US, SECOND_US


@dataclass(frozen=True, slots=True)
class Escalation:
    """An alert without a verdict after so many minutes is late; ``to``: accounts that are told on every page."""

    minutes: int = 10
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KindCount:
    """Alerts of one kind that began in the shift, and how they stand now."""

    kind: str
    sound: bool
    alerts: int
    confirmed: int
    dismissed: int
    open: int
    expired: int


@dataclass(frozen=True, slots=True)
class Shift:
    """``waiting``: open now, the oldest first, also from before. ``minutes``: spent on verdicts in the shift, by
    everybody together."""

    since_us: int
    now_us: int
    kinds: tuple[KindCount, ...]
    waiting: tuple[Alert, ...]
    minutes: float


@dataclass(frozen=True, slots=True)
class HandoverNote:
    """``devices``: what whoever left it watched. ``taken_by`` is empty until somebody has read it."""

    id: str
    by: str
    at_us: int
    words: str
    devices: tuple[str, ...]
    taken_by: str = ""
    taken_us: int | None = None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How many alerts are late now, and when the next one of those that wait will be: screens ask again then."""

    count: int
    next_us: int | None


def late(alert: Alert, escalation: Escalation, now_us: int) -> bool:
    return alert.state is AlertState.OPEN and now_us - alert.created_us >= escalation.minutes * MINUTE_US


def lateness(waiting: Iterable[Alert], escalation: Escalation, now_us: int) -> Lateness:
    due_us = [a.created_us + escalation.minutes * MINUTE_US for a in waiting if a.state is AlertState.OPEN]
    return Lateness(sum(at <= now_us for at in due_us), min((at for at in due_us if at > now_us), default=None))


def shift_of(alerts: Iterable[Alert], since_us: int, now_us: int) -> Shift:
    known = list(alerts)
    cells: dict[tuple[bool, str], Counter[AlertState]] = {}
    for alert in known:
        if alert.created_us >= since_us:
            cells.setdefault((alert.place.microphone_id is not None, alert.kind), Counter())[alert.state] += 1
    kinds = (
        KindCount(kind, sound, said.total(), *(said[state] for state in _STATES))
        for (sound, kind), said in sorted(cells.items())
    )
    spent = (a.verdict.seconds_spent for a in known if a.verdict and since_us <= a.verdict.at_us)
    waiting = sorted((a for a in known if a.state is AlertState.OPEN), key=lambda a: (a.created_us, a.id))
    return Shift(since_us, now_us, tuple(kinds), tuple(waiting), round(sum(spent) * SECOND_US / MINUTE_US, 1))


_STATES = (AlertState.CONFIRMED, AlertState.DISMISSED, AlertState.OPEN, AlertState.EXPIRED)
