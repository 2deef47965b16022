"""What was seen, so that it can be searched: vehicles that passed, things left standing, walls, and the place itself.

Tells nothing by itself: it writes down, for a later search inside a case, when a vehicle passed or a bag stood alone,
where, in which colour, which way and how fast, and every ten minutes what the place and its declared walls look like.
People are only ever looked at to be left out: what a picture shows of them is painted over before anything is
measured, a track of one makes no sighting, and a bag makes one only while nobody is near it.

It fails on colours under coloured light and at night, on vehicles smaller than about 20 pixels, on classes that look
alike from above (a van is a car or a truck), and two vehicles that hide each other may be told as one.
"""

__all__ = ["MANIFEST", "Sightings"]

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from vitrail.analytics.colours import Colouring
from vitrail.analytics.voice import Voice
from vitrail.domain.analytics import AnalyticManifest, Maturity, Parameter, Scene
from vitrail.domain.clearing import WHOLE, Cleared
from vitrail.domain.detections import LABELS, THINGS, VEHICLES, Detections, Label
from vitrail.domain.events import Findings
from vitrail.domain.frames import Picture, Region
from vitrail.domain.geometry import Boxes, Polygon, foot_points, grow, iou_matrix
from vitrail.domain.sightings import Draft, Heading, Subject
from vitrail.domain.streams import AnalyticSetting, Camera
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval, seconds

_LOOK_US = SECOND_US // 2
"""A thing is looked at this often while it is followed."""
_LONGEST_US = 10 * MINUTE_US
"""What stays longer is told in parts, so that it can be found while it is still there."""
_SHORTEST_US = SECOND_US // 2
_PATH_POINTS = 12
_STILL_SHARE = 0.25
"""It stands while it moves by less than this share of its own size a second."""
_MOVED_SHARE = 0.6
_MARGIN = 0.06
_BESIDE = 0.3
"""So much of its width is looked at on either side: the ground that it stands on."""
_SURER = 1.15
_BRIGHT_PERCENTILE = 99.5
_ALONE_MARGIN = 0.5
_ALONE_US = 2 * SECOND_US
_KM_H = 3.6
_EVER_FASTER_KM_H = 250.0
_EVER_LONGER_M = 40.0
_EDGE = 0.01
_LEAST_LENGTHS, _LENGTH_PERCENTILE = 3, 80.0
_SCENE_LEFT, _MARK_LEFT = 0.5, 0.85
"""Share of the scene, of a wall, that people may not hide while it is remembered."""

MANIFEST = AnalyticManifest(
    id="sightings",
    version="1.1.0",
    title="vehicles, things left standing and the place, so that they can be searched",
    inputs=frozenset({"tracks", "frames"}),
    kinds=frozenset({"sighting"}),
    readings=frozenset(),
    category="search of things and places",
    purposes=frozenset({"judicial_inquiry", "upkeep_of_public_places", "road_safety"}),
    parameters=(Parameter("scene", "s", 600.0, 10.0, 86_400.0, "the place and its walls are remembered this often"),),
    models=("nanodet", "efficientnet-lite2"),
    maturity=Maturity.TRIAL,
    must_not="describe, tell apart or find again a person, or serve any search outside a case",
    limits=(
        "colours are wrong under coloured light and at night, and of what is smaller than about 20 pixels",
        "classes that look alike from above are mixed up: a van is a car or a truck",
        "a vehicle that another one hides is told as two, or not at all",
        "a bag is seen only while nobody is near it",
        "a length is what was seen along the ground: of a vehicle that only came straight at the camera, its width",
    ),
)


@dataclass(slots=True, eq=False)
class _Followed:
    start_us: int
    seen_us: int
    box: Boxes
    label: Label
    score: float = 0.0
    value: float = 0.0
    best_us: int | None = None
    looked_us: int = 0
    alone_us: int = 0
    look: Cleared | None = None
    stands_us: int = 0
    stood_us: int = 0
    lengths_m: list[float] = field(default_factory=list)
    colouring: Colouring = field(default_factory=Colouring)
    path: list[tuple[int, float, float]] = field(default_factory=list)
    zones: dict[str, int] = field(default_factory=dict)


