"""A vehicle is where people walk.

Tells that a vehicle has been in a declared zone for people on foot (a square, a market, a school street) during the
hours in which none may be there. Deliveries are let in by the hours of the setting, and by places: what stands in a
zone under ``except`` (a loading bay, a fire lane) does not count. Bicycles count only where the site says so. With
``moving``, a vehicle that stands still is let be.

One happening lasts from the first vehicle's arrival until the zone has been without one for ``clear`` seconds. It does
not know which vehicle it is, nor whether this one has leave to be there. It fails on what the detector takes for a
vehicle (market stalls, prams seldom) and on vehicles seen steeply from above.
"""

__all__ = ["MANIFEST", "PedestrianZone"]

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vitrail.analytics.exempt import Exempt
from vitrail.analytics.stays import Stay, Stays
from vitrail.analytics.voice import FLOOR, Voice, wanted
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.detections import Label
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.streams import AnalyticSetting, Camera, Zone
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="vehicle_in_pedestrian_zone",
    version="1.0.0",
    title="a vehicle is where people walk",
    inputs=frozenset({"tracks"}),
    kinds=frozenset({"vehicle_in_pedestrian_zone"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"road_safety", "crowd_safety", "rescue"}),
    parameters=(
        Parameter("seconds", "s", 2.0, 0.0, 600.0, "a vehicle must be inside for so long before it is told"),
        Parameter("clear", "s", 10.0, 1.0, 600.0, "the happening is over when none was inside for so long"),
        Parameter("bicycles", "", 0, 0, 1, "1: bicycles count, 0: they do not"),
        Parameter("moving", "", 0, 0, 1, "1: only while a vehicle moves, 0: also when it stands"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.TRIAL,
    must_not="fine drivers, or tell whose vehicle it is",
    limits=(
        "wheels must be visible, or the zone must reach where boxes end",
        "cannot tell a vehicle with leave to be there from one without",
        "vehicles seen steeply from above are missed",
    ),
    needs_zones=True,
    exempts=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
_MOVED = 0.5
"""A vehicle moves when it has come this share of its box's height away from where it was first seen inside."""


class PedestrianZone:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        self._voice = Voice(MANIFEST, camera, stream_id, setting)
        self._bicycles = self._voice.value("bicycles") > 0
        self._exempt = Exempt(camera, setting)
        self._watches = [_Watch(self._voice, camera.zone(zone_id)) for zone_id in setting.zones]

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        tracks = wanted(scene.tracks, people=False, vehicles=True)
        if not self._bicycles:
            tracks = tracks.where(tracks.labels != Label.BICYCLE)
        tracks = self._exempt.counted(tracks)
        found: list[Event] = []
        for watch in self._watches:
            watch.stays.update(tracks, scene.wall_us)
            found += watch.judge(scene.wall_us)
        return Findings(tuple(found))

    def reset(self) -> None:
        self._exempt.reset()
        for watch in self._watches:
            watch.reset()

    def finish(self, wall_us: int) -> Findings:
        """``wall_us`` itself is not looked at: the happening ends when a vehicle was last seen."""
        return Findings(tuple(event for watch in self._watches for event in watch.close()))


class _Watch:
    """One zone: without vehicles, or the happening that is on."""

    def __init__(self, voice: Voice, zone: Zone) -> None:
        self._voice = voice
        self._place = voice.in_zone(zone.id)
        self._least_us = seconds(voice.value("seconds"))
        self._clear_us = seconds(voice.value("clear"))
        self._moving = voice.value("moving") > 0
        self.stays = Stays(zone.polygon, min(self._clear_us, 3 * SECOND_US))
        self.reset()

    def reset(self) -> None:
        self.stays.reset()
        self._came: dict[int, tuple[Stay, npt.NDArray[np.float32]]] = {}
        self._open: Event | None = None
        self._last_us = self._most = 0
        self._score = 0.0

    def judge(self, wall_us: int) -> list[Event]:
        self._came = {id(s): self._came.get(id(s), (s, s.foot)) for s in self.stays.now}
        counted = [s for s in self.stays.now if s.length_us >= self._least_us and (not self._moving or self._moves(s))]
        if counted:
            self._last_us = max(stay.seen_us for stay in counted)
            self._most = max(self._most, len(counted))
            self._score = max(self._score, *(stay.score for stay in counted))
        if self._open is not None:
            return self.close() if wall_us - self._last_us > self._clear_us else []
        if not counted:
            return []
        span = Interval(min(stay.start_us for stay in counted), self._last_us)
        self._open = self._voice.opened(MANIFEST.id, self._place, span, self._score, self._measures(span))
        return [self._open]

    def _moves(self, stay: Stay) -> bool:
        away = stay.foot - self._came[id(stay)][1]
        return float(np.hypot(away[0], away[1])) > _MOVED * stay.height

    def close(self) -> list[Event]:
        if self._open is None:
            self.reset()
            return []
        span = Interval(self._open.interval.start_us, self._last_us)
        event = self._voice.closed(self._open, self._last_us, self._score, self._measures(span))
        self.reset()
        return [event]

    def _measures(self, span: Interval) -> tuple[Measure, ...]:
        inside = Measure("seconds inside", span.length_us / SECOND_US, self._least_us / SECOND_US, "s")
        return (inside, Measure("vehicles", float(self._most), 1.0, "vehicles"))
