"""aiSFX, an embedding of sound effects (Ma and Lerch, ISMIR 2022; weights CC-BY-4.0), from its checkpoint.

Four blocks of two 3 x 3 convolutions over a log-mel picture; the mean over the bands, then the maximum over time. The
checkpoint also holds nine heads that sort sounds into the categories of commercial libraries: they are left out.
"""

__all__ = ["AisfxEmbedder", "build_aisfx"]

import threading
from collections.abc import Sequence

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from vitrail.adapters.openvino.layers import Weights, convolved, parameter, result
from vitrail.domain.models import ModelManifest
from vitrail.ports.sound import Mel, SoundVectors

_BLOCKS = 4
_EPSILON = 1e-5
_BANDS = 96
_FRAMES = 44
_MOST = 16


def build_aisfx(weights: Weights, name: str) -> ov.Model:
    """``mel`` (n, 44, 96) -> ``embedding`` (n, 512)."""
    mel = parameter("mel", [-1, _FRAMES, _BANDS])
    value = ops.unsqueeze(mel, ops.constant(np.array([1], np.int64))).output(0)
    for block in range(1, _BLOCKS + 1):
        for layer in (1, 2):
            inside = f"embedding_net.conv_block{block}"
            made = convolved(value, weights, f"{inside}.conv{layer}", f"{inside}.bn{layer}", epsilon=_EPSILON)
            value = ops.relu(made).output(0)
        if block < _BLOCKS:
            value = ops.max_pool(value, [2, 2], [1, 1], [0, 0], [0, 0], [2, 2], "floor").output(0)
    bands = ops.reduce_mean(value, ops.constant(np.array([3], np.int64)), keep_dims=False)
    time = ops.reduce_max(bands, ops.constant(np.array([2], np.int64)), keep_dims=False)
    return ov.Model([result(time.output(0), "embedding")], [mel], name)


class AisfxEmbedder:
    """A ``SoundEmbedder``. ``embed`` may be called from several threads; one works at a time. Runs in float32: rounding
    to bfloat16 moves scores near a threshold."""

    def __init__(self, model: ov.Model, manifest: ModelManifest, threads: int = 1) -> None:
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": threads,
            "INFERENCE_PRECISION_HINT": "f32",
        }
        self._request = ov.Core().compile_model(model, "CPU", settings).create_infer_request()
        self._lock = threading.Lock()
        self._manifest = manifest

    @property
    def manifest(self) -> ModelManifest:
        return self._manifest

    def embed(self, mels: Sequence[Mel]) -> SoundVectors:
        found = [np.zeros((0, self._manifest.outputs[0][1][-1]), np.float32)]
        for start in range(0, len(mels), _MOST):
            with self._lock:
                answer = self._request.infer([np.stack(mels[start : start + _MOST])])["embedding"]
                found.append(np.array(answer, np.float32))
        return np.concatenate(found)
