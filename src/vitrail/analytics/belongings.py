"""Things that came to a place, or went from it, and who was there when they did: what left and removed things share."""

__all__ = ["Belongings", "Found"]

from dataclasses import dataclass

import numpy as np

from vitrail.analytics.carried import Thing, Things, shared
from vitrail.analytics.visits import Visits
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import VEHICLES
from vitrail.domain.geometry import Boxes, Polygon, iou_matrix
from vitrail.domain.places import Box, Change, PlaceView
from vitrail.domain.time import SECOND_US

_CAME, _WENT = 0.58, 0.44
"""Share of the outline that is in the present look: a thing that came has more than the one, one that went less than
the other. What flutters has half of it in either."""
_TALLEST, _WIDEST, _LARGEST, _SMALLEST = 0.55, 0.75, 0.22, 0.025
"""Of a person's height there, and of its square: luggage with its shadow. Who lies or sits is larger, litter is
smaller."""
_SMALL = 0.16
"""Smaller than this it is not somebody who sits or lies, whatever was lost there."""
_LEAST_CELLS = 6
_AROUND_US = 3 * SECOND_US
_REACH_M = 2.2
"""Somebody who put it down stood no further off: an arm's length and the slack of a foot point."""
_PERSON_SHARE = 0.3
_COVER = 0.35
_THING_SIGHTS = 6
_OVERLAP = 0.2
_MEETS = 0.5
_STILL_S = 2.0
_SLIM, _FULL, _CLEAR = 3.5, 0.35, 1.6
"""Things are no ribbons, fill their box, and differ clearly: barrier tape in the wind does none of it."""
_KNOWN_S = 4.0
"""What was known for less may have been somebody whom the detector missed."""


@dataclass(slots=True)
class Found:
    """Something that came (or went). It happened between ``before_us`` and ``since_us``. ``person`` and ``named``:
    share of the looks in which the detector took it for somebody, and for a bag."""

    key: str
    box: Box
    before_us: int
    since_us: int
    seen_us: int
    area: float
    """In squared heights of a person there; 0 where nobody was seen yet."""
    score: float
    looks: int = 0
    person: float = 0.0
    named: float = 0.0

    @property
    def came_us(self) -> int:
        """When it was put down, as well as is known."""
        return self.since_us if self.since_us - self.before_us <= 4 * SECOND_US else self.before_us

    def meets(self, box: Box) -> bool:
        return shared(self.box, box) > _MEETS

    def came_earlier(self, other: "Found") -> None:
        """``other`` was seen in this place first: it came when that came."""
        if other is not self and other.since_us < self.since_us:
            self.before_us, self.since_us = other.before_us, other.since_us
            self.person, self.named = max(self.person, other.person), max(self.named, other.named)

    def stands_in(self, zone: Polygon) -> bool:
        foot = np.array([[(self.box[0] + self.box[2]) / 2, min(self.box[3], 0.999)]], np.float32)
        return bool(zone.contain(foot)[0])

    def brought_and_left(self, visits: Visits, reach_m: float) -> bool:
        """Whether somebody stood there when it happened, and all who did have gone away. Who was lost there may be it:
        then it must be small, or known for a bag."""
        if self.person > _PERSON_SHARE:
            return False
        near = visits.near(self.box, self.before_us - _AROUND_US, self.since_us + _AROUND_US, _REACH_M)
        gone = [visits.gone(visit, self.box, self.since_us, reach_m) for visit in near]
        if not near or False in gone or True not in gone:
            return False
        return None not in gone or self.named > 0.3 or 0 < self.area < _SMALL

    def left_us(self, visits: Visits, at_us: int, reach_m: float) -> int:
        """When the last of them was near."""
        near = visits.near(self.box, self.before_us - _AROUND_US, self.since_us + _AROUND_US, _REACH_M)
        last = [visits.near_until_us(visit, self.box, self.since_us, reach_m) for visit in near]
        return min(at_us, max([*last, self.came_us]))


