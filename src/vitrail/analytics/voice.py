"""How an analytic reads its setting and words what it found: parameters, hours, events, readings."""

__all__ = ["FLOOR", "PEOPLE", "VEHICLES_TOO", "Voice", "wanted"]

from collections.abc import Iterable
from dataclasses import replace
from zlib import crc32

import numpy as np

from vitrail.domain.analytics import AnalyticManifest, Parameter
from vitrail.domain.detections import VEHICLES, Label, Tracks
from vitrail.domain.events import BeforeAfter, Event, Measure, Phase, Place, Reading
from vitrail.domain.streams import AnalyticSetting, Camera
from vitrail.domain.time import Interval

PEOPLE = Parameter("people", "", 1, 0, 1, "1: people count, 0: they do not")
FLOOR = Parameter(
    "floor", "", 0, 0, 1, "suspended once, with 95 % certainty, a smaller share of its alerts is confirmed; 0: never"
)
VEHICLES_TOO = Parameter("vehicles", "", 0, 0, 1, "1: vehicles count, 0: they do not")


class Voice:
    """One analytic on one camera with one setting speaks through this. Keys of events are never used twice, not after
    a reset either, and two settings of one analytic never share any."""

    def __init__(self, manifest: AnalyticManifest, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        self._manifest = manifest
        self._camera_id = camera.id
        self._stream_id = stream_id
        self._setting = setting
        self._name = f"{manifest.id}:{crc32(repr(setting).encode()):08x}"
        self._serial = 0

    def value(self, name: str) -> float:
        """The parameter as the site set it, or its default."""
        default = next(parameter.default for parameter in self._manifest.parameters if parameter.name == name)
        return float(self._setting.parameters.get(name, default))

    def listens(self, at_us: int) -> bool:
        """Whether the setting's hours and season hold."""
        season = self._setting.season
        return self._setting.hours.hold(at_us) and (season is None or season.holds(at_us))

    def in_zone(self, zone_id: str) -> Place:
        return Place(self._camera_id, zone_id=zone_id)

    def at_line(self, line_id: str) -> Place:
        return Place(self._camera_id, line_id=line_id)

    def on_surface(self, surface_id: str) -> Place:
        return Place(self._camera_id, surface_id=surface_id)

    def at_asset(self, asset_id: str) -> Place:
        return Place(self._camera_id, asset_id=asset_id)

    def anywhere(self) -> Place:
        return Place(self._camera_id)

    def opened(
        self,
        kind: str,
        place: Place,
        interval: Interval,
        score: float,
        measures: Iterable[Measure],
        shown: BeforeAfter | None = None,
    ) -> Event:
        self._serial += 1
        return Event(
            key=f"{self._name}:{self._serial}",
            phase=Phase.OPENED,
            kind=kind,
            analytic=self._manifest.id,
            version=self._manifest.version,
            stream_id=self._stream_id,
            place=place,
            interval=interval,
            score=min(1.0, max(0.0, score)),
            measures=tuple(measures),
            shown=shown,
        )

    def closed(self, opened: Event, end_us: int, score: float, measures: Iterable[Measure]) -> Event:
        """The same happening, over: what was measured until its end."""
        interval = Interval(opened.interval.start_us, max(end_us, opened.interval.end_us))
        score = min(1.0, max(0.0, score))
        return replace(opened, phase=Phase.CLOSED, interval=interval, score=score, measures=tuple(measures), shown=None)

    def reading(self, name: str, place: Place, at_us: int, value: float, unit: str) -> Reading:
        return Reading(name, self._stream_id, place, at_us, value, unit)


def wanted(tracks: Tracks, people: bool, vehicles: bool) -> Tracks:
    """Those of ``tracks`` that count."""
    labels = ([Label.PERSON] if people else []) + (sorted(VEHICLES) if vehicles else [])
    return tracks.where(np.isin(tracks.labels, labels))
