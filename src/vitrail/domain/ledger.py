"""The ledger's words: what is written down about every use (law.md L13), before it happens and after."""

__all__ = ["FIRST_LINK", "Checkpoint", "Entry", "Operation", "Outcome", "Stored", "leaf_hash", "link_after"]

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

FIRST_LINK = bytes(32)
"""What the first entry is linked to."""


def leaf_hash(payload: bytes) -> bytes:
    """Hash of a Merkle leaf (RFC 9162, 2.1.1)."""
    return hashlib.sha256(b"\x00" + payload).digest()


def link_after(link: bytes, leaf: bytes) -> bytes:
    """The next link of the hash chain that runs beside the tree: it names the first entry that was changed, moved
    or taken out, where the tree alone only tells that one was."""
    return hashlib.sha256(link + leaf).digest()


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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. ``target`` names what was touched (``alert:…``, ``stream:…``), never what it shows.

    ``about`` is the index of the entry this one concludes, if any.
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

    def payload(self) -> bytes:
        """Canonical bytes: JSON, UTF-8, sorted keys, no spaces. The Merkle leaf is computed over these."""
        record = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def parse(cls, payload: bytes) -> "Entry":
        record = json.loads(payload)
        record["operation"] = Operation(record["operation"])
        record["outcome"] = Outcome(record["outcome"])
        return cls(**record)


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry where it stands."""

    index: int
    entry: Entry
    payload: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed head (RFC 9162 tree): size, root hash, time, Ed25519 signature over the note."""

    size: int
    root: bytes
    at_us: int
    signature: bytes
    public_key: bytes