class Sightings:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        self._camera = camera
        self._stream_id = stream_id
        self._voice = Voice(MANIFEST, camera, stream_id, setting)
        self._scene_us = seconds(self._voice.value("scene"))
        self.reset()

    def reset(self) -> None:
        self._followed: dict[int, _Followed] = {}
        self._shown_us: int | None = None
        self._brightest = 1.0

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        tracks, made = scene.tracks, [self._ended(i) for i in scene.tracks.ended]
        alone = _alone(tracks.boxes, scene.people)
        if scene.picture is not None and len(tracks):
            self._brightest = _brightest(scene.picture)
        for row in range(len(tracks)):
            label = Label(int(tracks.labels[row]))
            if label in VEHICLES or label in THINGS:
                made.append(self._follow(scene, row, label, bool(alone[row])))
        return Findings(sightings=(*(draft for draft in made if draft is not None), *self._shown(scene)))

    def finish(self, wall_us: int) -> Findings:
        """What was still followed is told until it was last seen."""
        made = [self._ended(i) for i in list(self._followed)]
        return Findings(sightings=tuple(draft for draft in made if draft is not None))

    def _follow(self, scene: Scene, row: int, label: Label, alone: bool) -> Draft | None:
        tracks = scene.tracks
        box, now_us = tracks.boxes[row], scene.wall_us
        if tracks.seen_us[row] < now_us:
            return None
        number = int(tracks.ids[row])
        known = self._followed.get(number)
        if known is None:
            known = self._followed[number] = _Followed(int(tracks.since_us[row]), now_us, box, label)
        step_us = now_us - known.seen_us
        known.alone_us = known.alone_us + step_us if alone else 0
        self._place(known, box, now_us, step_us)
        known.seen_us, known.label = now_us, label
        known.score = max(known.score, float(tracks.scores[row]))
        if label in VEHICLES or known.alone_us >= _ALONE_US:
            self._look(known, scene, box, float(tracks.scores[row]))
        if now_us - known.start_us >= _LONGEST_US:
            told = self._draft(known)
            self._followed[number] = _Followed(now_us, now_us, box, label, stands_us=known.stands_us)
            return told
        return None

    def _place(self, known: _Followed, box: Boxes, now_us: int, step_us: int) -> None:
        """Where it is, what it is in, and how long it has stood."""
        foot = foot_points(box[None])
        x, y = float(foot[0, 0]), float(foot[0, 1])
        size = float(np.hypot(box[2] - box[0], box[3] - box[1]))
        if not known.path or now_us - known.path[-1][0] >= _LOOK_US:
            if known.path:
                before_us, bx, by = known.path[-1]
                speed = np.hypot(x - bx, y - by) / max(size, 1e-3) / max((now_us - before_us) / SECOND_US, 1e-3)
                known.stands_us = known.stands_us + now_us - before_us if speed < _STILL_SHARE else 0
                known.stood_us = max(known.stood_us, known.stands_us)
            known.path.append((now_us, x, y))
        if (length_m := self._length(box)) is not None:
            known.lengths_m.append(length_m)
        for zone in self._camera.zones:
            if zone.polygon.contain(foot)[0]:
                known.zones[zone.id] = known.zones.get(zone.id, 0) + step_us

    def _look(self, known: _Followed, scene: Scene, box: Boxes, score: float) -> None:
        if scene.picture is None or (known.looked_us and scene.wall_us - known.looked_us < _LOOK_US):
            return
        x0, y0, x1, y1 = (float(side) for side in grow(box[None], _MARGIN)[0])
        look = Cleared.of(scene.picture, scene.people, Region(x0, y0, x1, y1))
        known.looked_us = scene.wall_us
        if look is None:
            return
        area = float((x1 - x0) * (y1 - y0))
        self._colour(known, scene, Region(x0, y0, x1, y1), area * look.left)
        value = score * area**0.5 * look.left
        if value > known.value * _SURER:
            known.value, known.look, known.box, known.best_us = value, look, box, scene.wall_us

    def _colour(self, known: _Followed, scene: Scene, box: Region, weight: float) -> None:
        """With the ground beside it for comparison."""
        assert scene.picture is not None
        aside = _BESIDE * (box.right - box.left)
        left, right = max(0.0, box.left - aside), min(1.0, box.right + aside)
        wide = Cleared.of(scene.picture, scene.people, Region(left, box.top, right, box.bottom))
        if wide is not None:
            width = right - left
            inside = Region((box.left - left) / width, 0.0, (box.right - left) / width, 1.0)
            known.colouring.update(wide, self._brightest, inside, weight)

    def _ended(self, number: int) -> Draft | None:
        known = self._followed.pop(number, None)
        return self._draft(known) if known is not None else None

    def _draft(self, known: _Followed) -> Draft | None:
        """None for what was hardly there, and for a bag that somebody carried."""
        vehicle = known.label in VEHICLES
        if known.seen_us - known.start_us < _SHORTEST_US or (not vehicle and known.look is None):
            return None
        return Draft(
            self._stream_id,
            self._camera.id,
            Subject.VEHICLE if vehicle else Subject.THING,
            LABELS[known.label],
            Interval(known.start_us, known.seen_us),
            known.score,
            (float(known.box[0]), float(known.box[1]), float(known.box[2]), float(known.box[3])),
            known.colouring.tints(),
            tuple(sorted(known.zones)),
            _thinned(known.path),
            _heading(known),
            known.stood_us / SECOND_US,
            self._speed(known),
            _longest(known) if vehicle else None,
            known.best_us or known.start_us,
            known.look,
        )

    def _length(self, box: Boxes) -> float | None:
        """How far its lower edge reaches on the ground, where all of it is in the picture."""
        x0, _, x1, y1 = (float(side) for side in box)
        if self._camera.ground is None or x0 < _EDGE or x1 > 1 - _EDGE or y1 > 1 - _EDGE:
            return None
        metres = self._camera.ground.metres([(x0, y1), (x1, y1)])
        length_m = float(np.hypot(*(metres[1] - metres[0])))
        return length_m if length_m < _EVER_LONGER_M else None  # NaN is no length either

    def _speed(self, known: _Followed) -> float | None:
        """The median of its steps while it moved, km/h; None without a calibrated ground."""
        if self._camera.ground is None or len(known.path) < 3:
            return None
        metres = self._camera.ground.metres([(x, y) for _, x, y in known.path])
        times_s = np.array([at for at, _, _ in known.path]) / SECOND_US
        steps = np.hypot(*np.diff(metres, axis=0).T) / np.maximum(np.diff(times_s), 1e-3) * _KM_H
        steps = steps[np.isfinite(steps) & (steps < _EVER_FASTER_KM_H)]
        return round(float(np.median(steps)), 1) if len(steps) else None

    def _shown(self, scene: Scene) -> list[Draft]:
        """The place and what is drawn on it, now and then, as far as nobody stands in front."""
        due = self._shown_us is None or not 0 <= scene.wall_us - self._shown_us < self._scene_us
        if not due or scene.picture is None:
            return []
        place = self._part(scene, WHOLE, Subject.PLACE, "view", _SCENE_LEFT)
        if place is None:
            return []
        self._shown_us = scene.wall_us
        surfaces = [(s.id, s.polygon, "surface") for s in self._camera.surfaces]
        assets = [(a.id, a.polygon, "asset") for a in self._camera.assets]
        marks = [
            self._part(scene, _around(polygon), Subject.MARK, kind, _MARK_LEFT, (drawn,))
            for drawn, polygon, kind in (*surfaces, *assets)
        ]
        return [place, *(mark for mark in marks if mark is not None)]

    def _part(
        self, scene: Scene, region: Region, subject: Subject, kind: str, least: float, zones: tuple[str, ...] = ()
    ) -> Draft | None:
        assert scene.picture is not None
        found = _found(scene) if subject is Subject.PLACE else None
        look = Cleared.of(scene.picture, scene.people, region, least, found)
        if look is None:
            return None
        span = Interval(scene.wall_us, scene.wall_us)
        box = (region.left, region.top, region.right, region.bottom)
        return Draft(self._stream_id, self._camera.id, subject, kind, span, look.left, box, zones=zones, look=look)


