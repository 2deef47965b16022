"""The ledger: what is done with personal data, written down before it happens (law.md L13, L14).

A hash-linked Merkle log (RFC 9162): entries are leaves, signed checkpoints are heads of the tree, and a chain of
links beside the tree names the first entry that somebody touched. ``vitrail ledger verify`` recomputes everything
from the entries themselves. docs/guard.md says what this proves and what it does not.
"""

__all__ = ["CHECKPOINT_EVERY", "Ledger"]

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vitrail.domain.errors import Corrupt, NotFound, Refused, VitrailError
from vitrail.domain.ledger import BLOCK, Checkpoint, Entry, Operation, Outcome, Stored, leaf_hash
from vitrail.domain.time import SECOND_US, iso
from vitrail.guard import proofs
from vitrail.guard.merkle import CompactRange
from vitrail.guard.sealing import DEFAULT_MONTHS, FORGOTTEN, MACHINE, Keyring, Opening
from vitrail.guard.together import Together, Waiting
from vitrail.guard.verification import VerifyReport, checkpoint_note, verify
from vitrail.ports.clock import Clock
from vitrail.ports.records import LedgerRecords

CHECKPOINT_EVERY = 64
"""Entries between signed heads: what a thief of the disk can take off the end unseen is less than this."""
_MOST_TOGETHER = 512
_BACKWARDS_US = SECOND_US
"""A clock that goes back by less (ordinary correction) is evened out without a word."""


