"""Handing the ledger out so that others can check it: a whole copy, a signed head, one entry with its proof (RFC 9162,
2.1.3), or the proof that one head continues another (2.1.4).

``vitrail_verify.py`` (docs/ledger.md) checks them without anything of the product.
"""

__all__ = ["consistency", "exported", "head", "head_line", "kept_heads", "many", "newest", "proof"]

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from vitrail.domain.errors import Corrupt, Invalid, NotFound
from vitrail.domain.ledger import BLOCK, FIRST_LINK, Checkpoint, Entry, SealingKey, leaf_hash, link_after
from vitrail.guard.merkle import (
    CompactRange,
    Span,
    consistency_path,
    inclusion_path,
    proves_consistency,
    proves_inclusion,
)
from vitrail.guard.sealing import unseal
from vitrail.ports.records import LedgerRecords


def exported(records: LedgerRecords, site_id: str, public_key: bytes) -> Iterator[str]:
    """One JSON line each: who it belongs to, every entry with its hashes, every signed head. Where an entry's words are
    sealed and their key lives, ``opened`` shows them with the key, so that it can be checked."""
    yield _line({"kind": "ledger", "version": 1, "site": site_id, "public_key": public_key.hex()})
    link, opened = FIRST_LINK, _Opened(records)
    for index, payload in records.read(0, records.size()):
        leaf = leaf_hash(payload)
        link = link_after(link, leaf)
        text = payload.decode("utf-8", "replace")
        row = {"kind": "entry", "index": index, "payload": text, "leaf": leaf.hex(), "link": link.hex()}
        yield _line({**row, **opened.of(payload)})
    for checkpoint in sorted(records.checkpoints(), key=lambda c: (c.size, c.at_us)):
        yield _line({"kind": "checkpoint", **_head(checkpoint)})


def head_line(checkpoint: Checkpoint) -> str:
    """What a witness keeps of a signed head."""
    return _line(_head(checkpoint))


def kept_heads(text: str, public_key: bytes) -> list[Checkpoint]:
    """What a witness kept, to be held against this ledger's key. Raises ``Invalid``."""
    heads = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            head = json.loads(line)
            root, signature = bytes.fromhex(head["root"]), bytes.fromhex(head["signature"])
            heads.append(Checkpoint(int(head["size"]), root, int(head["at_us"]), signature, public_key))
        except (ValueError, TypeError, KeyError) as error:
            raise Invalid(f"line {number} is no signed head", where="--witness") from error
    return heads


def proof(records: LedgerRecords, index: int, public_key: bytes) -> Mapping[str, object]:
    """That entry ``index`` stands under the newest signed head. Raises ``NotFound`` when it is under none, ``Corrupt``
    when it is not what was signed."""
    head = newest(records)
    if head is None or not 0 <= index < head.size:
        raise NotFound(f"no signed head covers entry {index}", remedy="wait for the next checkpoint, or sign one")
    payload = next((found for at, found in records.read(index, index + 1) if at == index), None)
    if payload is None:
        raise _not_as_signed(f"entry {index}")
    path = inclusion_path(_span(records), index, head.size)
    if not proves_inclusion(leaf_hash(payload), index, head.size, path, head.root):
        raise _not_as_signed(f"entry {index}")
    return {
        "index": index,
        "payload": payload.decode("utf-8"),
        "path": [step.hex() for step in path],
        "checkpoint": _head(head),
        "public_key": public_key.hex(),
        **_Opened(records).of(payload),
    }


