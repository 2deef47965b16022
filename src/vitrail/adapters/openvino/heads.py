"""CenterFace (Xu et al. 2019) as the house's finder of heads, which exists only to mask them.

The network says, for each point of a grid of four pixels, how much it looks like the middle of a face, how large the
face is (logarithm of height and width in steps) and where between the points it lies. Its fifth answer, places of
eyes, nose and mouth, is cut off before the model is kept: nothing of a face is worked out but its box.
"""

__all__ = ["CenterFaceHeads", "LateHeads"]

import os
import queue
import threading
from collections.abc import Callable, Sequence

import numpy as np
import openvino as ov
from openvino.preprocess import ColorFormat, PrePostProcessor

from vitrail.adapters.openvino.nanodet import Canvas, shown
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes, iou_matrix
from vitrail.domain.models import ModelManifest
from vitrail.ports.heads import HeadFinder

_AREA = 640 * 480
_STEP = 4
_FLOOR = 0.2
_SAME_HEAD_IOU = 0.4
_MOST = 200
_SHAPES_KEPT = 4
_SPARE = 1
"""Requests beside one a processor."""


class CenterFaceHeads:
    """A ``HeadFinder``; may be asked from several threads. Fixed shapes are many times faster here than open ones, so
    that one model is compiled for each shape of picture, and the last few are kept. ``threads`` is how many pictures
    are looked at at once, each on one core (0: one for each processor): several cores for one cost half as much
    again."""

    def __init__(self, model: ov.Model, manifest: ModelManifest, threads: int = 0) -> None:
        self._model = _shown_bytes(model)
        self._many = threads or len(os.sched_getaffinity(0))
        self._settings: dict[str, object] = {"NUM_STREAMS": self._many, "INFERENCE_NUM_THREADS": self._many}
        self._manifest = manifest
        self._lock = threading.Lock()
        self._compiled: dict[Canvas, queue.LifoQueue[ov.InferRequest]] = {}

    @property
    def manifest(self) -> ModelManifest:
        return self._manifest

    def find(self, pictures: Sequence[Picture]) -> list[Boxes]:
        return [self._find(picture) for picture in pictures]

    def _find(self, picture: Picture) -> Boxes:
        canvas = Canvas.of(picture.width, picture.height, _AREA)
        image = shown(picture, canvas)
        waiting = self._requests(canvas)
        request = waiting.get()
        try:
            answer = request.infer([image[None]], share_inputs=True)
            maps = [np.array(answer[index][0]) for index in range(3)]
        finally:
            waiting.put(request)
        return _boxes(maps, picture.width * canvas.scale(picture.width, picture.height), picture, canvas)

    def _requests(self, canvas: Canvas) -> "queue.LifoQueue[ov.InferRequest]":
        with self._lock:
            if canvas not in self._compiled:
                self._model.reshape([1, canvas.height, canvas.width, 3])
                compiled = ov.Core().compile_model(self._model, "CPU", self._settings)
                requests: queue.LifoQueue[ov.InferRequest] = queue.LifoQueue()
                for _ in range(self._many + _SPARE):
                    requests.put(compiled.create_infer_request())
                while len(self._compiled) >= _SHAPES_KEPT:
                    self._compiled.pop(next(iter(self._compiled)))
                self._compiled[canvas] = requests
            return self._compiled[canvas]


class LateHeads:
    """Loaded when the first picture needs it; ``find`` may raise what ``load`` raises."""

    def __init__(self, load: Callable[[], HeadFinder]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: HeadFinder | None = None

    def find(self, pictures: Sequence[Picture]) -> list[Boxes]:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
        return self._loaded.find(pictures)


def _shown_bytes(model: ov.Model) -> ov.Model:
    """With pictures as bytes for input (1, height, width, 3, BGR): turned into what the network knows inside of it."""
    prepared = PrePostProcessor(model.clone())
    picture = prepared.input(0)
    picture.tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC")).set_color_format(ColorFormat.BGR)
    picture.model().set_layout(ov.Layout("NCHW"))
    picture.preprocess().convert_color(ColorFormat.RGB).convert_element_type(ov.Type.f32)
    return prepared.build()


def _boxes(maps: list[np.ndarray], shown_px: float, picture: Picture, canvas: Canvas) -> Boxes:
    """Maps of likelihood (1, h, w), size (2, h, w) and offset (2, h, w), rows first, as boxes of the picture."""
    likely, size, offset = maps
    rows, columns = np.nonzero(likely[0] >= _FLOOR)
    best = np.argsort(-likely[0, rows, columns], kind="stable")[:_MOST]
    rows, columns = rows[best], columns[best]
    height, width = np.exp(size[:, rows, columns]) * _STEP / 2
    y = (rows + offset[0, rows, columns] + 0.5) * _STEP
    x = (columns + offset[1, rows, columns] + 0.5) * _STEP
    boxes = np.stack([x - width, y - height, x + width, y + height], axis=1)
    scale = shown_px / picture.width
    shares = boxes / (np.array([picture.width, picture.height] * 2) * scale)
    found = np.asarray(np.clip(shares, 0.0, 1.0), np.float32).reshape(-1, 4)
    kept = np.ones(len(found), bool)
    same = iou_matrix(found, found) > _SAME_HEAD_IOU
    for index in range(len(found)):
        if kept[index]:
            kept[index + 1 :] &= ~same[index, index + 1 :]
    return found[kept]
