"""What changed here? Looks back over a recording, at few key frames, for lasting changes in one box of the picture.

The scene memory sees one key frame a step. Where a look lasts for two steps and differs from what was known, halves of
the step are looked at until two neighbouring key frames hold the change between them. Then that look is what is known,
and the next change is sought. Where people or vehicles stand before the box, what was known stays.
"""

__all__ = ["PlaceLookback"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from vitrail.domain.frames import Frame
from vitrail.domain.moments import Moment
from vitrail.domain.places import AreaView, Box, Cells, Change, Values
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.area_memory import AreaMemory
from vitrail.pipeline.light import light_between
from vitrail.pipeline.outlines import SHADE
from vitrail.pipeline.scene_memory import covered_by, reduced_part
from vitrail.ports.lookback import Look, People

_CELLS = 192
_CONTEXT, _LEAST_CONTEXT = 0.75, 0.05
"""Shares of the box's size, and of the picture."""
_LEAST_SHARE = 0.01
"""A smaller share of the box is no change worth a line."""
_SAME = 0.004
"""With fewer cells that differ from the look before, nobody new stands there: the detector need not be asked."""
_LEVELS = 9.0
_HALVINGS = 14
_COVERED = 0.6
_SETTLE_S = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """One key frame: the box's cells, and which of them are covered."""

    at_us: int
    cells: Values
    covered: Cells


class PlaceLookback:
    """Keeps nothing between two questions."""

    def find(
        self, look: Look, people: People, times_us: Sequence[int], box: Box, progress: Callable[[float], None]
    ) -> list[Moment]:
        wide = _around(box)
        memory = AreaMemory(wide, settle_s=_SETTLE_S, shade_s=1e12, keep_s=1e12)
        eyes = _Eyes(look, people, wide)
        found: list[Moment] = []
        begun_us: int | None = None
        upset_us: int | None = None
        for count, at_us in enumerate(times_us, 1):
            sight = eyes.see(at_us)
            progress(count / len(times_us))
            if sight is None or (begun_us is not None and sight.at_us <= begun_us):
                continue
            view = memory.look(sight.cells, sight.covered, sight.at_us)
            if begun_us is None:
                upset_us = view.upset_us
            elif view.upset_us != upset_us:
                upset_us = view.upset_us
                found.append(Moment(begun_us, sight.at_us, 1.0, view=True))
            elif (moment := _moment(view, box, eyes)) is not None:
                found.append(moment)
                memory.accept()
            begun_us = sight.at_us
        return found


class _Eyes:
    """Looks at the box, and asks for people only when something stands there that did not before."""

    def __init__(self, look: Look, people: People, box: Box) -> None:
        self._look = look
        self._people = people
        self.box = box
        self._clear: Values | None = None

    def see(self, at_us: int) -> _Sight | None:
        frame = self._look(at_us)
        return None if frame is None else self._sight(frame)

    def _sight(self, frame: Frame) -> _Sight:
        cells = reduced_part(frame.picture, self.box, _CELLS)
        nobody = np.zeros(cells.shape[:2], np.bool_)
        if self._clear is not None and self._clear.shape == cells.shape and _alike(self._clear, cells):
            return _Sight(frame.wall_us, cells, nobody)
        covered = covered_by(self._people(frame.picture), self.box, (cells.shape[1], cells.shape[0]))
        if not covered.any():
            self._clear = cells
        return _Sight(frame.wall_us, cells, covered)


def _alike(before: Values, now: Values) -> bool:
    light = light_between(before, now, np.ones(before.shape[:2], np.bool_))
    away = np.abs(light.removed(now) - before).max(axis=2)
    return float((away > _LEVELS).mean()) < _SAME


def _moment(view: AreaView, box: Box, eyes: _Eyes) -> Moment | None:
    """The changes that stand now as one moment, narrowed down to neighbouring key frames."""
    inside = _cells_of(view, box)
    changes = [change for change in view.changes if (_outlined(view, [change]) & inside).any()]
    mask = _outlined(view, changes)
    share = float((mask & inside).sum()) / max(1, int(inside.sum()))
    if share < _LEAST_SHARE:
        return None
    largest = max(changes, key=lambda one: one.cells)
    before_us, since_us = _narrowed(view, mask, largest.before_us, max(largest.since_us, largest.before_us), eyes)
    light = all(change.shade >= SHADE for change in changes)
    return Moment(before_us, since_us, share, light=light)


def _around(box: Box) -> Box:
    """The box and what surrounds it: light is told from change by what did not change."""
    dx, dy = max(_CONTEXT * (box[2] - box[0]), _LEAST_CONTEXT), max(_CONTEXT * (box[3] - box[1]), _LEAST_CONTEXT)
    return max(0.0, box[0] - dx), max(0.0, box[1] - dy), min(1.0, box[2] + dx), min(1.0, box[3] + dy)


def _cells_of(view: AreaView, box: Box) -> Cells:
    """Which cells of the area lie in the box."""
    rows, columns = view.learnt.shape
    x0, y0, x1, y1 = view.box
    across = x0 + (np.arange(columns) + 0.5) / columns * (x1 - x0)
    down = y0 + (np.arange(rows) + 0.5) / rows * (y1 - y0)
    return np.outer((down >= box[1]) & (down <= box[3]), (across >= box[0]) & (across <= box[2]))


def _outlined(view: AreaView, changes: Sequence[Change]) -> Cells:
    mask = np.zeros(view.learnt.shape, np.bool_)
    for change in changes:
        rows, columns = change.mask.shape
        mask[change.top : change.top + rows, change.left : change.left + columns] |= change.mask
    return mask


def _narrowed(view: AreaView, mask: Cells, before_us: int, since_us: int, eyes: _Eyes) -> tuple[int, int]:
    for _ in range(_HALVINGS):
        if since_us - before_us <= SECOND_US // 2:
            break
        sight = eyes.see((before_us + since_us) // 2)
        if sight is None or not before_us < sight.at_us < since_us:
            break
        there = _stands(view, mask, sight)
        if there is None:
            break
        before_us, since_us = (before_us, sight.at_us) if there else (sight.at_us, since_us)
    return before_us, since_us


def _stands(view: AreaView, mask: Cells, sight: _Sight) -> bool | None:
    """Whether this sight looks as the place does now, rather than as it was known; None when too much is covered."""
    clear = mask & ~sight.covered
    if sight.cells.shape != view.known.shape or clear.sum() < (1 - _COVERED) * mask.sum():
        return None
    around = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
    light = light_between(view.known, sight.cells, view.learnt & ~around & ~sight.covered)
    plain = light.removed(sight.cells)
    known = float(np.abs(plain - view.known).max(axis=2)[clear].mean())
    now = float(np.abs(plain - view.now).max(axis=2)[clear].mean())
    return now < known
