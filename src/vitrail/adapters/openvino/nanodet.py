"""What NanoDet wants to be shown and how its answer is read.

NanoDet (RangiLyu, Apache-2.0) says, for each point of three grids of 8, 16 and 32 pixels, how much it looks like each
of 80 things, and for each of four sides a distribution over eleven distances, 0 to 10 steps of the grid (generalised
focal loss, Li et al. 2020): the expected distance places the side.
"""

__all__ = ["STREET", "Canvas", "Grid", "decode", "once_each", "shown", "street_outputs"]

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
_STEPS = (8, 16, 32)
_GREY = 114

# Luma and chroma of JPEG range as video range (ITU-R BT.601), so that one conversion to colour serves both.
_LUMA_TO_VIDEO = np.round(16 + np.arange(256) * (219 / 255)).astype(np.uint8)
_CHROMA_TO_VIDEO = np.round(128 + (np.arange(256) - 128) * (224 / 255)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size a picture is shown in. The model is convolutional: what counts is the area it was trained on, not the
    shape, so a wide picture gets a wide canvas instead of black bars or a squeeze."""

    width: int
    height: int

    @classmethod
    @cache
    def of(cls, width: int, height: int, area: int) -> "Canvas":
        """For pictures of ``width`` x ``height``: about ``area`` pixels, both sides multiples of the coarsest step."""
        ratio = width / height
        return cls(*(max(_STEPS[-1], round((area * r) ** 0.5 / _STEPS[-1]) * _STEPS[-1]) for r in (ratio, 1 / ratio)))

    def scale(self, width: int, height: int) -> float:
        """By which a picture of that size is resized so that all of it is seen."""
        return min(self.width / width, self.height / height)


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The points the model looks from on one canvas, all three grids one after the other, finest first. Pixels."""

    x: Rows
    y: Rows
    step: Rows

    @classmethod
    @cache
    def of(cls, canvas: Canvas) -> "Grid":
        xs, ys, steps = [], [], []
        for step in _STEPS:
            row, column = np.indices((canvas.height // step, canvas.width // step)).reshape(2, -1)
            xs.append((column + 0.5) * step)
            ys.append((row + 0.5) * step)
            steps.append(np.full(len(row), step))
        x, y, step_px = (np.concatenate(parts).astype(np.float32) for parts in (xs, ys, steps))
        return cls(x, y, step_px)


def street_outputs(model: ov.Model, labels: tuple[str, ...]) -> ov.Model:
    """The model with pictures as bytes for input (n, height, width, 3, BGR), of any height and width that are multiples
    of 32, and two outputs for all grids together: ``scores`` (n, points, 16) of the street classes in the order of
    ``Label``, ``sides`` (n, points, 4 x bins)."""
    lengths = {output: output.get_partial_shape()[1].get_length() for output in model.outputs}
    outputs = sorted(model.outputs, key=lambda output: -lengths[output])
    scores = [output for output in outputs if output.get_partial_shape()[2].get_length() == len(labels)]
    sides = [output for output in outputs if output not in scores]
    if not len(scores) == len(sides) == len(_STEPS):
        raise Invalid("the model's outputs are not those of a NanoDet: scores and sides for each of three grids")
    places = [labels.index(name) for name in STREET]
    all_scores = ops.gather(_joined(scores), np.array(places, np.int64), np.int64(2))
    trimmed = ov.Model([ops.result(all_scores), ops.result(_joined(sides))], model.get_parameters(), "street")
    for output, name in zip(trimmed.outputs, ("scores", "sides"), strict=True):
        output.set_names({name})
    trimmed.reshape([-1, 3, -1, -1])
    return _shown_bytes(trimmed)


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


def shown(picture: Picture, canvas: Canvas) -> npt.NDArray[np.uint8]:
    """The whole picture as large as it fits, in the canvas's upper left corner, BGR; the rest is grey.

    The planes are resized first and coloured afterwards, so that a large picture costs no more than a small one.
    """
    scale = canvas.scale(picture.width, picture.height)
    width, height = (max(2, round(length * scale / 2) * 2) for length in (picture.width, picture.height))
    y = cv2.resize(picture.y, (width, height), interpolation=cv2.INTER_LINEAR)
    u = cv2.resize(picture.u, (width // 2, height // 2), interpolation=cv2.INTER_LINEAR)
    v = cv2.resize(picture.v, (width // 2, height // 2), interpolation=cv2.INTER_LINEAR)
    if picture.full_range:
        y, u, v = cv2.LUT(y, _LUMA_TO_VIDEO), cv2.LUT(u, _CHROMA_TO_VIDEO), cv2.LUT(v, _CHROMA_TO_VIDEO)
    planes = np.concatenate([y.reshape(-1), u.reshape(-1), v.reshape(-1)]).reshape(height * 3 // 2, width)
    whole = np.full((canvas.height, canvas.width, 3), _GREY, np.uint8)
    whole[:height, :width] = cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420)
    return whole


def decode(scores: Scores, sides: Rows, canvas: Canvas, size: tuple[int, int], floor: float) -> Detections:
    """One picture's answer, (points, 16) and (points, 4 x bins), as boxes that do not repeat each other. ``size`` is
    the width and height the picture came in."""
    points, labels = np.nonzero(scores >= floor)
    if not len(points):
        return Detections.none()
    found = scores[points, labels]
    best = np.argsort(-found, kind="stable")[:_MOST_CANDIDATES]
    points, labels, found = points[best], labels[best], found[best]
    shown_px = np.array(size * 2, np.float32) * np.float32(canvas.scale(*size))
    boxes = np.asarray(np.clip(_boxes(sides[points], Grid.of(canvas), points) / shown_px, 0.0, 1.0), np.float32)
    kept = once_each(boxes, labels)
    return Detections(boxes[kept], labels[kept].astype(np.int8), found[kept].astype(np.float32))


def _boxes(sides: Rows, grid: Grid, points: npt.NDArray[np.intp]) -> Boxes:
    """In pixels of the canvas."""
    bins = sides.shape[1] // 4
    spread = sides.reshape(-1, 4, bins).astype(np.float32)
    weight = np.exp(spread - spread.max(axis=2, keepdims=True))
    steps = (weight @ np.arange(bins, dtype=np.float32)) / weight.sum(axis=2)
    left, top, right, bottom = (steps * grid.step[points, None]).T
    x, y = grid.x[points], grid.y[points]
    return np.stack([x - left, y - top, x + right, y + bottom], axis=1)


def once_each(boxes: Boxes, labels: npt.NDArray[np.integer]) -> npt.NDArray[np.bool_]:
    """Which boxes to keep when those of one class that overlap are the same thing; best first on entry."""
    same = (iou_matrix(boxes, boxes) > _SAME_THING_IOU) & (labels[:, None] == labels[None, :])
    kept = np.ones(len(boxes), dtype=bool)
    for index in range(len(boxes)):
        if kept[index]:
            kept[index + 1 :] &= ~same[index, index + 1 :]
    return kept
