"""Where people are in a run of frames, also where a detector missed them. Pure; a way ends soon after the person is
gone.

Sights of what may be the same person, in frames one after the other, are joined to a *way*: between two sights the box
is where somebody walking straight would be, before the first and after the last it goes on for a moment, and where
somebody rested it stays for as long as that part of the picture looks the same, be it hours: who sleeps on a bench
stays hidden. Ways say nothing of who somebody is: they are made of boxes alone, and a wrong joint only hides more.
"""

__all__ = ["HOLD_US", "Glimpse", "Ways"]

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US

Glimpse = npt.NDArray[np.uint8]
"""A small grey copy of a frame, (rows, columns)."""
Box = npt.NDArray[np.float32]

HOLD_US = SECOND_US
"""How long a way goes on before its first sight and after its last, at least."""
_GAP_US = 4 * SECOND_US
"""The longest absence that is filled in when somebody is seen again where they may have walked to."""
_REACH, _STRIDE = 0.35, 0.6
"""Box heights between where somebody is expected and seen: at once, and for each second that nobody saw them."""
_SWELL = 3.0
"""Boxes whose areas differ by more than this are not taken for the same person."""
_PACE_US = SECOND_US // 2
"""Speed is taken over so long, and believed for as long as ``_TRUST_US``."""
_TRUST_US = SECOND_US
_DAMPING = 0.8

_SIDE, _TOP, _FOOT = 0.14, 0.15, 0.04
"""Margins, as shares of width and height: boxes are tight at the feet and vague at hands and hair."""
_EDGE = 0.02
"""A box that comes this near to the picture's edge reaches it: people cut by the edge get boxes that end too soon."""
_LOOSER = 0.2
"""How much margins grow for each second away from the next sight."""
_LOOSEST = 3.0

_REST, _REST_US, _REST_SIGHTS, _REST_SHARE = 0.25, 2 * SECOND_US, 3, 0.4
"""Somebody rests who was seen so often within so long, and in this share of the looks, and moved less than this share
of their height. A cone that is taken for a person once in a while does not rest."""
_CLOSE_US = SECOND_US // 2
"""A glimpse shows a sight that was so near in time."""
_SAME, _SAME_SHARE = 4.0, 0.12
"""A part looks the same while its grey levels differ by less than so many on average, or by this share of their own
spread; a change of light all over it does not count."""
_LEAVES = 2
"""So many glimpses one after the other must differ before a place is believed to have changed."""


@dataclass(slots=True)
class _Way:
    times_us: list[int]
    boxes: list[Box]
    from_us: int = 0
    until_us: int = 0
    """From and until when it hides anything."""
    look: Box | None = None
    """What the place looks like with somebody resting there."""
    differed: int = 0

    def __post_init__(self) -> None:
        self.from_us = self.times_us[0] - HOLD_US
        self.until_us = self.times_us[0] + HOLD_US

    def add(self, at_us: int, box: Box) -> None:
        self.times_us.append(at_us)
        self.boxes.append(box)
        self.until_us = max(self.until_us, at_us + HOLD_US)
        self.look, self.differed = None, 0

    def speed(self, first: int, last: int) -> Box:
        """Of the box's middle, a microsecond."""
        span_us = self.times_us[last] - self.times_us[first]
        if last - first < 2 or span_us <= 0:
            return np.zeros(4, np.float32)
        moved = (self.boxes[last] - self.boxes[first]) / np.float32(span_us)
        return np.tile((moved[:2] + moved[2:]) / 2, 2).astype(np.float32)

    def expected(self, at_us: int) -> Box:
        last = len(self.times_us) - 1
        first = bisect_left(self.times_us, self.times_us[last] - _PACE_US)
        ahead_us = min(at_us - self.times_us[last], _TRUST_US)
        return self.boxes[last] + self.speed(first, last) * np.float32(_DAMPING * ahead_us)

    def rests(self, end: int, looks: int) -> bool:
        """Whether somebody was seen at this end in a good part of the ``looks`` around it, and hardly moved
        meanwhile."""
        at_us = self.times_us[end]
        near = slice(bisect_left(self.times_us, at_us - _REST_US), bisect_right(self.times_us, at_us + _REST_US))
        boxes = np.array(self.boxes[near])
        if len(boxes) < max(_REST_SIGHTS, _REST_SHARE * looks):
            return False
        middles = (boxes[:, :2] + boxes[:, 2:]) / 2
        height = float(np.median(boxes[:, 3] - boxes[:, 1]))
        return bool((np.ptp(middles, axis=0) < _REST * height).all())

    def at(self, at_us: int) -> Iterator[Box]:
        """Boxes with their margins."""
        if self.times_us[0] <= at_us <= self.times_us[-1]:
            after = bisect_left(self.times_us, at_us)
            before = max(after - 1, 0) if self.times_us[after] > at_us else after
            span_us = self.times_us[after] - self.times_us[before]
            part = (at_us - self.times_us[before]) / span_us if span_us else 0.0
            away_us = min(at_us - self.times_us[before], self.times_us[after] - at_us)
            box = self.boxes[before] + (self.boxes[after] - self.boxes[before]) * np.float32(part)
            yield _grown(box, min(1 + _LOOSER * away_us / SECOND_US, _LOOSEST))
            return
        end = len(self.times_us) - 1 if at_us > self.times_us[-1] else 0
        yield _grown(self.boxes[end], 1.0)
        away_us = at_us - self.times_us[end]
        if end:
            speed = self.speed(bisect_left(self.times_us, self.times_us[end] - _PACE_US), end)
        else:
            speed = self.speed(0, bisect_right(self.times_us, self.times_us[0] + _PACE_US) - 1)
        if abs(away_us) <= HOLD_US and speed.any():
            yield _grown(self.boxes[end] + speed * np.float32(away_us), 1.0)


