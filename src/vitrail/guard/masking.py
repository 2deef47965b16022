"""Hides people in copies of pictures: where to mask, and how. Pure: no clock, no store; chance comes in as a seed.

``plan`` decides where, for a run of frames at once, because a detector misses people now and then: what was seen is
held for a second both ways, and the way between two sights of the same person is filled in. ``apply`` decides how:
every block of the picture that a mask touches becomes one flat colour plus noise, luma and chroma alike, with at most
eight blocks across a box, so that a head spans three or four. Measured in ``benchmarks/masking.py``; docs/masking.md
tells what it does not promise.
"""

__all__ = ["HOLD_US", "MARGIN", "MASK_FLOOR", "apply", "plan"]

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture, Plane
from vitrail.domain.geometry import Boxes, grow
from vitrail.domain.time import SECOND_US

MASK_FLOOR = 0.20
"""Detections from this score on are masked: a bin masked by mistake harms nobody, a face shown by mistake does."""
MARGIN = 0.15
"""Share of its width and height that a box grows by on every side."""
HOLD_US = SECOND_US
"""How long before and after a sight its box stays masked."""

_GAP_US = 3 * SECOND_US
"""The longest absence that is filled in when somebody is seen again where they may have walked to."""
_STRIDE = 1.5
"""Box heights a second: how far somebody may have gone meanwhile. Running is about 4 m/s at a height of 1.8 m, and
walking 1.4; the first step has half a height on top."""
_SWELL = 3.0
"""Boxes whose areas differ by more than this are not taken for the same person."""
_EDGE = 0.02
"""A box that comes this near to the picture's edge reaches it: people cut by the edge get boxes that end too soon."""
_STEPS = 512
"""Boxes are widened to this many steps across the picture, so that somebody who stands still is one mask, not fifty."""

_ACROSS = 8
"""Blocks across a box at most, not counting those it only touches."""
_SMALLEST_PX = 8
_LARGEST_PX = 256
_NOISE_LUMA = 5.0
_NOISE_CHROMA = 3.0


def plan(times_us: Sequence[int], people: Sequence[Boxes | None]) -> list[Boxes]:
    """What to mask in each frame, given the people seen in each; None for frames nobody looked at.

    ``times_us`` ascend. A frame gets the boxes of all looks within ``HOLD_US`` of it, of the nearest look before and
    after however far (a quiet stream is looked at every few seconds), and those filled in; all grown by ``MARGIN``.
    """
    if len(times_us) != len(people):
        raise ValueError(f"{len(times_us)} times for {len(people)} frames")
    if any(later < earlier for earlier, later in pairwise(times_us)):
        raise ValueError("times must ascend")
    seen = [None if boxes is None else _coarse(boxes) for boxes in people]
    bridges = _bridges(times_us, people)
    looks = [i for i, boxes in enumerate(people) if boxes is not None]
    plans: list[Boxes] = []
    for i, at_us in enumerate(times_us):
        first, last = bisect_left(times_us, at_us - HOLD_US), bisect_right(times_us, at_us + HOLD_US)
        next_look = bisect_left(looks, i)
        nearest = looks[max(0, bisect_right(looks, i) - 1) : next_look + 1]
        parts = [boxes for boxes in seen[first:last] if boxes is not None]
        parts += [boxes for j in nearest if (boxes := seen[j]) is not None and not first <= j < last]
        parts += [_coarse(np.array(bridges[i], np.float32))] if bridges[i] else []
        plans.append(_fine(np.unique(np.concatenate(parts))) if parts else np.zeros((0, 4), np.float32))
    return plans


