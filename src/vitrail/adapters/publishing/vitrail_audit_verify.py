"""Verifies a Vitrail audit archive, alone: standard library and ``cryptography``, nothing of the product.

    python vitrail_audit_verify.py ARCHIVE.zip [--key HEX] [--witness HEADS.jsonl]

ARCHIVE may be the ZIP or the folder it was unpacked into. Checked are: the signature (Ed25519) over the manifest, the
SHA-256 of every file it names, that no file is missing and none was added, every signed order to stop or resume, and
the ledger from its first entry to its last. ``--key`` is the site's public key as you know it from elsewhere; without
it the key in the archive is believed, which proves that the archive agrees with itself and no more. Exit code 0:
whole. 1: something is wrong, and every wrong file is named. 2: not readable.
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vitrail.adapters.publishing.vitrail_verify import check_ledger

__all__ = ["main"]

MANIFEST, SIGNATURE, LEDGER = "manifest.json", "manifest.sig", "ledger.jsonl"
ORDERS, OVERSIGHT = "orders.jsonl", "oversight.json"
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    RuntimeError,  # "encrypted", or packed in an unknown way: one bit of a ZIP says so
)
PIECE = 1 << 20


class Archive:
    """A ZIP, or the folder it was unpacked into."""

    def __init__(self, path: str) -> None:
        self.folder = Path(path) if Path(path).is_dir() else None
        self.zip = None if self.folder else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        if self.folder:
            found = (each for each in self.folder.rglob("*") if each.is_file() or each.is_symlink())
            return sorted(each.relative_to(self.folder).as_posix() for each in found)
        return [each.filename for each in self.zip.infolist() if not each.is_dir()] if self.zip else []

    def open(self, name: str) -> IO[bytes]:
        if self.folder:
            return (self.folder / name).open("rb")
        if self.zip is None:
            raise ValueError("no archive")
        return self.zip.open(name)

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def digest(self, name: str) -> str:
        found = hashlib.sha256()
        with self.open(name) as file:
            while piece := file.read(PIECE):
                found.update(piece)
        return found.hexdigest()


def signed(key: str, signature: str, text: bytes) -> bool:
    """The signature in its one spelling: lower-case hex, no space."""
    try:
        if bytes.fromhex(signature).hex() != signature:
            return False
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def check_files(archive: Archive, manifest: dict[str, Any]) -> list[str]:
    """Each file that is not what the manifest says, by its name."""
    named: dict[str, Any] = manifest["files"]
    there = Counter(archive.names())
    problems = [f"{name}: is there {count} times" for name, count in there.items() if count > 1]
    problems += [f"{name}: was added" for name in there if name not in {*named, MANIFEST, SIGNATURE}]
    for name, sealed in named.items():
        if name not in there:
            problems.append(f"{name}: is missing")
            continue
        try:
            if archive.digest(name) != sealed["sha256"]:
                problems.append(f"{name}: was changed")
        except UNREADABLE as error:
            problems.append(f"{name}: was changed or damaged ({error})")
    return problems


def check_orders(archive: Archive, key: str) -> list[str]:
    """Orders to stop and to resume, each signed by the site or by somebody it declares."""
    if ORDERS not in archive.names():
        return []
    known = {key, *json.loads(archive.read(OVERSIGHT)).values()}
    problems = []
    for number, line in enumerate(archive.read(ORDERS).decode().splitlines(), 1):
        order = json.loads(line)
        by, signature = order.pop("public_key"), order.pop("signature")
        text = json.dumps(order, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        if by not in known or not signed(by, signature, text):
            problems.append(f"{ORDERS}, line {number}: the signature does not fit")
    return problems


def check_inside(archive: Archive, manifest: dict[str, Any], key: str, witness: str) -> list[str]:
    """The ledger, with the heads of witnesses: those in the archive, and those of one's own."""
    with tempfile.TemporaryDirectory() as place:
        ledger, heads = Path(place) / LEDGER, Path(place) / "heads.jsonl"
        with archive.open(LEDGER) as file, ledger.open("wb") as copy:
            shutil.copyfileobj(file, copy, PIECE)
        kept = b"".join(archive.read(name) for name in archive.names() if name.startswith("witness/"))
        heads.write_bytes(kept + (Path(witness).read_bytes() if witness else b""))
        problems = [f"{LEDGER}: {each}" for each in check_ledger(str(ledger), key, str(heads))]
        with ledger.open("rb") as lines:
            entries = sum(json.loads(line).get("kind") == "entry" for line in lines)
    if entries != manifest["ledger"]["size"]:
        problems.append(f"{LEDGER}: {entries} entries, the manifest speaks of {manifest['ledger']['size']}")
    return problems


def check(path: str, key: str, witness: str) -> list[str]:
    archive = Archive(path)
    missing = [f"{name}: is missing" for name in (MANIFEST, SIGNATURE) if name not in archive.names()]
    if missing:
        return missing
    try:
        text = archive.read(MANIFEST)
        manifest = json.loads(text)
        believed = key or manifest["public_key"]
    except UNREADABLE as error:
        return [f"{MANIFEST}: was changed or damaged ({error})"]
    try:
        signature = archive.read(SIGNATURE).decode()
    except UNREADABLE as error:
        return [f"{SIGNATURE}: was changed or damaged ({error})"]
    if not signed(believed, signature, b"vitrail audit 1\n" + text):
        return [f"{MANIFEST} or {SIGNATURE}: was changed, or signed by another key: the signature does not fit"]
    problems = check_files(archive, manifest)
    if not problems:
        problems = check_orders(archive, believed) + check_inside(archive, manifest, believed, witness)
    if not problems:
        print(f"{len(manifest['files'])} files of {manifest['site']}, made {manifest['made']}: whole, none added")
        print(f"signed by {believed}" + ("" if key else ", which only the archive itself vouches for: use --key"))
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies a Vitrail audit archive.")
    parser.add_argument("archive", help="the ZIP, or the folder it was unpacked into")
    parser.add_argument("--key", default="", help="the site's public key that you expect, 64 hex digits")
    parser.add_argument("--witness", default="", help="heads that a witness kept, one JSON line each")
    given = parser.parse_args()
    try:
        problems = check(given.archive, given.key, given.witness)
    except UNREADABLE as error:
        print(f"not readable: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
