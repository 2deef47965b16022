"""A sound alert as bars and a small map: numbers that a template draws."""

__all__ = ["BANDS_HZ", "Bar", "Ellipse", "Place", "SoundMap", "sound_map"]

import math
from dataclasses import dataclass

from vitrail.domain.streams import MapPosition
from vitrail.pipeline.spectrum import BANDS_HZ
from vitrail.pipeline.whereabouts import plane
from vitrail.services.review import AlertSheet

_WIDTH, _HEIGHT, _EDGE = 1000.0, 700.0, 90.0
_LEVEL_RANGE_DB, _BAND_RANGE_DB = 80.0, 60.0
_LEAST_M = 20.0


@dataclass(frozen=True, slots=True)
class Bar:
    """``height`` 0..100."""

    db: int
    height: float
    hz: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    x: float
    y: float
    heard: bool
    here: bool


@dataclass(frozen=True, slots=True)
class Ellipse:
    x: float
    y: float
    rx: float
    ry: float
    turn: float


@dataclass(frozen=True, slots=True)
class SoundMap:
    levels: tuple[Bar, ...]
    bands: tuple[Bar, ...]
    places: tuple[Place, ...]
    ellipse: Ellipse | None
    scale: str


def sound_map(sheet: AlertSheet) -> SoundMap:
    """North is up. Microphones without a place are left out."""
    sound = sheet.alert.sound
    levels = tuple(Bar(db, _share(db, _LEVEL_RANGE_DB)) for db in (sound.levels_db if sound else ()))
    bands = tuple(
        Bar(db, _share(db, _BAND_RANGE_DB), round(hz))
        for db, hz in zip(sound.bands_db if sound else (), BANDS_HZ, strict=False)
    )
    located = sound.located if sound else None
    known = [(ear, ear.position) for ear in sheet.microphones if ear.position is not None]
    if not known:
        return SoundMap(levels, bands, (), None, "")
    origin = known[0][1]
    at = {ear.id: plane(position, origin) for ear, position in known}
    spot = plane(MapPosition(located.latitude, located.longitude), origin) if located else None
    every = [*at.values(), *([spot] if spot else [])]
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    low, high = min(y for _, y in every), max(y for _, y in every)
    metres = max(right - left, (high - low) * _WIDTH / _HEIGHT, _LEAST_M)
    unit = (_WIDTH - 2 * _EDGE) / metres

    def drawn(point: tuple[float, float]) -> tuple[float, float]:
        x = _WIDTH / 2 + (point[0] - (left + right) / 2) * unit
        return round(x, 1), round(_HEIGHT / 2 - (point[1] - (low + high) / 2) * unit, 1)

    heard = frozenset(located.heard_by) if located else frozenset[str]()
    here = sheet.alert.place.microphone_id
    places = tuple(Place(ear.name, *drawn(at[ear.id]), ear.id in heard, ear.id == here) for ear, _ in known)
    ellipse = None
    if located and spot:
        x, y = drawn(spot)
        ellipse = Ellipse(x, y, located.major_m * unit, located.minor_m * unit, located.bearing_deg - 90.0)
    return SoundMap(levels, bands, places, ellipse, f"{_round_m(metres)} m")


def _share(db: int, range_db: float) -> float:
    return round(100.0 * min(1.0, max(0.02, 1.0 + db / range_db)), 1)


def _round_m(metres: float) -> str:
    digits = max(0, 1 - math.floor(math.log10(max(metres, 1.0))))
    return f"{round(metres, digits):g}"
