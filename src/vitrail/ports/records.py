"""Rows at rest. Guard, adapters and compose only: services and console get a desk.

Every personal row carries a ``mandate_id``. Methods that write take the ``Permit`` under which they write, methods
that read for a person take a ``Grant`` and put its scope into the WHERE clause; methods without either are the
guard's own housekeeping (retention, fsck) and are named in ``tests/guard/test_sweep.py``.
"""

__all__ = [
    "AccountRecords",
    "AlertRecords",
    "KeyRecords",
    "LedgerRecords",
    "ReadingRecords",
    "SegmentRecords",
    "TraceRecords",
    "WrittenAlerts",
]

from collections.abc import Iterator, Sequence
from typing import Protocol

from vitrail.domain.events import Alert, AlertQuery, AlertState, Reading, Verdict
from vitrail.domain.ledger import Checkpoint, SealingKey
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Account, Grant, Session
from vitrail.domain.recordings import Segment
from vitrail.domain.sound import Habit, SoundTrace
from vitrail.domain.time import Interval
from vitrail.domain.upkeep import Following

NOTHING = Following()


class LedgerRecords(Protocol):
    def append(self, payloads: Sequence[bytes]) -> int:
        """All or nothing, durable on return; index of the first. Raises ``Unavailable``."""
        ...

    def size(self) -> int: ...

    def read(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]: ...

    def leaf_hashes(self, start: int, stop: int) -> Iterator[bytes]:
        """As stored beside the payloads: a cache for proofs, never trusted by ``verify``."""
        ...

    def links(self, start: int, stop: int) -> Iterator[bytes]:
        """The hash chain as stored, ``link_after(link before, leaf hash)``; written in the transaction of its entry."""
        ...

    def blocks(self, start: int, stop: int) -> Iterator[bytes]:
        """Roots of the perfect subtrees of ``BLOCK`` entries each, whole blocks only: a cache like ``leaf_hashes``."""
        ...

    def add_checkpoint(self, checkpoint: Checkpoint) -> None: ...

    def checkpoints(self) -> Iterator[Checkpoint]: ...

    @property
    def keys(self) -> "KeyRecords": ...


class KeyRecords(Protocol):
    """Keys of sealed words, in the same file as the ledger."""

    def of(self, fresh: SealingKey) -> SealingKey:
        """The one key of that subject and period: ``fresh``, stored, where there was none. Durable on return."""
        ...

    def get(self, key_id: str) -> SealingKey | None: ...

    def ids(self) -> set[str]: ...

    def due(self, now_us: int) -> list[SealingKey]:
        """Those with ``erase_after_us <= now_us``."""
        ...

    def destroy(self, now_us: int) -> int:
        """What is due goes, and is overwritten where it lay; how many."""
        ...


class WrittenAlerts(Protocol):
    """What machines write, under a permit: all that the way in needs."""

    def add(self, permit: Permit, alert: Alert) -> None: ...

    def close(self, permit: Permit, alert_id: str, interval: Interval, evidence: Interval) -> None:
        """The happening ended: its final interval. ``NotFound`` when the row is gone, or of another stream."""
        ...

    def settle(self, permit: Permit) -> int:
        """Happenings of the permit's stream that a stopped process left ongoing are so no longer; how many."""
        ...

    def known(self, permit: Permit, alert_ids: Sequence[str]) -> list[Alert]:
        """Those of them that are there and of the permit's stream: an interrupted analysis takes them up again."""
        ...


