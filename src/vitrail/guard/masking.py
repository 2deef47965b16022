"""Hides what may be a person in copies of pictures. Pure: no clock, no store; chance comes in as a seed.

Where is told elsewhere: ``ways`` follows what a detector saw, ``backdrop`` tells what is not known to be background.
How is told here: the part under a mask becomes blocks of one flat colour plus noise, luma and chroma alike, with at
most six blocks across what is hidden, so that a head spans two or three. Blocks lie on the picture's own grid and
never move: somebody who stands still is the same few numbers in every frame, and noise that differs hides even those.
Measured in ``benchmarks/masking.py``; docs/masking.md tells what it does not promise.
"""

__all__ = ["MASK_FLOOR", "Mask", "apply", "covered"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture, Plane
from vitrail.domain.geometry import Boxes

MASK_FLOOR = 0.20
"""Detections from this score on are masked: a bin masked by mistake harms nobody, a face shown by mistake does."""

_ACROSS = 6
"""Blocks across what is hidden at most, not counting those it only touches."""
_SMALLEST_PX = 8
_LARGEST_PX = 256
_NOISE_LUMA = 6.0
_NOISE_CHROMA = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """``boxes`` (n, 4), 0..1. ``wholes`` (n, 2): width and height of what each box is a part of, which says how large
    its blocks must be."""

    boxes: Boxes
    wholes: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if len(self.boxes) != len(self.wholes):
            raise ValueError(f"{len(self.boxes)} boxes are parts of {len(self.wholes)} wholes")

    @classmethod
    def of(cls, boxes: Boxes) -> "Mask":
        """Each box is a whole by itself."""
        return cls(boxes, boxes[:, 2:] - boxes[:, :2])

    def __len__(self) -> int:
        return len(self.boxes)

    def __add__(self, other: "Mask") -> "Mask":
        return Mask(np.concatenate([self.boxes, other.boxes]), np.concatenate([self.wholes, other.wholes]))


def apply(picture: Picture, mask: Mask, seed: int) -> Picture:
    """A masked copy. ``seed`` must be fresh and unforeseeable for every frame: noise that is known can be taken off."""
    masked = picture.copy()
    rng = np.random.default_rng(seed)
    drawn = [(block, [box for box, _ in some]) for block, some in groupby(_drawn(picture, mask), lambda row: row[1])]
    for source, target, scale, noise in (
        (picture.y, masked.y, 1, _NOISE_LUMA),
        (picture.u, masked.u, 2, _NOISE_CHROMA),
        (picture.v, masked.v, 2, _NOISE_CHROMA),
    ):
        flats = _flats(source, [block // scale for block, _ in drawn], noise, rng)
        for (block, boxes), flat in zip(drawn, flats, strict=True):
            for x0, y0, x1, y1 in boxes:
                _fill(target, flat, (x0 // scale, y0 // scale, x1 // scale, y1 // scale), block // scale)
    return masked


def covered(picture: Picture, mask: Mask) -> npt.NDArray[np.bool_]:
    """Which pixels (rows, columns) ``apply`` would hide."""
    cells = np.zeros((picture.height, picture.width), np.bool_)
    for (x0, y0, x1, y1), _ in _drawn(picture, mask):
        cells[y0:y1, x0:x1] = True
    return cells


def _drawn(picture: Picture, mask: Mask) -> Iterator[tuple[tuple[int, int, int, int], int]]:
    """Pixel boxes on even edges, and the size of their blocks; coarsest last, so that nothing finer lies over it."""
    size = np.array([picture.width, picture.height] * 2)
    boxes = np.clip(mask.boxes, 0.0, 1.0)
    real = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    low = np.floor(boxes[real, :2] * size[:2] / 2).astype(int) * 2
    high = np.minimum(np.ceil(boxes[real, 2:] * size[2:] / 2).astype(int) * 2, size[2:] + size[2:] % 2)
    blocks = _blocks(mask.wholes[real] * size[:2])
    rows = np.column_stack([low, high])
    order = np.argsort(blocks, kind="stable")
    rows, blocks = rows[order], blocks[order]
    low, high = rows[:, :2], rows[:, 2:]
    holds = (low[None] <= low[:, None]).all(axis=2) & (high[None] >= high[:, None]).all(axis=2)
    shown = ~np.triu(holds, 1).any(axis=1)
    yield from zip(rows[shown].tolist(), blocks[shown].tolist(), strict=True)


def _blocks(wholes_px: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """A sixth of the width, a twelfth of the height (a person half hidden has a narrow box and a whole head), rounded
    up to a power of two so that few grids occur."""
    least = np.maximum(wholes_px[:, 0] / _ACROSS, wholes_px[:, 1] / (2 * _ACROSS))
    return np.asarray(np.exp2(np.ceil(np.log2(np.clip(least, _SMALLEST_PX, _LARGEST_PX)))), np.int64)


def _flats(source: Plane, blocks: Sequence[int], noise: float, rng: np.random.Generator) -> Iterator[Plane]:
    """For sizes of blocks that grow by powers of two: each block of the picture's grid as the mean of all in it plus
    noise, (rows, columns). Larger ones are means of smaller ones."""
    size, means = 0, source
    for block in blocks:
        while size < block:
            step = block if not size else 2
            rows, columns = -(-means.shape[0] // step), -(-means.shape[1] // step)
            below, beside = rows * step - means.shape[0], columns * step - means.shape[1]
            if below or beside:
                means = np.asarray(cv2.copyMakeBorder(means, 0, below, 0, beside, cv2.BORDER_REPLICATE), np.uint8)
            smaller = cv2.resize(means, (columns, rows), interpolation=cv2.INTER_AREA)
            size, means = (size or 1) * step, np.asarray(smaller, np.uint8).reshape(rows, columns)
        yield np.clip(means + rng.normal(0.0, noise, means.shape), 0, 255).astype(np.uint8)


def _fill(target: Plane, flat: Plane, box: tuple[int, int, int, int], block: int) -> None:
    height, width = target.shape
    x0, y0, x1, y1 = box[0], box[1], min(box[2], width), min(box[3], height)
    if x1 <= x0 or y1 <= y0:
        return
    left, top, right, low = x0 // block, y0 // block, -(-x1 // block), -(-y1 // block)
    size = ((right - left) * block, (low - top) * block)
    large = cv2.resize(flat[top:low, left:right], size, interpolation=cv2.INTER_NEAREST)
    target[y0:y1, x0:x1] = large[y0 - top * block : y1 - top * block, x0 - left * block : x1 - left * block]
