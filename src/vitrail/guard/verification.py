"""Checks a ledger from its entries alone: order, links, tree, and every signed head."""

__all__ = ["VerifyReport", "checkpoint_note", "verify"]

import base64
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vitrail.domain.ledger import BLOCK, FIRST_LINK, Checkpoint, Entry, Operation, leaf_hash, link_after, period_of
from vitrail.guard.merkle import CompactRange
from vitrail.guard.sealing import FORGOTTEN, MACHINE
from vitrail.ports.records import LedgerRecords

_PROBLEMS_KEPT = 20
_MONTH = re.compile(r"\d{4}-\d{2}")


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """``problems`` is empty when all is well; else the first ones, in order, each naming its entry or checkpoint."""

    size: int
    root_hex: str
    checkpoints: int
    problems: tuple[str, ...]


def checkpoint_note(size: int, root: bytes, at_us: int) -> bytes:
    """The bytes that a checkpoint's signature covers."""
    return f"vitrail ledger 1\n{size}\n{base64.b64encode(root).decode()}\n{at_us}\n".encode()


def verify(
    records: LedgerRecords,
    public_key: bytes,
    progress: Callable[[float], None] | None = None,
    kept: Iterable[Checkpoint] = (),
) -> VerifyReport:
    """Entries written while this runs are left for the next time. ``kept``: heads that a witness has."""
    checkpoints = list(records.checkpoints())
    size = records.size()
    walk = _Walk(sorted([*checkpoints, *kept], key=lambda c: (c.size, c.at_us)), public_key, records.blocks(0, size))
    rows = zip_longest(records.read(0, size), records.leaf_hashes(0, size), records.links(0, size))
    for count, (row, stored_leaf, stored_link) in enumerate(rows):
        walk.step(count, row, stored_leaf, stored_link)
        if progress and count % 256 == 0:
            progress(count / size)
    walk.finish(size, records.keys.ids())
    if progress:
        progress(1.0)
    return VerifyReport(size, walk.tree.root().hex(), len(checkpoints), tuple(walk.problems[:_PROBLEMS_KEPT]))


@dataclass(slots=True)
class _Walk:
    """The state of one pass over the entries."""

    checkpoints: list[Checkpoint]
    public_key: bytes
    blocks: Iterator[bytes]
    whole: CompactRange = field(default_factory=CompactRange)
    part: CompactRange = field(default_factory=CompactRange)
    link: bytes = FIRST_LINK
    at_us: int = 0
    broken: bool = False
    agreed: int = 0
    sealed: dict[str, tuple[int, str]] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    _pending: Iterator[Checkpoint] = field(init=False)
    _next: Checkpoint | None = field(init=False)

    def __post_init__(self) -> None:
        self._pending = iter(self.checkpoints)
        self._next = next(self._pending, None)
        self._heads()

    def step(
        self, count: int, row: tuple[int, bytes] | None, stored_leaf: bytes | None, stored_link: bytes | None
    ) -> None:
        if row is None:
            self._say(f"entry {count}: gone, its hash is still there")
            return
        index, payload = row
        if index != count and not self.broken:
            self._break(f"entry {count}: missing (the next one found is {index})")
        leaf = leaf_hash(payload)
        self._grow(leaf)
        self.link = link_after(self.link, leaf)
        if not self.broken:
            wrong = self._wrong(count, payload, leaf == stored_leaf, self.link == stored_link)
            if wrong:
                self._break(f"entry {count}: {wrong}")
        self._heads()

    @property
    def tree(self) -> CompactRange:
        return self.whole.then(self.part)

    def _grow(self, leaf: bytes) -> None:
        self.part = self.part.grown(leaf)
        if self.part.size < BLOCK:
            return
        root, stored = self.part.root(), next(self.blocks, b"")
        if root != stored and not self.broken:
            self._break(
                f"entries {self.whole.size}..{self.whole.size + BLOCK - 1}: the root kept of them is not theirs"
            )
        self.whole, self.part = self.whole.grown(root, BLOCK), CompactRange()

    def _wrong(self, index: int, payload: bytes, leaf_fits: bool, link_fits: bool) -> str:
        """What is wrong with one entry, if anything."""
        if not leaf_fits:
            return "its text was changed (it does not fit its stored hash)"
        if not link_fits:
            return "it was changed, moved or inserted (it does not fit the chain)"
        try:
            entry = Entry.parse(payload)
            if entry.payload() != payload:
                return "it is not in canonical form"
            if entry.about is not None and not 0 <= entry.about < index:
                return f"it speaks of entry {entry.about}, which is not before it"
            self._keys(index, entry)
        except (ValueError, TypeError, KeyError, OverflowError, OSError):
            return "it cannot be read as an entry"
        return ""

    def _keys(self, index: int, entry: Entry) -> None:
        if entry.key_id and entry.key_id not in self.sealed:
            self.sealed[entry.key_id] = (index, period_of(entry.at_us))
        if entry.target == FORGOTTEN and entry.actor == MACHINE and entry.operation is Operation.ERASE:
            self.forgotten.update(_MONTH.findall(entry.detail))

    def finish(self, size: int, key_ids: set[str]) -> None:
        for key_id, (index, period) in self.sealed.items():
            if key_id not in key_ids and period not in self.forgotten and not self.broken:
                self._say(
                    f"entry {index}: the key of its sealed words is gone, and no entry says that it was destroyed"
                )
        while self._next is not None:
            signed = self._next.size
            self._say(f"entries {size}..{signed - 1}: missing (a checkpoint was signed over {signed} entries)")
            self._advance()

    def _heads(self) -> None:
        """Compare with every checkpoint signed at this size."""
        while self._next is not None and self._next.size <= self.whole.size + self.part.size:
            self._compare(self._next)
            self._advance()

    def _compare(self, checkpoint: Checkpoint) -> None:
        name = f"checkpoint at {checkpoint.size}"
        if checkpoint.public_key != self.public_key:
            self._say(f"{name}: signed with another key than this ledger's")
        elif not _signed(checkpoint):
            self._say(f"{name}: the signature does not fit")
        elif checkpoint.root != self.tree.root():
            span = f"{self.agreed}..{checkpoint.size - 1}"
            self._say(f"{name}: an entry among {span} is not what was signed")
        elif not self.broken:
            self.agreed = checkpoint.size

    def _advance(self) -> None:
        self._next = next(self._pending, None)

    def _break(self, problem: str) -> None:
        """Only the first wrong entry is named: all links after it are wrong by consequence."""
        self.broken = True
        self._say(problem)

    def _say(self, problem: str) -> None:
        self.problems.append(problem)


def _signed(checkpoint: Checkpoint) -> bool:
    note = checkpoint_note(checkpoint.size, checkpoint.root, checkpoint.at_us)
    try:
        Ed25519PublicKey.from_public_bytes(checkpoint.public_key).verify(checkpoint.signature, note)
    except (InvalidSignature, ValueError):
        return False
    return True