@dataclass(slots=True)
class Ways:
    """Looks come in by time. ``at`` may be asked for any moment that was not forgotten, best a second after it."""

    _ways: list[_Way] = field(default_factory=list)
    _looks: list[tuple[int, Boxes]] = field(default_factory=list)
    _glimpses: list[tuple[int, Glimpse]] = field(default_factory=list)

    def look(self, at_us: int, people: Boxes) -> None:
        """What was seen at a moment. Raises ``ValueError`` when it lies before the last one."""
        if self._looks and at_us < self._looks[-1][0]:
            raise ValueError("looks must come by time")
        self._looks.append((at_us, people))
        alive = [way for way in self._ways if at_us - way.times_us[-1] <= _GAP_US]
        known = _joined(alive, people, at_us)
        for column, box in enumerate(people):
            if column in known:
                known[column].add(at_us, box)
            else:
                self._ways.append(_Way([at_us], [box]))

    def glimpse(self, at_us: int, glimpse: Glimpse) -> None:
        """What it looked like at a moment, of which looks up to it are in; now and then is enough."""
        self._glimpses.append((at_us, glimpse))
        for way in self._ways:
            fresh = at_us - way.times_us[-1] <= _CLOSE_US
            if fresh:
                way.look = _cut(glimpse, way.boxes[-1]) if way.rests(-1, self._count(way.times_us[-1], -1)) else None
                way.differed = 0
            if way.look is None or way.differed >= _LEAVES:
                continue
            way.differed = 0 if _alike(way.look, _cut(glimpse, way.boxes[-1])) else way.differed + 1
            if not way.differed:
                way.until_us = max(way.until_us, at_us + HOLD_US)

    def reach_back(self) -> None:
        """Once all is in: who rested when first seen was there before, for as long as it looks the same."""
        for way in self._ways:
            near = [g for at_us, g in self._glimpses if abs(at_us - way.times_us[0]) <= _CLOSE_US]
            if not near or not way.rests(0, self._count(way.times_us[0], 1)):
                continue
            look, differed = _cut(near[0], way.boxes[0]), 0
            for at_us, glimpse in reversed(self._glimpses[: self._place(way.times_us[0])]):
                differed = 0 if _alike(look, _cut(glimpse, way.boxes[0])) else differed + 1
                if differed >= _LEAVES:
                    break
                way.from_us = way.from_us if differed else min(way.from_us, at_us - HOLD_US)

    def at(self, at_us: int) -> Boxes:
        """Boxes (n, 4) that hide everybody who is believed to be there at a moment, margins in."""
        rows = [box for way in self._ways if way.from_us <= at_us <= way.until_us for box in way.at(at_us)]
        place = bisect_right(self._looks, at_us, key=lambda look: look[0])
        for look_us, people in self._looks[max(0, place - 1) : place + 1]:
            if abs(look_us - at_us) > HOLD_US:  # a quiet stream is looked at every few seconds: both looks count
                rows += [_grown(box, 1.0) for box in people]
        return np.array(rows, np.float32).reshape(-1, 4)

    def forget(self, before_us: int) -> None:
        """What nobody will ask for any more: ways that ended, and all but the ends of those that go on."""
        self._ways = [way for way in self._ways if way.until_us >= before_us or way.times_us[-1] >= before_us - _GAP_US]
        for way in self._ways:
            gone = min(bisect_left(way.times_us, before_us - _GAP_US), len(way.times_us) - 1)
            del way.times_us[:gone], way.boxes[:gone]
        self._looks = [*self._looks[-1:]] if not self._looks else self._kept(before_us)
        self._glimpses = [held for held in self._glimpses if held[0] >= before_us]

    def _kept(self, before_us: int) -> list[tuple[int, Boxes]]:
        """Looks from the last one before the moment on."""
        place = bisect_right(self._looks, before_us, key=lambda look: look[0])
        return self._looks[max(0, place - 1) :]

    def _count(self, at_us: int, step: int) -> int:
        """Looks before (-1) or after a moment, as far as resting is asked for."""
        ends = sorted((at_us, at_us + step * _REST_US))
        first, last = (bisect_left(self._looks, end, key=lambda look: look[0]) for end in (ends[0], ends[1] + 1))
        return last - first

    def _place(self, at_us: int) -> int:
        return bisect_left(self._glimpses, at_us, key=lambda held: held[0])


