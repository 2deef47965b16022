"""Reads the tensors of a PyTorch checkpoint without PyTorch, and without running anything that the file asks for.

A checkpoint is a pickle, and a pickle may call whatever it names. Here it may only name what describes tensors; any
other name stops the reading. Both layouts are known: the archive (a zip with one entry a storage) and the older plain
file (pickles, then the storages one after the other).
"""

__all__ = ["read_pth"]

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from vitrail.domain.errors import Corrupt, Refused

Array = npt.NDArray[Any]

_TYPES: Mapping[str, type[np.generic]] = {
    "FloatStorage": np.float32,
    "DoubleStorage": np.float64,
    "HalfStorage": np.float16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}
_MOST_NUMBERS = 1 << 28
_HEADER_PICKLES = 3


@dataclass(slots=True, eq=False)
class _Storage:
    """Numbers that several tensors may look at; ``numbers`` come last in the older layout."""

    kind: type[np.generic]
    count: int
    numbers: Array | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> Array:
        numbers = self.storage.numbers
        reach = self.offset + sum((n - 1) * step for n, step in zip(self.shape, self.strides, strict=True)) + 1
        fits = numbers is not None and min((*self.shape, *self.strides, self.offset), default=0) >= 0
        if not fits or numbers is None or (0 not in self.shape and reach > len(numbers)):
            raise ValueError("a tensor reaches beyond its storage")
        steps = [step * numbers.itemsize for step in self.strides]
        return np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, steps, writeable=False).copy()


def read_pth(path: Path) -> dict[str, Array]:
    """Every tensor of the checkpoint by its dotted name, as parameters lie in (nested) dictionaries; other values are
    left out. Raises ``Corrupt``, or ``Refused`` (L20) when the file wants to run something."""
    try:
        found = _zipped(path) if zipfile.is_zipfile(path) else _plain(path)
        return dict(_tensors(found, ""))
    except (pickle.UnpicklingError, zipfile.BadZipFile, KeyError, ValueError, EOFError, struct.error) as error:
        raise Corrupt(f"{path.name} is no checkpoint that can be read: {error}", where=str(path), rule="L20") from error
    except (AttributeError, IndexError, TypeError, OverflowError, MemoryError) as error:
        raise Corrupt(f"{path.name} is a damaged checkpoint: {error}", where=str(path), rule="L20") from error


class _Reader(pickle.Unpickler):
    def __init__(self, file: Any, storage: Callable[[tuple[Any, ...]], _Storage]) -> None:
        super().__init__(file)
        self._storage = storage

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        known = _KNOWN.get((module, name))
        if known is None:
            _refuse(f"{module}.{name}")
        return known

    def persistent_load(self, pid: Any) -> _Storage:
        return self._storage(pid)


def _refuse(name: str) -> NoReturn:
    raise Refused(
        f"the checkpoint names {name}, which is no part of a tensor",
        rule="L20",
        remedy="do not use this file",
    )


def _rebuilt(storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _View:
    return _View(storage, offset, tuple(shape), tuple(strides))


def _parameter(view: _View, *_: Any) -> _View:
    return view


class _Ignored:
    """Stands for numbers that are no tensor, whatever they are made of."""

    def __init__(self, *_: Any) -> None: ...

    def __setstate__(self, _: Any) -> None: ...


_KNOWN: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "Size"): tuple,
    ("numpy", "dtype"): _Ignored,
    ("numpy.core.multiarray", "scalar"): _Ignored,
    ("numpy._core.multiarray", "scalar"): _Ignored,
    ("_codecs", "encode"): _Ignored,
}


def _zipped(path: Path) -> Any:
    with zipfile.ZipFile(path) as archive:
        listing = next(name for name in archive.namelist() if name.endswith("data.pkl"))
        folder = listing.removesuffix("data.pkl")

        def storage(pid: tuple[Any, ...]) -> _Storage:
            kind, count = pid[1], _checked(pid[4])
            name = f"{folder}data/{pid[2]}"
            if archive.getinfo(name).file_size != count * np.dtype(kind).itemsize:
                raise ValueError(f"storage {pid[2]} has another length than it says")
            return _Storage(kind, count, np.frombuffer(archive.read(name), kind))

        return _Reader(io.BytesIO(archive.read(listing)), storage).load()


def _plain(path: Path) -> Any:
    storages: dict[str, _Storage] = {}

    def storage(pid: tuple[Any, ...]) -> _Storage:
        return storages.setdefault(pid[2], _Storage(pid[1], _checked(pid[4])))

    with path.open("rb") as file:
        for _ in range(_HEADER_PICKLES):
            _Reader(file, storage).load()
        found = _Reader(file, storage).load()
        for key in _Reader(file, storage).load():
            (count,) = struct.unpack("<q", file.read(8))
            one = storages[key]
            if count != one.count:
                raise ValueError(f"storage {key} has another length than it says")
            one.numbers = np.frombuffer(file.read(count * np.dtype(one.kind).itemsize), one.kind)
    return found


def _checked(count: int) -> int:
    if not 0 <= count <= _MOST_NUMBERS:
        raise ValueError(f"a storage of {count} numbers")
    return count


def _tensors(found: Any, name: str) -> list[tuple[str, Array]]:
    if isinstance(found, _View):
        return [(name, found.array())]
    if isinstance(found, tuple):
        return [pair for part in found for pair in _tensors(part, name)]
    if isinstance(found, dict):
        inside = [_tensors(value, f"{name}.{key}" if name else str(key)) for key, value in found.items()]
        return [pair for pairs in inside for pair in pairs]
    return []
