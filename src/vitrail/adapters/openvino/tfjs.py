"""Reads a TensorFlow.js graph model (``model.json`` and its weight shards) into plain values, without TensorFlow.

The format is TensorFlow's GraphDef written as JSON, beside a list of weights that lie one after the other in binary
shards; weights may be stored as float16, or as integers with a scale and a minimum.
"""

__all__ = ["Attributes", "Node", "TfjsGraph", "read_tfjs"]

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitrail.domain.errors import Corrupt

_STORED = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}
_QUANTISED = {"float16": np.float16, "uint8": np.uint8, "uint16": np.uint16}


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes of a node; numbers arrive as text and text as base64."""

    raw: Mapping[str, Any]

    def flag(self, name: str) -> bool:
        return bool(self.raw.get(name, {}).get("b", False))

    def number(self, name: str, default: float) -> float:
        return float(self.raw.get(name, {}).get("f", default))

    def text(self, name: str, default: str) -> str:
        coded = self.raw.get(name, {}).get("s")
        return default if coded is None else base64.b64decode(coded).decode("ascii")

    def numbers(self, name: str, default: Sequence[int]) -> tuple[int, ...]:
        listed = self.raw.get(name, {}).get("list", {}).get("i")
        return tuple(int(value) for value in listed or default)

    def shape(self) -> tuple[int, ...]:
        return tuple(int(d.get("size", -1)) for d in self.raw["shape"]["shape"].get("dim", []))


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. ``inputs`` are tensor names: ``op`` for the first output, ``op:1`` for the second."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class TfjsGraph:
    """``nodes`` stand in an order in which each one's inputs come first; constants are in ``weights`` only."""

    nodes: tuple[Node, ...]
    weights: Mapping[str, npt.NDArray[Any]]
    outputs: tuple[str, ...]


def read_tfjs(path: Path) -> TfjsGraph:
    """The graph in ``path`` with the weight shards beside it. Raises ``Corrupt`` when it is not such a model."""
    try:
        model = json.loads(path.read_bytes())
        weights = _weights(path.parent, model["weightsManifest"])
        nodes = [_node(raw) for raw in model["modelTopology"]["node"] if raw["op"] != "Const"]
        signature = model.get("signature") or model["userDefinedMetadata"]["signature"]
        outputs = tuple(_tensor(value["name"]) for value in signature["outputs"].values())
        return TfjsGraph(_in_order(nodes, weights), weights, outputs)
    except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
        raise Corrupt(
            f"not a TensorFlow.js graph model that can be read: {type(error).__name__}: {error}",
            where=str(path),
            rule="L20",
            remedy="fetch the model again",
        ) from error


def _tensor(name: str) -> str:
    return name.removesuffix(":0")


def _node(raw: Mapping[str, Any]) -> Node:
    inputs = tuple(_tensor(name) for name in raw.get("input", []) if not name.startswith("^"))
    return Node(raw["name"], raw["op"], inputs, Attributes(raw.get("attr", {})))


def _weights(folder: Path, groups: Sequence[Mapping[str, Any]]) -> dict[str, npt.NDArray[Any]]:
    found: dict[str, npt.NDArray[Any]] = {}
    for group in groups:
        shards = b"".join((folder / Path(name).name).read_bytes() for name in group["paths"])
        at = 0
        for entry in group["weights"]:
            dtype = _STORED[entry["dtype"]]
            quantised = entry.get("quantization")
            stored = np.dtype(_QUANTISED[quantised["dtype"]] if quantised else dtype)
            count = int(np.prod(entry["shape"], dtype=np.int64))
            values = np.frombuffer(shards, stored, count, at).reshape(entry["shape"])
            at += count * stored.itemsize
            if quantised and "scale" in quantised:
                values = values.astype(np.float32) * quantised["scale"] + quantised["min"]
            found[entry["name"]] = values.astype(dtype)
        if at != len(shards):
            raise ValueError(f"weights take {at} bytes, the shards hold {len(shards)}")
    return found


def _in_order(nodes: Sequence[Node], weights: Mapping[str, npt.NDArray[Any]]) -> tuple[Node, ...]:
    """GraphDef promises no order: inputs first."""
    waiting = {node.name: node for node in nodes}
    done: set[str] = set(weights)
    ordered: list[Node] = []
    while waiting:
        ready = [n for n in waiting.values() if all(name.partition(":")[0] in done for name in n.inputs)]
        if not ready:
            raise ValueError(f"the graph has a loop or lacks an input near {next(iter(waiting))}")
        for node in ready:
            done.add(node.name)
            del waiting[node.name]
        ordered += ready
    return tuple(ordered)
