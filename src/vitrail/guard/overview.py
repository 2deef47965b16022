"""The follow-up register as pictures: how often alerts were right, when they come, what they cost people. Pure."""

__all__ = ["TABLES", "Day", "Overview", "Right", "csv_of", "overview"]

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from vitrail.domain.events import AlertState
from vitrail.domain.figures import Precision, precision
from vitrail.domain.time import MINUTE_US, SECOND_US
from vitrail.guard.checks import Attention
from vitrail.guard.followup import FollowUp

_HOURS, _WEEKDAYS = 24, 7
_LATE = 0.9


@dataclass(frozen=True, slots=True)
class Right:
    """Verdicts on one kind of alert of one camera."""

    camera_id: str
    kind: str
    alerts: int
    precision: Precision


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the site's own calendar. ``minutes``: between opening an alert and its verdict, everybody together."""

    day: date
    alerts: int
    confirmed: int
    dismissed: int
    unhandled: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Overview:
    """``hours[weekday][hour]`` counts alerts, Monday first, in the site's zone. ``waited_s``: median and
    90 % of the time from an alert to its verdict; None without verdicts."""

    right: tuple[Right, ...]
    hours: tuple[tuple[int, ...], ...]
    days: tuple[Day, ...]
    waited_s: tuple[float, float] | None
    attention: tuple[Attention, ...] = ()
    """Of blind checks, by shift; empty where there are none."""

    @property
    def most_an_hour(self) -> int:
        return max((count for row in self.hours for count in row), default=0)

    @property
    def most_minutes(self) -> float:
        return max((day.minutes for day in self.days), default=0.0)


def overview(
    rows: Sequence[FollowUp], zone: str, since_us: int, now_us: int, checks: tuple[Attention, ...] = ()
) -> Overview:
    """Every day from ``since_us`` to ``now_us`` has its place, also without an alert."""
    local = ZoneInfo(zone)
    moments = [datetime.fromtimestamp(row.at_us / SECOND_US, local) for row in rows]
    hours = Counter((moment.weekday(), moment.hour) for moment in moments)
    return Overview(
        right=_right(rows),
        hours=tuple(tuple(hours[day, hour] for hour in range(_HOURS)) for day in range(_WEEKDAYS)),
        days=_days(rows, [moment.date() for moment in moments], local, since_us, now_us),
        waited_s=_waited(rows),
        attention=checks,
    )


def csv_of(seen: Overview, table: str) -> str:
    """One picture's numbers, comma-separated. ``KeyError`` for a table that is none of ``TABLES``."""
    told = io.StringIO()
    written = csv.writer(told, lineterminator="\n")
    written.writerows(TABLES[table](seen))
    return told.getvalue()


def _right(rows: Sequence[FollowUp]) -> tuple[Right, ...]:
    cells: dict[tuple[str, str], Counter[AlertState]] = {}
    for row in rows:
        cells.setdefault((row.camera_id, row.kind), Counter())[row.outcome] += 1
    return tuple(
        Right(*cell, sum(said.values()), precision(said[AlertState.CONFIRMED], said[AlertState.DISMISSED]))
        for cell, said in sorted(cells.items())
    )


def _days(
    rows: Sequence[FollowUp], dates: Sequence[date], local: ZoneInfo, since_us: int, now_us: int
) -> tuple[Day, ...]:
    first = datetime.fromtimestamp(since_us / SECOND_US, local).date()
    last = datetime.fromtimestamp(now_us / SECOND_US, local).date()
    by_day: dict[date, list[FollowUp]] = {
        first + timedelta(days=number): [] for number in range((last - first).days + 1)
    }
    for row, day in zip(rows, dates, strict=True):
        by_day.setdefault(day, []).append(row)
    return tuple(_day(day, of_it) for day, of_it in sorted(by_day.items()))


def _day(day: date, rows: Sequence[FollowUp]) -> Day:
    said = Counter(row.outcome for row in rows)
    minutes = round(sum(row.spent_s for row in rows) * SECOND_US / MINUTE_US, 1)
    return Day(
        day,
        alerts=len(rows),
        confirmed=said[AlertState.CONFIRMED],
        dismissed=said[AlertState.DISMISSED],
        unhandled=said[AlertState.EXPIRED],
        minutes=minutes,
    )


def _waited(rows: Sequence[FollowUp]) -> tuple[float, float] | None:
    waits = sorted((row.judged_us - row.at_us) / SECOND_US for row in rows if row.judged_us is not None)
    if not waits:
        return None
    return round(median(waits), 1), round(waits[min(len(waits) - 1, int(_LATE * len(waits)))], 1)


def _right_rows(seen: Overview) -> list[list[object]]:
    head: list[object] = ["camera", "kind", "alerts", "confirmed", "dismissed", "low", "high"]
    return [head] + [
        [
            row.camera_id,
            row.kind,
            row.alerts,
            row.precision.confirmed,
            row.precision.dismissed,
            "" if row.precision.low is None else round(row.precision.low, 3),
            "" if row.precision.high is None else round(row.precision.high, 3),
        ]
        for row in seen.right
    ]


def _hour_rows(seen: Overview) -> list[list[object]]:
    head: list[object] = ["weekday", *range(_HOURS)]
    return [head] + [[day, *row] for day, row in enumerate(seen.hours, 1)]


def _day_rows(seen: Overview) -> list[list[object]]:
    head: list[object] = ["day", "alerts", "confirmed", "dismissed", "unhandled", "minutes"]
    return [head] + [
        [row.day.isoformat(), row.alerts, row.confirmed, row.dismissed, row.unhandled, row.minutes] for row in seen.days
    ]


def _attention_rows(seen: Overview) -> list[list[object]]:
    head: list[object] = [
        "from_hour",
        "to_hour",
        "checks",
        "rightly_dismissed",
        "confirmed",
        "not_judged",
        "low",
        "high",
    ]
    return [head] + [
        [
            row.from_hour,
            row.to_hour,
            row.offered,
            *(("", "", "") if row.share.low is None else (row.share.confirmed, row.share.dismissed, row.left)),
            "" if row.share.low is None else round(row.share.low, 3),
            "" if row.share.high is None else round(row.share.high, 3),
        ]
        for row in seen.attention
    ]


TABLES: Mapping[str, Callable[[Overview], list[list[object]]]] = {
    "precision": _right_rows,
    "hours": _hour_rows,
    "days": _day_rows,
    "attention": _attention_rows,
}
"""The pictures' numbers, by the name of their file. Weekdays count from 1, Monday (ISO 8601)."""
