"""Dates and hours as people write them, in the site's zone, to microseconds UTC."""

__all__ = ["moment_us", "season", "weekly_hours"]

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vitrail.adapters.sitefolder.words import DAYS, WeeklyHours, YearlySeason
from vitrail.domain.time import SECOND_US, Hours, Season


def moment_us(text: str, zone: str) -> int:
    """A date means its first moment. Raises ``ValueError`` for a day that the calendar does not have."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return round(local.astimezone(UTC).timestamp()) * SECOND_US


def weekly_hours(written: WeeklyHours | None, zone: str) -> Hours:
    """Raises ``ValueError`` when the hours begin and end at the same minute."""
    if written is None:
        always = Hours.always()
        return Hours(always.days, always.start_min, always.end_min, zone)
    start, end = _minute(written.from_), _minute(written.to)
    if start == end:
        raise ValueError("`from` and `to` are the same minute")
    if end == 0:
        end = 1440
    if start == 1440:
        raise ValueError("`from` cannot be 24:00")
    days = tuple(day for day in DAYS if day in written.days)
    return Hours(days, start, end, zone)


def season(written: YearlySeason | None, zone: str) -> Season | None:
    """Raises ``ValueError`` for a day that no year has."""
    if written is None:
        return None
    first, last = ((int(text[:2]), int(text[3:])) for text in (written.from_, written.to))
    return Season(first, last, zone)


def _minute(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
