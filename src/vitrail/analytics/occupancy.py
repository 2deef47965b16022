"""How many are in a zone, and whether they are too many.

Counts people (or vehicles, when asked) in a declared zone: the median of the last ``settle`` seconds, so that one
frame's mistake is nobody. Every ``every`` seconds it gives the mean count as a reading, and the density where
the zone's surface is declared. Where a limit is set (the zone's ``max_people``, or ``density``), it tells ``crowding``
when the limit is passed, and that it is over once the count has been within it for ``clear`` seconds.

A box detector counts badly in dense crowds: people hide each other, and the count is too low exactly when it matters
most. Beyond about two people a square metre, or seen from low down, do not rely on it.
"""

__all__ = ["MANIFEST", "Occupancy"]

from collections import deque
from statistics import fmean, median_low
from typing import ClassVar

import numpy as np

from vitrail.analytics.voice import FLOOR, PEOPLE, VEHICLES_TOO, Voice, wanted
from vitrail.domain.analytics import AnalyticManifest, Maturity, Parameter, Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.events import Event, Findings, Measure, Reading
from vitrail.domain.geometry import foot_points
from vitrail.domain.streams import AnalyticSetting, Camera, Zone
from vitrail.domain.time import Interval, seconds

MANIFEST = AnalyticManifest(
    id="occupancy",
    version="1.0.0",
    title="how many are in a place, and whether they are too many",
    inputs=frozenset({"tracks"}),
    kinds=frozenset({"crowding"}),
    readings=frozenset({"people", "density"}),
    category="counts of a place",
    purposes=frozenset({"crowd_safety", "rescue", "traffic_planning", "safety_of_closed_places"}),
    parameters=(
        Parameter("most", "people", 0, 0, 10_000, "more are told as crowding; 0: the zone's `max_people`, if declared"),
        Parameter("density", "people/m2", 0, 0, 10, "more are told as crowding, where `area_m2` is declared; 0: never"),
        Parameter("settle", "s", 3.0, 0.0, 60.0, "the count is the median of so long"),
        Parameter("clear", "s", 10.0, 1.0, 600.0, "crowding is over when the count was within the limit for so long"),
        Parameter("every", "s", 10.0, 1.0, 3600.0, "a reading is given so often"),
        PEOPLE,
        VEHICLES_TOO,
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.TRIAL,
    must_not="count people by who they are, or be the only safeguard of a crowd",
    limits=(
        "counts too few where people hide each other: not beyond about two people a square metre",
        "feet must be visible, or the zone must reach where boxes end",
        "density is as good as the declared surface",
    ),
    needs_zones=True,
)
_EDGE = 0.999


class Occupancy:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        voice = Voice(MANIFEST, camera, stream_id, setting)
        self._voice = voice
        self._people, self._vehicles = voice.value("people") > 0, voice.value("vehicles") > 0
        self._watches = [_Watch(voice, camera.zone(zone_id)) for zone_id in setting.zones]

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        tracks = wanted(scene.tracks, self._people, self._vehicles)
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
        """``wall_us`` itself is not looked at: crowding ends when it was last measured."""
        return Findings(tuple(event for watch in self._watches for event in watch.close()))


class _Watch:
    """One zone: its last counts, and the crowding that is on."""

    def __init__(self, voice: Voice, zone: Zone) -> None:
        self._voice = voice
        self._zone = zone
        self._place = voice.in_zone(zone.id)
        self._limit = _limit(voice, zone)
        self._settle_us = seconds(voice.value("settle"))
        self._clear_us = seconds(voice.value("clear"))
        self._every_us = seconds(voice.value("every"))
        self.reset()

    def reset(self) -> None:
        self._counts: deque[tuple[int, int]] = deque()
        self._since: list[int] = []
        self._read_us: int | None = None
        self._open: Event | None = None
        self._over_us = 0
        self._most = 0
        self._scores: list[float] = [0.0]

    def judge(self, tracks: Tracks, wall_us: int) -> list[Event]:
        inside = self._zone.polygon.contain(np.minimum(foot_points(tracks.boxes), np.float32(_EDGE)))
        self._counts.append((wall_us, int(inside.sum())))
        while wall_us - self._counts[0][0] > self._settle_us:
            self._counts.popleft()
        count = median_low(n for _, n in self._counts)
        self._since.append(count)
        score = float(tracks.scores[inside].mean()) if inside.any() else 0.0
        return self._crowding(count, score, wall_us) if self._limit is not None else []

    def _crowding(self, count: int, score: float, wall_us: int) -> list[Event]:
        assert self._limit is not None
        if self._open is None:
            if count <= self._limit:
                return []
            self._over_us, self._most, self._score = wall_us, count, score
            span = Interval(self._counts[0][0], wall_us)
            self._open = self._voice.opened("crowding", self._place, span, score, self._measures())
            return [self._open]
        if count > self._limit:
            self._over_us = wall_us
            self._most, self._score = max(self._most, count), max(self._score, score)
        return self.close() if wall_us - self._over_us > self._clear_us else []

    def close(self) -> list[Event]:
        ended = []
        if self._open is not None:
            ended = [self._voice.closed(self._open, self._over_us, self._score, self._measures())]
        self.reset()
        return ended

    def _measures(self) -> tuple[Measure, ...]:
        assert self._limit is not None
        people = Measure("people", float(self._most), self._limit, "people")
        if not self._zone.area_m2:
            return (people,)
        area = self._zone.area_m2
        return (people, Measure("density", self._most / area, self._limit / area, "people/m2"))

    def read(self, wall_us: int) -> list[Reading]:
        if self._read_us is None:
            self._read_us = wall_us
        if wall_us - self._read_us < self._every_us or not self._since:
            return []
        mean = fmean(self._since)
        self._read_us, self._since = wall_us, []
        readings = [self._voice.reading("people", self._place, wall_us, mean, "people")]
        if self._zone.area_m2:
            density = mean / self._zone.area_m2
            readings.append(self._voice.reading("density", self._place, wall_us, density, "people/m2"))
        return readings


def _limit(voice: Voice, zone: Zone) -> float | None:
    """The lowest count that is not yet too many; None when no limit was set."""
    limits: list[float] = []
    if voice.value("most") > 0:
        limits.append(voice.value("most"))
    elif zone.max_people is not None:
        limits.append(float(zone.max_people))
    if voice.value("density") > 0 and zone.area_m2:
        limits.append(voice.value("density") * zone.area_m2)
    return min(limits, default=None)
