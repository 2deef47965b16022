"""What stands on one wall: patches that are seen again and again, and the paint that was told already.

Paint that was told keeps its ground: a fragment of it, or the whole of it in another light, is no second mark, and what
comes beside it is judged for itself.
"""

__all__ = ["Mark", "Marks"]

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.analytics.pasts import Compared
from vitrail.analytics.patches import LEAST, Patch, paint, patches
from vitrail.domain.events import Event
from vitrail.domain.time import HOUR_US, seconds

Cells = npt.NDArray[np.bool_]

_SAME = 0.3
_FRINGE, _BESIDE, _AROUND = 9, 21, 33
"""Cells around told paint that belong to it: its outline wanders with the light."""
_GROWS_US = 24 * HOUR_US
"""So long after it was told its ground may grow: by then it was seen whole, by day and by night."""
_LIKELY = 0.3
_TOGETHER = 3
"""Strokes that came within so many times the time a mark must stand are one piece when they are near each other."""
_DULL = 0.1
"""What has less chance of being paint, after it stood for so long, is none."""
_LONGER, _SURER = 4, 3
"""A mark is over when it was not seen for a fourth of the time it stood; one that was told, for three times as long as
it had to stand. Told twice is worse than closed late."""
_IN_VIEW = 0.5
"""Where less than this share of a mark's place is seen, nothing says that it is gone."""
_KEPT = 48