class AlertRecords(WrittenAlerts, Protocol):
    def find(self, grant: Grant, query: AlertQuery) -> list[Alert]: ...

    def get(self, grant: Grant, alert_id: str) -> Alert:
        """Raises ``NotFound``, also outside the scope."""
        ...

    def judge(self, grant: Grant, alert_id: str, verdict: Verdict, told: Following = NOTHING) -> Alert:
        """``told`` is written in the same transaction. Raises ``Conflict`` when there is a verdict already, or it has
        expired; ``NotFound`` as ``get``."""
        ...

    def tally(self, grant: Grant, camera_id: str, kind: str) -> tuple[int, int]:
        """(confirmed, dismissed) so far: for past precision."""
        ...

    def counts(self, grant: Grant) -> dict[AlertState, int]: ...

    def hours(self, grant: Grant, since_us: int) -> dict[int, int]:
        """How many alerts began in each hour since then, by the hour's number from 0; hours without any are left
        out."""
        ...

    def expire(self, created_before_us: int) -> list[str]:
        """Open alerts that nobody judged in time become ``expired``; their ids."""
        ...

    def erase(self, now_us: int) -> list[str]:
        """Retention: rows whose time is up; their ids. The time was fixed when the row was written (end of evidence
        plus the permit's retention), so that taking a mandate away keeps nothing alive."""
        ...

    def kept(self) -> int:
        """How many rows there are."""
        ...


class TraceRecords(Protocol):
    """What may be kept of sounds, beside their alerts."""

    def trace(self, permit: Permit, alert_id: str, sound: SoundTrace) -> None:
        """What was heard since, in the place of what the row held; of the permit's microphone only."""
        ...

    def keep_habits(self, permit: Permit, habits: Sequence[Habit]) -> None:
        """What the permit's microphone hears every day, in the place of what was kept of it before."""
        ...

    def habits(self, permit: Permit) -> list[Habit]:
        """Of the permit's microphone, by kind; empty when it never listened."""
        ...


class SegmentRecords(Protocol):
    def put(self, permit: Permit, segment: Segment) -> None:
        """Insert or update (a growing segment is put on begin and on seal)."""
        ...

    def covering(self, grant: Grant, stream_id: str, interval: Interval) -> list[Segment]:
        """In wall order. A segment still being written counts as reaching to now: its row lags behind its file."""
        ...

    def spans(self, grant: Grant, camera_id: str, interval: Interval) -> list[Interval]:
        """What is recorded, as merged spans."""
        ...

    def already(self, permit: Permit, interval: Interval) -> list[Interval]:
        """What is recorded of the permit's stream in there, in wall order: an archive that is brought in is not kept
        twice."""
        ...

    def unsealed(self) -> list[Segment]: ...

    def mended(self, segment: Segment) -> None: ...

    def due(self, now_us: int) -> list[Segment]:
        """Those with ``erase_after_us <= now_us``."""
        ...

    def forget(self, segment_ids: Sequence[str]) -> None: ...

    def kept(self) -> int:
        """How many rows there are."""
        ...

    def every(self) -> Iterator[Segment]: ...


class ReadingRecords(Protocol):
    def add(self, permit: Permit, readings: Sequence[Reading]) -> None: ...

    def latest(self, grant: Grant, name: str) -> list[Reading]:
        """The newest reading of each place."""
        ...

    def series(self, grant: Grant, name: str, camera_id: str, interval: Interval) -> list[Reading]: ...

    def erase(self, now_us: int) -> int:
        """As for alerts: ``at_us`` plus the permit's retention; how many."""
        ...

    def kept(self) -> int:
        """How many rows there are."""
        ...


class AccountRecords(Protocol):
    def add(self, account: Account) -> None:
        """Raises ``Conflict`` when the id is taken."""
        ...

    def update(self, account: Account) -> None:
        """All but ``welcomed_us``."""
        ...

    def welcome(self, account_id: str, at_us: int) -> None:
        """Only that they put the first steps away then: whoever is revoked meanwhile stays revoked."""
        ...

    def get(self, account_id: str) -> Account: ...

    def every(self) -> list[Account]: ...

    def add_session(self, session: Session) -> None: ...

    def session(self, token_sha256: str) -> Session | None: ...

    def end_session(self, token_sha256: str) -> None: ...

    def end_sessions(self, account_id: str | None, expired_before_us: int | None) -> int:
        """Sessions of that account (of all when None) that expired before then (whenever when None); how many."""
        ...