def many(records: LedgerRecords, indices: Sequence[int], head: Checkpoint) -> list[Mapping[str, object]]:
    """Each of these entries with its path under ``head``. What paths share is computed once. Raises ``NotFound`` or
    ``Corrupt`` as ``proof`` does."""
    span, opened = cache(_span(records)), _Opened(records)
    found: list[Mapping[str, object]] = []
    for index in indices:
        payload = next((text for at, text in records.read(index, index + 1) if at == index), None)
        if payload is None or index >= head.size:
            raise NotFound(f"entry {index} is not under the head at {head.size}")
        path = inclusion_path(span, index, head.size)
        if not proves_inclusion(leaf_hash(payload), index, head.size, path, head.root):
            raise _not_as_signed(f"entry {index}")
        row = {"index": index, "payload": payload.decode("utf-8"), "path": [step.hex() for step in path]}
        found.append({**row, **opened.of(payload)})
    return found


def newest(records: LedgerRecords) -> Checkpoint | None:
    """The signed head that covers most."""
    return max(records.checkpoints(), key=lambda head: (head.size, head.at_us), default=None)


def head(records: LedgerRecords) -> Mapping[str, object]:
    """The newest signed head, for anybody who wants to keep it. Raises ``NotFound``."""
    found = newest(records)
    if found is None:
        raise NotFound("the ledger has no signed head yet", remedy="one is signed every 64 entries, and at each stop")
    return {**_head(found), "public_key": found.public_key.hex()}


def consistency(records: LedgerRecords, size: int) -> Mapping[str, object]:
    """That the head signed at ``size`` is a beginning of what the newest head was signed over (RFC 9162, 2.1.4). Names
    nobody. Raises ``NotFound`` when none was signed there, ``Corrupt`` when it is none."""
    heads = list(records.checkpoints())
    first = next((found for found in heads if found.size == size), None)
    second = max(heads, key=lambda found: (found.size, found.at_us), default=None)
    if first is None or second is None or not size:
        sizes = sorted({found.size for found in heads if found.size}, key=lambda other: (abs(other - size), other))[:3]
        near = f"heads near it: {', '.join(map(str, sorted(sizes)))}" if sizes else "no head was signed yet"
        raise NotFound(f"no head was signed at {size} entries", remedy=near)
    path = consistency_path(_span(records), first.size, second.size)
    if not proves_consistency(first.size, first.root, second.size, second.root, path):
        raise _not_as_signed(f"the first {size} entries")
    return {
        "first": _head(first),
        "second": _head(second),
        "path": [step.hex() for step in path],
        "public_key": second.public_key.hex(),
    }


def _span(records: LedgerRecords) -> Span:
    """Roots from what is kept beside the entries, so that nobody reads millions; held against a signed root after."""

    def root(start: int, stop: int) -> bytes:
        tree = CompactRange()
        if start % BLOCK == 0:
            for each in records.blocks(start // BLOCK, stop // BLOCK):
                tree = tree.grown(each, BLOCK)
        for leaf in records.leaf_hashes(start + tree.size, stop):
            tree = tree.grown(leaf)
        return tree.root()

    return root


def _not_as_signed(what: str) -> Corrupt:
    return Corrupt(f"{what} is not what was signed", rule="L14", remedy="run `vitrail ledger verify`")


class _Opened:
    """Opens entries for whoever the ledger is handed to; asks for each key once."""

    def __init__(self, records: LedgerRecords) -> None:
        self._records = records
        self._keys: dict[str, SealingKey | None] = {}

    def of(self, payload: bytes) -> Mapping[str, object]:
        """Nothing where nothing is sealed, the key is gone, or the entry was damaged (the verifier then says so)."""
        try:
            entry = Entry.parse(payload)
            if entry.key_id and entry.key_id not in self._keys:
                self._keys[entry.key_id] = self._records.keys.get(entry.key_id)
            key = self._keys.get(entry.key_id)
            return {"opened": {"fields": unseal(entry, key.secret), "key": key.secret.hex()}} if key else {}
        except (Corrupt, ValueError, TypeError, KeyError):
            return {}


def _head(checkpoint: Checkpoint) -> Mapping[str, object]:
    return {
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "at_us": checkpoint.at_us,
        "signature": checkpoint.signature.hex(),
    }


def _line(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False, sort_keys=True)
