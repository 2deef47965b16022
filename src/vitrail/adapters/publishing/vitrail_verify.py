"""Verifies an exported Vitrail ledger, alone: standard library and ``cryptography``, nothing of the product.

    python vitrail_verify.py ledger LEDGER.jsonl [--key HEX] [--witness HEADS.jsonl]
    python vitrail_verify.py proof PROOF.json [--key HEX]
    python vitrail_verify.py consistency PROOF.json [--key HEX] [--witness HEADS.jsonl]

A ledger is a Merkle tree as in RFC 9162 (leaf: SHA-256 of 00 and the text; node: SHA-256 of 01, left, right), with a
chain of links beside it (SHA-256 of the link before and the leaf) and signed heads (Ed25519). ``--key`` is the key you
expect; without it the key in the file is believed, which proves that the file agrees with itself and no more. Heads
that a witness kept, or that you kept yourself, prove that nobody rewrote the ledger since. Words that name or quote
staff are sealed (AES-256-GCM, bound to their entry); where their key still lives, ``opened`` shows them with the key,
and is checked. Exit code 0: whole. 1: something is wrong. 2: not readable.
"""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

__all__ = ["main"]


def leaf_of(text: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + text).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Perfect subtrees only, largest first: all that is needed to grow."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        self.peaks.append(leaf)
        low = self.size
        while low & 1:
            right = self.peaks.pop()
            self.peaks[-1] = node(self.peaks[-1], right)
            low >>= 1
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node(peak, root)
        return root


def rightly_signed(head: dict[str, Any], key: str) -> bool:
    root = base64.b64encode(bytes.fromhex(head["root"])).decode()
    note = f"vitrail ledger 1\n{head['size']}\n{root}\n{head['at_us']}\n".encode()
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(head["signature"]), note)
    except (InvalidSignature, ValueError):
        return False
    return True


