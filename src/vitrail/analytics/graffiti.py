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

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vitrail.analytics.contract import Arrays
from vitrail.analytics.keeping import Doubt, named, taken
from vitrail.analytics.marks import Mark, Marks
from vitrail.analytics.pasts import AreaPast, Compared
from vitrail.analytics.patches import FEATURES, Patch
from vitrail.analytics.showing import before_after
from vitrail.analytics.voice import FLOOR, Voice
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.detections import VEHICLES
from vitrail.domain.events import Event, Findings, Measure, Place
from vitrail.domain.geometry import Boxes
from vitrail.domain.ground import Ground
from vitrail.domain.health import Unjudged, Unsure
from vitrail.domain.streams import AnalyticSetting, Camera, Surface
from vitrail.domain.time import HOUR_US, SECOND_US, Interval

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
        Parameter("hours", "h", 2.0, 0.2, 48.0, "so long a mark stands before it is told; a small one three times"),
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
    declared=DeclaredRate(1 / 24, "benchmarks/graffiti.py"),
)
_MOST_CHANGED = 0.6
"""More of the surface than this is no mark: the camera moved, the lens is dirty, something stands before it."""
_TAG = 0.04
"""A mark that encloses less than this share of the surface is a tag."""
_LEAST_LOOKS = 4
_SMALL, _LONGER = 0.015, 3
"""A mark smaller than this share of the surface must stand so many times longer: a play of light does not."""
_SEEN = 0.3
_MARKS_KEPT = 64


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
        waited = [wall for wall in self._walls if wall.doubt.renewing]
        events = tuple(event for wall in self._walls for event in wall.look(scene, covering))
        return Findings(events, renewed=tuple(w.doubt.place for w in waited if not w.doubt.renewing))

    def reset(self) -> None:
        """The stream was opened again: walls do not change by that. What is known of them stays."""
        for wall in self._walls:
            wall.pause()

    def finish(self, wall_us: int) -> Findings:
        """Marks stay when a stream ends; nothing is over."""
        return Findings()

    def where(self, event: Event) -> tuple[float, float, float, float] | None:
        """The box, in the picture, of a mark that was told and still stands."""
        marks = [mark for wall in self._walls for mark in wall.marks.now if mark.told is not None]
        return next((mark.patch.box for mark in marks if mark.told is not None and mark.told.key == event.key), None)

    def unjudged(self, wall_us: int) -> tuple[Unjudged, ...]:
        return tuple(told for wall in self._walls for told in wall.doubt.told(wall_us))

    def renew(self, place: Place) -> None:
        for wall in self._walls:
            if wall.doubt.place == place:
                wall.renew()

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(wall.doubt.place for wall in self._walls)

    def forget(self) -> None:
        for wall in self._walls:
            wall.forget()

    def remembered(self) -> Arrays:
        kept = {wall.doubt.place.drawn: wall.remembered() for wall in self._walls}
        return {name: array for drawn, arrays in kept.items() for name, array in named(drawn, arrays).items()}

    def recall(self, kept: Arrays) -> None:
        for wall in self._walls:
            wall.recall(taken(wall.doubt.place.drawn, kept))


