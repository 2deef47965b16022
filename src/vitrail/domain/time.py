"""Time as integers: microseconds since 1970-01-01 UTC (``_us``); intervals; weekly hours in a site's own zone."""

__all__ = [
    "DAY_US",
    "HOUR_US",
    "MINUTE_US",
    "SECOND_US",
    "Hours",
    "Interval",
    "Season",
    "in_months",
    "iso",
    "moment_us",
    "seconds",
]

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from vitrail.domain.errors import Invalid

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def seconds(value: float) -> int:
    """Seconds as integer microseconds."""
    return round(value * SECOND_US)


def iso(at_us: int) -> str:
    """RFC 3339 text in UTC, milliseconds."""
    return (_EPOCH + timedelta(microseconds=at_us)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_us(text: str, zone: str, where: str = "") -> int:
    """``2026-11-23T14:05`` or with seconds, local to ``zone``; a zone of its own is respected. Raises ``Invalid``."""
    try:
        moment = datetime.fromisoformat(text.strip())
        since = (moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise Invalid(f"{text!r} is no moment", where=where, remedy="write it as 2026-11-23T14:05") from error
    if since < 0:
        raise Invalid(f"{text!r} lies outside of time", where=where)
    return round(since * SECOND_US)


def in_months(at_us: int, months: int, zone: str) -> int:
    """The same local day and time so many months later; the last day of a month that is too short."""
    local = (_EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(zone))
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, monthrange(year, month + 1)[1])
    later = local.replace(year=year, month=month + 1, day=day)
    return round((later.astimezone(UTC) - _EPOCH) / timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Interval:
    """Half-open span ``[start_us, end_us)`` of wall time."""

    start_us: int
    end_us: int

    def __post_init__(self) -> None:
        if self.end_us < self.start_us:
            raise ValueError(f"interval ends before it starts: {self.start_us}..{self.end_us}")

    @property
    def length_us(self) -> int:
        return self.end_us - self.start_us

    def holds(self, at_us: int) -> bool:
        return self.start_us <= at_us < self.end_us

    def touches(self, other: "Interval") -> bool:
        return self.start_us < other.end_us and other.start_us < self.end_us


@dataclass(frozen=True, slots=True)
class Season:
    """Days of the year, both ends within, as (month, day) in local time; a last day before the first runs past New
    Year. The 29th of February lies between its neighbours in every year."""

    first: tuple[int, int]
    last: tuple[int, int]
    zone: str = "UTC"

    def __post_init__(self) -> None:
        for month, day in (self.first, self.last):
            if not (1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]):
                raise ValueError(f"{month:02d}-{day:02d} is no day of a year")

    def holds(self, at_us: int) -> bool:
        """Whether local time at ``at_us`` lies in the season."""
        local = (_EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(self.zone))
        today = (local.month, local.day)
        if self.first <= self.last:
            return self.first <= today <= self.last
        return today >= self.first or today <= self.last


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours ``HH:MM``..``HH:MM`` on named days, in local time; an end before the start runs past midnight.

    ``Hours.always()`` is the whole week. Local time follows daylight saving through ``zone`` (IANA name).
    """

    days: tuple[str, ...]
    start_min: int
    end_min: int
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not self.days or any(day not in _DAYS for day in self.days):
            raise ValueError(f"days must be among {', '.join(_DAYS)}")
        if not (0 <= self.start_min < 1440 and 0 < self.end_min <= 1440):
            raise ValueError("hours must lie within one day")

    @classmethod
    def always(cls) -> "Hours":
        return cls(days=_DAYS, start_min=0, end_min=1440)

    def hold(self, at_us: int) -> bool:
        """Whether local time at ``at_us`` lies inside the hours."""
        local = (_EPOCH + timedelta(microseconds=at_us)).astimezone(ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        today, yesterday = _DAYS[local.weekday()], _DAYS[local.weekday() - 1]
        if self.start_min < self.end_min:
            return today in self.days and self.start_min <= minute < self.end_min
        after_start = today in self.days and minute >= self.start_min
        before_end = yesterday in self.days and minute < self.end_min
        return after_start or before_end
