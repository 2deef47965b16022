"""Somebody is in a place that is closed.

Tells that at least one person stands or walks in a declared zone during the hours in which nobody may be there. One
happening lasts from the first person's arrival until the zone has been empty for ``clear`` seconds, however many
people come and go meanwhile; with ``group``, only while so many are inside at once. It cannot tell who may be there and
who may not: a guard on a round counts like anybody. Exceptions are made by place alone: the zones under ``except``, and
with ``through`` whoever came out of them.

It fails on people hidden below the knees (their feet decide), on people smaller than about 30 pixels, and on things
that look like a person to the detector: signs, bins, statues, reflections.
"""

__all__ = ["MANIFEST", "Presence"]

from typing import ClassVar

from vitrail.analytics.exempt import THROUGH, Exempt
from vitrail.analytics.stays import Stays
from vitrail.analytics.voice import FLOOR, PEOPLE, VEHICLES_TOO, Voice, wanted
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.streams import AnalyticSetting, Camera, Zone
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="presence",
    version="1.1.0",
    title="somebody is in a closed place",
    inputs=frozenset({"tracks"}),
    kinds=frozenset({"presence"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"safety_of_closed_places", "rescue"}),
    parameters=(
        Parameter("seconds", "s", 1.0, 0.0, 60.0, "somebody must be inside for so long before it is told"),
        Parameter("clear", "s", 10.0, 1.0, 600.0, "the zone must be empty for so long before the happening is over"),
        Parameter("group", "people", 1, 1, 500, "told only when at least so many are inside at once"),
        THROUGH,
        PEOPLE,
        VEHICLES_TOO,
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.TRIAL,
    must_not="decide on its own that somebody did wrong, watch a place open to the public, or follow somebody",
    limits=(
        "feet must be visible, or the zone must reach where boxes end",
        "people smaller than about 30 pixels are missed; signs and statues may be taken for people",
        "cannot tell who may be there and who may not",
    ),
    needs_zones=True,
    exempts=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)


class Presence:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        voice = Voice(MANIFEST, camera, stream_id, setting)
        self._voice = voice
        self._people, self._vehicles = voice.value("people") > 0, voice.value("vehicles") > 0
        self._exempt = Exempt(camera, setting, voice.value("through") > 0)
        self._watches = [_Watch(voice, camera.zone(zone_id)) for zone_id in setting.zones]

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        tracks = self._exempt.counted(wanted(scene.tracks, self._people, self._vehicles))
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
        """``wall_us`` itself is not looked at: people who are still there are told until they were last seen."""
        return Findings(tuple(event for watch in self._watches for event in watch.close()))


class _Watch:
    """One zone: empty, or the happening that is on."""

    def __init__(self, voice: Voice, zone: Zone) -> None:
        self._voice = voice
        self._place = voice.in_zone(zone.id)
        self._least_us = seconds(voice.value("seconds"))
        self._clear_us = seconds(voice.value("clear"))
        self._group = round(voice.value("group"))
        self.stays = Stays(zone.polygon, min(self._clear_us, 3 * SECOND_US))
        self._open: Event | None = None
        self._last_us = 0
        self._most = 0
        self._score = 0.0

    def reset(self) -> None:
        self.stays.reset()
        self._open = None

    def judge(self, wall_us: int) -> list[Event]:
        long = [stay for stay in self.stays.now if stay.length_us >= self._least_us]
        if self._open is not None:
            if len(self.stays.now) >= self._group:
                self._last_us = max([self._last_us, *(stay.seen_us for stay in self.stays.now)])
            self._most = max(self._most, len(long))
            self._score = max([self._score, *(stay.score for stay in long)])
            return self.close() if wall_us - self._last_us > self._clear_us else []
        if len(long) < self._group:
            return []
        self._last_us = max(stay.seen_us for stay in long)
        self._most, self._score = len(long), max(stay.score for stay in long)
        began = sorted(stay.start_us for stay in long)[self._group - 1]  # when they were enough
        span = Interval(began, self._last_us)
        self._open = self._voice.opened("presence", self._place, span, self._score, self._measures(span))
        return [self._open]

    def close(self) -> list[Event]:
        self.stays.reset()
        if self._open is None:
            return []
        span = Interval(self._open.interval.start_us, self._last_us)
        event = self._voice.closed(self._open, self._last_us, self._score, self._measures(span))
        self._open = None
        return [event]

    def _measures(self, span: Interval) -> tuple[Measure, ...]:
        inside = Measure("seconds inside", span.length_us / SECOND_US, self._least_us / SECOND_US, "s")
        return (inside, Measure("people", float(self._most), float(self._group), "people"))
