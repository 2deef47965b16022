"""``LikenessIndex``: blocks of 65,536 ids each, every finished block one memory-mapped file.

The first 64 numbers of a form are kept, one byte each: its axes come in the order of how much things differ along them,
so these tell most, in half the memory. What is approximate besides is which lists are looked into (IVF: Jégou et al.
2011) and the query, rounded to bytes: whoever asks weighs the answers again, with the whole forms.

The rows are the truth: a block whose file is missing, damaged or was made with other lists is made again from them.
That is also how erasure works: the files of the blocks that an erased row was in go at once, and come back without it.
"""

__all__ = ["BLOCK", "FaissIndex"]

import contextlib
import os
import threading
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

from vitrail.domain.errors import Unavailable
from vitrail.domain.sightings import FORM_BYTES
from vitrail.ports.embedder import Vectors
from vitrail.ports.sightings import SightingRecords

BLOCK = 1 << 16
_LISTS = 256
_LOOKED_INTO = 24
_COARSE = "lists.npy"
_ITERATIONS = 8
_KEPT = 64
_LEAST_EACH, _TIMES_ITS_PART = 128, 4
"""What a block names: some times its part of all that is asked for, since likenesses come in crowds."""
_SUM = ".crc32"
Rows = npt.NDArray[np.int8]
Ids = npt.NDArray[np.int64]
_State = tuple[int, int, int] | None


