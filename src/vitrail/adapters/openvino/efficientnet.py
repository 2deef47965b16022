"""EfficientNet-Lite2 (Tan and Le 2019; Lite: without squeeze-and-excitation, ReLU6 throughout) from its checkpoint."""

__all__ = ["CELLS", "build_efficientnet_lite", "build_place_reader"]

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from vitrail.adapters.openvino.layers import Weights, convolved, parameter, result

_SIDE = 260
CELLS = 17
"""Cells along each side of what the network makes of a picture half way: each sees about a quarter of it."""
PARTS = 9
"""The same of what it makes later on."""
_HALF_WAY, _LATER = 5, 6
_STAGES = ((1, 1), (3, 2), (3, 2), (4, 2), (4, 1), (5, 2), (1, 1))
"""Blocks of each stage and the stride of its first one: EfficientNet-B0's, 1.2 times as deep but at both ends."""


def build_efficientnet_lite(weights: Weights, name: str) -> ov.Model:
    """``picture`` (n, 3, 260, 260), RGB, (value - 127) / 128 -> ``embedding`` (n, 1280), not below 0.

    The classes it was trained on are left out: among them are pieces of clothing, and nobody here may say them."""
    picture, middle, _, _ = _network(weights)
    return ov.Model([result(middle, "embedding")], [picture], name)


def build_place_reader(weights: Weights, name: str) -> ov.Model:
    """The same, with what it has made of the picture half way, ``cells`` (n, 120, 17, 17), and later, ``parts``
    (n, 208, 9, 9)."""
    picture, middle, cells, parts = _network(weights)
    said = [result(middle, "embedding"), result(cells, "cells"), result(parts, "parts")]
    return ov.Model(said, [picture], name)


def _network(weights: Weights) -> "tuple[ov.Node, ov.Output, ov.Output, ov.Output]":
    picture = parameter("picture", [-1, 3, _SIDE, _SIDE])
    made: dict[int, ov.Output] = {}
    value = _relu6(convolved(picture.output(0), weights, "_conv_stem", "_bn0", 2))
    index = 0
    for stage, (blocks, stride) in enumerate(_STAGES, 1):
        for position in range(blocks):
            value = _block(value, weights, f"_blocks.{index}", stride if position == 0 else 1)
            index += 1
        made[stage] = value
    value = _relu6(convolved(value, weights, "_conv_head", "_bn1"))
    middle = ops.reduce_mean(value, ops.constant(np.array([2, 3], np.int64)), keep_dims=False).output(0)
    return picture, middle, made[_HALF_WAY], made[_LATER]


def _block(value: ov.Output, weights: Weights, name: str, stride: int) -> ov.Output:
    """Inverted residual: widen, look around channel by channel, narrow; added to what came in where sizes agree."""
    wide, norms = value, iter(("_bn0", "_bn1", "_bn2"))
    if f"{name}._expand_conv.weight" in weights:
        wide = _relu6(convolved(value, weights, f"{name}._expand_conv", f"{name}.{next(norms)}"))
    else:
        next(norms)
    wide = _relu6(convolved(wide, weights, f"{name}._depthwise_conv", f"{name}.{next(norms)}", stride, alone=True))
    made = convolved(wide, weights, f"{name}._project_conv", f"{name}.{next(norms)}")
    same = stride == 1 and made.get_partial_shape()[1] == value.get_partial_shape()[1]
    return ops.add(made, value).output(0) if same else made


def _relu6(value: ov.Output) -> ov.Output:
    return ops.clamp(value, 0.0, 6.0).output(0)
