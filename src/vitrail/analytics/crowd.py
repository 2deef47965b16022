"""A crowd comes into danger, or moves as it does when something happened.

Tells five things of the people in one zone, in metres, as a whole and never one by one: that they stand too close
(``crowding``); that a calm group suddenly runs (``dispersal``); that two streams press against each other where there
is no room (``counter_flow``); that jolts go through a crowd that is packed (``crowd_wave``); that more arrive than
pass, and those who are there hardly move (``bottleneck``). Two people who run for a bus are no dispersal, two streams
on a wide pavement are no counter-flow: each rule asks for a number of people, for room that is missing, and for time.

``crowd_wave`` is the crowd pressure of Helbing, Johansson and Al-Abideen (Phys. Rev. E 75, 046109, 2007): density times
the variance of speeds (here of small groups, so that boxes that tremble are no jolt), which rose above 0.02 per square
second before people fell.

It knows nothing of why people move, and must not be used to find or scatter a gathering: a demonstration that walks is
a crowd like any other. It fails where people hide each other: a detector of boxes counts too few beyond about two
people a square metre, so that its figures there are a lower bound, and the default limit is set for what is seen. A
camera whose ground is not calibrated is refused.
"""

__all__ = ["MANIFEST", "CrowdMotion"]

from collections import deque
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from vitrail.analytics.lasting import Lasting
from vitrail.analytics.voice import FLOOR, Voice, wanted
from vitrail.analytics.walkers import Crowd, Metres, Walkers
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.events import Event, Findings, Measure, Reading
from vitrail.domain.streams import AnalyticSetting, Camera, Zone
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="crowd",
    version="1.0.0",
    title="a crowd comes into danger",
    inputs=frozenset({"tracks", "ground"}),
    kinds=frozenset({"crowding", "dispersal", "counter_flow", "crowd_wave", "bottleneck"}),
    readings=frozenset({"people", "density", "walking_speed"}),
    category="counts of a place",
    purposes=frozenset({"crowd_safety", "rescue"}),
    parameters=(
        Parameter("density", "people/m2", 2.0, 0.5, 8.0, "closer than this for `hold` seconds is told as crowding"),
        Parameter("group", "people", 6, 3, 500, "fewer people are no crowd: no other rule speaks"),
        Parameter("running", "m/s", 2.5, 1.5, 6.0, "faster is running"),
        Parameter("tight", "people/m2", 1.0, 0.2, 6.0, "from here on two streams have no room to pass each other"),
        Parameter("hold", "s", 3.0, 0.5, 60.0, "a state must last so long before it is told"),
        Parameter("clear", "s", 10.0, 1.0, 600.0, "and must be over for so long before it ends"),
        Parameter("every", "s", 10.0, 1.0, 3600.0, "readings are given so often"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.LAB,
    must_not="find, count or scatter a gathering for what it stands for, or tell who was in it",
    limits=(
        "counts too few where people hide each other: beyond two people a square metre its densities are lower bounds",
        "the zone must lie on flat ground; feet must be visible",
        "`dispersal` needs ten looks a second: at five, two in eight made crowds that ran were told",
        "`crowd_wave` is also told while a packed crowd settles, and where people push on to a crowd that stands",
        "measured on made crowds with exact truth and on annotated ordinary people; no real crush was available",
    ),
    needs_zones=True,
    needs_ground=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
_PRESSURE = 0.06
"""People / m2 x (m/s)2. Crowds were turbulent from 0.02 on (Helbing et al. 2007); boxes that tremble reach 0.03."""
_PACKED = 1.2
"""People a square metre that are seen, where many more hide: below it free walking alone makes speeds vary."""
_GOES = 0.6
"""A crowd goes somewhere when it comes on, over three seconds, by this share of its pace; who is pushed does not."""
_RUN_SHARE = 0.6
_CALM_US, _MEMORY_US = 2 * SECOND_US, 8 * SECOND_US
_SUDDEN_US = SECOND_US * 7 // 10
"""Running need not last: a crowd that scatters is gone in three seconds."""
_AGAINST = 0.25
"""Each of two streams holds at least this share of those who walk."""
_WALKS, _STANDS = 0.4, 0.25
"""Metres a second: who is faster walks; a crowd whose mean is slower stands."""
_GROWTH, _GROWTH_US = 1.3, 20 * SECOND_US


class CrowdMotion:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        self._voice = Voice(MANIFEST, camera, stream_id, setting)
        self._watches = [_Watch(self._voice, camera, camera.zone(zone_id)) for zone_id in setting.zones]

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        people = wanted(scene.tracks, people=True, vehicles=False)
        events: list[Event] = []
        readings: list[Reading] = []
        for watch in self._watches:
            crowd = watch.walkers.update(people, scene.wall_us)
            events += watch.judge(crowd)
            readings += watch.read(crowd)
        return Findings(tuple(events), tuple(readings))

    def reset(self) -> None:
        for watch in self._watches:
            watch.reset()

    def finish(self, wall_us: int) -> Findings:
        """``wall_us`` itself is not looked at: what is open ends when it last held."""
        return Findings(tuple(event for watch in self._watches for event in watch.close()))


@dataclass(frozen=True, slots=True)
class _Past:
    """What is remembered of a moment."""

    wall_us: int
    count: int
    pace: float


@dataclass(frozen=True, slots=True)
class _Sign:
    """What one rule says of the moment; ``score`` 0.5 at its threshold, towards 1 far beyond."""

    holds: bool
    score: float
    measures: tuple[Measure, ...]


class _Watch:
    """One zone."""

    def __init__(self, voice: Voice, camera: Camera, zone: Zone) -> None:
        assert camera.ground is not None and zone.area_m2 is not None
        self._voice = voice
        self._place = voice.in_zone(zone.id)
        self.walkers = Walkers(zone.polygon, camera.ground, zone.area_m2)
        hold, clear = seconds(voice.value("hold")), seconds(voice.value("clear"))
        lasting = dict.fromkeys(sorted(MANIFEST.kinds), hold) | {"dispersal": _SUDDEN_US}
        self._states = {k: Lasting(voice, k, self._place, h, clear, SECOND_US) for k, h in lasting.items()}
        self._group = round(voice.value("group"))
        self._past: deque[_Past] = deque()
        self._read: Interval | None = None

    def reset(self) -> None:
        self.walkers.reset()
        self._past.clear()
        self._read = None
        for state in self._states.values():
            state.reset()

    def close(self) -> list[Event]:
        ended = [event for state in self._states.values() for event in state.close()]
        self.reset()
        return ended

    def judge(self, crowd: Crowd) -> list[Event]:
        signs = {
            "crowding": self._crowding(crowd),
            "dispersal": self._dispersal(crowd),
            "counter_flow": self._counter_flow(crowd),
            "crowd_wave": self._wave(crowd),
            "bottleneck": self._bottleneck(crowd),
        }
        self._remember(crowd)
        found: list[Event] = []
        for kind, sign in signs.items():
            found += self._states[kind].update(sign.holds, crowd.wall_us, sign.score, sign.measures)
        return found

    def _remember(self, crowd: Crowd) -> None:
        pace = float(crowd.pace.mean()) if len(crowd.pace) else 0.0
        self._past.append(_Past(crowd.wall_us, crowd.count, pace))
        while crowd.wall_us - self._past[0].wall_us > max(_MEMORY_US, _GROWTH_US):
            self._past.popleft()

    def _crowding(self, crowd: Crowd) -> _Sign:
        most = self._voice.value("density")
        return _sign([Measure("density", max(crowd.density, crowd.densest), most, "people/m2")], crowd.count >= 2)

    def _dispersal(self, crowd: Crowd) -> _Sign:
        """Most run, and shortly before most did not: joggers who come in running are no dispersal."""
        runs = self._voice.value("running")
        share = float((crowd.pace >= runs).mean()) if len(crowd.pace) else 0.0
        pace = float(np.median(crowd.pace)) if len(crowd.pace) else 0.0
        past = [p for p in self._past if _CALM_US <= crowd.wall_us - p.wall_us <= _MEMORY_US]
        before = [p.pace for p in past if p.count >= self._group / 2]
        calm = len(before) >= 10 and float(np.median(before)) <= runs / 2
        goes_on = self._states["dispersal"].on and share >= _RUN_SHARE
        enough = len(crowd.pace) >= self._group and (calm or goes_on)
        return _sign(
            [Measure("share that runs", 100 * share, 100 * _RUN_SHARE, "%"), Measure("speed", pace, runs, "m/s")],
            enough,
        )

    def _counter_flow(self, crowd: Crowd) -> _Sign:
        walking = crowd.ways[crowd.progress >= _WALKS]
        against = _against(walking) if len(walking) >= self._group else 0.0
        tight = self._voice.value("tight")
        measures = [
            Measure("against the stream", 100 * against, 100 * _AGAINST, "%"),
            Measure("density", max(crowd.density, crowd.densest), tight, "people/m2"),
        ]
        return _sign(measures, _goes(crowd) and len(walking) >= max(self._group, len(crowd.ways) / 2))

    def _wave(self, crowd: Crowd) -> _Sign:
        density = max(crowd.density, crowd.densest)
        measures = [
            Measure("pressure", density * crowd.unrest, _PRESSURE, "1/s2"),
            Measure("density", density, _PACKED, "people/m2"),
        ]
        return _sign(measures, len(crowd.pace) >= self._group and not _goes(crowd))

    def _bottleneck(self, crowd: Crowd) -> _Sign:
        """Growing, tight, and hardly moving."""
        first = self._past[0] if self._past else None
        long = first is not None and crowd.wall_us - first.wall_us >= _GROWTH_US * 9 // 10
        growth = crowd.count / max(first.count, 1) if long and first else 0.0
        slow = len(crowd.pace) >= self._group and float(np.median(crowd.pace)) <= _STANDS
        measures = [
            Measure("growth", 100 * growth, 100 * _GROWTH, "%"),
            Measure("density", max(crowd.density, crowd.densest), self._voice.value("tight"), "people/m2"),
        ]
        return _sign(measures, slow)

    def read(self, crowd: Crowd) -> list[Reading]:
        """People, density and walking speed of this moment, every so often."""
        if self._read is None:
            self._read = Interval(crowd.wall_us, crowd.wall_us)
        if crowd.wall_us - self._read.start_us < seconds(self._voice.value("every")):
            return []
        self._read = Interval(crowd.wall_us, crowd.wall_us)
        say = self._voice.reading
        readings = [
            say("people", self._place, crowd.wall_us, float(crowd.count), "people"),
            say("density", self._place, crowd.wall_us, crowd.density, "people/m2"),
        ]
        if len(crowd.pace):
            readings.append(say("walking_speed", self._place, crowd.wall_us, float(crowd.pace.mean()), "m/s"))
        return readings


def _sign(measures: list[Measure], enough: bool) -> _Sign:
    """Holds when every measure has reached its threshold and there are enough people for the rule to speak."""
    ratio = min(measure.value / measure.threshold for measure in measures)
    return _Sign(enough and ratio >= 1.0, ratio / (1.0 + ratio), tuple(measures))


def _goes(crowd: Crowd) -> bool:
    if not len(crowd.ways) or not len(crowd.pace):
        return False
    return float(np.median(crowd.progress)) >= _GOES * float(np.median(crowd.pace))


def _against(speeds: Metres) -> float:
    """The share of the smaller of two opposite streams; 0 when people do not walk along one axis."""
    ways = speeds / np.hypot(speeds[:, 0], speeds[:, 1])[:, None]
    along = np.linalg.eigh(ways.T @ ways / len(ways))
    if along.eigenvalues[1] < 0.75:  # of 1 when all walk to and fro, 0.5 when every way is alike
        return 0.0
    forward = float((ways @ along.eigenvectors[:, 1] > 0).mean())
    return min(forward, 1.0 - forward)
