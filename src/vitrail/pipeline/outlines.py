"""Cells that differ become changes: outlined, measured, and known again at the next look."""

__all__ = ["SHADE", "Outlines", "Times"]

from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.places import Box, Cells, Change, Values

SHADE = 0.75
"""From here on a change is taken for light."""
_SAME = 0.3
"""Share of the smaller of two outlines that they must have in common to be one change."""
_MOST = 64
_CHROMA_KEPT = 6.0
"""Levels by which the light itself may tint: the sky lights shadows bluish."""
_ROUGH = 0.06
"""By how much the ratio of neighbouring cells may vary in other light, as a logarithm."""
_DARKEST_SHADE = 0.25
_LEAST = 4.0
_BORDER = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Times:
    """Per cell, microseconds: last seen as known, the present look's beginning, last seen uncovered."""

    matched_us: npt.NDArray[np.int64]
    since_us: npt.NDArray[np.int64]
    clear_us: npt.NDArray[np.int64]


class Outlines:
    """One area. ``least``: fewer cells are no change."""

    def __init__(self, box: Box, least: int) -> None:
        self._box = box
        self._least = least
        self._serial = 0
        self.reset()

    def reset(self) -> None:
        self._changes: list[Change] = []

    def update(
        self, known: Values, now: Values, differs: npt.NDArray[np.float32], times: Times, trust: npt.NDArray[np.float32]
    ) -> list[Change]:
        """The changes that stand now, the largest first; one that is seen again keeps its id."""
        mask = np.asarray(differs > 1.0, np.uint8)
        mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, _BORDER), np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        found: list[Change] = []
        order = sorted(range(1, count), key=lambda i: -int(stats[i, cv2.CC_STAT_AREA]))[:_MOST]
        for index in order:
            left, top, width, height, area = (int(v) for v in stats[index])
            if area < self._least:
                break
            place = np.s_[top : top + height, left : left + width]
            part = labels[place] == index
            change = self._measured(top, left, part, known, now, differs, times)
            found.append(replace(change, known_s=float(np.median(trust[place][part]))))
        self._changes = self._named(found)
        return list(self._changes)

    def _measured(
        self,
        top: int,
        left: int,
        mask: Cells,
        known: Values,
        now: Values,
        differs: npt.NDArray[np.float32],
        times: Times,
    ) -> Change:
        h, w = differs.shape
        height, width = mask.shape
        place = np.s_[top : top + height, left : left + width]
        x0, y0, x1, y1 = self._box
        sx, sy = (x1 - x0) / w, (y1 - y0) / h
        box = (x0 + left * sx, y0 + top * sy, x0 + (left + width) * sx, y0 + (top + height) * sy)
        ratio = (now[place][..., 0] + _LEAST) / (known[place][..., 0] + _LEAST)
        return Change(
            id=0,
            box=box,
            top=top,
            left=left,
            mask=mask,
            before_us=int(np.median(times.matched_us[place][mask])),
            since_us=int(np.median(times.since_us[place][mask])),
            clear_us=int(np.median(times.clear_us[place][mask])),
            score=float(np.median(differs[place][mask])),
            shade=_shade(known[place], now[place], ratio, mask),
            edge=_edge(top, left, mask, known, now),
            darker=float(np.median(ratio[mask])),
            known_s=0.0,
        )

    def _named(self, found: list[Change]) -> list[Change]:
        """Each keeps the id of the largest earlier change that it covers."""
        taken: set[int] = set()
        named: list[Change] = []
        for change in found:
            past = [old for old in self._changes if old.id not in taken and _shared(old, change) >= _SAME]
            old = max(past, key=lambda one: one.cells, default=None)
            if old is None:
                self._serial += 1
                named.append(replace(change, id=self._serial))
            else:
                taken.add(old.id)
                named.append(replace(change, id=old.id))
        return named


def _shared(a: Change, b: Change) -> float:
    top, left = max(a.top, b.top), max(a.left, b.left)
    bottom = min(a.top + a.mask.shape[0], b.top + b.mask.shape[0])
    right = min(a.left + a.mask.shape[1], b.left + b.mask.shape[1])
    if bottom <= top or right <= left:
        return 0.0
    part_a = a.mask[top - a.top : bottom - a.top, left - a.left : right - a.left]
    part_b = b.mask[top - b.top : bottom - b.top, left - b.left : right - b.left]
    return float((part_a & part_b).sum()) / max(1, min(a.cells, b.cells))


def _shade(before: Values, after: Values, ratio: Values, mask: Cells) -> float:
    """1: the same things in other light. Shadow and sun scale the luma of neighbours by one factor and leave chroma
    nearly alone; a thing brings its own texture and colour."""
    kept = before[..., 1:] - 128.0
    tinted = np.abs((after[..., 1:] - 128.0) - kept * np.minimum(ratio, 1.0)[..., None]).max(axis=2)
    chroma = float(np.median(tinted[mask]))
    steps = np.log(np.maximum(ratio, 1e-3))
    rough = float(np.median(np.abs(steps - cv2.blur(steps, (3, 3), borderType=cv2.BORDER_REPLICATE))[mask]))
    same = np.exp(-((chroma / _CHROMA_KEPT) ** 2)) * np.exp(-((rough / _ROUGH) ** 2))
    middle = float(np.median(ratio[mask]))
    return float(same * min(1.0, middle / _DARKEST_SHADE))


def _edge(top: int, left: int, mask: Cells, known: Values, now: Values) -> float:
    """How much of the contrast along the outline is in the present look: luma steps across it, now against known."""
    h, w = known.shape[:2]
    y0, x0 = max(0, top - 2), max(0, left - 2)
    y1, x1 = min(h, top + mask.shape[0] + 2), min(w, left + mask.shape[1] + 2)
    inside = np.zeros((y1 - y0, x1 - x0), np.uint8)
    inside[top - y0 : top - y0 + mask.shape[0], left - x0 : left - x0 + mask.shape[1]] = mask
    rim = (cv2.dilate(inside, _BORDER) - cv2.erode(inside, _BORDER)).astype(np.bool_)
    steps = []
    for look in (known, now):
        part = np.ascontiguousarray(look[y0:y1, x0:x1])
        across = np.abs(cv2.Sobel(part, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(part, cv2.CV_32F, 0, 1))
        steps.append(float(across.max(axis=2)[rim].mean()) if rim.any() else 0.0)
    return (steps[1] + 1.0) / (steps[0] + steps[1] + 2.0)
