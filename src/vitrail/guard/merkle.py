"""The Merkle tree of RFC 9162, section 2.1, over leaf hashes: roots, proofs and their verification. Pure."""

__all__ = [
    "EMPTY_ROOT",
    "CompactRange",
    "Span",
    "consistency_path",
    "consistency_proof",
    "inclusion_path",
    "inclusion_proof",
    "node_hash",
    "proves_consistency",
    "proves_inclusion",
    "root_of",
]

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class CompactRange:
    """The whole state needed to grow a tree: the roots of its perfect subtrees, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def grown(self, leaf: bytes, count: int = 1) -> "CompactRange":
        """With one more leaf hash at the end; or with the root of a perfect subtree of ``count`` leaves, where the size
        is a multiple of it."""
        peaks, low = [*self.peaks, leaf], self.size // count
        while low & 1:
            right = peaks.pop()
            peaks[-1] = node_hash(peaks[-1], right)
            low >>= 1
        return CompactRange(self.size + count, tuple(peaks))

    def then(self, tail: "CompactRange") -> "CompactRange":
        """Both, one after the other, where ``tail`` is smaller than the last perfect subtree of this one."""
        return CompactRange(self.size + tail.size, self.peaks + tail.peaks)

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def _split(n: int) -> int:
    """The largest power of two below ``n``."""
    return 1 << ((n - 1).bit_length() - 1)


def root_of(leaves: Sequence[bytes]) -> bytes:
    """MTH of section 2.1.1."""
    grown = CompactRange()
    for leaf in leaves:
        grown = grown.grown(leaf)
    return grown.root()


Span = Callable[[int, int], bytes]
"""The root over the leaves from ``start`` to before ``stop``; asked for spans that begin at a multiple of the largest
power of two below their length only."""


def _over(leaves: Sequence[bytes]) -> Span:
    return lambda start, stop: root_of(leaves[start:stop])


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH of section 2.1.3.1: that leaf ``index`` is in the tree of ``leaves``."""
    return inclusion_path(_over(leaves), index, len(leaves))


def inclusion_path(root: Span, index: int, size: int) -> list[bytes]:
    """The same, over leaves that are not in memory."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(root(middle, stop))
            stop = middle
        else:
            path.append(root(start, middle))
            start = middle
    return path[::-1]


def proves_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Section 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, running = index, size - 1, leaf
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            running = node_hash(step, running)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            running = node_hash(running, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and running == root


def consistency_proof(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """PROOF of section 2.1.4.1: that the tree of the first ``size`` leaves is a beginning of the tree of ``leaves``."""
    return consistency_path(_over(leaves), size, len(leaves))


def consistency_path(root: Span, first: int, second: int) -> list[bytes]:
    """The same, over leaves that are not in memory."""
    if not 0 < first <= second:
        raise ValueError(f"no tree of {first} in a tree of {second}")
    path: list[bytes] = []
    start, stop = 0, second
    while first != stop:
        middle = start + _split(stop - start)
        if first <= middle:
            path.append(root(middle, stop))
            stop = middle
        else:
            path.append(root(start, middle))
            start = middle
    if start:
        path.append(root(start, stop))
    return path[::-1]


def proves_consistency(first: int, first_root: bytes, second: int, second_root: bytes, proof: Sequence[bytes]) -> bool:
    """Section 2.1.4.2."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not proof and first_root == second_root
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(step, fr), node_hash(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root
