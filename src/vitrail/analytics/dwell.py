"""Somebody stays in a zone for long.

Tells that one person (or vehicle, when asked) has been in a declared zone for ``seconds``. The clock survives short
occlusion: it waits ``gap`` seconds for somebody who is hidden or steps out, and a track that begins where another was
just lost goes on with its clock. That is done by place and time only, never by looks; somebody who leaves and comes
back later starts anew, because nobody here knows that it is the same person. With ``group`` a stay is told only while
so many stay as long; what stands in a zone under ``except``, and with ``through`` whoever came out of it, is let be.

To stay somewhere is no offence: people wait, rest, sleep outside, sell, pray and meet. This is for places where a
long stay itself is the danger (a track bed, a quay's edge, an ambulance bay) and must not be used against people
who have nowhere else to be. It fails where people stand close together: clocks may then pass to a neighbour.
"""

__all__ = ["MANIFEST", "Dwell"]

from typing import ClassVar

from vitrail.analytics.exempt import THROUGH, Exempt
from vitrail.analytics.stays import Stay, Stays
from vitrail.analytics.voice import FLOOR, PEOPLE, VEHICLES_TOO, Voice, wanted
from vitrail.domain.analytics import AnalyticManifest, Maturity, Parameter, Scene
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.streams import AnalyticSetting, Camera, Zone
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="dwell",
    version="1.1.0",
    title="somebody stays in a place for long",
    inputs=frozenset({"tracks"}),
    kinds=frozenset({"dwell"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"safety_of_closed_places", "rescue", "road_safety"}),
    parameters=(
        Parameter("seconds", "s", 30.0, 1.0, 86_400.0, "so long a stay is told"),
        Parameter("gap", "s", 3.0, 0.5, 30.0, "the clock waits so long for somebody hidden or just outside"),
        Parameter("group", "people", 1, 1, 500, "a stay is told only while at least so many stay as long"),
        THROUGH,
        PEOPLE,
        VEHICLES_TOO,
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.TRIAL,
    must_not="be used against people who wait, rest, beg or sleep in public places, or to follow somebody",
    limits=(
        "occlusion longer than `gap` starts the clock anew",
        "where people stand close together a clock may pass to a neighbour",
        "feet must be visible, or the zone must reach where boxes end",
    ),
    needs_zones=True,
    exempts=True,
)


class Dwell:
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
            over = watch.stays.update(tracks, scene.wall_us)
            found += watch.judge(over)
        return Findings(tuple(found))

    def reset(self) -> None:
        self._exempt.reset()
        for watch in self._watches:
            watch.reset()

    def finish(self, wall_us: int) -> Findings:
        """``wall_us`` itself is not looked at: a stay ends when somebody was last seen."""
        return Findings(tuple(event for watch in self._watches for event in watch.close()))


class _Watch:
    """One zone and the stays in it that were told."""

    def __init__(self, voice: Voice, zone: Zone) -> None:
        self._voice = voice
        self._place = voice.in_zone(zone.id)
        self._least_us = seconds(voice.value("seconds"))
        self._group = round(voice.value("group"))
        self.stays = Stays(zone.polygon, seconds(voice.value("gap")))
        self._told: dict[int, Event] = {}

    def reset(self) -> None:
        self.stays.reset()
        self._told.clear()

    def judge(self, over: list[Stay]) -> list[Event]:
        ended = [self._end(stay) for stay in over if id(stay) in self._told]
        long = [stay for stay in self.stays.now if stay.length_us >= self._least_us]
        if len(long) < self._group:
            return ended
        return ended + [self._tell(stay) for stay in long if id(stay) not in self._told]

    def close(self) -> list[Event]:
        ended = [self._end(stay) for stay in self.stays.now if id(stay) in self._told]
        self.reset()
        return ended

    def _tell(self, stay: Stay) -> Event:
        span = Interval(stay.start_us, stay.seen_us)
        event = self._voice.opened("dwell", self._place, span, stay.score, self._measures(stay))
        self._told[id(stay)] = event
        return event

    def _end(self, stay: Stay) -> Event:
        return self._voice.closed(self._told.pop(id(stay)), stay.seen_us, stay.score, self._measures(stay))

    def _measures(self, stay: Stay) -> tuple[Measure, ...]:
        return (Measure("dwell", stay.length_us / SECOND_US, self._least_us / SECOND_US, "s"),)