def _found(scene: Scene) -> Detections:
    """What is in the picture now."""
    tracks = scene.tracks
    return Detections(tracks.boxes, tracks.labels, tracks.scores).where(tracks.seen_us >= scene.wall_us)


def _longest(known: _Followed) -> float | None:
    """As it was seen along the ground when it showed most of its side, but for one look in five: boxes jump."""
    if len(known.lengths_m) < _LEAST_LENGTHS:
        return None
    return round(float(np.percentile(known.lengths_m, _LENGTH_PERCENTILE)), 1)


def _around(polygon: Polygon) -> Region:
    xs, ys = zip(*polygon.corners, strict=True)
    return Region(min(xs), min(ys), max(xs), max(ys))


def _alone(boxes: Boxes, people: Boxes) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which boxes, and half their size around them, touch nobody."""
    if not len(boxes) or not len(people):
        return np.ones(len(boxes), bool)
    return np.asarray(iou_matrix(grow(boxes, _ALONE_MARGIN), people).max(axis=1) <= 0.0)


def _brightest(picture: Picture) -> float:
    sample = picture.y[::8, ::8]
    level = float(np.percentile(sample, _BRIGHT_PERCENTILE))
    return level / 255 if picture.full_range else max(0.0, (level - 16) / 219)


def _thinned(path: list[tuple[int, float, float]]) -> tuple[tuple[float, float], ...]:
    if not path:
        return ()
    places = np.linspace(0, len(path) - 1, min(len(path), _PATH_POINTS)).round().astype(int)
    return tuple((round(path[i][1], 4), round(path[i][2], 4)) for i in places)


def _heading(known: _Followed) -> Heading:
    """From where it was first to where it was last, when that is more than it is large."""
    if len(known.path) < 2:
        return Heading.NONE
    (_, x0, y0), (_, x1, y1) = known.path[0], known.path[-1]
    dx, dy = x1 - x0, y1 - y0
    size = max(float(known.box[2] - known.box[0]), float(known.box[3] - known.box[1]))
    if max(abs(dx), abs(dy)) < _MOVED_SHARE * size:
        return Heading.NONE
    if abs(dx) >= abs(dy):
        return Heading.RIGHT if dx > 0 else Heading.LEFT
    return Heading.DOWN if dy > 0 else Heading.UP