def _joined(ways: list[_Way], boxes: Boxes, at_us: int) -> dict[int, _Way]:
    """Which box may show the person of which way, nearest first."""
    if not ways or not len(boxes):
        return {}
    past = np.array([way.expected(at_us) for way in ways])
    gap_s = np.array([at_us - way.times_us[-1] for way in ways]) / SECOND_US
    move = (past[:, None, :2] + past[:, None, 2:] - boxes[None, :, :2] - boxes[None, :, 2:]) / 2
    height = np.maximum((past[:, 3] - past[:, 1])[:, None], (boxes[:, 3] - boxes[:, 1])[None])
    far = np.hypot(move[..., 0], move[..., 1]) / np.maximum(height, 1e-6)
    ratio = _areas(past)[:, None] / _areas(boxes)[None]
    allowed = (far <= (_REACH + _STRIDE * gap_s)[:, None]) & (ratio < _SWELL) & (ratio > 1 / _SWELL)
    pairs: dict[int, _Way] = {}
    taken: set[int] = set()
    rows, columns = np.nonzero(allowed)
    for place in np.argsort(far[rows, columns], kind="stable"):
        row, column = int(rows[place]), int(columns[place])
        if column not in pairs and row not in taken:
            pairs[column] = ways[row]
            taken.add(row)
    return pairs


def _cut(glimpse: Glimpse, box: Box) -> Box:
    rows, columns = glimpse.shape
    x0, y0, x1, y1 = np.clip(box, 0, 1) * (columns, rows, columns, rows)
    top, left = min(int(y0), rows - 1), min(int(x0), columns - 1)
    part = glimpse[top : max(top + 1, int(np.ceil(y1))), left : max(left + 1, int(np.ceil(x1)))]
    return part.astype(np.float32)


def _alike(a: Box, b: Box) -> bool:
    if a.shape != b.shape:
        return False
    difference = b - a
    difference -= np.median(difference)
    return bool(np.abs(difference).mean() < max(_SAME, _SAME_SHARE * float(a.std())))


def _grown(box: Box, factor: float) -> Box:
    x0, y0, x1, y1 = (float(edge) for edge in box)
    side, top, foot = (x1 - x0) * _SIDE * factor, (y1 - y0) * _TOP * factor, (y1 - y0) * _FOOT * factor
    return np.array(
        [
            0.0 if x0 < _EDGE else x0 - side,
            0.0 if y0 < _EDGE else y0 - top,
            1.0 if x1 > 1 - _EDGE else x1 + side,
            1.0 if y1 > 1 - _EDGE else y1 + foot,
        ],
        np.float32,
    ).clip(0.0, 1.0)


def _areas(boxes: Boxes) -> npt.NDArray[np.float32]:
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6)
    return np.asarray(size[:, 0] * size[:, 1], np.float32)