def rightly_opened(row: dict[str, Any]) -> bool:
    """Whether the shown words are the sealed ones: the entry names the key by its SHA-256, the seal covers the rest of
    the entry."""
    if "opened" not in row:
        return True
    try:
        entry, key = json.loads(row["payload"]), bytes.fromhex(row["opened"]["key"])
        box = base64.b64decode(entry["sealed"], validate=True)
        context = json.dumps(entry | {"sealed": ""}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        words = json.loads(AESGCM(key).decrypt(box[:12], box[12:], context.encode()))
    except (InvalidTag, ValueError, KeyError, TypeError):
        return False
    return bool(hashlib.sha256(key).hexdigest() == entry["key_id"] and words == row["opened"]["fields"])


def rows(path: str) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("no object")
            except ValueError as error:
                raise ValueError(f"{path}, line {number} ({error})") from error
            yield row


def check_ledger(path: str, key: str, witness: str) -> list[str]:
    """What is wrong, the first wrong entry first. Reads the file twice: heads first, then entries one by one."""
    heads = []
    for row in rows(path):
        if row.get("kind") == "ledger":
            key = key or row["public_key"]
        elif row.get("kind") == "checkpoint":
            heads.append(row)
    kept = list(rows(witness)) if witness else []
    entries = (row for row in rows(path) if row.get("kind") == "entry")
    problems, roots, size = walk(entries, {int(head["size"]) for head in heads + kept})
    for name, group in (("checkpoint", heads), ("witness", kept)):
        for head in group:
            signed = int(head["size"])
            if not rightly_signed(head, key):
                problems.append(f"{name} at {signed}: the signature does not fit")
            elif signed not in roots:
                problems.append(f"{name} at {signed}: only {size} entries are left")
            elif roots[signed] != head["root"]:
                problems.append(f"{name} at {signed}: the entries before it are not what was signed")
    if not heads + kept:
        problems.append("no signed head: nothing here was vouched for by anybody")
    if not problems:
        print(f"{size} entries, {len(heads)} checkpoints, {len(kept)} heads of a witness: whole and in order")
        print(f"root {roots[size]}")
        covered = max(int(head["size"]) for head in heads + kept)
        if covered < size:
            print(f"entries {covered} to {size - 1} are under no signed head yet")
    return problems


def walk(entries: Iterator[dict[str, Any]], wanted: set[int]) -> tuple[list[str], dict[int, str], int]:
    """The first entry that does not fit, the roots at the wanted sizes and at the end, and how many entries there
    are."""
    tree, link = Tree(), bytes(32)
    problems: list[str] = []
    roots = {0: tree.root().hex()}
    for count, row in enumerate(entries):
        leaf = leaf_of(str(row.get("payload", "")).encode())
        link = hashlib.sha256(link + leaf).digest()
        tree.add(leaf)
        if not problems:
            if row.get("index") != count:
                problems.append(f"entry {count}: missing (the next one found is {row.get('index')})")
            elif row.get("leaf") != leaf.hex():
                problems.append(f"entry {count}: its text was changed")
            elif row.get("link") != link.hex():
                problems.append(f"entry {count}: it was changed, moved or inserted")
            elif not rightly_opened(row):
                problems.append(f"entry {count}: the words shown are not those that were sealed")
        if tree.size in wanted:
            roots[tree.size] = tree.root().hex()
    roots[tree.size] = tree.root().hex()
    return problems, roots, tree.size


def check_proof(path: str, key: str) -> list[str]:
    """One entry, and the head that it stands under."""
    with open(path, encoding="utf-8") as file:
        proof = json.load(file)
    head = proof["checkpoint"]
    running = leaf_of(proof["payload"].encode())
    fn, sn = int(proof["index"]), int(head["size"]) - 1
    for step in map(bytes.fromhex, proof["path"]):
        if sn == 0:
            return ["the path is too long"]
        if fn & 1 or fn == sn:
            running = node(step, running)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            running = node(running, step)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or running.hex() != head["root"]:
        return [f"entry {proof['index']} is not under the head at {head['size']}"]
    if not rightly_signed(head, key or proof["public_key"]):
        return [f"the head at {head['size']} is not rightly signed"]
    if not rightly_opened(proof):
        return [f"entry {proof['index']}: the words shown are not those that were sealed"]
    print(f"entry {proof['index']} stands in the ledger of {head['size']} entries: {proof['payload']}")
    if "opened" in proof:
        print(f"its sealed words: {json.dumps(proof['opened']['fields'], ensure_ascii=False)}")
    return []


def check_consistency(path: str, key: str, witness: str) -> list[str]:
    """That the later head was signed over everything that the earlier one was signed over (RFC 9162, 2.1.4.2). Heads of
    a witness at these sizes must be these."""
    with open(path, encoding="utf-8") as file:
        proof = json.load(file)
    first, second = proof["first"], proof["second"]
    for head in (first, second):
        if not rightly_signed(head, key or proof["public_key"]):
            return [f"the head at {head['size']} is not rightly signed"]
    if not continued(first, second, [bytes.fromhex(step) for step in proof["path"]]):
        return [f"the head at {second['size']} does not continue the head at {first['size']}"]
    for kept in rows(witness) if witness else ():
        for head in (first, second):
            if kept["size"] == head["size"] and kept["root"] != head["root"]:
                return [f"the head at {head['size']} is not the one that the witness kept"]
    print(f"the ledger of {second['size']} entries begins with the {first['size']} that were signed before")
    return []


def continued(first: dict[str, Any], second: dict[str, Any], path: list[bytes]) -> bool:
    fn, sn = int(first["size"]) - 1, int(second["size"]) - 1
    old, new = bytes.fromhex(first["root"]), bytes.fromhex(second["root"])
    if not 0 <= fn <= sn:
        return False
    if fn == sn:
        return not path and old == new
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    if fn == 0:
        path = [old, *path]
    if not path:
        return False
    fr = sr = path[0]
    for step in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(step, fr), node(step, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old and sr == new


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies an exported Vitrail ledger, or a proof out of it.")
    parser.add_argument("what", choices=["ledger", "proof", "consistency"])
    parser.add_argument("file")
    parser.add_argument("--key", default="", help="the public key you expect, 64 hex digits")
    parser.add_argument("--witness", default="", help="heads that a witness kept, one JSON line each")
    given = parser.parse_args()
    try:
        if given.what == "ledger":
            problems = check_ledger(given.file, given.key, given.witness)
        elif given.what == "proof":
            problems = check_proof(given.file, given.key)
        else:
            problems = check_consistency(given.file, given.key, given.witness)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"not readable: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
