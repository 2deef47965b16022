"""EfficientNet-Lite2 and MiniLM as the house's embedders."""

__all__ = ["EfficientNetEmbedder", "EfficientNetReader", "MiniLmEmbedder"]

import threading
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import openvino as ov

from vitrail.adapters.openvino.minilm import VOCABULARY
from vitrail.adapters.openvino.wordpiece import WordPiece
from vitrail.domain.clearing import Cleared
from vitrail.domain.frames import Picture
from vitrail.domain.looks import PlaceLook
from vitrail.domain.models import ModelManifest
from vitrail.domain.stirs import FlowPicture, Stir
from vitrail.ports.embedder import Vectors

Plane = npt.NDArray[np.uint8]

_BATCH = 8
_MIDDLE, _RANGE = 127.0, 128.0
_GREY = 127
_MOTION_SIDE = 128
"""Motion has no finer detail than that: larger is slower and was no better on fights."""


def _compiled(model: ov.Model, threads: int) -> ov.CompiledModel:
    settings: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    return ov.Core().compile_model(model, "CPU", settings)


class EfficientNetEmbedder:
    """A ``PictureEmbedder``. ``embed`` may be called from several threads; one works at a time."""

    def __init__(self, model: ov.Model, manifest: ModelManifest, threads: int = 0) -> None:
        self._request = _compiled(model, threads).create_infer_request()
        self._side = manifest.inputs[0][1][-1]
        self._width = manifest.outputs[0][1][-1]
        self._lock = threading.Lock()
        self._manifest = manifest

    @property
    def manifest(self) -> ModelManifest:
        return self._manifest

    def embed(self, pictures: Sequence[Cleared]) -> Vectors:
        found = [np.zeros((0, self._width), np.float32)]
        for start in range(0, len(pictures), _BATCH):
            batch = np.stack([shown(one.picture, self._side) for one in pictures[start : start + _BATCH]])
            with self._lock:
                found.append(np.array(self._request.infer([batch])["embedding"], np.float32))
        return _unit(np.concatenate(found))


class EfficientNetReader:
    """A ``PlaceReader`` and a ``MotionReader``; threads as above. What is asked for first is made ready then."""

    def __init__(self, model: ov.Model, manifest: ModelManifest, threads: int = 1) -> None:
        self._model, self._threads = model, threads
        self._side = manifest.inputs[0][1][-1]
        self._lock = threading.Lock()
        self._requests: dict[tuple[int, int], ov.InferRequest] = {}

    def _request(self, count: int, side: int) -> ov.InferRequest:
        """For so many pictures of ``side``; the lock is held."""
        if (count, side) not in self._requests:
            sized = self._model.clone()
            sized.reshape([count, 3, side, side])
            self._requests[count, side] = _compiled(sized, self._threads).create_infer_request()
        return self._requests[count, side]

    def read(self, picture: Cleared) -> PlaceLook:
        shared = shown(picture.picture, self._side)
        with self._lock:
            said = self._request(1, self._side).infer([shared[None]])
            embedding = np.array(said["embedding"][0], np.float32)
            cells, parts = (np.array(said[name][0], np.float32).transpose(1, 2, 0) for name in ("cells", "parts"))
        return PlaceLook(embedding, _seen(picture.picture, cells), _seen(picture.picture, parts))

    def stir(self, motions: Sequence[FlowPicture]) -> Stir:
        size = (_MOTION_SIDE, _MOTION_SIDE)
        sized = np.stack([cv2.resize(one.drawn, size, interpolation=cv2.INTER_LINEAR) for one in motions])
        planes = np.ascontiguousarray(((sized.astype(np.float32) - _MIDDLE) / _RANGE).transpose(0, 3, 1, 2))
        with self._lock:
            said = self._request(len(motions), _MOTION_SIDE).infer([planes])
            return Stir(np.sqrt(said["embedding"]).mean(axis=0))


def _seen(picture: Picture, grid: Vectors) -> Vectors:
    seen = grid[_filled(picture, len(grid))]
    return np.ascontiguousarray(seen.reshape(-1, seen.shape[-1]))


def _filled(picture: Picture, count: int) -> tuple[slice, slice]:
    """Which of ``count`` x ``count`` cells show the picture, not the grey beside it."""
    longest = max(picture.width, picture.height)
    columns, rows = (max(1, round(count * length / longest)) for length in (picture.width, picture.height))
    left, top = (count - columns) // 2, (count - rows) // 2
    return slice(top, top + rows), slice(left, left + columns)


class MiniLmEmbedder:
    """A ``TextEmbedder``; threads as above."""

    def __init__(self, model: ov.Model, manifest: ModelManifest, threads: int = 0) -> None:
        self._words = WordPiece(str(model.get_rt_info(VOCABULARY).astype(str)).split(" "))
        self._request = _compiled(model, threads).create_infer_request()
        self._width = manifest.outputs[0][1][-1]
        self._lock = threading.Lock()
        self._manifest = manifest

    @property
    def manifest(self) -> ModelManifest:
        return self._manifest

    def embed(self, texts: Sequence[str]) -> Vectors:
        found = np.zeros((len(texts), self._width), np.float32)
        cut = [self._words.cut(text) for text in texts]
        order = sorted(range(len(cut)), key=lambda index: len(cut[index]))
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            longest = max(len(cut[index]) for index in some)
            tokens = np.zeros((len(some), longest), np.int64)
            mask = np.zeros_like(tokens)
            for row, index in enumerate(some):
                tokens[row, : len(cut[index])] = cut[index]
                mask[row, : len(cut[index])] = 1
            with self._lock:
                found[some] = self._request.infer([tokens, mask])["embedding"]
        return found


def shown(picture: Picture, side: int) -> npt.NDArray[np.float32]:
    """All of the picture, as large as it fits in the middle of a grey square, RGB: (3, side, side), about -1..1."""
    scale = side / max(picture.width, picture.height)
    width, height = (max(2, round(length * scale / 2) * 2) for length in (picture.width, picture.height))
    shrinks = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    y = np.asarray(cv2.resize(picture.y, (width, height), interpolation=shrinks), np.uint8)
    u, v = (np.asarray(cv2.resize(p, (width, height)), np.uint8) for p in (picture.u, picture.v))
    whole = np.full((3, side, side), (_GREY - _MIDDLE) / _RANGE, np.float32)
    top, left = (side - height) // 2, (side - width) // 2
    whole[:, top : top + height, left : left + width] = (_rgb(y, u, v, picture.full_range) - _MIDDLE) / _RANGE
    return whole


def _rgb(y: Plane, u: Plane, v: Plane, full: bool) -> Vectors:
    """ITU-R BT.601, as cameras send it; (3, h, w), 0..255."""
    luma = y.astype(np.float32) if full else (y.astype(np.float32) - 16) * (255 / 219)
    gain = 1.0 if full else 255 / 224
    blue, red = (u.astype(np.float32) - 128) * gain, (v.astype(np.float32) - 128) * gain
    planes = np.stack([luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue])
    return np.asarray(np.clip(planes, 0.0, 255.0), np.float32)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
