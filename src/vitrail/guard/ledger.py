"""The ledger: what is done with personal data, written down before it happens (law.md L13, L14).

A hash-linked Merkle log (RFC 9162): entries are leaves, signed checkpoints are heads of the tree, and a chain of
links beside the tree names the first entry that somebody touched. ``vitrail ledger verify`` recomputes everything
from the entries themselves. docs/guard.md says what this proves and what it does not.
"""

__all__ = ["CHECKPOINT_EVERY", "Ledger"]

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vitrail.domain.errors import Corrupt, NotFound, Refused, VitrailError
from vitrail.domain.ledger import Checkpoint, Entry, Operation, Outcome, Stored, leaf_hash
from vitrail.domain.time import SECOND_US, iso
from vitrail.guard.merkle import CompactRange
from vitrail.guard.verification import VerifyReport, checkpoint_note, verify
from vitrail.ports.clock import Clock
from vitrail.ports.records import LedgerRecords

CHECKPOINT_EVERY = 64
"""Entries between signed heads: what a thief of the disk can take off the end unseen is less than this."""
_BACKWARDS_US = SECOND_US
"""A clock that goes back by less (ordinary correction) is evened out without a word."""


class Ledger:
    """Thread-safe. Several processes may write to one store: each catches up with what the others wrote."""

    def __init__(self, records: LedgerRecords, clock: Clock, signing_key: Ed25519PrivateKey) -> None:
        self._records = records
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
        with self._lock:
            try:
                entries = self._backwards()
                at_us = max(self._clock.now_us(), self._last_us)
                entries.append(Entry(at_us, operation, outcome, actor, target, reason, mandate_id, rule, detail, about))
                return self._append(entries)
            except VitrailError as error:
                raise _unwritable(error, f"{operation.value} {target}") from error

    def entry(self, index: int) -> Stored:
        """Raises ``NotFound``, or ``Corrupt`` when it is no longer what was written."""
        found = next(self.entries(index, index + 1), None)
        if found is None:
            raise NotFound(f"the ledger has no entry {index}")
        return found

    def entries(self, start: int, stop: int) -> Iterator[Stored]:
        """Raises ``Corrupt`` at an entry that cannot be read."""
        for index, payload in self._records.read(start, stop):
            try:
                yield Stored(index, Entry.parse(payload), payload)
            except (ValueError, TypeError, KeyError) as error:
                raise Corrupt(
                    f"entry {index} cannot be read", rule="L14", remedy="run `vitrail ledger verify`"
                ) from error

    def checkpoint(self) -> Checkpoint:
        """Sign the head of the tree as it stands now."""
        with self._lock:
            self._catch_up(self._records.size())
            return self._sign()

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

    def _append(self, entries: list[Entry]) -> int:
        payloads = [entry.payload() for entry in entries]
        first = self._records.append(payloads)
        if first < self._tree.size:
            raise Corrupt(f"the ledger lost entries: {self._tree.size} were written, the next is {first}")
        self._catch_up(first)
        for payload in payloads:
            self._tree = self._tree.grown(leaf_hash(payload))
        self._last_us = entries[-1].at_us
        if self._tree.size - self._signed >= CHECKPOINT_EVERY:
            with contextlib.suppress(VitrailError):
                self._sign()
        return first + len(entries) - 1

    def _catch_up(self, size: int) -> None:
        """Take in what other processes (or earlier runs) wrote up to ``size``."""
        if size <= self._tree.size:
            return
        for leaf in self._records.leaf_hashes(self._tree.size, size):
            self._tree = self._tree.grown(leaf)
        with contextlib.suppress(Corrupt, NotFound):  # a damaged last entry must not keep ``verify`` from naming it
            self._last_us = max(self._last_us, self.entry(size - 1).entry.at_us)

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
