"""YAMNet (Google; Apache-2.0), a network that knows the sounds of two million films, as a sound embedding.

Depthwise separable convolutions over a log-mel picture (Howard and others, 2017; Gemmeke and others, 2017); the mean
over time and pitch. It also sorts sounds into 521 kinds, among them kinds of voices: only the kinds that our manifest
names are built, and nothing of the others is kept (law.md, red line 3).
"""

__all__ = ["KINDS_AT", "YamnetEmbedder", "build_yamnet", "read_yamnet"]

import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from vitrail.adapters.openvino.layers import Weights, parameter, result, taken
from vitrail.domain.errors import Corrupt
from vitrail.domain.models import ModelManifest
from vitrail.ports.sound import Mel, SoundVectors

_EPSILON = 1e-4
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
_FRAMES, _BANDS = 96, 64
_MOST = 16
KINDS_AT = {
    "scream": 11, "shout": 6, "yell": 9, "singing": 24, "cheering": 61, "applause": 62, "crowd": 64, "clapping": 58,
    "bark": 70, "bird": 106, "music": 132, "drum": 159, "snare": 160, "thunder": 281, "fire": 292, "vehicle": 294,
    "horn": 302, "car alarm": 304, "helicopter": 333, "engine": 337, "chainsaw": 341, "door": 348, "slam": 352,
    "knock": 353, "alarm": 382, "siren": 390, "civil siren": 391, "smoke alarm": 393, "fire alarm": 394, "whistle": 396,
    "hammer": 413, "jackhammer": 414, "explosion": 420, "gunshot": 421, "machine gun": 422, "fusillade": 423,
    "artillery": 424, "cap gun": 425, "fireworks": 426, "firecracker": 427, "burst": 428, "eruption": 429, "boom": 430,
    "crack": 434, "glass": 435, "chink": 436, "shatter": 437, "thump": 454, "bang": 460, "slap": 461, "whack": 462,
    "smash": 463, "breaking": 464, "whip": 466, "beep": 475, "clang": 478,
}  # fmt: skip
"""Which of its 521 kinds we let it say, in this order: sounds of things and of alarm, no voice's owner."""


def read_yamnet(folder: Path, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Its weights, by the names of its layers, from TensorFlow's three files. OpenVINO reads them: no TensorFlow."""
    with tempfile.TemporaryDirectory(prefix="vitrail-yamnet-") as name:
        saved = Path(name)
        (saved / "variables").mkdir()
        for file in names:
            shutil.copy(folder / file, saved / "variables" / file if file.startswith("variables") else saved / file)
        try:
            model = ov.Core().read_model(saved)
        except RuntimeError as error:
            raise Corrupt("OpenVINO cannot read this TensorFlow model", rule="L20", remedy="fetch it again") from error
        found = ((op.get_friendly_name(), op) for op in model.get_ops() if op.get_type_name() == "Constant")
        return {
            name: np.array(op.data, np.float32) for name, op in found if name.split("/")[0][:5] in ("layer", "dense")
        }


def build_yamnet(weights: Weights, name: str) -> ov.Model:
    """``mel`` (n, 96, 64) -> ``embedding`` (n, 1024) and ``sounds`` (n, 56), log odds in the order of ``KINDS_AT``."""
    mel = parameter("mel", [-1, _FRAMES, _BANDS])
    value = ops.unsqueeze(mel, ops.constant(np.array([1], np.int64))).output(0)
    value = _layer(value, weights, "layer1/conv/kernel", "layer1/conv/bn", 2)
    for index, stride in enumerate(_STRIDES, start=2):
        alone, joined = f"layer{index}/depthwise_conv", f"layer{index}/pointwise_conv"
        value = _layer(value, weights, f"{alone}/depthwise_kernel", f"{alone}/bn", stride, alone=True)
        value = _layer(value, weights, f"{joined}/kernel", f"{joined}/bn", 1)
    embedding = ops.reduce_mean(value, ops.constant(np.array([2, 3], np.int64)), keep_dims=False)
    at = list(KINDS_AT.values())
    kinds = np.ascontiguousarray(taken(weights, "dense/kernel")[:, at])
    said = ops.add(
        ops.matmul(embedding, ops.constant(kinds), False, False), ops.constant(taken(weights, "dense/bias")[at])
    )
    return ov.Model([result(embedding.output(0), "embedding"), result(said.output(0), "sounds")], [mel], name)


def _layer(value: ov.Output, weights: Weights, kernel: str, norm: str, stride: int, alone: bool = False) -> ov.Output:
    """A convolution and the batch norm behind it, folded into one; padded as TensorFlow's SAME; what is below zero
    is cut off."""
    scale = 1.0 / np.sqrt(taken(weights, f"{norm}/moving_variance") + _EPSILON)
    shift = taken(weights, f"{norm}/beta") - taken(weights, f"{norm}/moving_mean") * scale
    where = ([stride, stride], [0, 0], [0, 0], [1, 1])
    if alone:
        filters = taken(weights, kernel).transpose(2, 3, 0, 1)[:, None] * scale[:, None, None, None, None]
        made = ops.group_convolution(value, ops.constant(np.ascontiguousarray(filters)), *where, auto_pad="same_upper")
    else:
        filters = taken(weights, kernel).transpose(3, 2, 0, 1) * scale[:, None, None, None]
        made = ops.convolution(value, ops.constant(np.ascontiguousarray(filters)), *where, auto_pad="same_upper")
    return ops.relu(ops.add(made, ops.constant(shift[None, :, None, None]))).output(0)


class YamnetEmbedder:
    """A ``SoundEmbedder``: embedding and kinds, joined. ``embed`` may be called from several threads; one works at a
    time. Runs in float32: rounding to bfloat16 moves scores near a threshold."""

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
        found = [np.zeros((0, sum(shape[-1] for _, shape in self._manifest.outputs)), np.float32)]
        for start in range(0, len(mels), _MOST):
            with self._lock:
                answer = self._request.infer([np.stack(mels[start : start + _MOST])])
                found.append(np.concatenate([answer["embedding"], answer["sounds"]], axis=1, dtype=np.float32))
        return np.concatenate(found)
