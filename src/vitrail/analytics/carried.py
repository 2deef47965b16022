"""Things that a detector names (bags, suitcases) and that were first seen in somebody's hands, then stood still."""

__all__ = ["Thing", "Things", "shared"]

from dataclasses import dataclass

import numpy as np

from vitrail.domain.detections import THINGS, Detections, Label
from vitrail.domain.geometry import Boxes, iou_matrix
from vitrail.domain.places import Box
from vitrail.domain.time import SECOND_US

_EVERY_US = SECOND_US // 4
_SAME_IOU = 0.35
_SAME = 0.6
_FORGET_US = 20 * SECOND_US
_CARRIED_US = 60 * SECOND_US
"""So long ago somebody may have carried it."""
_MOVED = (0.35, 4.0)
"""In heights of the thing: nearer it is the same place, further it is another thing."""
_LIKE = 2.5
_HELD = 0.4
_MOST = 64
_FRESH = 8
"""So many sights may pass until its box is that of the thing alone, and not of the hand that puts it down."""
_BAGS = sorted(THINGS - {Label.UMBRELLA})


@dataclass(slots=True)
class Thing:
    """One thing, with a running number. ``held``: share of the sights in which somebody was around it. ``first_us``:
    since when it stands still. ``carried``: somebody held it elsewhere before."""

    box: Box
    serial: int
    first_us: int
    seen_us: int
    sights: int = 1
    held: float = 0.0
    carried: bool = False
    anchor: Box = (0.0, 0.0, 0.0, 0.0)

    @property
    def size(self) -> float:
        return self.box[3] - self.box[1]


class Things:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.now: list[Thing] = []
        self._hands: list[Thing] = []
        self._serial = 0
        self._at_us = -_EVERY_US

    def update(self, seen: Detections, people: Boxes, at_us: int) -> None:
        if at_us - self._at_us < _EVERY_US:
            return
        self._at_us = at_us
        boxes = _one_each(seen.of(*_BAGS))
        held = _held(boxes, people)
        for (x0, y0, x1, y1), in_hands in zip(boxes.tolist(), held, strict=True):
            self._sight((x0, y0, x1, y1), bool(in_hands), at_us)
        gone = [thing for thing in self.now if at_us - thing.seen_us > _FORGET_US]
        self._hands = [t for t in (*self._hands, *gone) if t.held > 0.5 and at_us - t.seen_us < _CARRIED_US][-_MOST:]
        self.now = [thing for thing in self.now if thing not in gone][-_MOST:]

    def _sight(self, box: Box, in_hands: bool, at_us: int) -> None:
        shares = [shared(thing.box, box) for thing in self.now]
        if shares and max(shares) >= _SAME:
            thing = self.now[shares.index(max(shares))]
            thing.sights += 1
            thing.seen_us = at_us
            thing.held += (in_hands - thing.held) / min(thing.sights, 8)
            thing.box = box
            if thing.sights <= _FRESH:
                thing.carried |= self._came_by_hand(thing)
            if _moved(thing.anchor, box) > _MOVED[0]:
                thing.carried |= thing.held > 0.5
                thing.anchor, thing.first_us = box, at_us
            return
        self._serial += 1
        thing = Thing(box, self._serial, at_us, at_us, held=float(in_hands), anchor=box)
        thing.carried = self._came_by_hand(thing)
        self.now.append(thing)

    def _came_by_hand(self, thing: Thing) -> bool:
        return any(_went(before, thing) for before in (*self._hands, *self.now) if before is not thing)


def shared(a: Box, b: Box) -> float:
    """Share of the smaller box: half a bag is seen now and then."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    least = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, width) * max(0.0, height) / max(least, 1e-9)


def _one_each(seen: Detections) -> Boxes:
    """A rucksack may be taken for a suitcase as well: the surest box of each."""
    order = np.argsort(-seen.scores, kind="stable")
    boxes = seen.boxes[order]
    same = np.triu(iou_matrix(boxes, boxes) > _SAME_IOU, 1)
    return np.asarray(boxes[~same.any(axis=0)], np.float32)


def _held(boxes: Boxes, people: Boxes) -> list[bool]:
    """Whether most of the box lies within somebody's."""
    if not len(boxes) or not len(people):
        return [False] * len(boxes)
    low = np.maximum(boxes[:, None, :2], people[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], people[None, :, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    return [bool(one) for one in (shared / np.maximum(area, 1e-9)[:, None]).max(axis=1) > _HELD]


def _went(before: Thing, thing: Thing) -> bool:
    """Whether what somebody held there may be what stands here."""
    if before.held <= 0.5 or thing.first_us - before.seen_us > _CARRIED_US:
        return False
    return _MOVED[0] <= _moved(before.box, thing.box) <= _MOVED[1] and 1 / _LIKE < before.size / thing.size < _LIKE


def _moved(a: Box, b: Box) -> float:
    """How far apart, in heights of ``b``."""
    away = max(abs(a[0] + a[2] - b[0] - b[2]), abs(a[1] + a[3] - b[1] - b[3])) / 2
    return away / max(b[3] - b[1], 1e-3)
