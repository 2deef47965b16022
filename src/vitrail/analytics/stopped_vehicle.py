"""A vehicle stands where nothing may stand.

Tells that one vehicle has kept its place in a declared zone (a tram bed, a bus stop, a fire lane, a carriageway) for
``seconds``. A vehicle that creeps on by more than a quarter of its own height in the picture starts anew, so that a
slow queue is no stop; set ``seconds`` above the longest red light where a zone lies before one. Short occlusion by
passing traffic is forgiven, and a track that begins where another was just lost goes on with its clock, by place and
time only. Which vehicle it is, and whose, is not known and not asked.

It fails on vehicles that the detector does not see (steep views, night without lamps), and where a parked car stands
so near the zone that its box touches the ground inside.
"""

__all__ = ["MANIFEST", "StoppedVehicle"]

from dataclasses import dataclass
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
    id="stopped_vehicle",
    version="1.0.0",
    title="a vehicle stands where nothing may stand",
    inputs=frozenset({"tracks"}),
    kinds=frozenset({"stopped_vehicle"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"road_safety", "rescue", "safety_of_closed_places"}),
    parameters=(
        Parameter("seconds", "s", 20.0, 2.0, 86_400.0, "so long a stop is told"),
        Parameter("gap", "s", 5.0, 0.5, 60.0, "the clock waits so long for a vehicle hidden by others"),
        Parameter("bicycles", "", 0, 0, 1, "1: bicycles count, 0: they do not"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.TRIAL,
    must_not="fine drivers, or tell whose vehicle it is",
    limits=(
        "wheels must be visible, or the zone must reach where boxes end",
        "`seconds` must be longer than the longest red light before the zone",
        "vehicles seen steeply from above are missed",
    ),
    needs_zones=True,
    exempts=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
_CREEP = 0.25
"""A vehicle that moved by this share of its box's height has not stood: tracks of parked cars sway by a tenth."""


class StoppedVehicle:
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
            over = watch.stays.update(tracks, scene.wall_us)
            found += watch.judge(over)
        return Findings(tuple(found))

    def reset(self) -> None:
        self._exempt.reset()
        for watch in self._watches:
            watch.reset()

    def finish(self, wall_us: int) -> Findings:
        """``wall_us`` itself is not looked at: a stop ends when the vehicle was last seen."""
        return Findings(tuple(event for watch in self._watches for event in watch.close()))


@dataclass(slots=True)
class _Rest:
    """Where a vehicle in the zone last came to rest, and since when."""

    stay: Stay
    foot: npt.NDArray[np.float32]
    since_us: int
    told: Event | None = None

    @property
    def length_us(self) -> int:
        return self.stay.seen_us - self.since_us

    def moved(self) -> bool:
        away = self.stay.foot - self.foot
        return float(np.hypot(away[0], away[1])) > _CREEP * self.stay.height

    def settle(self) -> None:
        self.foot, self.since_us, self.told = self.stay.foot, self.stay.seen_us, None


class _Watch:
    """One zone and the vehicles at rest in it."""

    def __init__(self, voice: Voice, zone: Zone) -> None:
        self._voice = voice
        self._place = voice.in_zone(zone.id)
        self._least_us = seconds(voice.value("seconds"))
        self.stays = Stays(zone.polygon, seconds(voice.value("gap")))
        self._rests: dict[int, _Rest] = {}

    def reset(self) -> None:
        self.stays.reset()
        self._rests.clear()

    def judge(self, over: list[Stay]) -> list[Event]:
        found = [event for stay in over if (rest := self._rests.pop(id(stay), None)) for event in self._end(rest)]
        for stay in self.stays.now:
            rest = self._rests.setdefault(id(stay), _Rest(stay, stay.foot, stay.start_us))
            if rest.moved():
                found += self._end(rest)
                rest.settle()
            elif rest.told is None and rest.length_us >= self._least_us:
                rest.told = self._tell(rest)
                found.append(rest.told)
        return found

    def close(self) -> list[Event]:
        found = [event for rest in self._rests.values() for event in self._end(rest)]
        self.reset()
        return found

    def _tell(self, rest: _Rest) -> Event:
        span = Interval(rest.since_us, rest.stay.seen_us)
        return self._voice.opened("stopped_vehicle", self._place, span, rest.stay.score, self._measures(rest))

    def _end(self, rest: _Rest) -> list[Event]:
        if rest.told is None:
            return []
        return [self._voice.closed(rest.told, rest.stay.seen_us, rest.stay.score, self._measures(rest))]

    def _measures(self, rest: _Rest) -> tuple[Measure, ...]:
        return (Measure("stopped", rest.length_us / SECOND_US, self._least_us / SECOND_US, "s"),)
