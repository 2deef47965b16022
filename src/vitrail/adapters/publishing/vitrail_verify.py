"""Verifies an exported Vitrail ledger, alone: standard library and ``cryptography``, nothing of the product.

    python vitrail_verify.py ledger LEDGER.jsonl [--key HEX] [--witness HEADS.jsonl]
    python vitrail_verify.py proof PROOF.json [--key HEX]

A ledger is a Merkle tree as in RFC 9162 (leaf: SHA-256 of 00 and the text; node: SHA-256 of 01, left, right), with a
chain of links beside it (SHA-256 of the link before and the leaf) and signed heads (Ed25519). ``--key`` is the key you
expect; without it the key in the file is believed, which proves that the file agrees with itself and no more. Heads
that a witness kept prove that nobody rewrote the ledger since. Exit code 0: whole. 1: something is wrong. 2: not
readable.
"""

import argparse
import base64
import hashlib
import json
import sys
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

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


def rows(path: str) -> list[dict[str, Any]]:
    found = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise ValueError("no object")
            except ValueError as error:
                raise ValueError(f"{path}, line {number} ({error})") from error
            found.append(row)
    return found


def check_ledger(path: str, key: str, witness: str) -> list[str]:
    """What is wrong, the first wrong entry first."""
    lines = rows(path)
    key = key or next((row["public_key"] for row in lines if row.get("kind") == "ledger"), "")
    heads = [row for row in lines if row.get("kind") == "checkpoint"]
    kept = rows(witness) if witness else []
    entries = [row for row in lines if row.get("kind") == "entry"]
    problems, roots = walk(entries, {int(head["size"]) for head in heads + kept})
    for name, group in (("checkpoint", heads), ("witness", kept)):
        for head in group:
            size = int(head["size"])
            if not rightly_signed(head, key):
                problems.append(f"{name} at {size}: the signature does not fit")
            elif size not in roots:
                problems.append(f"{name} at {size}: only {len(entries)} entries are left")
            elif roots[size] != head["root"]:
                problems.append(f"{name} at {size}: the entries before it are not what was signed")
    if not heads + kept:
        problems.append("no signed head: nothing here was vouched for by anybody")
    if not problems:
        print(f"{len(entries)} entries, {len(heads)} checkpoints, {len(kept)} heads of a witness: whole and in order")
        print(f"root {roots.get(len(entries), '')}")
        covered = max(int(head["size"]) for head in heads + kept)
        if covered < len(entries):
            print(f"entries {covered} to {len(entries) - 1} are under no signed head yet")
    return problems


def walk(entries: list[dict[str, Any]], wanted: set[int]) -> tuple[list[str], dict[int, str]]:
    """The first entry that does not fit, and the roots at the wanted sizes."""
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
        if tree.size in wanted or count == len(entries) - 1:
            roots[tree.size] = tree.root().hex()
    return problems, roots


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
    print(f"entry {proof['index']} stands in the ledger of {head['size']} entries: {proof['payload']}")
    return []


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies an exported Vitrail ledger, or one proof out of it.")
    parser.add_argument("what", choices=["ledger", "proof"])
    parser.add_argument("file")
    parser.add_argument("--key", default="", help="the public key you expect, 64 hex digits")
    parser.add_argument("--witness", default="", help="heads that a witness kept, one JSON line each")
    given = parser.parse_args()
    try:
        if given.what == "ledger":
            problems = check_ledger(given.file, given.key, given.witness)
        else:
            problems = check_proof(given.file, given.key)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"not readable: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
