"""Builds an OpenVINO model from a TensorFlow.js graph, operation by operation.

TensorFlow computes with channels last, OpenVINO with channels second. Instead of a transposition before and after
every convolution, a tensor here is a value and the order of its axes (``Laid``): transposing only changes the order,
and most operations work on the value as it lies.
"""

__all__ = ["build_model"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import openvino as ov
from openvino import opset13 as ops

from vitrail.adapters.openvino.tfjs import Node, TfjsGraph
from vitrail.domain.errors import Invalid

Constant = npt.NDArray[Any]
_CHANNELS_LAST = (0, 2, 3, 1)
_CHANNELS_SECOND = (0, 3, 1, 2)
_EXACT_TIMES = (0.25, 0.5, 1.0, 2.0, 4.0)


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Axis ``i``, as the graph counts, is axis ``order[i]`` of ``value``."""

    value: ov.Output
    order: tuple[int, ...]

    @classmethod
    def plainly(cls, value: ov.Output) -> "Laid":
        return cls(value, tuple(range(len(value.get_partial_shape()))))

    def plain(self) -> ov.Output:
        """The value with its axes as the graph counts them."""
        return _turned(self.value, self.order)

    def channels_second(self) -> ov.Output:
        """A picture (batch, row, column, channel) of the graph as (batch, channel, row, column)."""
        return _turned(self.value, tuple(self.order[axis] for axis in _CHANNELS_SECOND))

    def beside(self, value: ov.Output) -> "Laid":
        return Laid(value, self.order)


Tensor = Laid | Constant


def build_model(graph: TfjsGraph, name: str) -> ov.Model:
    """The same computation as an OpenVINO model whose batch (first axis of every input) is dynamic.

    Outputs carry the names of the graph's signature. Raises ``Invalid`` on an operation that is not known here.
    """
    tensors: dict[str, Tensor] = dict(graph.weights)
    parameters = []
    for node in graph.nodes:
        if node.op == "Placeholder":
            parameter = ops.parameter([-1, *node.attributes.shape()[1:]], np.float32, name=node.name)
            parameter.output(0).set_names({node.name})
            parameters.append(parameter)
            tensors[node.name] = Laid.plainly(parameter.output(0))
            continue
        made = _make(node, [tensors[name] for name in node.inputs])
        tensors[node.name] = made[0]
        tensors |= {f"{node.name}:{index}": tensor for index, tensor in enumerate(made[1:], start=1)}
    results = []
    for output in graph.outputs:
        result = ops.result(_laid(tensors[output]).plain(), name=output)
        result.output(0).set_names({output})
        results.append(result)
    return ov.Model(results, parameters, name)


def _make(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    rule = _RULES.get(node.op)
    if rule is None:
        raise Invalid(
            f"operation {node.op} ({node.name}) is not known to the converter",
            rule=f"known are {', '.join(sorted(_RULES))}",
            remedy="give the model as ONNX or OpenVINO IR instead",
        )
    return rule(node, inputs)


def _turned(value: ov.Output, order: tuple[int, ...]) -> ov.Output:
    if order == tuple(range(len(order))):
        return value
    return ops.transpose(value, np.array(order, np.int64)).output(0)


def _laid(tensor: Tensor) -> Laid:
    return tensor if isinstance(tensor, Laid) else Laid.plainly(ops.constant(tensor).output(0))


def _known(tensor: Tensor) -> Constant:
    if isinstance(tensor, Laid):
        raise Invalid("an input that must be constant is computed", remedy="give the model as ONNX instead")
    return tensor


def _aligned(first: Tensor, second: Tensor) -> tuple[Laid, ov.Output]:
    """Both sides of an element-wise operation with the axes of the first that is no constant."""
    if not isinstance(first, Laid):
        first, second = second, first
    assert isinstance(first, Laid)
    if isinstance(second, Laid):
        same = second.value if second.order == first.order else _turned(second.plain(), _inverse(first.order))
        return first, same
    full = second.reshape((1,) * (len(first.order) - second.ndim) + second.shape)
    return first, ops.constant(full.transpose(_inverse(first.order))).output(0)


def _inverse(order: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(axis) for axis in np.argsort(order))


def _add(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    first, second = inputs
    if not isinstance(first, Laid) and not isinstance(second, Laid):
        return [first + second]
    side, other = _aligned(first, second)
    return [side.beside(ops.add(side.value, other).output(0))]


def _identity(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    return [inputs[0]]


def _sigmoid(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    side = _laid(inputs[0])
    return [side.beside(ops.sigmoid(side.value).output(0))]


def _leaky_relu(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    side = _laid(inputs[0])
    slope = np.float32(node.attributes.number("alpha", 0.2))
    return [side.beside(ops.prelu(side.value, ops.constant(slope.reshape(1))).output(0))]


def _transpose(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    side = _laid(inputs[0])
    return [Laid(side.value, tuple(side.order[int(axis)] for axis in _known(inputs[1])))]


def _pad(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    side = _laid(inputs[0])
    around = _known(inputs[1]).astype(np.int64)[list(_inverse(side.order))]
    if not around.any():
        return [side]
    fill = np.float32(_known(inputs[2])) if len(inputs) > 2 else np.float32(0)
    begin, end = ops.constant(around[:, 0]), ops.constant(around[:, 1])
    return [side.beside(ops.pad(side.value, begin, end, "constant", ops.constant(fill)).output(0))]


def _reshape(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    """A first length of 1 stands for the batch, which is copied (0) so that it may be any number; the last length is
    worked out from the rest (-1), so that it may follow the picture's size."""
    shape = _known(inputs[1]).astype(np.int64)
    if isinstance(inputs[0], Laid) and shape[0] == 1:
        shape[0] = 0
        if (shape[1:] > 0).all() and len(shape) > 1:
            shape[-1] = -1
    value = ops.reshape(_laid(inputs[0]).plain(), ops.constant(shape), special_zero=True)
    return [Laid.plainly(value.output(0))]


def _concat(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    parts = [_laid(tensor) for tensor in inputs[:-1]]
    first = parts[0]
    axis = int(_known(inputs[-1])) % len(first.order)
    values = [_aligned(first, part)[1] for part in parts]
    return [first.beside(ops.concat(values, first.order[axis]).output(0))]


def _split(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    side = _laid(inputs[0])
    lengths = _known(inputs[1]).astype(np.int64)
    axis = side.order[int(_known(inputs[2])) % len(side.order)]
    parts = ops.variadic_split(side.value, ops.constant(np.int64(axis)), ops.constant(lengths))
    return [side.beside(parts.output(index)) for index in range(len(lengths))]


def _window(node: Node, name: str) -> list[int]:
    """The two middle numbers of an attribute that has one for each of batch, row, column, channel."""
    if node.attributes.text("data_format", "NHWC") != "NHWC":
        raise Invalid(f"{node.op} ({node.name}) does not have its channels last", remedy="give the model as ONNX")
    return list(node.attributes.numbers(name, (1, 1, 1, 1))[1:3])


def _padding(node: Node) -> str:
    """TensorFlow's SAME puts the odd pixel after; VALID pads nothing."""
    kind = node.attributes.text("padding", "VALID")
    if kind not in ("SAME", "VALID"):
        raise Invalid(f"{node.op} ({node.name}) pads by {kind}", remedy="give the model as ONNX")
    return "same_upper" if kind == "SAME" else "valid"


def _conv(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    picture = _laid(inputs[0]).channels_second()
    filters = ops.constant(np.ascontiguousarray(_known(inputs[1]).transpose(3, 2, 0, 1)))
    strides, spread = _window(node, "strides"), _window(node, "dilations")
    made = ops.convolution(picture, filters, strides, [0, 0], [0, 0], spread, auto_pad=_padding(node))
    return [Laid(made.output(0), _CHANNELS_LAST)]


def _max_pool(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    picture = _laid(inputs[0]).channels_second()
    strides, kernel = _window(node, "strides"), _window(node, "ksize")
    made = ops.max_pool(picture, strides, [1, 1], [0, 0], [0, 0], kernel, "floor", _padding(node))
    return [Laid(made.output(0), _CHANNELS_LAST)]


def _resize(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    picture = _laid(inputs[0]).channels_second()
    how = "asymmetric"
    if node.attributes.flag("half_pixel_centers"):
        how = "half_pixel"
    elif node.attributes.flag("align_corners"):
        how = "align_corners"
    size = _known(inputs[1]).astype(np.int64)
    given = np.array([picture.get_partial_shape()[axis].get_length() for axis in (2, 3)])
    axes = ops.constant(np.array([2, 3], np.int64))
    times = (size / given).astype(np.float32)
    if np.isin(times, _EXACT_TIMES).all():  # so many times larger or smaller, whatever the picture's size
        made = ops.interpolate(
            picture, ops.constant(times), "linear", "scales", coordinate_transformation_mode=how, axes=axes
        )
    else:
        made = ops.interpolate(
            picture, ops.constant(size), "linear", "sizes", coordinate_transformation_mode=how, axes=axes
        )
    return [Laid(made.output(0), _CHANNELS_LAST)]


def _sparse_to_dense(node: Node, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Occurs among constants only: leftovers of shapes computed by TensorFlow."""
    places, shape, values, default = (_known(tensor) for tensor in inputs)
    dense = np.full(shape, default, values.dtype)
    if values.size:
        at = places.reshape(-1, 1) if places.ndim < 2 else places
        dense[tuple(at.T)] = values
    return [dense]


_RULES: Mapping[str, Callable[[Node, Sequence[Tensor]], list[Tensor]]] = {
    "Add": _add,
    "AddV2": _add,
    "BiasAdd": _add,
    "ConcatV2": _concat,
    "Conv2D": _conv,
    "Identity": _identity,
    "LeakyRelu": _leaky_relu,
    "MaxPool": _max_pool,
    "Pad": _pad,
    "PadV2": _pad,
    "Reshape": _reshape,
    "ResizeBilinear": _resize,
    "Sigmoid": _sigmoid,
    "SparseToDense": _sparse_to_dense,
    "SplitV": _split,
    "Transpose": _transpose,
}