@dataclass(slots=True)
class Mark:
    """A patch that is seen again and again. ``chances``: of being paint, look by look. ``night``: the light in which it
    was seen last. ``stood_us`` and ``absent_us``: by day and by night, for how long it was seen, and was not since then
    although its place was in view. ``ground``: cells that are its own once it was told, at ``told_us``."""

    patch: Patch
    before_us: int
    first_us: int
    last_us: int
    night: bool
    stood_us: list[int] = field(default_factory=lambda: [0, 0])
    absent_us: list[int] = field(default_factory=lambda: [0, 0])
    chances: list[float] = field(default_factory=list)
    told: Event | None = None
    told_us: int = 0
    ground: Cells | None = None

    @property
    def chance(self) -> float:
        return float(np.median(self.chances)) if self.chances else 0.0

    def gone(self, least_us: int) -> bool:
        """Only the light in which it was seen for longest can tell, and the longer it stood the more it takes: paint
        that is plain by night is often lost in the shadows of a day."""
        best = int(self.stood_us[True] > self.stood_us[False])
        if not any(self.stood_us):
            best = int(self.night)
        least_us *= 1 if self.told is None else _SURER
        return self.absent_us[best] > max(least_us, self.stood_us[best] // _LONGER)

    def dull(self, least_us: int) -> bool:
        """Whether it has stood there for long and is no paint: a bin that is gone, snow that melted. Paint that comes
        beside it is judged for itself."""
        return self.ground is None and sum(self.stood_us) >= least_us and self.chance < _DULL

    def tell(self, event: Event, at_us: int) -> None:
        self.told, self.told_us, self.ground = event, at_us, self.patch.hull.copy()

    def seen(self, patch: Patch, night: bool, at_us: int) -> None:
        self.last_us, self.night, self.absent_us[night] = at_us, night, 0
        if self.ground is None:
            self.patch = patch
            self.chances.append(paint(patch))
            del self.chances[:-_KEPT]
        elif at_us - self.told_us < _GROWS_US and paint(patch) >= _LIKELY:
            self.ground |= patch.hull & _fringed(self.patch.hull, _AROUND)


class Marks:
    """One wall. ``stands_us``: so long at least a mark must not have been seen, in its own light, to be over."""

    def __init__(self, stands_us: int) -> None:
        self._stands_us = stands_us
        self.now: list[Mark] = []
        self._looked_us = 0

    def update(self, seen: Compared, at_us: int) -> None:
        passed_us = min(at_us - self._looked_us, self._stands_us) if self._looked_us else 0
        told = [mark for mark in self.now if mark.ground is not None and mark.ground.shape == seen.differs.shape]
        for patch in patches(seen) if told else ():
            for mark in told:
                if _within(patch.mask, mark.ground) >= _SAME or self._completes(mark, patch, at_us):
                    mark.seen(patch, seen.night, at_us)
        for mark in told:
            if _stands(mark.patch, seen, _SAME):
                mark.last_us, mark.night, mark.absent_us[seen.night] = at_us, seen.night, 0
        self.absorb(at_us)
        known = np.zeros(seen.differs.shape, np.bool_)
        for mark in told:
            known |= _fringed(mark.ground)
        dull = [mark for mark in self.now if mark.dull(self._stands_us)]
        here = [mark for mark in dull if _stands(mark.patch, seen)]
        for mark in here:
            known |= _fringed(mark.patch.mask)
            mark.last_us, mark.absent_us[seen.night] = at_us, 0
        for patch in patches(replace(seen, differs=np.where(known, np.float32(0), seen.differs))):
            if not any(_lies_in(patch, mark.patch) for mark in here):
                self._match(patch, seen.night, at_us, dull)
        for mark in self.now:
            if mark.last_us >= at_us:
                mark.stood_us[seen.night] += passed_us
            elif _in_view(mark, seen):
                mark.absent_us[seen.night] += passed_us
        self._looked_us = at_us

    def absorb(self, at_us: int) -> None:
        """What belongs to told paint is no mark of its own."""
        told = [mark for mark in self.now if mark.ground is not None]
        for mark in [mark for mark in self.now if mark.ground is None]:
            for paint_told in told:
                together = abs(mark.first_us - paint_told.first_us) <= _TOGETHER * self._stands_us
                if self._completes(paint_told, mark.patch, at_us, _AROUND if together else _BESIDE):
                    paint_told.seen(mark.patch, mark.night, mark.last_us)
                    self.now.remove(mark)
                    break

    def _completes(self, mark: Mark, patch: Patch, at_us: int, reach: int = _BESIDE) -> bool:
        """Whether it is another part of paint that was told lately: strokes right beside it, or not far when they came
        about the same time."""
        if at_us - mark.told_us >= _GROWS_US or mark.ground is None or mark.ground.shape != patch.mask.shape:
            return False
        return float((patch.mask & _fringed(mark.ground, reach)).sum()) >= 0.5 * float(patch.mask.sum())

    def _match(self, patch: Patch, night: bool, at_us: int, dull: list[Mark]) -> None:
        candidates = [mark for mark in self.now if mark.told is None and mark not in dull]
        near = [mark for mark in candidates if _shared(mark.patch, patch) >= _SAME]
        mark = max(near, key=lambda one: one.last_us - one.first_us, default=None)
        if mark is None:
            mark = Mark(patch, self._looked_us or at_us, at_us, at_us, night)
            self.now.append(mark)
        mark.seen(patch, night, at_us)

    def here(self, mark: Mark) -> bool:
        """Whether the last look saw it."""
        return mark.last_us >= self._looked_us

    def over(self) -> list[Mark]:
        """Marks that were cleaned off or never stayed; they are forgotten."""
        gone = [mark for mark in self.now if mark.gone(max(self._stands_us, seconds(600)))]
        self.now = [mark for mark in self.now if mark not in gone]
        return gone


def _lies_in(patch: Patch, other: Patch) -> bool:
    """Whether it is a fragment of something larger."""
    return patch.mask.shape == other.hull.shape and float(other.hull[patch.mask].mean()) >= _IN_VIEW


def _stands(patch: Patch, seen: Compared, least: float = _IN_VIEW) -> bool:
    """Whether so much of its cells still differs, whatever came beside it since."""
    same = patch.mask.shape == seen.differs.shape
    return same and float((seen.differs[patch.mask] > LEAST).mean()) >= least


def _in_view(mark: Mark, seen: Compared) -> bool:
    place = mark.patch.hull if mark.ground is None else mark.ground
    return place.shape != seen.seen.shape or float(seen.seen[place].mean()) >= _IN_VIEW


def _within(mask: Cells, ground: Cells | None) -> float:
    """The larger share that either has of the other."""
    if ground is None:
        return 0.0
    both = float((mask & ground).sum())
    return both / max(1, min(int(mask.sum()), int(ground.sum())))


def _fringed(ground: Cells | None, reach: int = _FRINGE) -> Cells:
    assert ground is not None
    return cv2.dilate(ground.astype(np.uint8), np.ones((reach, reach), np.uint8)).astype(np.bool_)


def _shared(a: Patch, b: Patch) -> float:
    if a.hull.shape != b.hull.shape:
        return 0.0
    return float((a.hull & b.hull).sum()) / max(1, min(int(a.hull.sum()), int(b.hull.sum())))
