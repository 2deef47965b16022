"""How fast vehicles go.

Gives the mean speed of vehicles through a declared zone as a reading, in km/h, and their number. Where a ``limit`` is
set it tells ``speeding`` when one goes faster: so that a street is calmed, a level crossing watched, somebody on foot
warned. It is no measuring instrument in the sense of the law, knows no plate and no driver: it can fine nobody.

A speed is measured along at least a second and ``way`` metres of the vehicle's path on the calibrated ground, by a line
through all its sights, so that one jolt of a box counts little. It is as good as the calibration: see what
``vitrail calibrate`` says of its error. It fails where boxes are cut by the picture's edge, far away where a pixel is
a metre, and for high vehicles whose box does not end at their wheels.
"""

__all__ = ["MANIFEST", "Speed"]

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vitrail.analytics.voice import FLOOR, Voice, wanted
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.events import Event, Findings, Measure, Reading
from vitrail.domain.geometry import foot_points
from vitrail.domain.ground import Ground
from vitrail.domain.streams import AnalyticSetting, Camera, Zone
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="speed",
    version="1.0.0",
    title="how fast vehicles go",
    inputs=frozenset({"tracks", "ground"}),
    kinds=frozenset({"speeding"}),
    readings=frozenset({"vehicle_speed", "vehicles"}),
    category="counts of a place",
    purposes=frozenset({"road_safety", "traffic_planning"}),
    parameters=(
        Parameter("limit", "km/h", 0, 0, 200, "faster is told; 0: never, readings only"),
        Parameter("margin", "km/h", 5.0, 0.0, 50.0, "told only beyond the limit and so much"),
        Parameter("way", "m", 5.0, 1.0, 200.0, "a speed is taken along at least so long a way"),
        Parameter("bicycles", "", 0, 0, 1, "1: bicycles count, 0: they do not"),
        Parameter("every", "s", 60.0, 10.0, 3600.0, "readings are given so often"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.LAB,
    must_not="fine anybody, or tell whose vehicle it is",
    limits=(
        "no measuring instrument in the sense of the law",
        "as good as the calibration of the ground; wheels must be visible",
        "measured on made paths with exact truth only: no footage with known speeds was available",
    ),
    needs_zones=True,
    needs_ground=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
_KMH = 3.6
_EDGE = 0.999
_FORGET_US = 2 * SECOND_US
"""A vehicle that has not been seen in the zone for so long is gone."""
_STRAIGHT_M = 1.5
"""Sights that lie farther than this from the line on the average are no path: a track that changed its vehicle."""


class Speed:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        assert camera.ground is not None
        self._voice = Voice(MANIFEST, camera, stream_id, setting)
        self._bicycles = self._voice.value("bicycles") > 0
        self._watches = [_Watch(self._voice, camera.zone(zone_id), camera.ground) for zone_id in setting.zones]

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        tracks = wanted(scene.tracks, people=False, vehicles=True)
        if not self._bicycles:
            tracks = tracks.where(tracks.labels != Label.BICYCLE)
        events: list[Event] = []
        readings: list[Reading] = []
        for watch in self._watches:
            events += watch.judge(tracks, scene.wall_us)
            readings += watch.read(scene.wall_us)
        return Findings(tuple(events), tuple(readings))

    def reset(self) -> None:
        for watch in self._watches:
            watch.reset()

    def finish(self, wall_us: int) -> Findings:
        """The readings of the time that was not full; a speed has no duration, so nothing is open."""
        readings = tuple(reading for watch in self._watches for reading in watch.rest(wall_us))
        self.reset()
        return Findings((), readings)


@dataclass(slots=True)
class _Pass:
    """One vehicle's way through the zone: its sights in microseconds and metres."""

    times_us: list[int] = field(default_factory=list)
    places: list[npt.NDArray[np.float64]] = field(default_factory=list)
    score: float = 0.0
    told: bool = False

    def speed(self, way_m: float) -> float | None:
        """Kilometres an hour along the line through all sights; None before it is long enough, or when it is none."""
        if self.times_us[-1] - self.times_us[0] < SECOND_US:
            return None
        at = (np.array(self.times_us) - self.times_us[0]) / SECOND_US
        places = np.array(self.places)
        rate, start = np.polyfit(at, places, 1)
        if float(np.hypot(*rate)) * float(at[-1]) < way_m:
            return None
        stray = places - (start + at[:, None] * rate)
        if float(np.hypot(stray[:, 0], stray[:, 1]).mean()) > _STRAIGHT_M:
            return None
        return float(np.hypot(*rate)) * _KMH


class _Watch:
    """One zone."""

    def __init__(self, voice: Voice, zone: Zone, ground: Ground) -> None:
        self._voice = voice
        self._zone = zone
        self._ground = ground
        self._place = voice.in_zone(zone.id)
        self._passes: dict[int, _Pass] = {}
        self._speeds: list[float] = []
        self._since_us: int | None = None

    def reset(self) -> None:
        self._passes.clear()
        self._speeds.clear()
        self._since_us = None

    def judge(self, tracks: Tracks, wall_us: int) -> list[Event]:
        self._since_us = wall_us if self._since_us is None else self._since_us
        feet = np.minimum(foot_points(tracks.boxes), np.float32(_EDGE))
        inside = self._zone.polygon.contain(feet) & (tracks.seen_us >= wall_us)
        ground = self._ground.metres(feet)
        found: list[Event] = []
        for row in np.flatnonzero(inside & ~np.isnan(ground).any(axis=1)):
            seen = self._passes.setdefault(int(tracks.ids[row]), _Pass())
            seen.times_us.append(wall_us)
            seen.places.append(ground[row])
            seen.score = max(seen.score, float(tracks.scores[row]))
            found += self._too_fast(seen)
        self._count(wall_us)
        return found

    def _too_fast(self, seen: _Pass) -> list[Event]:
        limit = self._voice.value("limit")
        if not limit or seen.told:
            return []
        speed = seen.speed(self._voice.value("way"))
        if speed is None or speed <= limit + self._voice.value("margin"):
            return []
        seen.told = True
        span = Interval(seen.times_us[0], seen.times_us[-1])
        measures = (Measure("speed", speed, limit, "km/h"),)
        event = self._voice.opened("speeding", self._place, span, seen.score, measures)
        return [event, self._voice.closed(event, span.end_us, seen.score, measures)]

    def _count(self, wall_us: int) -> None:
        """Who left is counted with the speed of the whole way."""
        gone = [key for key, seen in self._passes.items() if wall_us - seen.times_us[-1] > _FORGET_US]
        for key in gone:
            speed = self._passes.pop(key).speed(self._voice.value("way"))
            if speed is not None:
                self._speeds.append(speed)

    def read(self, wall_us: int) -> list[Reading]:
        if self._since_us is None or wall_us - self._since_us < seconds(self._voice.value("every")):
            return []
        return self.rest(wall_us)

    def rest(self, wall_us: int) -> list[Reading]:
        """How many passed since the last readings, and how fast on the average."""
        if self._since_us is None or wall_us - self._since_us < SECOND_US:
            return []
        self._count(wall_us)
        say, speeds = self._voice.reading, self._speeds
        self._since_us, self._speeds = wall_us, []
        readings = [say("vehicles", self._place, wall_us, float(len(speeds)), "vehicles")]
        if speeds:
            readings.append(say("vehicle_speed", self._place, wall_us, float(np.mean(speeds)), "km/h"))
        return readings