class _Wall:
    """One surface."""

    def __init__(self, voice: Voice, surface: Surface, ground: Ground | None) -> None:
        self._voice = voice
        self._surface = surface
        self._ground = ground
        self.doubt = Doubt(voice.on_surface(surface.id))
        self._past = AreaPast(surface.polygon, voice.value("every"), round(voice.value("looks")))
        self._stands_us = round(voice.value("hours") * HOUR_US)
        self._learn_us = round(voice.value("learn") * HOUR_US)
        self._began_us: int | None = None
        self.marks = Marks(self._stands_us)

    def pause(self) -> None:
        self._past.pause()

    def look(self, scene: Scene, covering: Boxes) -> list[Event]:
        assert scene.picture is not None
        if self._began_us is None or scene.wall_us < self._began_us:
            self._began_us = scene.wall_us
        seen = self._past.look(scene.picture, covering, scene.wall_us)
        if not self._past.looked(scene.wall_us):
            return []
        self.doubt.say(self._unsure(seen, scene.wall_us), scene.wall_us)
        if self.doubt.renewing:
            return self._relearnt(scene.wall_us)
        if seen is None or self.doubt.why not in (None, Unsure.COVERED):
            return []
        self.marks.update(seen, scene.wall_us)
        events = self._over()
        while (ripe := next((mark for mark in self.marks.now if self._ripe(mark)), None)) is not None:
            events.append(self._tell(ripe, seen))
            self.marks.absorb(scene.wall_us)
        return events

    def _unsure(self, seen: Compared | None, wall_us: int) -> Unsure | None:
        if self._began_us is None or wall_us - self._began_us < self._learn_us:
            return Unsure.LEARNING
        if seen is None:
            return self._past.lacks
        if seen.soft or float((seen.differs > 1.0)[seen.inside].mean()) > _MOST_CHANGED:
            return Unsure.SURROUNDINGS
        return Unsure.COVERED if float(seen.seen[seen.inside].mean()) < _SEEN else None

    def _relearnt(self, wall_us: int) -> list[Event]:
        """Marks of before are over, whether or not the new look is known yet."""
        self.doubt.renewing = self._past.lacks is not None
        told = [mark.told for mark in self.marks.now if mark.told is not None]
        self.marks.now.clear()
        return [self._voice.closed(event, wall_us, event.score, event.measures) for event in told]

    def renew(self) -> None:
        self._past.reset()
        self.doubt.renewing = True

    def forget(self) -> None:
        self._past.reset()
        self.marks.now.clear()

    def remembered(self) -> Arrays:
        """Also the marks that were told and still stand, so that none is told twice."""
        if self._began_us is None or self.doubt.renewing:
            return {}
        kept: dict[str, npt.NDArray[np.generic]] = {**self._past.remembered(), "began_us": np.array(self._began_us)}
        for index, mark in enumerate(mark for mark in self.marks.now if mark.told is not None):
            times = np.array([mark.before_us, mark.first_us, mark.last_us, int(mark.night)], np.int64)
            ground = mark.patch.hull if mark.ground is None else mark.ground
            kept |= named(f"mark{index}", {"hull": ground, "mask": mark.patch.mask, "times": times})
        return kept

    def recall(self, kept: Arrays) -> None:
        began = kept.get("began_us")
        if began is None or began.shape:
            return
        self._past.recall(kept)
        self._began_us = int(np.asarray(began, np.int64))
        for index in range(_MARKS_KEPT):
            mark = _mark_of(taken(f"mark{index}", kept), self._past.box)
            if mark is not None:
                span = Interval(mark.first_us, max(mark.first_us, mark.last_us))
                mark.tell(self._voice.opened("graffiti", self.doubt.place, span, 1.0, ()), mark.first_us)
                self.marks.now.append(mark)

    def _ripe(self, mark: Mark) -> bool:
        if mark.told is not None or len(mark.chances) < _LEAST_LOOKS or not self.marks.here(mark):
            return False
        small = float(mark.patch.hull.sum()) < _SMALL * self._inside(mark.patch)
        stands_us = self._stands_us * (_LONGER if small else 1)
        return mark.last_us - mark.first_us >= stands_us and mark.chance >= self._voice.value("certainty")

    def _tell(self, mark: Mark, seen: Compared) -> Event:
        """Its interval begins at the last look without it."""
        span = Interval(min(mark.before_us, mark.first_us), mark.last_us)
        place = self._voice.on_surface(self._surface.id)
        event = self._voice.opened("graffiti", place, span, mark.chance, self._measures(mark), before_after(seen))
        mark.tell(event, mark.last_us)
        return event

    def _over(self) -> list[Event]:
        """Told marks that were cleaned off."""
        return [
            self._voice.closed(mark.told, mark.last_us, mark.told.score, self._measures(mark))
            for mark in self.marks.over()
            if mark.told is not None
        ]

    def _measures(self, mark: Mark) -> tuple[Measure, ...]:
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


def _mark_of(kept: Arrays, box: tuple[float, float, float, float]) -> Mark | None:
    if (
        set(kept) != {"hull", "mask", "times"}
        or kept["times"].shape != (4,)
        or kept["hull"].shape != kept["mask"].shape
    ):
        return None
    before_us, first_us, last_us, night = (int(value) for value in np.asarray(kept["times"], np.int64))
    hull, mask = (np.array(kept[name], np.bool_) for name in ("hull", "mask"))
    patch = Patch(box, mask, hull, 0.0, np.zeros(len(FEATURES), np.float32))
    return Mark(patch, before_us, first_us, last_us, bool(night))
