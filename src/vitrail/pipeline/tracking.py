"""Following things on one stream, by place and movement only.

The ByteTrack/OC-SORT family without appearance: boxes of high confidence are matched first, boxes of low confidence
then keep alive what is already followed (ByteTrack, ECCV 2022), what was lost is found again near where it must be
(OC-SORT, CVPR 2023). What the detector is not sure of must have moved before it is believed: a cone that looks like a
person keeps still, a person who looks like little walked in. People match people, vehicles vehicles, things things.
Everything is measured in wall time, so that frames may come ten a second or one in two seconds. A track carries a
random id and nothing that tells who it is.
"""

__all__ = ["Nearness", "Tracker", "TrackerSettings"]

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from vitrail.domain.detections import LABELS, Detections, Tracks
from vitrail.domain.geometry import Boxes, grow, iou_matrix
from vitrail.domain.time import SECOND_US, seconds
from vitrail.pipeline.kinematics import Motions
from vitrail.pipeline.things import PERSON, groups, one_each

Rows = npt.NDArray[np.intp]
Pairs = tuple[Rows, Rows]


@dataclass(frozen=True, slots=True)
class Nearness:
    """What counts as the same place. ``iou`` for boxes of high confidence and for doubtful tracks, ``low_iou`` for
    boxes of low confidence. ``reach``: how far, in box scales, a lost track is looked for, plus ``roam`` a second."""

    iou: float
    low_iou: float
    reach: float
    roam: float


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """Scores are the detector's; ``_s`` seconds of wall time.

    ``low``: boxes below are ignored. ``high``: boxes from here on are matched first. ``new``: boxes from here on may
    begin a track, which is confirmed after ``hits`` sights when their mean score is ``sure``, or when it is ``fair``
    and it has moved by ``moved`` box scales (people need more: small upright things look like them, few things look
    like a car). ``doubt_s``: a track lives on unseen that long before it is confirmed, ``keep_s`` afterwards.
    ``edge_s``: the same for one that was leaving the picture. ``buffer``: boxes grow by this share before they are
    compared (C-BIoU, WACV 2023). People walk close together and slowly, vehicles far apart and fast: hence two
    kinds of nearness.
    """

    low: float = 0.2
    high: float = 0.4
    new: float = 0.3
    sure: float = 0.5
    fair: float = 0.28
    fair_person: float = 0.36
    moved: float = 0.2
    hits: int = 3
    doubt_s: float = 0.5
    keep_s: float = 3.0
    edge_s: float = 0.7
    buffer: float = 0.15
    people: Nearness = Nearness(iou=0.3, low_iou=0.5, reach=0.6, roam=0.3)
    others: Nearness = Nearness(iou=0.15, low_iou=0.4, reach=0.6, roam=0.6)


