"""The ledger's words: what is written down about every use (law.md L13), before it happens and after."""

__all__ = [
    "BLOCK",
    "FIRST_LINK",
    "Checkpoint",
    "Entry",
    "Operation",
    "Outcome",
    "SealingKey",
    "Stored",
    "leaf_hash",
    "link_after",
    "period_of",
    "period_over",
]

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from vitrail.domain.time import SECOND_US

BLOCK = 1024
"""Entries whose subtree's root is kept, so that proofs and starting need not read every entry. A power of two."""
FIRST_LINK = bytes(32)
"""What the first entry is linked to."""


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def leaf_hash(payload: bytes) -> bytes:
    """Hash of a Merkle leaf (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + payload).digest()


def link_after(link: bytes, leaf: bytes) -> bytes:
    """The next link of the hash chain that runs beside the tree: it names the first entry that was changed, moved
    or taken out, where the tree alone only tells that one was."""
    return hashlib.sha256(link + leaf).digest()


def period_of(at_us: int) -> str:
    """The calendar month (UTC) that an entry's personal words are sealed for, such as ``2026-11``."""
    return datetime.fromtimestamp(at_us // SECOND_US, UTC).strftime("%Y-%m")


def period_over(period: str, months: int) -> int:
    """So many months after the period began, microseconds UTC."""
    year, month = divmod(int(period[:4]) * 12 + int(period[5:]) - 1 + months, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) * SECOND_US


class Operation(StrEnum):
    """The five operations of CSI R.253-5, plus ``rule``: decisions about the system itself."""

    COLLECT = "collect"
    CHANGE = "change"
    CONSULT = "consult"
    COMMUNICATE = "communicate"
    ERASE = "erase"
    RULE = "rule"


class Outcome(StrEnum):
    OPENED = "opened"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


_OPERATIONS = {operation.value: operation for operation in Operation}
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``target`` names what was touched (``alert:…``, ``stream:…``), never what it shows.

    ``about`` is the index of the entry this one concludes, if any. As stored, the words that name or quote a person
    are sealed (guard/sealing.py): ``key_id`` says which key opens ``sealed``, and they are left out of the other
    fields. Both are empty where nothing is sealed.
    """

    at_us: int
    operation: Operation
    outcome: Outcome
    actor: str
    target: str
    reason: str
    mandate_id: str = ""
    rule: str = ""
    detail: str = ""
    about: int | None = None
    key_id: str = ""
    sealed: str = ""

    def payload(self) -> bytes:
        """Canonical bytes: JSON, UTF-8, sorted keys, no spaces. The Merkle leaf is computed over these."""
        record = {name: getattr(self, name) for name in self.__slots__}
        if not self.key_id and not self.sealed:
            del record["key_id"], record["sealed"]
        return _CANONICAL.encode(record).encode()

    @classmethod
    def parse(cls, payload: bytes) -> "Entry":
        record = json.loads(payload)
        record["operation"] = _OPERATIONS[record["operation"]]
        record["outcome"] = _OUTCOMES[record["outcome"]]
        return cls(**record)


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry where it stands: opened where its key lives. ``payload`` is as stored, sealed."""

    index: int
    entry: Entry
    payload: bytes


@dataclass(frozen=True, slots=True)
class SealingKey:
    """What opens the personal words of one account in one month, until it is destroyed (law.md L14).

    ``id`` is the SHA-256 of the secret, hex: nobody can show another key for the same words."""

    id: str
    subject: str
    period: str
    secret: bytes = field(repr=False)
    erase_after_us: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed head (RFC 9162 tree): size, root hash, time, Ed25519 signature over the note."""

    size: int
    root: bytes
    at_us: int
    signature: bytes
    public_key: bytes
