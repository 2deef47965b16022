"""Looks through a piece of film for everything that may be a person, before any of it is shown.

Ten times a second the detector looks at a frame with a low threshold; twice a second the finder of heads does; every
two seconds the detector looks at the frame's quarters too, for what is small. Between looks, ways join what was seen
(``ways``). What is not known to be background is told frame by frame (``backdrop``). Boxes and small grey copies are
kept, no picture.
"""

__all__ = ["MADE_BY", "Seen", "Sights", "with_hair"]

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from vitrail.domain.detections import THINGS, VEHICLES, Detections, Label
from vitrail.domain.frames import Frame, Picture, Region
from vitrail.domain.geometry import Boxes, grow, iou_matrix
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.backdrop import Backdrop, glimpse_of
from vitrail.guard.masking import MASK_FLOOR, Mask
from vitrail.guard.ways import Glimpse, Ways
from vitrail.ports.detector import Detector
from vitrail.ports.heads import HeadFinder

MADE_BY = "sights 2"
"""Changes when masks come out otherwise: copies that were made before are made anew."""
_HEADS_US = SECOND_US // 2
_CLOSER_US = 2 * SECOND_US
_GLIMPSE_US = 3 * SECOND_US // 10
_LEAST_GLIMPSES = 3
_CLOSER_FLOOR = 0.3
_SPARED_FLOOR = 0.4
"""What is taken for a vehicle or a thing, and so shown, must be surer than what is taken for a person, and so
hidden."""
_AROUND = 0.1
_INNER_EDGE = 0.01
_HALF = 0.55
_QUARTERS = tuple(Region(left, top, left + _HALF, top + _HALF) for top in (0.0, 1 - _HALF) for left in (0.0, 1 - _HALF))
_HAIR = (0.35, 0.5, 0.35, 0.3)
"""By how much of its width and height a face grows to be a head: left, up, right, down."""
_ANIMALS = frozenset({Label.BIRD, Label.CAT, Label.DOG})


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Where to mask each frame of the span, by its wall time, and what tells the rest of a frame."""

    masks: dict[int, Mask]
    width: int
    height: int
    frames_per_s: float
    backdrop: Backdrop | None
    spared: tuple[tuple[int, Boxes], ...]

    def mask(self, frame: Frame) -> Mask:
        """Of a frame that was looked through: people, and what is not known to be background."""
        mask = self.masks[frame.wall_us]
        glimpse = glimpse_of(frame.picture)
        if self.backdrop is None or glimpse.shape != self.backdrop.level.shape:
            return mask
        return mask + self.backdrop.strange(glimpse, _near(self.spared, frame.wall_us))


class Sights:
    """Looks at one run of frames. ``step_us``: between two looks."""

    def __init__(self, detector: Detector, heads: HeadFinder, span: Interval, step_us: int) -> None:
        self._detector = detector
        self._heads = heads
        self._span = span
        self._step_us = step_us
        self._times_us: list[int] = []
        self._people, self._faces, self._closer = Ways(), Ways(), Ways()
        self._glimpses: list[tuple[int, Glimpse]] = []
        self._spared: list[tuple[int, Boxes]] = []
        self._sizes: Counter[tuple[int, int]] = Counter()
        self._due_us: dict[int, int] = {}

    def look(self, frames: Iterator[Frame], progress: Callable[[int], None]) -> Seen | None:
        """All of them, as few at a time as the detector takes; None when none lies in the span."""
        chosen = self._chosen(frames)
        while batch := list(islice(chosen, self._detector.batch)):
            found = self._detector.detect([frame.picture for frame in batch], MASK_FLOOR)
            for frame, detections in zip(batch, found, strict=True):
                self._take(frame, detections)
            progress(batch[-1].wall_us)
        return self._seen()

    def _chosen(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Those to be looked at; the times of all are noted."""
        for frame in frames:
            if self._span.holds(frame.wall_us):
                self._times_us.append(frame.wall_us)
                self._sizes[frame.picture.width, frame.picture.height] += 1
            if self._due(self._step_us, frame):
                yield frame

    def _due(self, every_us: int, frame: Frame) -> bool:
        if frame.wall_us < self._due_us.get(every_us, frame.wall_us):
            return False
        self._due_us[every_us] = frame.wall_us + every_us
        return True

    def _take(self, frame: Frame, detections: Detections) -> None:
        at_us, people = frame.wall_us, detections.of(Label.PERSON).boxes
        self._people.look(at_us, people)
        spared = detections.of(*VEHICLES, *THINGS, *_ANIMALS)
        self._spared.append((at_us, _apart(spared.where(spared.scores >= _SPARED_FLOOR).boxes, people)))
        if self._due(_HEADS_US, frame):
            self._faces.look(at_us, with_hair(self._heads.find([frame.picture])[0]))
        if self._due(_CLOSER_US, frame):
            self._closer.look(at_us, self._closely(frame.picture, people))
        if self._due(_GLIMPSE_US, frame):
            glimpse = glimpse_of(frame.picture)
            self._glimpses.append((at_us, glimpse))
            for ways in (self._people, self._faces, self._closer):
                ways.glimpse(at_us, glimpse)

    def _closely(self, picture: Picture, known: Boxes) -> Boxes:
        """People whom only a look at the quarters finds."""
        views = [picture.part(region) for region in _QUARTERS]
        found = [
            _placed(region, seen.of(Label.PERSON).boxes)
            for region, seen in zip(_QUARTERS, self._detector.detect(views, _CLOSER_FLOOR), strict=True)
        ]
        return _apart(np.concatenate(found), known)

    def _seen(self) -> Seen | None:
        if not self._sizes:
            return None
        for ways in (self._people, self._faces, self._closer):
            ways.reach_back()
        masks = {at_us: Mask.of(self._hidden(at_us)) for at_us in self._times_us}
        (width, height), _ = self._sizes.most_common(1)[0]
        return Seen(masks, width, height, _rate(sorted(masks)), self._backdrop(), tuple(self._spared))

    def _hidden(self, at_us: int) -> Boxes:
        return np.concatenate([ways.at(at_us) for ways in (self._people, self._faces, self._closer)])

    def _backdrop(self) -> Backdrop | None:
        """From the glimpses of one shape; None where there are too few to know anything."""
        if len({glimpse.shape for _, glimpse in self._glimpses}) != 1 or len(self._glimpses) < _LEAST_GLIMPSES:
            return None
        hidden = [self._hidden(at_us) for at_us, _ in self._glimpses]
        spared = [_near(self._spared, at_us) for at_us, _ in self._glimpses]
        return Backdrop.of([glimpse for _, glimpse in self._glimpses], hidden, spared)