class Tracker:
    """One stream. ``new_id`` gives a fresh random id for each confirmed track."""

    def __init__(self, new_id: Callable[[], int], settings: TrackerSettings | None = None) -> None:
        self._new_id = new_id
        self._set = settings or TrackerSettings()
        self.reset()

    def reset(self) -> None:
        """Everything followed so far is forgotten without being told as ended."""
        self._motions = Motions()
        self._ids = np.zeros(0, np.int64)
        self._weights = np.zeros((0, len(LABELS)), np.float32)
        self._groups = np.zeros(0, np.int8)
        self._scores = np.zeros(0, np.float32)
        self._since = np.zeros(0, np.int64)
        self._seen = np.zeros(0, np.int64)
        self._hits = np.zeros(0, np.int64)
        self._known = np.zeros(0, bool)
        self._means = np.zeros(0, np.float32)
        self._births = np.zeros((0, 2), np.float32)
        self._misses = np.zeros(0, np.int64)
        self._now_us: int | None = None
        self._step_us = 0

    def update(self, detections: Detections, wall_us: int) -> Tracks:
        """What is followed at ``wall_us``; a time that goes back is taken for the last one."""
        now_us = max(wall_us, self._now_us or wall_us)
        self._predict(now_us)
        found = one_each(detections.where(detections.scores >= self._set.low))
        taken = self._associate(found, now_us)
        self._begin(found, taken, now_us)
        self._believe()
        return self._answer(now_us, self._end(now_us))

    def _predict(self, now_us: int) -> None:
        step_us = now_us - self._now_us if self._now_us is not None else 0
        unseen_s = ((self._now_us or 0) - self._seen) / SECOND_US
        self._motions.predict(step_us / SECOND_US, unseen_s)
        self._now_us, self._step_us = now_us, step_us

    def _associate(self, found: Detections, now_us: int) -> npt.NDArray[np.bool_]:
        """Four rounds, each with what the rounds before left over; which boxes were taken."""
        taken = np.zeros(len(found), bool)
        free = np.ones(len(self._ids), bool)
        if not len(found) or not len(free):
            self._misses += 1
            return taken
        high = found.scores >= self._set.high
        known = self._known
        recent = now_us - self._seen <= max(self._step_us, SECOND_US // 2)
        apart = self._groups[:, None] != groups(found.labels)[None, :]
        overlap = iou_matrix(grow(self._motions.boxes, self._set.buffer), grow(found.boxes, self._set.buffer))
        overlap[apart] = 0.0
        fused = 1.0 - overlap * found.scores[None, :]
        near = np.where(overlap >= self._each("iou"), fused, np.inf)
        rounds = (
            (known, high, near),
            (known & recent, ~high, np.where(overlap >= self._each("low_iou"), 1.0 - overlap, np.inf)),
            (~known, np.ones_like(high), near),
        )
        for rows, columns, cost in rounds:
            self._take(cost, free & rows, columns & ~taken, free, taken, found)
        plain = (found.scores >= self._set.new) & ~taken
        if (free & known).any() and plain.any():
            self._take(self._far(found, apart, now_us), free & known, plain, free, taken, found)
        self._misses[free] += 1
        return taken

    def _each(self, name: str) -> npt.NDArray[np.float64]:
        """One figure of nearness for each track, (n, 1)."""
        people, others = getattr(self._set.people, name), getattr(self._set.others, name)
        return np.asarray(np.where(self._groups == PERSON, people, others)[:, None], np.float64)

    def _take(
        self,
        cost: npt.NDArray[np.float32],
        rows: npt.NDArray[np.bool_],
        columns: npt.NDArray[np.bool_],
        free: npt.NDArray[np.bool_],
        taken: npt.NDArray[np.bool_],
        found: Detections,
    ) -> None:
        which, what = np.flatnonzero(rows), np.flatnonzero(columns)
        if not len(which) or not len(what):
            return
        r, c = _pair(cost[np.ix_(which, what)])
        mine, theirs = which[r], what[c]
        free[mine], taken[theirs] = False, True
        self._follow(mine, theirs, found)

    def _far(self, found: Detections, apart: npt.NDArray[np.bool_], now_us: int) -> npt.NDArray[np.float32]:
        """Distance in box scales from where each track must be; infinite beyond its reach or at another size."""
        boxes = self._motions.boxes
        gap_s = (now_us - self._seen) / SECOND_US
        away = (_centres(boxes)[:, None] - _centres(found.boxes)[None]) / self._motions.scale[:, None]
        distance = np.hypot(away[..., 0], away[..., 1])
        tall, seen_tall = boxes[:, 3] - boxes[:, 1], found.boxes[:, 3] - found.boxes[:, 1]
        ratio = seen_tall[None] / np.maximum(tall[:, None], 1e-6)
        limit = np.minimum(self._each("reach") + self._each("roam") * gap_s[:, None], 2.0)
        barred = apart | (distance > limit) | (ratio < 0.55) | (ratio > 1.8)
        return np.where(barred, np.inf, distance).astype(np.float32)

    def _follow(self, rows: Rows, columns: Rows, found: Detections) -> None:
        assert self._now_us is not None
        gap_s = (self._now_us - self._seen[rows]) / SECOND_US
        trust = np.where(found.scores[columns] >= self._set.high, 1.0, 0.6)
        self._motions.observe(rows, found.boxes[columns], trust, gap_s)
        self._weights[rows] *= 0.95
        self._weights[rows, found.labels[columns]] += found.scores[columns]
        self._scores[rows] = found.scores[columns]
        self._seen[rows] = self._now_us
        self._hits[rows] += 1
        self._means[rows] += (found.scores[columns] - self._means[rows]) / self._hits[rows]
        self._misses[rows] = 0

    def _begin(self, found: Detections, taken: npt.NDArray[np.bool_], now_us: int) -> None:
        fresh = found.where(~taken & (found.scores >= self._set.new))
        n = len(fresh)
        if not n:
            return
        weights = np.zeros((n, len(LABELS)), np.float32)
        weights[np.arange(n), fresh.labels] = fresh.scores
        self._motions.add(fresh.boxes)
        self._ids = np.append(self._ids, np.zeros(n, np.int64))
        self._weights = np.vstack([self._weights, weights])
        self._groups = np.append(self._groups, groups(fresh.labels))
        self._scores = np.append(self._scores, fresh.scores)
        self._since = np.append(self._since, np.full(n, now_us, np.int64))
        self._seen = np.append(self._seen, np.full(n, now_us, np.int64))
        self._hits = np.append(self._hits, np.ones(n, np.int64))
        self._misses = np.append(self._misses, np.zeros(n, np.int64))
        self._known = np.append(self._known, np.zeros(n, bool))
        self._means = np.append(self._means, fresh.scores)
        self._births = np.vstack([self._births, _centres(fresh.boxes)])

    def _believe(self) -> None:
        """Which tracks are confirmed from now on."""
        away = (self._motions.seen - self._births) / np.maximum(self._motions.scale, 1e-6)
        fair = np.where(self._groups == PERSON, self._set.fair_person, self._set.fair)
        moved = (np.hypot(away[:, 0], away[:, 1]) >= self._set.moved) & (self._means >= fair)
        seen = (self._hits >= self._set.hits) & (self._misses == 0)
        self._known |= seen & (moved | (self._means >= self._set.sure))

    def _end(self, now_us: int) -> tuple[int, ...]:
        """Let go of what has not been seen for too long; the ids that were told before."""
        unseen = now_us - self._seen
        patience = max(seconds(self._set.keep_s), round(2.5 * self._step_us))
        known = self._known
        doubt = max(seconds(self._set.doubt_s), round(2.5 * self._step_us))
        gone = np.where(known, unseen > patience, (self._misses >= 2) & (unseen > doubt))
        late = known & (unseen > max(seconds(self._set.edge_s), round(1.5 * self._step_us)))
        if late.any():
            gone |= late & _leaving(self._motions.boxes, self._motions.speed)
        if not gone.any():
            return ()
        ended = tuple(int(i) for i in self._ids[gone] if i)
        self._keep(~gone)
        return ended

    def _keep(self, rows: npt.NDArray[np.bool_]) -> None:
        self._motions.keep(rows)
        self._ids, self._weights, self._groups = self._ids[rows], self._weights[rows], self._groups[rows]
        self._scores, self._since, self._seen = self._scores[rows], self._since[rows], self._seen[rows]
        self._hits, self._misses, self._known = self._hits[rows], self._misses[rows], self._known[rows]
        self._means, self._births = self._means[rows], self._births[rows]

    def _answer(self, now_us: int, ended: tuple[int, ...]) -> Tracks:
        known = self._known
        for row in np.flatnonzero(known & (self._ids == 0)):
            self._ids[row] = self._new_id()
        return Tracks(
            ids=self._ids[known],
            boxes=np.clip(self._motions.boxes[known], 0.0, 1.0),
            labels=self._weights[known].argmax(axis=1).astype(np.int8),
            scores=self._scores[known],
            since_us=self._since[known],
            seen_us=self._seen[known],
            ended=ended,
        )


def _centres(boxes: Boxes) -> npt.NDArray[np.float32]:
    return np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2, np.float32)


def _leaving(boxes: Boxes, speed: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """At an edge of the picture and moving outwards, or more than half outside."""
    low, high = boxes[:, :2], boxes[:, 2:]
    out = ((low <= 0.01) & (speed < 0)) | ((high >= 0.99) & (speed > 0))
    centre = (low + high) / 2
    beyond = (centre < 0.0) | (centre > 1.0)
    return np.asarray((out | beyond).any(axis=1))


def _pair(cost: npt.NDArray[np.float32]) -> Pairs:
    """The cheapest pairs of rows and columns; infinite cost is no pair."""
    possible = np.isfinite(cost)
    if (possible.sum(axis=0) <= 1).all() and (possible.sum(axis=1) <= 1).all():
        rows, columns = np.nonzero(possible)
        return rows, columns
    rows, columns = linear_sum_assignment(np.where(possible, cost, 1e3))
    real = possible[rows, columns]
    return rows[real], columns[real]
