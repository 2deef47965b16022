"""Handing the ledger out so that others can check it: a whole copy, or one entry with its proof (RFC 9162, 2.1.3).

``vitrail_verify.py`` (docs/ledger.md) checks both without anything of the product.
"""

__all__ = ["exported", "head_line", "kept_heads", "proof"]

import json
from collections.abc import Iterator, Mapping

from vitrail.domain.errors import Corrupt, Invalid, NotFound
from vitrail.domain.ledger import FIRST_LINK, Checkpoint, Entry, SealingKey, leaf_hash, link_after
from vitrail.guard.merkle import inclusion_proof
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
    """That entry ``index`` stands under the newest signed head. Raises ``NotFound`` when it is under none."""
    heads = [checkpoint for checkpoint in records.checkpoints() if checkpoint.size > index]
    if index < 0 or not heads:
        raise NotFound(f"no signed head covers entry {index}", remedy="wait for the next checkpoint, or sign one")
    head = max(heads, key=lambda checkpoint: (checkpoint.size, checkpoint.at_us))
    leaves = [leaf_hash(payload) for _, payload in records.read(0, head.size)]
    ((_, payload),) = records.read(index, index + 1)
    return {
        "index": index,
        "payload": payload.decode("utf-8"),
        "path": [step.hex() for step in inclusion_proof(leaves, index)],
        "checkpoint": _head(head),
        "public_key": public_key.hex(),
        **_Opened(records).of(payload),
    }


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