def _near(spared: Sequence[tuple[int, Boxes]], at_us: int) -> Boxes:
    """Vehicles and things at the looks nearest to a moment, a little larger: their edges move, too."""
    place = bisect_left(spared, at_us, key=lambda look: look[0])
    looks = spared[max(0, place - 1) : place + 1]
    return grow(np.concatenate([boxes for _, boxes in looks] or [_nobody()]), _AROUND)


def with_hair(faces: Boxes) -> Boxes:
    """Faces grown to heads."""
    width, height = faces[:, 2] - faces[:, 0], faces[:, 3] - faces[:, 1]
    left, up, right, down = _HAIR
    grown = faces + np.stack([-left * width, -up * height, right * width, down * height], axis=1)
    return np.asarray(np.clip(grown, 0.0, 1.0), np.float32)


def _placed(region: Region, boxes: Boxes) -> Boxes:
    """In the whole picture's coordinates, without what the region's inner edges cut."""
    inner_low = np.array([region.left > 0, region.top > 0])
    inner_high = np.array([region.right < 1, region.bottom < 1])
    cut = ((boxes[:, :2] < _INNER_EDGE) & inner_low) | ((boxes[:, 2:] > 1 - _INNER_EDGE) & inner_high)
    size = np.array([region.right - region.left, region.bottom - region.top] * 2, np.float32)
    corner = np.array([region.left, region.top] * 2, np.float32)
    return np.asarray(boxes[~cut.any(axis=1)] * size + corner, np.float32)


def _apart(boxes: Boxes, known: Boxes) -> Boxes:
    """Those that are not mostly one of ``known``."""
    if not len(boxes) or not len(known):
        return boxes
    return np.asarray(boxes[iou_matrix(boxes, known).max(axis=1) < 0.3], np.float32)


def _nobody() -> Boxes:
    return np.zeros((0, 4), np.float32)


def _rate(times_us: list[int]) -> float:
    span_us = times_us[-1] - times_us[0]
    return (len(times_us) - 1) * SECOND_US / span_us if span_us > 0 else 10.0
