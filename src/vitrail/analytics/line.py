"""Something crosses a line, or goes the wrong way over it.

Tells when the feet of a person or the wheels of a vehicle pass a declared line, in which sense, and counts both senses
each minute. Where the site declares a way (``way`` 1: forward is right, -1: backward is right), only those who go
against it are told, as ``wrong_way``; without one every crossing is told as ``line_crossing``. Forward is from the left
hand to the right hand of somebody who walks from the line's first end to its second.

Somebody who sways on the line is told once: a crossing counts when one has been clearly on one side and is then clearly
on the other. It fails where feet are hidden near the line, and where a track breaks there.
"""

__all__ = ["MANIFEST", "LineCrossing"]

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from vitrail.analytics.voice import FLOOR, PEOPLE, Voice, wanted
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.events import Event, Findings, Measure, Reading
from vitrail.domain.geometry import Point, foot_points
from vitrail.domain.streams import AnalyticSetting, Camera, Line
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="line",
    version="1.0.0",
    title="something crosses a line, or goes the wrong way",
    inputs=frozenset({"tracks"}),
    kinds=frozenset({"line_crossing", "wrong_way"}),
    readings=frozenset({"crossings_forward", "crossings_backward"}),
    category="detection of things and places",
    purposes=frozenset({"safety_of_closed_places", "road_safety", "crowd_safety", "traffic_planning"}),
    parameters=(
        Parameter("way", "", 0, -1, 1, "1: only forward is right, -1: only backward is right, 0: both are told"),
        Parameter("again", "s", 5.0, 0.0, 600.0, "the same track is not told again within so long"),
        PEOPLE,
        Parameter("vehicles", "", 1, 0, 1, "1: vehicles count, 0: they do not"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.TRIAL,
    must_not="measure speed for fines, or tell who passed",
    limits=(
        "feet or wheels must be visible near the line",
        "a track that breaks at the line is missed; two people in one box count once",
        "draw lines where people and vehicles pass one by one, across their way, and away from the picture's edge",
    ),
    needs_lines=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
_MARGIN = 0.08
"""Clearly on one side: this share of the box's height away from the line."""
_BOTH, _FORWARD, _BACKWARD = 0, 1, -1


class LineCrossing:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        voice = Voice(MANIFEST, camera, stream_id, setting)
        self._voice = voice
        self._people, self._vehicles = voice.value("people") > 0, voice.value("vehicles") > 0
        self._watches = [_Watch(voice, camera.line(line_id)) for line_id in setting.lines]

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        tracks = wanted(scene.tracks, self._people, self._vehicles)
        events: list[Event] = []
        readings: list[Reading] = []
        for watch in self._watches:
            events += watch.judge(tracks, scene.wall_us)
            readings += watch.count(scene.wall_us)
        return Findings(tuple(events), tuple(readings))

    def reset(self) -> None:
        for watch in self._watches:
            watch.reset()

    def finish(self, wall_us: int) -> Findings:
        """The counts of the minute that was not full; crossings have no duration, so nothing is open."""
        readings = tuple(reading for watch in self._watches for reading in watch.rest(wall_us))
        self.reset()
        return Findings((), readings)


@dataclass(slots=True)
class _Walker:
    """One track: where and when it was last clearly on one side, and when it was last told."""

    point: Point
    at_us: int
    told_us: int | None = None


@dataclass(slots=True)
class _Counts:
    start_us: int
    forward: int = 0
    backward: int = 0


@dataclass(slots=True)
class _Watch:
    """One line."""

    voice: Voice
    line: Line
    walkers: dict[int, _Walker] = field(default_factory=dict)
    counts: _Counts | None = None

    def reset(self) -> None:
        self.walkers.clear()
        self.counts = None

    def judge(self, tracks: Tracks, wall_us: int) -> list[Event]:
        if self.counts is None:
            self.counts = _Counts(wall_us)
        present = {int(i) for i in tracks.ids}
        self.walkers = {key: walker for key, walker in self.walkers.items() if key in present}
        found: list[Event] = []
        for row in np.flatnonzero(tracks.seen_us >= wall_us):
            event = self._step(tracks, int(row), wall_us)
            if event:  # over as soon as it is told
                found += [event, self.voice.closed(event, event.interval.end_us, event.score, event.measures)]
        return found

    def _step(self, tracks: Tracks, row: int, wall_us: int) -> Event | None:
        x, y = (float(v) for v in foot_points(tracks.boxes[row : row + 1])[0])
        height = float(tracks.boxes[row, 3] - tracks.boxes[row, 1])
        side = self.line.line.side((x, y))
        if abs(side) < _MARGIN * height:
            return None
        walker = self.walkers.setdefault(int(tracks.ids[row]), _Walker((x, y), wall_us))
        sense = self.line.line.crossing(walker.point, (x, y))
        before_us, walker.point, walker.at_us = walker.at_us, (x, y), wall_us
        return self._crossed(walker, sense, Interval(before_us, wall_us), float(tracks.scores[row])) if sense else None

    def _crossed(self, walker: _Walker, sense: int, span: Interval, score: float) -> Event | None:
        quiet_us = seconds(self.voice.value("again"))
        if walker.told_us is not None and span.end_us - walker.told_us < quiet_us:
            return None
        walker.told_us = span.end_us
        assert self.counts is not None
        self.counts.forward += sense == _FORWARD
        self.counts.backward += sense == _BACKWARD
        way = round(self.voice.value("way"))
        if way == sense:
            return None
        kind = "line_crossing" if way == _BOTH else "wrong_way"
        name = "forward" if sense == _FORWARD else "backward"
        place = self.voice.at_line(self.line.id)
        return self.voice.opened(kind, place, span, score, (Measure(f"crossings {name}", 1.0, 1.0, "crossings"),))

    def count(self, wall_us: int) -> list[Reading]:
        """Both counts, once a minute."""
        if self.counts is None or wall_us - self.counts.start_us < MINUTE_US:
            return []
        return self.rest(wall_us)

    def rest(self, wall_us: int) -> list[Reading]:
        counts = self.counts
        if counts is None or wall_us - counts.start_us < SECOND_US:
            return []
        self.counts = _Counts(wall_us)
        place = self.voice.at_line(self.line.id)
        return [
            self.voice.reading("crossings_forward", place, wall_us, float(counts.forward), "crossings"),
            self.voice.reading("crossings_backward", place, wall_us, float(counts.backward), "crossings"),
        ]
