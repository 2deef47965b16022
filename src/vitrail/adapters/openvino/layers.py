"""The few layers that our converters of PyTorch checkpoints are made of, as operations of OpenVINO."""

__all__ = ["Weights", "convolved", "linear", "normalised", "parameter", "result", "taken"]

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as ops

from vitrail.domain.errors import Corrupt

Array = npt.NDArray[Any]
Weights = Mapping[str, Array]


def taken(weights: Weights, name: str) -> Array:
    """Raises ``Corrupt`` when the checkpoint has no such tensor."""
    found = weights.get(name)
    if found is None:
        raise Corrupt(
            f"the checkpoint lacks {name}", rule="L20", remedy="it is not of the model that the manifest names"
        )
    return np.asarray(found, np.float32)


def parameter(name: str, shape: Sequence[int], kind: type[np.generic] = np.float32) -> ov.Node:
    made = ops.parameter(list(shape), kind, name=name)
    made.output(0).set_names({name})
    return made


def result(value: ov.Output, name: str) -> ov.Node:
    made = ops.result(value, name=name)
    made.output(0).set_names({name})
    return made


def convolved(
    value: ov.Output,
    weights: Weights,
    convolution: str,
    norm: str,
    stride: int = 1,
    epsilon: float = 1e-3,
    alone: bool = False,
) -> ov.Output:
    """A convolution without bias and the batch norm behind it, folded into one; padded as TensorFlow's SAME. ``alone``:
    every channel by itself."""
    kernel = taken(weights, f"{convolution}.weight")
    scale = taken(weights, f"{norm}.weight") / np.sqrt(taken(weights, f"{norm}.running_var") + epsilon)
    shift = taken(weights, f"{norm}.bias") - taken(weights, f"{norm}.running_mean") * scale
    kernel = kernel * scale[:, None, None, None]
    where = ([stride, stride], [0, 0], [0, 0], [1, 1])
    if alone:
        filters = ops.constant(kernel[:, None])
        made = ops.group_convolution(value, filters, *where, auto_pad="same_upper")
    else:
        made = ops.convolution(value, ops.constant(kernel), *where, auto_pad="same_upper")
    return ops.add(made, ops.constant(shift[None, :, None, None])).output(0)


def linear(value: ov.Output, weights: Weights, name: str) -> ov.Output:
    """``x W' + b``"""
    product = ops.matmul(value, ops.constant(taken(weights, f"{name}.weight")), False, True)
    return ops.add(product, ops.constant(taken(weights, f"{name}.bias"))).output(0)


def normalised(value: ov.Output, weights: Weights, name: str, epsilon: float) -> ov.Output:
    """Layer norm over the last axis."""
    centred = ops.mvn(value, ops.constant(np.array([-1], np.int64)), True, epsilon, "INSIDE_SQRT")
    scaled = ops.multiply(centred, ops.constant(taken(weights, f"{name}.weight")))
    return ops.add(scaled, ops.constant(taken(weights, f"{name}.bias"))).output(0)
