"""What NanoDet wants to be shown and how its answer is read.

NanoDet (RangiLyu, Apache-2.0) says, for each point of three grids of 8, 16 and 32 pixels, how much it looks like each
of 80 things, and for each of four sides a distribution over eleven distances, 0 to 10 steps of the grid (generalised
focal loss, Li et al. 2020): the expected distance places the side.
"""

__all__ = ["STREET", "Grid", "decode", "shown", "street_outputs"]

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as ops
from openvino.preprocess import PrePostProcessor

from vitrail.domain.detections import Detections, Label
from vitrail.domain.errors import Invalid
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes, iou_matrix

Scores = npt.NDArray[np.float32]
Rows = npt.NDArray[np.float32]

STREET = tuple(label.name.lower() for label in Label)
_MEAN_BGR = [103.53, 116.28, 123.675]
_SCALE_BGR = [57.375, 57.12, 58.395]
_SAME_THING_IOU = 0.55
_MOST_CANDIDATES = 400

# Luma and chroma of JPEG range as video range (ITU-R BT.601), so that one conversion to colour serves both.
_LUMA_TO_VIDEO = np.round(16 + np.arange(256) * (219 / 255)).astype(np.uint8)
_CHROMA_TO_VIDEO = np.round(128 + (np.arange(256) - 128) * (224 / 255)).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The points the model looks from, all three grids one after the other, finest first. Pixels of its input."""

    side: int
    x: Rows
    y: Rows
    step: Rows

    @classmethod
    @cache
    def of(cls, side: int, lengths: tuple[int, ...]) -> "Grid":
        xs, ys, steps = [], [], []
        for length in lengths:
            across = round(length**0.5)
            step = side / across
            row, column = np.divmod(np.arange(length), across)
            xs.append((column + 0.5) * step)
            ys.append((row + 0.5) * step)
            steps.append(np.full(length, step))
        x, y, step_px = (np.concatenate(parts).astype(np.float32) for parts in (xs, ys, steps))
        return cls(side, x, y, step_px)


def street_outputs(model: ov.Model, labels: tuple[str, ...]) -> tuple[ov.Model, Grid]:
    """The model with pictures as bytes for input (n, side, side, 3, BGR) and two outputs for all grids together:
    ``scores`` (n, points, 16) of the street classes in the order of ``Label``, ``sides`` (n, points, 4 x bins)."""
    side = model.input().get_partial_shape()[2].get_length()
    lengths = [(output, output.get_partial_shape()[1].get_length()) for output in model.outputs]
    lengths.sort(key=lambda pair: -pair[1])
    scores = [output for output, _ in lengths if output.get_partial_shape()[2].get_length() == len(labels)]
    sides = [output for output, _ in lengths if output not in scores]
    if not scores or len(scores) != len(sides):
        raise Invalid("the model's outputs are not those of a NanoDet: scores and sides for each grid", rule="L20")
    places = [labels.index(name) for name in STREET]
    all_scores = ops.gather(_joined(scores), np.array(places, np.int64), np.int64(2))
    trimmed = ov.Model([ops.result(all_scores), ops.result(_joined(sides))], model.get_parameters(), "street")
    for output, name in zip(trimmed.outputs, ("scores", "sides"), strict=True):
        output.set_names({name})
    grid = Grid.of(side, tuple(length for output, length in lengths if output in scores))
    return _shown_bytes(trimmed), grid


def _joined(outputs: list[ov.Output]) -> ov.Output:
    """The results' own values, one grid after the other."""
    return ops.concat([output.get_node().input_value(0) for output in outputs], 1).output(0)


def _shown_bytes(model: ov.Model) -> ov.Model:
    prepared = PrePostProcessor(model)
    picture = prepared.input(0)
    picture.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    picture.model().set_layout(ov.Layout("NCHW"))
    picture.preprocess().convert_element_type(ov.Type.f32).mean(_MEAN_BGR).scale(_SCALE_BGR)
    return prepared.build()


def shown(picture: Picture, side: int) -> npt.NDArray[np.uint8]:
    """The whole picture stretched to ``side`` x ``side``, BGR.

    The planes are resized first and coloured afterwards, so that a large picture costs no more than a small one.
    """
    half = side // 2
    y = cv2.resize(picture.y, (side, side), interpolation=cv2.INTER_LINEAR)
    u = cv2.resize(picture.u, (half, half), interpolation=cv2.INTER_LINEAR)
    v = cv2.resize(picture.v, (half, half), interpolation=cv2.INTER_LINEAR)
    if picture.full_range:
        y, u, v = cv2.LUT(y, _LUMA_TO_VIDEO), cv2.LUT(u, _CHROMA_TO_VIDEO), cv2.LUT(v, _CHROMA_TO_VIDEO)
    planes = np.concatenate([y.reshape(-1), u.reshape(-1), v.reshape(-1)]).reshape(side * 3 // 2, side)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)


def decode(scores: Scores, sides: Rows, grid: Grid, floor: float) -> Detections:
    """One picture's answer, (points, 16) and (points, 4 x bins), as boxes that do not repeat each other."""
    points, labels = np.nonzero(scores >= floor)
    if not len(points):
        return Detections.none()
    found = scores[points, labels]
    best = np.argsort(-found, kind="stable")[:_MOST_CANDIDATES]
    points, labels, found = points[best], labels[best], found[best]
    boxes = _boxes(sides[points], grid, points)
    kept = once_each(boxes, labels)
    return Detections(boxes[kept], labels[kept].astype(np.int8), found[kept].astype(np.float32))


def _boxes(sides: Rows, grid: Grid, points: npt.NDArray[np.intp]) -> Boxes:
    bins = sides.shape[1] // 4
    spread = sides.reshape(-1, 4, bins).astype(np.float32)
    weight = np.exp(spread - spread.max(axis=2, keepdims=True))
    steps = (weight @ np.arange(bins, dtype=np.float32)) / weight.sum(axis=2)
    left, top, right, bottom = (steps * grid.step[points, None]).T
    x, y = grid.x[points], grid.y[points]
    corners = np.stack([x - left, y - top, x + right, y + bottom], axis=1) / grid.side
    return np.asarray(np.clip(corners, 0.0, 1.0), dtype=np.float32)


def once_each(boxes: Boxes, labels: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Which boxes to keep when those of one class that overlap are the same thing; best first on entry."""
    same = (iou_matrix(boxes, boxes) > _SAME_THING_IOU) & (labels[:, None] == labels[None, :])
    kept = np.ones(len(boxes), dtype=bool)
    for index in range(len(boxes)):
        if kept[index]:
            kept[index + 1 :] &= ~same[index, index + 1 :]
    return kept