class Ledger:
    """Thread-safe. Several processes may write to one store: each catches up with what the others wrote.

    What comes in while others are being written is written together; each caller goes on when their own entry is on
    the disk."""

    def __init__(
        self, records: LedgerRecords, clock: Clock, signing_key: Ed25519PrivateKey, months: int = DEFAULT_MONTHS
    ) -> None:
        """``months``: how long the words that name or quote staff can be opened. Raises ``Invalid`` outside 6..36."""
        self._records = records
        self._keys = Keyring(records.keys, clock, months)
        self._together = Together(self._write)
        self._clock = clock
        self._key = signing_key
        self._public = signing_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._lock = threading.Lock()
        self._tree = CompactRange()
        self._signed = max((c.size for c in records.checkpoints()), default=0)
        self._last_us = 0
        self._clock_told = False
        self._catch_up(records.size())

    @property
    def size(self) -> int:
        return self._records.size()

    @property
    def public_key(self) -> bytes:
        """Raw Ed25519 key that checkpoints are checked against."""
        return self._public

    def open(self, operation: Operation, actor: str, target: str, reason: str, mandate_id: str = "") -> int:
        """Write down what is about to happen; its index. ``Refused`` (L13) when it cannot be written."""
        return self.note(operation, Outcome.OPENED, actor, target, reason, mandate_id)

    def conclude(self, index: int, outcome: Outcome, detail: str = "", rule: str = "") -> None:
        """How the opened entry ended. The reason stands in the opened entry and is not repeated."""
        opened = self._opened(index)
        self.note(
            opened.operation,
            outcome,
            opened.actor,
            opened.target,
            "",
            opened.mandate_id,
            rule=rule,
            detail=detail,
            about=index,
        )

    def note(
        self,
        operation: Operation,
        outcome: Outcome,
        actor: str,
        target: str,
        reason: str,
        mandate_id: str = "",
        rule: str = "",
        detail: str = "",
        about: int | None = None,
    ) -> int:
        """A single entry. Its time is never before that of the entry before it: a clock that went back is written
        down as such."""
        waiting = Waiting(Entry(0, operation, outcome, actor, target, reason, mandate_id, rule, detail, about))
        self._together.put(waiting)
        if isinstance(waiting.error, VitrailError):
            raise _unwritable(waiting.error, f"{operation.value} {target}") from waiting.error
        if waiting.error is not None:
            raise waiting.error
        assert waiting.index is not None
        return waiting.index

    def entry(self, index: int) -> Stored:
        """Raises ``NotFound``, or ``Corrupt`` when it is no longer what was written."""
        found = next(self.entries(index, index + 1), None)
        if found is None:
            raise NotFound(f"the ledger has no entry {index}")
        return found

    def entries(self, start: int, stop: int) -> Iterator[Stored]:
        """Opened; where the key is gone, ``erased`` stands for the words. Raises ``Corrupt`` at an entry that cannot be
        read."""
        for index, payload in self._records.read(start, stop):
            try:
                yield Stored(index, self._keys.opened(Entry.parse(payload)), payload)
            except (ValueError, TypeError, KeyError, Corrupt) as error:
                raise Corrupt(
                    f"entry {index} cannot be read", rule="L14", remedy="run `vitrail ledger verify`"
                ) from error

    def forget(self) -> int:
        """Destroy the keys of months that are past their time, and with them the words that named or quoted staff: a
        part of every sweep of the eraser. How many keys. Raises ``Refused`` (L13) before when it cannot be written."""
        months = self._keys.due()
        if not months:
            self._keys.destroy()  # what another process destroyed is forgotten here, and overwritten
            return 0
        told = self.note(
            Operation.ERASE, Outcome.OPENED, MACHINE, FORGOTTEN, "retention", detail=f"months {', '.join(months)}"
        )
        count = self._keys.destroy()
        self.conclude(told, Outcome.DONE, f"{count} keys destroyed, months {', '.join(months)}")
        return count

    def entries_about(self, start: int, stop: int, beginning: str) -> Iterator[Stored]:
        """Those whose target begins so. The others are told apart by their bytes and never opened: a busy house writes
        a hundred thousand a day."""
        written = f'"target":"{beginning}'.encode()
        for index, payload in self._records.read(start, stop):
            if written in payload:
                yield from (s for s in self.entries(index, index + 1) if s.entry.target.startswith(beginning))

    def opening(self, payload: bytes) -> Opening | None:
        """What a stored entry's sealed words say, with their key; ``None`` where nothing is sealed, or the key is gone.
        Raises ``Corrupt``."""
        return self._keys.opening(Entry.parse(payload))

    def checkpoint(self) -> Checkpoint:
        """Sign the head of the tree as it stands now."""
        with self._lock:
            self._catch_up(self._records.size())
            return self._sign()

    def proven(self, indices: Sequence[int]) -> tuple[Checkpoint, list[Mapping[str, object]]]:
        """These entries with their proofs under a head signed now."""
        head = self.checkpoint()
        return head, proofs.many(self._records, indices, head)

    def close(self) -> None:
        """Sign what is not yet signed."""
        with self._lock:
            self._catch_up(self._records.size())
            if self._tree.size > self._signed:
                self._sign()

    def verify(self, progress: Callable[[float], None] | None = None, kept: Iterable[Checkpoint] = ()) -> VerifyReport:
        """Recompute everything from the stored entries; trusts nothing kept in memory or beside them. ``kept``: heads
        that a witness has."""
        return verify(self._records, self._public, progress, kept)

    def _opened(self, index: int) -> Entry:
        try:
            return self.entry(index).entry
        except VitrailError as error:
            raise _unwritable(error, f"entry {index}") from error

    def _write(self, together: Sequence[Waiting]) -> None:
        with self._lock:
            self._append(self._prepared(together))

    def _prepared(self, together: Sequence[Waiting]) -> list[Waiting]:
        """In the order of time, sealed. What cannot be written as text is told to whoever brought it, and to nobody
        else."""
        ready, at_us = [], self._last_us
        for waiting in [*map(Waiting, self._backwards()), *together]:
            at_us = max(self._clock.now_us(), at_us)
            waiting.entry = replace(waiting.entry, at_us=at_us)
            try:
                waiting.payload = self._keys.sealed(waiting.entry).payload()
            except ValueError as error:
                waiting.error = error
                continue
            ready.append(waiting)
        return ready

    def _append(self, ready: Sequence[Waiting]) -> None:
        if not ready:
            return
        first = self._records.append([waiting.payload for waiting in ready])
        if first < self._tree.size:
            raise Corrupt(f"the ledger lost entries: {self._tree.size} were written, the next is {first}")
        self._catch_up(first)
        for index, waiting in enumerate(ready, first):
            self._tree = self._tree.grown(leaf_hash(waiting.payload))
            self._last_us = max(self._last_us, waiting.entry.at_us)
            waiting.index = index
        if self._tree.size - self._signed >= CHECKPOINT_EVERY:
            with contextlib.suppress(VitrailError):
                self._sign()

    def _catch_up(self, size: int) -> None:
        """Take in what other processes (or earlier runs) wrote up to ``size``."""
        if size <= self._tree.size:
            return
        if self._tree.size % BLOCK == 0:
            for root in self._records.blocks(self._tree.size // BLOCK, size // BLOCK):
                self._tree = self._tree.grown(root, BLOCK)
        for leaf in self._records.leaf_hashes(self._tree.size, size):
            self._tree = self._tree.grown(leaf)
        # a damaged last entry, or one whose time is none, must not keep ``verify`` from naming it
        with contextlib.suppress(Corrupt, NotFound, TypeError, OverflowError):
            at_us = self.entry(size - 1).entry.at_us
            if iso(at_us):
                self._last_us = max(self._last_us, at_us)

    def _sign(self) -> Checkpoint:
        at_us = max(self._clock.now_us(), self._last_us)
        root = self._tree.root()
        signature = self._key.sign(checkpoint_note(self._tree.size, root, at_us))
        checkpoint = Checkpoint(self._tree.size, root, at_us, signature, self._public)
        self._records.add_checkpoint(checkpoint)
        self._signed = self._tree.size
        return checkpoint

    def _backwards(self) -> list[Entry]:
        """Once for each time the clock is found to have gone back."""
        now_us = self._clock.now_us()
        if now_us >= self._last_us - _BACKWARDS_US:
            self._clock_told = False
            return []
        if self._clock_told:
            return []
        self._clock_told = True
        detail = f"the clock says {iso(now_us)}, the last entry {iso(self._last_us)}; entries keep the later time"
        return [
            Entry(self._last_us, Operation.RULE, Outcome.DONE, "vitrail", "clock", "the clock went back", detail=detail)
        ]


def _unwritable(error: VitrailError, where: str) -> Refused:
    return Refused(
        "the ledger cannot be written, so nothing is read and nothing is collected",
        where=where,
        rule="L13",
        remedy=f"make the ledger writable again ({error.what})",
    )
