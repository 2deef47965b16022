"""Moments in fields of type ``datetime-local``, in the site's own time."""

__all__ = ["typed"]

from datetime import datetime
from zoneinfo import ZoneInfo

from vitrail.domain.time import SECOND_US


def typed(at_us: int, zone: str) -> str:
    """What such a field shows for a moment, to the second; ``domain.time.moment_us`` reads it."""
    return datetime.fromtimestamp(at_us // SECOND_US, ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S")