def apply(picture: Picture, boxes: Boxes, seed: int) -> Picture:
    """A masked copy. ``seed`` must be fresh and unforeseeable for every frame: noise that is known can be taken off."""
    masked = picture.copy()
    boxes = np.clip(boxes, 0.0, 1.0)
    boxes = boxes[(boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])]
    if not len(boxes):
        return masked
    rng = np.random.default_rng(seed)
    for block, chosen in sorted(_by_block(picture, boxes).items()):
        for source, target, size, noise in (
            (picture.y, masked.y, block, _NOISE_LUMA),
            (picture.u, masked.u, block // 2, _NOISE_CHROMA),
            (picture.v, masked.v, block // 2, _NOISE_CHROMA),
        ):
            _flatten(source, target, chosen, size, noise, rng)
    return masked


@dataclass(slots=True)
class _Thread:
    """One person as far as filling gaps needs it: where and at which frame they were last seen."""

    box: npt.NDArray[np.float32]
    frame: int


def _bridges(times_us: Sequence[int], people: Sequence[Boxes | None]) -> list[list[npt.NDArray[np.float32]]]:
    """For each frame, boxes on the straight way between two sights of the same person around it."""
    filled: list[list[npt.NDArray[np.float32]]] = [[] for _ in times_us]
    threads: list[_Thread] = []
    for i, boxes in enumerate(people):
        if boxes is None:
            continue
        threads = [thread for thread in threads if times_us[i] - times_us[thread.frame] <= _GAP_US]
        known = _same(threads, boxes, times_us, i)
        for column, row in known.items():
            thread, box = threads[row], boxes[column]
            span_us = times_us[i] - times_us[thread.frame]
            for j in range(thread.frame + 1, i):
                part = (times_us[j] - times_us[thread.frame]) / span_us if span_us else 0.0
                filled[j].append(thread.box + (box - thread.box) * np.float32(part))
            thread.box, thread.frame = box, i
        threads += [_Thread(box, i) for column, box in enumerate(boxes) if column not in known]
    return filled


def _same(threads: list[_Thread], boxes: Boxes, times_us: Sequence[int], i: int) -> dict[int, int]:
    """Which box may show the person of which thread, nearest first. A wrong pair only masks more."""
    if not threads or not len(boxes):
        return {}
    past = np.array([thread.box for thread in threads])
    gap_s = np.array([times_us[i] - times_us[thread.frame] for thread in threads]) / SECOND_US
    move = _centres(past)[:, None] - _centres(boxes)[None]
    height = np.maximum((past[:, 3] - past[:, 1])[:, None], (boxes[:, 3] - boxes[:, 1])[None])
    far = np.hypot(move[..., 0], move[..., 1]) / np.maximum(height, 1e-6)
    ratio = _areas(past)[:, None] / _areas(boxes)[None]
    allowed = (far <= (0.5 + _STRIDE * gap_s)[:, None]) & (ratio < _SWELL) & (ratio > 1 / _SWELL)
    pairs: dict[int, int] = {}
    for flat in np.argsort(far, axis=None):
        row, column = divmod(int(flat), len(boxes))
        if allowed[row, column] and column not in pairs and row not in pairs.values():
            pairs[column] = row
    return pairs


def _centres(boxes: Boxes) -> npt.NDArray[np.float32]:
    return np.asarray((boxes[:, :2] + boxes[:, 2:]) / 2, np.float32)


def _areas(boxes: Boxes) -> npt.NDArray[np.float32]:
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6)
    return np.asarray(size[:, 0] * size[:, 1], np.float32)


def _coarse(boxes: Boxes) -> npt.NDArray[np.int64]:
    """Grown, reached out to the edges, widened to whole steps, each box packed into one number."""
    wide = grow(boxes, MARGIN)
    wide[:, :2] = np.where(boxes[:, :2] < _EDGE, 0.0, wide[:, :2])
    wide[:, 2:] = np.where(boxes[:, 2:] > 1 - _EDGE, 1.0, wide[:, 2:])
    low = np.floor(wide[:, :2] * _STEPS).astype(np.int64)
    high = np.ceil(wide[:, 2:] * _STEPS).astype(np.int64)
    return ((low[:, 0] * 1024 + low[:, 1]) * 1024 + high[:, 0]) * 1024 + high[:, 1]


def _fine(packed: npt.NDArray[np.int64]) -> Boxes:
    steps = np.stack([packed >> 30, packed >> 20 & 1023, packed >> 10 & 1023, packed & 1023], axis=1)
    return np.asarray(steps / _STEPS, np.float32)


def _by_block(picture: Picture, boxes: Boxes) -> dict[int, Boxes]:
    """Boxes by the size of the blocks they need: an eighth of the width, a sixteenth of the height (a person half
    hidden has a narrow box and a whole head), rounded up to a power of two so that few sizes occur."""
    width = (boxes[:, 2] - boxes[:, 0]) * picture.width / _ACROSS
    height = (boxes[:, 3] - boxes[:, 1]) * picture.height / (2 * _ACROSS)
    least = np.clip(np.maximum(width, height), _SMALLEST_PX, _LARGEST_PX)
    blocks = np.exp2(np.ceil(np.log2(least))).astype(np.int64)
    return {int(block): boxes[blocks == block] for block in np.unique(blocks)}


def _flatten(source: Plane, target: Plane, boxes: Boxes, block: int, noise: float, rng: np.random.Generator) -> None:
    """Every block that a box touches becomes its mean plus noise. Blocks lie on the picture's own grid: neighbouring
    and overlapping boxes share them."""
    height, width = source.shape
    scale = np.array([width, height, width, height], np.float32) / block
    low = np.floor(boxes[:, :2] * scale[:2]).astype(int)
    high = np.ceil(boxes[:, 2:] * scale[2:]).astype(int)
    x0, y0 = (int(v) for v in low.min(axis=0))
    x1, y1 = min(int(high[:, 0].max()), -(-width // block)), min(int(high[:, 1].max()), -(-height // block))
    hit = np.zeros((y1 - y0, x1 - x0), np.uint8)
    for (left, top), (right, bottom) in zip(low - (x0, y0), high - (x0, y0), strict=True):
        hit[top:bottom, left:right] = 1
    part = source[y0 * block : y1 * block, x0 * block : x1 * block]
    below, beside = hit.shape[0] * block - part.shape[0], hit.shape[1] * block - part.shape[1]
    whole = cv2.copyMakeBorder(part, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    means = cv2.resize(whole, (hit.shape[1], hit.shape[0]), interpolation=cv2.INTER_AREA).astype(np.float32)
    flat = np.clip(means + rng.normal(0.0, noise, means.shape), 0, 255).astype(np.uint8)
    size = (whole.shape[1], whole.shape[0])
    flat = cv2.resize(flat, size, interpolation=cv2.INTER_NEAREST)[: part.shape[0], : part.shape[1]]
    where = cv2.resize(hit, size, interpolation=cv2.INTER_NEAREST)[: part.shape[0], : part.shape[1]]
    np.copyto(target[y0 * block : y1 * block, x0 * block : x1 * block], flat, where=where.astype(bool))
