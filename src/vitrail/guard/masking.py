"""Hides what may be a person in copies of pictures. Pure: no clock, no store; chance comes in as a seed.

Where is told elsewhere: ``ways`` follows what a detector saw, ``backdrop`` tells what is not known to be background.
How is told here: the part under a mask becomes blocks of one flat colour plus noise, luma and chroma alike, with at
most six blocks across what is hidden, so that a head spans two or three. Blocks lie on the picture's own grid and
never move: somebody who stands still is the same few numbers in every frame, and noise that differs hides even those.
Measured in ``benchmarks/masking.py``; docs/masking.md tells what it does not promise.
"""

__all__ = ["MASK_FLOOR", "Mask", "apply", "covered"]

from collections.abc import Iterator
from dataclasses import dataclass

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
    for box, block in _drawn(picture, mask):
        for source, target, scale, noise in (
            (picture.y, masked.y, 1, _NOISE_LUMA),
            (picture.u, masked.u, 2, _NOISE_CHROMA),
            (picture.v, masked.v, 2, _NOISE_CHROMA),
        ):
            _flatten(source, target, [edge // scale for edge in box], block // scale, noise, rng)
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
    for i, (row, block) in enumerate(zip(rows, blocks, strict=True)):
        later = rows[i + 1 :]
        if not ((later[:, :2] <= row[:2]).all(axis=1) & (later[:, 2:] >= row[2:]).all(axis=1)).any():
            x0, y0, x1, y1 = (int(edge) for edge in row)
            yield (x0, y0, x1, y1), int(block)


def _blocks(wholes_px: npt.NDArray[np.floating]) -> npt.NDArray[np.int64]:
    """A sixth of the width, a twelfth of the height (a person half hidden has a narrow box and a whole head), rounded
    up to a power of two so that few grids occur."""
    least = np.maximum(wholes_px[:, 0] / _ACROSS, wholes_px[:, 1] / (2 * _ACROSS))
    return np.asarray(np.exp2(np.ceil(np.log2(np.clip(least, _SMALLEST_PX, _LARGEST_PX)))), np.int64)


def _flatten(source: Plane, target: Plane, box: list[int], block: int, noise: float, rng: np.random.Generator) -> None:
    """The box becomes blocks, each the mean of all the picture in it plus noise."""
    height, width = source.shape
    x0, y0, x1, y1 = box[0], box[1], min(box[2], width), min(box[3], height)
    left, top = x0 // block, y0 // block
    columns, rows = -(-x1 // block) - left, -(-y1 // block) - top
    if columns <= 0 or rows <= 0:
        return
    part = source[top * block : (top + rows) * block, left * block : (left + columns) * block]
    below, beside = rows * block - part.shape[0], columns * block - part.shape[1]
    whole = cv2.copyMakeBorder(part, 0, below, 0, beside, cv2.BORDER_REPLICATE) if below or beside else part
    means = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns)
    flat = np.clip(means + rng.normal(0.0, noise, means.shape), 0, 255).astype(np.uint8)
    large = np.repeat(np.repeat(flat, block, axis=0), block, axis=1)
    inner_y, inner_x = y0 - top * block, x0 - left * block
    target[y0:y1, x0:x1] = large[inner_y : inner_y + y1 - y0, inner_x : inner_x + x1 - x0]
