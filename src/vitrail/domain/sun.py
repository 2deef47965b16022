"""Where the sun stands, and so how light it is at a camera: by day, in twilight, by night (law.md L27)."""

__all__ = ["Light", "elevation_deg", "light_at"]

import math
from enum import StrEnum

from vitrail.domain.streams import MapPosition
from vitrail.domain.time import DAY_US

_J2000_US = 946_728_000 * 1_000_000
"""2000-01-01 12:00 UTC, from which the almanac counts days."""
_CIVIL_DEG = -6.0
"""Civil twilight ends when the sun's centre is this far below the horizon."""


class Light(StrEnum):
    DAY = "day"
    TWILIGHT = "twilight"
    NIGHT = "night"
    UNKNOWN = "unknown"
    """The camera's position is not declared."""


def light_at(position: MapPosition | None, at_us: int) -> Light:
    """Day while the sun's centre is above the horizon, twilight down to 6 degrees below it (civil), then night. Lamps,
    clouds and walls are not known."""
    if position is None:
        return Light.UNKNOWN
    elevation = elevation_deg(position.latitude, position.longitude, at_us)
    if elevation > 0:
        return Light.DAY
    return Light.TWILIGHT if elevation >= _CIVIL_DEG else Light.NIGHT


def elevation_deg(latitude: float, longitude: float, at_us: int) -> float:
    """The sun's centre above the horizon in degrees, without refraction. Approximate solar coordinates of the
    Astronomical Almanac (U.S. Naval Observatory): within a hundredth of a degree from 1950 to 2050."""
    days = (at_us - _J2000_US) / DAY_US
    anomaly = math.radians((357.529 + 0.98560028 * days) % 360)
    mean = 280.459 + 0.98564736 * days
    ecliptic = math.radians((mean + 1.915 * math.sin(anomaly) + 0.020 * math.sin(2 * anomaly)) % 360)
    tilt = math.radians(23.439 - 0.00000036 * days)
    ascension = math.atan2(math.cos(tilt) * math.sin(ecliptic), math.cos(ecliptic))
    declination = math.asin(math.sin(tilt) * math.sin(ecliptic))
    sidereal = math.radians((280.46061837 + 360.98564736629 * days + longitude) % 360)
    north = math.radians(latitude)
    sine = math.sin(north) * math.sin(declination)
    sine += math.cos(north) * math.cos(declination) * math.cos(sidereal - ascension)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))
