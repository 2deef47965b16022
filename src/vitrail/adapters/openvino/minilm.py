"""all-MiniLM-L6-v2 (Wang et al. 2020; sentence-transformers, Apache-2.0) from its safetensors file and vocabulary.

Six layers of twelve heads; the words' vectors are averaged and normalised. The vocabulary travels inside the model,
so that one digest binds both.
"""

__all__ = ["VOCABULARY", "build_minilm", "read_safetensors", "read_vocabulary"]

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from vitrail.adapters.openvino.layers import Array, Weights, linear, normalised, parameter, result, taken
from vitrail.domain.errors import Corrupt

VOCABULARY = ["vitrail", "vocabulary"]
_TYPES: Mapping[str, type[np.generic]] = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
_LAYERS, _HEADS, _EACH = 6, 12, 32
_EPSILON = 1e-12
_HIDDEN = -10_000.0
_MOST_HEADER_BYTES = 1 << 24


def read_safetensors(path: Path) -> dict[str, Array]:
    """Raises ``Corrupt``."""
    try:
        held = path.read_bytes()
        length = int.from_bytes(held[:8], "little")
        if length > _MOST_HEADER_BYTES:
            raise ValueError("its header is far too long")
        header = json.loads(held[8 : 8 + length])
        return {name: _tensor(held, 8 + length, said) for name, said in header.items() if name != "__metadata__"}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Corrupt(f"{path.name} is no safetensors file: {error}", where=str(path), rule="L20") from error


def _tensor(held: bytes, base: int, said: Mapping[str, Any]) -> Array:
    start, end = said["data_offsets"]
    return np.frombuffer(held[base + start : base + end], _TYPES[said["dtype"]]).reshape(said["shape"])


def read_vocabulary(path: Path) -> str:
    """One word a line -> words between spaces; the place of a word is its number. Raises ``Corrupt``."""
    words = path.read_text(encoding="utf-8").splitlines()
    if any(not word or " " in word for word in words):
        raise Corrupt(f"{path.name} holds a line that is no word", where=str(path), rule="L20")
    return " ".join(words)


def build_minilm(weights: Weights, vocabulary: str, name: str) -> ov.Model:
    """``tokens`` (n, length) and ``mask`` (n, length; 1 for a word) -> ``embedding`` (n, 384), of length 1."""
    tokens = parameter("tokens", [-1, -1], np.int64)
    mask = parameter("mask", [-1, -1], np.int64)
    seen = ops.convert(mask, "f32").output(0)
    value = _embedded(tokens.output(0), weights)
    hidden = ops.multiply(ops.subtract(ops.constant(np.float32(1)), seen), ops.constant(np.float32(_HIDDEN)))
    bias = ops.unsqueeze(hidden, ops.constant(np.array([1, 2], np.int64))).output(0)
    for index in range(_LAYERS):
        value = _layer(value, bias, weights, f"encoder.layer.{index}")
    model = ov.Model([result(_averaged(value, seen), "embedding")], [tokens, mask], name)
    model.set_rt_info(vocabulary, VOCABULARY)
    return model


def _embedded(tokens: ov.Output, weights: Weights) -> ov.Output:
    axis = ops.constant(np.int64(0))
    words = ops.gather(ops.constant(taken(weights, "embeddings.word_embeddings.weight")), tokens, axis)
    length = ops.gather(ops.shape_of(tokens), ops.constant(np.int64(1)), axis)
    counted = ops.range(ops.constant(np.int64(0)), length, ops.constant(np.int64(1)), "i64")
    places = ops.gather(ops.constant(taken(weights, "embeddings.position_embeddings.weight")), counted, axis)
    kind = ops.constant(taken(weights, "embeddings.token_type_embeddings.weight")[0])
    return normalised(ops.add(ops.add(words, kind), places).output(0), weights, "embeddings.LayerNorm", _EPSILON)


def _layer(value: ov.Output, bias: ov.Output, weights: Weights, name: str) -> ov.Output:
    attended = linear(
        _attended(value, bias, weights, f"{name}.attention.self"), weights, f"{name}.attention.output.dense"
    )
    value = normalised(ops.add(attended, value).output(0), weights, f"{name}.attention.output.LayerNorm", _EPSILON)
    wide = ops.gelu(linear(value, weights, f"{name}.intermediate.dense"), "ERF").output(0)
    narrow = linear(wide, weights, f"{name}.output.dense")
    return normalised(ops.add(narrow, value).output(0), weights, f"{name}.output.LayerNorm", _EPSILON)


def _attended(value: ov.Output, bias: ov.Output, weights: Weights, name: str) -> ov.Output:
    query, key, held = (_heads(linear(value, weights, f"{name}.{part}")) for part in ("query", "key", "value"))
    scale = ops.constant(np.float32(_EACH**-0.5))
    fit = ops.add(ops.multiply(ops.matmul(query, key, False, True), scale), bias)
    taken_from = ops.matmul(ops.softmax(fit, -1), held, False, False)
    back = ops.transpose(taken_from, ops.constant(np.array([0, 2, 1, 3], np.int64)))
    shape = ops.constant(np.array([0, 0, _HEADS * _EACH], np.int64))
    return ops.reshape(back, shape, special_zero=True).output(0)


def _heads(value: ov.Output) -> ov.Output:
    shape = ops.constant(np.array([0, 0, _HEADS, _EACH], np.int64))
    apart = ops.reshape(value, shape, special_zero=True)
    return ops.transpose(apart, ops.constant(np.array([0, 2, 1, 3], np.int64))).output(0)


def _averaged(value: ov.Output, seen: ov.Output) -> ov.Output:
    weight = ops.unsqueeze(seen, ops.constant(np.int64(2)))
    axis = ops.constant(np.array([1], np.int64))
    total = ops.reduce_sum(ops.multiply(value, weight), axis, keep_dims=False)
    mean = ops.divide(total, ops.reduce_sum(weight, axis, keep_dims=False))
    return ops.normalize_l2(mean, axis, 1e-12, "max").output(0)