class Belongings:
    """One camera. ``came``: things that came; else things that went."""

    def __init__(self, came: bool) -> None:
        self._came = came
        self.visits = Visits()
        self._things = Things()
        self.reset()

    def reset(self) -> None:
        self.visits.reset()
        self._things.reset()
        self._known: dict[str, Found] = {}
        self._unknown: dict[int, bool] = {}
        self._view_us: int | None = None
        self._upset_us: int | None = None

    def update(self, scene: Scene) -> list[Found] | None:
        """What is there now; None between looks of the scene memory."""
        if scene.picture is not None:
            self.visits.update(scene.tracks, scene.wall_us, scene.picture.width / scene.picture.height)
        if self._came:
            self._things.update(scene.seen, scene.people, scene.wall_us)
        place = scene.place
        if place is None or place.at_us == self._view_us:
            return None
        self._view_us = place.at_us
        if place.whole.upset_us != self._upset_us:
            self._upset_us = place.whole.upset_us
            self._known.clear()
        vehicles = scene.tracks.boxes[np.isin(scene.tracks.labels, list(VEHICLES))]
        found = [self._change(c, place.at_us) for c in place.whole.changes if self._fits(c, place, vehicles)]
        if self._came:
            self._unknown = {t.serial: self._unknown.get(t.serial, _unlearnt(t, place)) for t in self._things.now}
            found += [self._thing(t, place) for t in self._things.now if self._new(t, place, found)]
        self._known = {one.key: one for one in found}
        for one in found:
            self._count(one, scene.people)
        return found

    def _fits(self, change: Change, place: PlaceView, vehicles: Boxes) -> bool:
        came = change.edge >= _CAME if self._came else change.edge < _WENT
        if not came or change.cells < _LEAST_CELLS or _overlap(change.box, vehicles) > _OVERLAP:
            return False
        if change.since_us <= place.whole.upset_us or change.known_s < _KNOWN_S:
            return False
        wide, tall = change.mask.shape[1], change.mask.shape[0]
        compact = max(wide, tall) <= _SLIM * min(wide, tall) and change.cells >= _FULL * wide * tall
        return compact and change.score >= _CLEAR and self._sized(change.box)

    def _sized(self, box: Box) -> bool:
        tall, wide, area = self._size(box)
        return tall <= _TALLEST and wide <= _WIDEST and _SMALLEST <= area <= _LARGEST

    def _size(self, box: Box) -> tuple[float, float, float]:
        """Height, width, area against a person's height there; nothing fits where nobody was ever seen."""
        height = self.visits.height_at(((box[0] + box[2]) / 2, box[3]))
        if height is None:
            return 1e9, 1e9, 1e9
        tall, wide = (box[3] - box[1]) / height, (box[2] - box[0]) * self.visits.aspect / height
        return tall, wide, tall * wide

    def _change(self, change: Change, at_us: int) -> Found:
        key = f"change {change.id}"
        known = self._known.get(key)
        if known is None:
            area = self._size(change.box)[2]
            score = min(1.0, 0.4 + change.score / 10)
            known = Found(key, change.box, change.before_us, change.since_us, at_us, area, score)
        known.box, known.seen_us, known.area = change.box, at_us, self._size(change.box)[2]
        return known

    def _new(self, thing: Thing, place: PlaceView, found: list[Found]) -> bool:
        """A bag that was carried and stands still where no change is told; it may be where nobody knew the place."""
        still = thing.seen_us - thing.first_us >= _STILL_S * SECOND_US and thing.sights >= _THING_SIGHTS
        if not (still and thing.carried and self._unknown[thing.serial] and self._sized(thing.box)):
            return False
        return not any(_overlap(one.box, np.array([thing.box], np.float32)) > _OVERLAP for one in found)

    def _thing(self, thing: Thing, place: PlaceView) -> Found:
        key = f"thing {thing.first_us} {thing.serial}"
        known = self._known.get(key)
        if known is None:
            area = self._size(thing.box)[2]
            known = Found(key, thing.box, thing.first_us, thing.first_us, thing.seen_us, area, 0.6)
        known.box, known.seen_us = thing.box, thing.seen_us
        known.named = 1.0
        return known

    def _count(self, one: Found, people: Boxes) -> None:
        one.looks += 1
        person = _overlap(one.box, people) > _COVER
        named = any(_overlap(one.box, np.array([t.box], np.float32)) > _OVERLAP for t in self._things.now)
        share = 1.0 / min(one.looks, 60)
        one.person += (person - one.person) * share
        one.named += (named - one.named) * share


def _unlearnt(thing: Thing, place: PlaceView) -> bool:
    """Whether the memory cannot know that the thing is new: it never saw the place uncovered."""
    rows, columns = place.whole.learnt.shape
    left, top, right, bottom = thing.box
    learnt = place.whole.learnt[
        int(top * rows) : int(bottom * rows) + 1, int(left * columns) : int(right * columns) + 1
    ]
    return bool(learnt.mean() < 0.5)


def _overlap(box: Box, others: Boxes) -> float:
    return float(iou_matrix(np.array([box], np.float32), others).max()) if len(others) else 0.0
