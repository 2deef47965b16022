"""When each microphone heard something begin, for some seconds; from these times, where a sound came from. Times
only: no sound is compared with another."""

__all__ = ["Whereabouts", "plane"]

import math
from collections import deque
from collections.abc import Sequence

from vitrail.domain.sound import Located
from vitrail.domain.streams import MapPosition, Microphone
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.multilateration import Arrival, NoPlace, Spot, speed_of_sound, spot_of

_KEPT_US = 5 * SECOND_US
_SAME_US = 100_000
_LOUD_DB = 6.0
_METRES_A_DEGREE = 111_195.0
_CELSIUS = 15.0


class Whereabouts:
    """``clock_s``: how well clocks agree of which nothing better is known. Not thread-safe."""

    def __init__(self, microphones: Sequence[Microphone], clock_s: float) -> None:
        self._places = {m.id: m.position for m in microphones if m.position is not None}
        self._origin = next(iter(self._places.values()), None)
        self._clock_s = clock_s
        self._heard: dict[str, deque[int]] = {}
        self._clocks_s: dict[str, float] = {}
        self.why_not = ""

    def heard(self, microphone_id: str, onset_us: int, rise_db: float, clock_s: float | None = None) -> None:
        """One beginning, told as often as it is looked at. ``clock_s``: how well this microphone's time is known."""
        if microphone_id not in self._places or rise_db < _LOUD_DB:
            return
        self._clocks_s[microphone_id] = self._clock_s if clock_s is None else clock_s
        times = self._heard.setdefault(microphone_id, deque())
        if not times or onset_us - times[-1] > _SAME_US:
            times.append(onset_us)
        while times and onset_us - times[0] > _KEPT_US:
            times.popleft()

    def locate(self, microphone_id: str, onset_us: int) -> Located | None:
        """Where the sound that this microphone heard begin came from; ``why_not`` says what is missing."""
        if self._origin is None or microphone_id not in self._places:
            self.why_not = "this microphone has no place on the map"
            return None
        arrivals = [self._arrival(name, onset_us, microphone_id) for name in self._places]
        found = spot_of([a for a in arrivals if a is not None], self._clock_s, _CELSIUS)
        if isinstance(found, NoPlace):
            self.why_not = found.why
            return None
        return self._on_map(found)

    def _arrival(self, name: str, onset_us: int, first: str) -> Arrival | None:
        """The beginning nearest in time that can be the same sound: no further away than sound travels."""
        assert self._origin is not None
        east, north = plane(self._places[name], self._origin)
        here = plane(self._places[first], self._origin)
        longest_us = math.dist((east, north), here) / speed_of_sound(_CELSIUS) * SECOND_US * 1.05 + 20_000
        near = [at for at in self._heard.get(name, ()) if abs(at - onset_us) <= longest_us]
        if not near:
            return None
        at_us = onset_us if name == first else min(near)
        return Arrival(name, east, north, (at_us - onset_us) / SECOND_US, self._clocks_s.get(name))

    def _on_map(self, spot: Spot) -> Located:
        assert self._origin is not None
        latitude = self._origin.latitude + spot.north_m / _METRES_A_DEGREE
        wide = _METRES_A_DEGREE * math.cos(math.radians(self._origin.latitude))
        longitude = self._origin.longitude + spot.east_m / wide
        axes = (round(spot.major_m, 1), round(spot.minor_m, 1), round(spot.bearing_deg))
        return Located(round(latitude, 6), round(longitude, 6), *axes, spot.heard_by)


def plane(position: MapPosition, origin: MapPosition) -> tuple[float, float]:
    """Metres east and north of ``origin``; good to a thousandth within some kilometres."""
    wide = _METRES_A_DEGREE * math.cos(math.radians(origin.latitude))
    return (position.longitude - origin.longitude) * wide, (position.latitude - origin.latitude) * _METRES_A_DEGREE
