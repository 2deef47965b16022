"""New paint on a declared wall.

Tells that a mark has come to a declared surface and stays: paint that was in no look of the days before and is in
nearly every look of the last hours, by day or by night, people and vehicles left out. It says how large it is (in
square metres where the camera's ground is calibrated), and whether it is a small tag or a larger piece. With it goes a
picture of the wall before and after, nobody in either. The mark came between two looks: its interval says which.

It compares a wall with its own past, so a mural that was there is no news, and neither is the shadow that comes back
each day. Sheets of paper are told apart by their shape, vehicles and bins by standing on the ground before the wall.
What it cannot tell apart: paint that was permitted. It knows nothing of who painted, and must never be used for that.
"""

__all__ = ["MANIFEST", "Graffiti"]

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from vitrail.analytics.pasts import AreaPast, Compared
from vitrail.analytics.patches import FEATURES, Patch, patches
from vitrail.analytics.showing import before_after
from vitrail.analytics.voice import FLOOR, Voice
from vitrail.domain.analytics import AnalyticManifest, Maturity, Parameter, Scene
from vitrail.domain.detections import VEHICLES
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.geometry import Boxes
from vitrail.domain.ground import Ground
from vitrail.domain.streams import AnalyticSetting, Camera, Surface
from vitrail.domain.time import HOUR_US, SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="graffiti",
    version="1.0.0",
    title="new paint on a declared wall",
    inputs=frozenset({"picture", "tracks"}),
    kinds=frozenset({"graffiti"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"upkeep_of_public_places"}),
    parameters=(
        Parameter("hours", "h", 2.0, 0.2, 48.0, "so long a mark stands before it is told"),
        Parameter("learn", "h", 24.0, 0.5, 168.0, "so long the wall is learnt before anything is told"),
        Parameter("every", "s", 150.0, 1.0, 900.0, "the wall is looked at so often"),
        Parameter("looks", "", 16, 6, 64, "so many looks are one window: what is told was there in three of four"),
        Parameter("certainty", "", 0.5, 0.05, 0.95, "least chance that it is paint"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.LAB,
    must_not="find out who painted, or be joined with pictures of people who were near",
    limits=(
        "a mark much smaller than a hundredth of the surface is missed",
        "permitted paint is told like any other",
        "after a lamp or the camera was moved the wall is learnt anew, and what came meanwhile is not told",
        "a wall that is covered for most of a window is not judged",
    ),
    needs_surfaces=True,
)
_MOST_CHANGED = 0.6
"""More of the surface than this is no mark: the camera moved, the lens is dirty, something stands before it."""
_TAG = 0.04
"""A mark that encloses less than this share of the surface is a tag."""
_SAME = 0.3
_SHEET = -4.2
"""Logarithm of the share of the surface below which a sheet's straight edges cannot be told from a stroke's."""
_BOUNDS = (("inside", 0.86, 40.0), ("below", -0.04, 60.0), ("strength", 0.95, 10.0))
_LEAST_LOOKS = 4


class Graffiti:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        voice = Voice(MANIFEST, camera, stream_id, setting)
        self._voice = voice
        self._walls = [_Wall(voice, camera.surface(name), camera.ground) for name in setting.surfaces]

    def update(self, scene: Scene) -> Findings:
        if scene.picture is None or not self._voice.listens(scene.wall_us):
            return Findings()
        vehicles = scene.tracks.boxes[np.isin(scene.tracks.labels, list(VEHICLES))]
        covering = np.concatenate([scene.people, vehicles]).astype(np.float32)
        return Findings(tuple(event for wall in self._walls for event in wall.look(scene, covering)))

    def reset(self) -> None:
        """The stream was opened again: walls do not change by that. What is known of them stays."""
        for wall in self._walls:
            wall.pause()

    def finish(self, wall_us: int) -> Findings:
        """Marks stay when a stream ends; nothing is over."""
        return Findings()


@dataclass(slots=True)
class _Mark:
    """A patch that is seen again and again. ``chances``: of being paint, look by look. ``night``: the light in which it
    is seen; only looks in the same light can tell that it is gone (``absent_us``)."""

    patch: Patch
    before_us: int
    first_us: int
    last_us: int
    night: bool
    absent_us: int = 0
    chances: list[float] = field(default_factory=list)
    told: Event | None = None


class _Wall:
    """One surface."""

    def __init__(self, voice: Voice, surface: Surface, ground: Ground | None) -> None:
        self._voice = voice
        self._surface = surface
        self._ground = ground
        self._past = AreaPast(surface.polygon, voice.value("every"), round(voice.value("looks")))
        self._stands_us = round(voice.value("hours") * HOUR_US)
        self._learn_us = round(voice.value("learn") * HOUR_US)
        self._began_us: int | None = None
        self._looked_us = 0
        self._marks: list[_Mark] = []

    def pause(self) -> None:
        self._past.pause()

    def look(self, scene: Scene, covering: Boxes) -> list[Event]:
        assert scene.picture is not None
        if self._began_us is None or scene.wall_us < self._began_us:
            self._began_us = scene.wall_us
        seen = self._past.look(scene.picture, covering, scene.wall_us)
        if seen is None or scene.wall_us - self._began_us < self._learn_us:
            return []
        if float((seen.differs > 1.0)[seen.inside].mean()) > _MOST_CHANGED:
            return []
        passed_us = min(scene.wall_us - self._looked_us, self._stands_us) if self._looked_us else 0
        self._match(patches(seen), seen.night, scene.wall_us)
        for mark in self._marks:
            if mark.last_us < scene.wall_us and mark.night == seen.night:
                mark.absent_us += passed_us
        self._looked_us = scene.wall_us
        return self._over() + [self._tell(mark, seen) for mark in self._marks if self._ripe(mark)]

    def _match(self, found: list[Patch], night: bool, wall_us: int) -> None:
        for patch in found:
            near = [mark for mark in self._marks if _shared(mark.patch, patch) >= _SAME]
            mark = max(near, key=lambda one: one.last_us - one.first_us, default=None)
            if mark is None:
                mark = _Mark(patch, self._looked_us or wall_us, wall_us, wall_us, night)
                self._marks.append(mark)
            mark.patch, mark.last_us, mark.night, mark.absent_us = patch, wall_us, night, 0
            mark.chances.append(paint(patch))
            del mark.chances[:-48]

    def _ripe(self, mark: _Mark) -> bool:
        if mark.told is not None or len(mark.chances) < _LEAST_LOOKS or mark.last_us < self._looked_us:
            return False
        stands = mark.last_us - mark.first_us >= self._stands_us
        return stands and float(np.median(mark.chances)) >= self._voice.value("certainty")

    def _tell(self, mark: _Mark, seen: Compared) -> Event:
        """Its interval begins at the last look without it."""
        span = Interval(min(mark.before_us, mark.first_us), mark.last_us)
        chance = float(np.median(mark.chances))
        place = self._voice.on_surface(self._surface.id)
        shown = before_after(seen)
        mark.told = self._voice.opened("graffiti", place, span, chance, self._measures(mark), shown)
        return mark.told

    def _over(self) -> list[Event]:
        """Marks that were cleaned off or never stayed."""
        gone = [mark for mark in self._marks if mark.absent_us > max(self._stands_us, seconds(600))]
        self._marks = [mark for mark in self._marks if mark not in gone]
        return [
            self._voice.closed(mark.told, mark.last_us, mark.told.score, self._measures(mark))
            for mark in gone
            if mark.told is not None
        ]

    def _measures(self, mark: _Mark) -> tuple[Measure, ...]:
        stood_s = (mark.last_us - mark.first_us) / SECOND_US
        share = float(mark.patch.hull.sum()) / max(1.0, self._inside(mark.patch))
        kind = "tag" if share < _TAG else "larger piece"
        said = [
            Measure("hours it has stood", stood_s / 3600, self._stands_us / HOUR_US, "h"),
            Measure(kind, 100.0 * share, 0.0, "%"),
        ]
        area = self._area_m2(mark.patch)
        return (*said, Measure("painted area", area, 0.0, "m2")) if area is not None else tuple(said)

    def _inside(self, patch: Patch) -> float:
        x0, y0, x1, y1 = self._past.box
        return patch.mask.size * self._surface.polygon.area / max((x1 - x0) * (y1 - y0), 1e-9)

    def _area_m2(self, patch: Patch) -> float | None:
        """A wall rises from its lower edge: along it the ground gives metres, and above it the height of one metre."""
        lower = sorted(self._surface.polygon.corners, key=lambda corner: -corner[1])[:2]
        (ax, ay), (bx, by) = lower
        if self._ground is None or abs(bx - ax) < 1e-3:
            return None
        feet = self._ground.metres(lower)
        wide_m = float(np.hypot(*(feet[1] - feet[0]))) / abs(bx - ax)
        middle = ((ax + bx) / 2, (ay + by) / 2)
        rise = middle[1] - float(self._ground.heads([middle], 1.0)[0, 1])
        x0, y0, x1, y1 = self._past.box
        rows, columns = patch.mask.shape
        cell = (x1 - x0) / columns * wide_m * (y1 - y0) / rows / max(rise, 1e-6)
        area = float(patch.hull.sum()) * cell
        return area if np.isfinite(area) and rise > 0 else None


def _shared(a: Patch, b: Patch) -> float:
    if a.hull.shape != b.hull.shape:
        return 0.0
    return float((a.hull & b.hull).sum()) / max(1, min(int(a.hull.sum()), int(b.hull.sum())))


def paint(patch: Patch) -> float:
    """The chance that a lasting patch is paint and not a sheet, a thing before the wall, or a play of light. Bounds
    were set on made marks, sheets and vehicles of the studio's learning half: (feature, middle, steepness)."""
    said = dict(zip(FEATURES, (float(value) for value in patch.features), strict=True))
    sheet = 8.0 * (said["rim"] - 0.78) + 30.0 * (0.935 - said["entropy"]) + 4.0 * (said["filled"] - 0.5)
    sheet = sheet if said["size"] > _SHEET else -4.0
    chance = _sure(-3.0 * sheet)
    for name, middle, steepness in _BOUNDS:
        chance *= _sure(steepness * (said[name] - middle))
    return chance


def _sure(value: float) -> float:
    return float(1.0 / (1.0 + np.exp(-np.clip(value, -30.0, 30.0))))
