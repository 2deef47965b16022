"""A thing that stood here for long was taken away.

Tells that something which the scene memory knew for at least ``stood`` seconds is no longer in a declared zone, that
somebody stood there when it went, and has gone. The event begins when it was last seen. Things are of the size of
luggage: for declared street furniture there is an analytic of its own, which also knows what was broken.

It cannot tell a thief from an owner who takes what is theirs: it says that something is gone, nothing else. It fails
where a shadow or a wet patch of that size goes together with somebody, and where the thing looked like what is behind.

Tried on made scenes only: no labelled recording of a removal was available.
"""

__all__ = ["MANIFEST", "RemovedObject"]

from typing import ClassVar

from vitrail.analytics.belongings import Belongings, Found
from vitrail.analytics.voice import FLOOR, Voice
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.places import PlaceView
from vitrail.domain.streams import AnalyticSetting, Camera
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="removed_object",
    version="1.0.0",
    title="a thing that stood here for long was taken away",
    inputs=frozenset({"tracks", "place"}),
    kinds=frozenset({"removed_object"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"safety_of_closed_places"}),
    parameters=(
        Parameter("stood", "s", 300.0, 5.0, 86_400.0, "so long it must have stood there before"),
        Parameter("seconds", "s", 20.0, 2.0, 3600.0, "so long it must be gone"),
        Parameter("distance", "m", 3.0, 0.5, 20.0, "whoever was there must be further off than this"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.LAB,
    must_not="accuse anybody: who takes a thing away is most often its owner",
    limits=(
        "somebody must be seen at the thing when it goes",
        "a thing that looks like what is behind it goes unseen",
        "things much larger than luggage are not told here",
    ),
    needs_zones=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)


class RemovedObject:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        self._voice = Voice(MANIFEST, camera, stream_id, setting)
        self._zones = [camera.zone(zone_id) for zone_id in setting.zones]
        self._stood_us = seconds(self._voice.value("stood"))
        self._gone_us = seconds(self._voice.value("seconds"))
        self._reach_m = self._voice.value("distance")
        self._belongings = Belongings(came=False)
        self._told: dict[str, Event | None] = {}
        self._learnt_us: int | None = None

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        found = self._belongings.update(scene)
        if found is None or scene.place is None:
            return Findings()
        self._learnt(scene.place)
        present = {one.key for one in found}
        self._told = {key: event for key, event in self._told.items() if key in present}
        events: list[Event] = []
        for one in found:
            if one.key not in self._told:
                events += self._judge(one, scene.wall_us)
        return Findings(tuple(events))

    def reset(self) -> None:
        self._belongings.reset()
        self._told.clear()
        self._learnt_us = None

    def finish(self, wall_us: int) -> Findings:
        """A removal has no duration: nothing is open."""
        self.reset()
        return Findings()

    def _learnt(self, place: PlaceView) -> None:
        """Since when this view of the place is known."""
        self._learnt_us = place.whole.upset_us

    def _judge(self, found: Found, at_us: int) -> list[Event]:
        stood_us = found.before_us - (self._learnt_us or 0)
        if stood_us < self._stood_us or at_us - found.since_us < self._gone_us:
            return []
        zone = next((z for z in self._zones if found.stands_in(z.polygon)), None)
        if zone is None or not found.brought_and_left(self._belongings.visits, self._reach_m):
            return []
        measure = Measure("gone", (at_us - found.since_us) / SECOND_US, self._gone_us / SECOND_US, "s")
        span = Interval(found.before_us, max(found.since_us, found.before_us))
        event = self._voice.opened("removed_object", self._voice.in_zone(zone.id), span, found.score, (measure,))
        self._told[found.key] = event
        return [event, self._voice.closed(event, span.end_us, event.score, event.measures)]