class FaissIndex:
    """Thread-safe. ``folder`` holds nothing that could not be made again; forms of each ``maker`` lie by themselves."""

    def __init__(self, folder: Path, records: SightingRecords, maker: str) -> None:
        self._folder = folder / maker
        self._maker = maker
        self._records = records
        self._lock = threading.RLock()
        self._blocks: dict[int, tuple[faiss.Index, _State]] = {}
        self._first = -1
        self._growing: tuple[int, Ids, Vectors] = (0, np.zeros(0, np.int64), np.zeros((0, _KEPT), np.float32))
        self._lists: Vectors | None = None

    def nearest(self, direction: Vectors, most: int) -> list[int]:
        query = _in_steps(direction)
        first, last = self._records.reach()
        with self._lock:
            self._drop_before(first // BLOCK)
            whole = range(first // BLOCK, last // BLOCK)
            each = min(most, max(_LEAST_EACH, _TIMES_ITS_PART * most // max(1, len(whole))))
            parts = [self._searched(number, query, each) for number in whole]
            parts.append(self._among_growing(last // BLOCK * BLOCK, last + 1, query, most))
        products = np.concatenate([products for products, _ in parts])
        ids = np.concatenate([ids for _, ids in parts])
        best = np.argsort(-products, kind="stable")[:most]
        return [int(i) for i in ids[best] if i >= 0]

    def forget(self, ids: Sequence[int]) -> None:
        with self._lock:
            for number in {i // BLOCK for i in ids}:
                self._blocks.pop(number, None)
                for path in self._folder.parent.rglob(f"{number:08d}.*"):  # also what other models made of them
                    path.unlink(missing_ok=True)
            self._growing = (0, self._growing[1][:0], self._growing[2][:0])

    def check(self, mend: bool, progress: Callable[[float], None]) -> list[str]:
        first, last = self._records.reach()
        wrong: list[str] = []
        numbers = range(first // BLOCK, last // BLOCK)
        with self._lock:
            self._drop_before(numbers.start)
            for done, number in enumerate(numbers, 1):
                if (said := self._difference(number)) is not None:
                    wrong.append(f"block {number}: {said}")
                    if mend:
                        self.forget([number * BLOCK])
                        self._block(number)
                progress(done / len(numbers))
        return wrong

    def _searched(self, number: int, query: Vectors, most: int) -> tuple[Vectors, Ids]:
        index = self._block(number)
        if not index.ntotal:
            return np.zeros(0, np.float32), np.zeros(0, np.int64)
        products, ids = index.search(query, min(most, index.ntotal))
        return products[0], ids[0]

    def _among_growing(self, first: int, after: int, query: Vectors, most: int) -> tuple[Vectors, Ids]:
        """The block that is not full yet: a plain product, with what was written since the last time."""
        start, ids, rows = self._growing
        if start != first or (len(ids) and ids[-1] >= after):
            start, ids, rows = first, ids[:0], rows[:0]
        new_ids, new_rows = self._forms(int(ids[-1]) + 1 if len(ids) else first, after)
        if len(new_ids):
            ids, rows = np.concatenate([ids, new_ids]), np.concatenate([rows, new_rows.astype(np.float32)])
        self._growing = (start, ids, rows)
        products = rows @ query[0]
        best = np.argsort(-products, kind="stable")[:most]
        return products[best], ids[best]

    def _block(self, number: int) -> faiss.Index:
        """A file that is gone (its rows were erased), or is not what was mapped any more, is made again: to read the
        mapping of a file that was cut short would end the process."""
        path = self._path(number)
        known = self._blocks.get(number)
        if known is not None and known[1] == _state(path):
            return known[0]
        index = self._read(path)
        if index is None:
            index = self._made(number, path)
        faiss.ParameterSpace().set_index_parameter(index, "nprobe", _LOOKED_INTO)
        self._blocks[number] = (index, _state(path))
        return index

    def _read(self, path: Path) -> faiss.Index | None:
        try:
            if _sum_of(path) != path.with_suffix(_SUM).read_text(encoding="ascii"):
                return None
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP)
        except (OSError, RuntimeError, UnicodeDecodeError):
            return None
        if not isinstance(index, faiss.IndexIVFScalarQuantizer) or index.d != _KEPT or index.nlist != _LISTS:
            return None
        lists = faiss.downcast_InvertedLists(index.invlists) if index.invlists else None
        if not isinstance(lists, faiss.OnDiskInvertedLists):
            return None
        lists.prefetch_nthread = 0  # no threads that go on reading the mapping after a search has ended
        return index

    def _made(self, number: int, path: Path) -> faiss.Index:
        ids, rows = self._forms(number * BLOCK, (number + 1) * BLOCK)
        index = self._empty(rows)
        if len(ids):
            index.add_with_ids(rows.astype(np.float32), ids)
        self._written(path, lambda place: faiss.write_index(index, str(place)))
        self._written(path.with_suffix(_SUM), lambda place: place.write_text(_sum_of(path), encoding="ascii"))
        return self._read(path) or index

    def _empty(self, rows: Rows) -> faiss.Index:
        lists = self._coarse(rows)
        quantizer = faiss.IndexFlatIP(_KEPT)
        quantizer.add(lists)
        index = faiss.IndexIVFScalarQuantizer(
            quantizer,
            _KEPT,
            _LISTS,
            faiss.ScalarQuantizer.QT_8bit_direct_signed,
            faiss.METRIC_INNER_PRODUCT,
            False,  # the forms themselves, not what is left of them beside the middle of their list
        )
        index.is_trained = True
        return index

    def _coarse(self, rows: Rows) -> Vectors:
        """The middles of the lists: learnt from the first block that filled up, the same for all others."""
        if self._lists is None:
            path = self._folder / _COARSE
            with contextlib.suppress(OSError, ValueError, EOFError):
                held = np.load(path, allow_pickle=False)
                if held.shape == (_LISTS, _KEPT) and np.isfinite(held).all():
                    self._lists = np.ascontiguousarray(held, np.float32)
        if self._lists is None:
            lists = _middles(rows.astype(np.float32))
            self._written(self._folder / _COARSE, lambda place: np.save(place.open("wb"), lists))
            self._lists = lists
        return self._lists

    def _forms(self, first: int, after: int) -> tuple[Ids, Rows]:
        held = list(self._records.forms(first, after, self._maker))
        ids = np.array([i for i, _ in held], np.int64)
        return ids, np.frombuffer(b"".join(form.steps for _, form in held), np.int8).reshape(-1, FORM_BYTES)[:, :_KEPT]

    def _difference(self, number: int) -> str | None:
        path = self._path(number)
        if not path.exists():
            return None  # it is made when it is next needed
        index = self._read(path)
        if index is None:
            return "its file is damaged"
        ids, _ = self._forms(number * BLOCK, (number + 1) * BLOCK)
        return None if index.ntotal == len(ids) else f"it holds {index.ntotal} forms, the rows {len(ids)}"

    def _drop_before(self, number: int) -> None:
        """Blocks whose rows are all gone."""
        if number == self._first:
            return
        self._first = number
        for old in [n for n in self._blocks if n < number]:
            del self._blocks[old]
        for path in (p for end in ("*.faiss", f"*{_SUM}") for p in self._folder.glob(end)):
            if path.stem.isdigit() and int(path.stem) < number:
                path.unlink(missing_ok=True)

    def _written(self, path: Path, write: Callable[[Path], object]) -> None:
        place = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write(place)
            place.chmod(0o600)
            place.replace(path)
        except (OSError, RuntimeError) as error:
            place.unlink(missing_ok=True)
            raise Unavailable(
                f"the index cannot be written: {error}", where=str(path), remedy="free some space on its disk"
            ) from error

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.faiss"


def _state(path: Path) -> _State:
    """What changes with a file's content; None when it is gone."""
    try:
        held = path.stat()
    except OSError:
        return None
    return held.st_ino, held.st_size, held.st_mtime_ns


def _sum_of(path: Path) -> str:
    """Looked at once for each block and process: what is mapped into memory must be what was written."""
    return f"{zlib.crc32(path.read_bytes()):08x}"


def _in_steps(direction: Vectors) -> Vectors:
    """Forms are whole numbers, and faiss multiplies them with the query's whole part: as large as bytes hold."""
    row = direction.reshape(1, -1)[:, :_KEPT].astype(np.float32)
    return np.ascontiguousarray(np.round(row * (127 / max(float(np.abs(row).max()), 1e-9))), np.float32)


def _middles(rows: Vectors) -> Vectors:
    if len(rows) < _LISTS:
        rows = np.concatenate([rows, np.random.default_rng(0).normal(size=(_LISTS, _KEPT))]).astype(np.float32)
    learner = faiss.Kmeans(_KEPT, _LISTS, niter=_ITERATIONS, seed=1, spherical=False, min_points_per_centroid=1)
    learner.train(np.ascontiguousarray(rows))
    return np.asarray(learner.centroids, np.float32)
