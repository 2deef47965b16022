"""Verifies a Vitrail bundle, alone and offline: standard library and ``cryptography``, nothing of the product.

    python vitrail_bundle_verify.py BUNDLE.zip [--key HEX] [--authority CERTIFICATE.pem] [--witness HEADS.jsonl]

BUNDLE may be the ZIP or the folder it was unpacked into. Says in plain words what is proven, and names what was
changed: the file, and of long files the 64 KiB in which a byte is not what it was. ``--key`` is the site's public key
as you know it from elsewhere; without it the key in the bundle is believed, which proves that the bundle agrees with
itself and no more. ``--authority`` is the certificate of the time-stamping authority (RFC 3161) that you trust, or of
who signed it. ``--witness``: heads of the ledger that a witness kept. Exit code 0: whole. 1: something is wrong. 2: not
readable.
"""

import argparse
import hashlib
import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from vitrail.adapters.publishing.vitrail_verify import leaf_of, node, rightly_opened, rightly_signed, rows

__all__ = ["central_record", "end_record", "local_header", "main"]

MANIFEST, SIGNATURE, STAMP = "manifest.json", "manifest.sig", "manifest.tsr"
CONTENTS, CUSTODY, TIMELINE = "contents.json", "custody.json", "timeline.json"
LOOSE_US = 600 * 1_000_000
"""How far the house's clock and a time-stamping authority's may differ before it is said to be wrong."""
UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
    struct.error,
    zlib.error,
    zipfile.BadZipFile,
    RuntimeError,
)


# The container: files one behind the other, uncompressed, every byte of it foreseeable (ZIP, APPNOTE 6.3.10).

DOS_DATE = 0x0021
"""1 January 1980: the container says nothing about time; the manifest does."""


IN_EXTRA = 0xFFFFFFFF
"""Stands where a size may be too long for four bytes: the extra field has it."""


def local_header(name: str, size: int, crc: int) -> bytes:
    raw = name.encode()
    extra = struct.pack("<HHQQ", 1, 16, size, size)
    said = (45, 0x800, 0, 0, DOS_DATE, crc, IN_EXTRA, IN_EXTRA, len(raw), len(extra))
    return struct.pack("<4sHHHHHIIIHH", b"PK\x03\x04", *said) + raw + extra


def central_record(name: str, size: int, crc: int, offset: int) -> bytes:
    raw = name.encode()
    extra = struct.pack("<HHQQQ", 1, 24, size, size, offset)
    said = (0x32D, 45, 0x800, 0, 0, DOS_DATE, crc, IN_EXTRA, IN_EXTRA, len(raw), len(extra), 0, 0, 0)
    return struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\x01\x02", *said, 0o644 << 16, IN_EXTRA) + raw + extra


def end_record(count: int, size: int, offset: int) -> bytes:
    big = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    where = struct.pack("<4sIQI", b"PK\x06\x07", 0, offset + size, 1)
    return big + where + struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, IN_EXTRA, IN_EXTRA, 0)


class Container:
    """The ZIP, or the folder it was unpacked into."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.folder = self.path if self.path.is_dir() else None
        self.zip = None if self.folder else zipfile.ZipFile(path)

    def names(self) -> list[str]:
        if self.folder:
            found = (each for each in self.folder.rglob("*") if each.is_file() or each.is_symlink())
            return sorted(each.relative_to(self.folder).as_posix() for each in found)
        assert self.zip
        return [each.filename for each in self.zip.infolist()]

    def open(self, name: str) -> IO[bytes]:
        if self.folder:
            return (self.folder / name).open("rb")
        assert self.zip
        return self.zip.open(name)

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    def pieces(self, name: str, length: int) -> Iterator[bytes]:
        """What can be read; a ZIP whose checksum does not fit ends early."""
        with self.open(name) as file:
            try:
                while piece := file.read(length):
                    yield piece
            except UNREADABLE:
                return

    def frame_problems(self) -> list[str]:
        """Whether every byte of the ZIP that is no file is what it must be."""
        if not self.zip:
            return []
        records, count, at = b"", 0, 0
        with self.path.open("rb") as file:
            for info in self.zip.infolist():
                header = local_header(info.filename, info.file_size, info.CRC)
                file.seek(at)
                if info.header_offset != at or file.read(len(header)) != header:
                    return [f"the container: the header of {info.filename} (at byte {at}) was changed"]
                records += central_record(info.filename, info.file_size, info.CRC, at)
                at += len(header) + info.file_size
                count += 1
            file.seek(at)
            tail = file.read()
        if tail != records + end_record(count, len(records), at):
            return [f"the container: its table of contents (from byte {at} on) was changed, or something was added"]
        return []


# Layers, outermost first. Each returns what is wrong.


def signed(key: str, signature: str, text: bytes) -> bool:
    try:
        if bytes.fromhex(signature).hex() != signature:
            return False
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), text)
    except (InvalidSignature, ValueError):
        return False
    return True


def file_problems(box: Container, name: str, said: dict[str, Any], piece_bytes: int = 1 << 16) -> list[str]:
    if name not in box.names():
        return [f"{name}: is missing"]
    whole, length, wrong = hashlib.sha256(), 0, []
    pieces = said.get("pieces") or []
    try:
        for number, piece in enumerate(box.pieces(name, piece_bytes)):
            whole.update(piece)
            if number < len(pieces) and hashlib.sha256(piece).hexdigest() != pieces[number]:
                wrong.append(f"bytes {length} to {length + len(piece) - 1}")
            length += len(piece)
    except UNREADABLE as error:
        return [f"{name}: was changed or damaged ({error})"]
    if wrong:
        return [f"{name}: was changed at {', '.join(wrong[:8])}{' and elsewhere' if len(wrong) > 8 else ''}"]
    if length != said["bytes"]:
        return [f"{name}: holds {length} readable bytes, it had {said['bytes']}"]
    return [] if whole.hexdigest() == said["sha256"] else [f"{name}: was changed"]


def contents_problems(box: Container, contents: dict[str, Any]) -> list[str]:
    size = int(contents["piece_bytes"])
    problems = [p for name, said in contents["files"].items() for p in file_problems(box, name, said, size)]
    known = {*contents["files"], MANIFEST, SIGNATURE, STAMP, CONTENTS, CUSTODY}
    problems += [f"{name}: was added" for name in box.names() if name not in known]
    twice = {name for name in box.names() if box.names().count(name) > 1}
    return problems + [f"{name}: is there twice" for name in sorted(twice)]


def under(head: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the entry stands under the head (RFC 9162, 2.1.3.2)."""
    running = leaf_of(row["payload"].encode())
    fn, sn = int(row["index"]), int(head["size"]) - 1
    if not 0 <= fn <= sn:
        return False
    for step in map(bytes.fromhex, row["path"]):
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            running = node(step, running)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            running = node(running, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and running.hex() == head["root"]


def words_of(row: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(row["payload"])
    return entry | (row["opened"]["fields"] if "opened" in row else {})


def custody_problems(custody: dict[str, Any], contents: bytes, key: str, kept: list[dict[str, Any]]) -> list[str]:
    head = custody["head"]
    if not rightly_signed(head, key):
        return [f"{CUSTODY}: the head of the ledger at {head['size']} is not rightly signed"]
    problems = []
    for row in custody["entries"]:
        if not under(head, row):
            problems.append(f"{CUSTODY}: entry {row['index']} is not what stands in the ledger")
        elif not rightly_opened(row):
            problems.append(f"{CUSTODY}: the words shown of entry {row['index']} are not those that were sealed")
    for other in kept:
        if other["size"] == head["size"] and other["root"] != head["root"]:
            problems.append(f"{CUSTODY}: the head at {head['size']} is not the one that the witness kept")
    own = [row for row in custody["entries"] if row["index"] == custody["bundle_entry"]]
    said = f"contents sha256 {hashlib.sha256(contents).hexdigest()}"
    if not own or not str(words_of(own[0]).get("detail", "")).startswith(said):
        problems.append(f"{CUSTODY}: the ledger does not name these contents")
    return problems


def report_problems(timeline: dict[str, Any], custody: dict[str, Any]) -> list[str]:
    """What the timeline tells of deeds must be what the ledger's entries say."""
    entries = {row["index"]: words_of(row) for row in custody["entries"]}
    problems = []
    for deed in timeline["deeds"]:
        entry = entries.get(deed["index"])
        names = ("at_us", "actor", "operation", "outcome", "target", "reason", "detail")
        if entry is None or any(entry.get(name, "") != deed[name] for name in names):
            problems.append(f"{TIMELINE}: what it says of entry {deed['index']} is not what stands in the ledger")
    return problems


# Time: RFC 3161 tokens, read with as little ASN.1 as they need (X.690 DER).


class Der:
    def __init__(self, data: bytes, at: int = 0) -> None:
        self.tag = data[at]
        length, start = data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[start : start + count])
            start += count
        if start + length > len(data):
            raise ValueError("the token is cut off")
        self.raw, self.value, self.end = data[at : start + length], data[start : start + length], start + length

    def parts(self) -> list["Der"]:
        found, at = [], 0
        while at < len(self.value):
            part = Der(self.value, at)
            found.append(part)
            at = part.end
        return found


SHA2 = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
DIGEST_ATTRIBUTE = bytes.fromhex("2a864886f70d010904")


def stamp_of(token: bytes) -> dict[str, Any]:
    """What the token says (RFC 3161, 2.4.2) and what signs it (RFC 5652, 5)."""
    outer = Der(token).parts()
    if outer[0].tag == 0x30 and outer[0].parts()[0].tag == 0x02:  # a response: its status, then the token
        outer = outer[1].parts()
    cms = outer[1].parts()[0].parts()
    info = Der(cms[2].parts()[1].parts()[0].value)
    fields = info.parts()
    imprint = fields[2].parts()
    signer = Der(cms[-1].value).parts()
    attributes = signer[3]
    digest = next(a.parts()[1].parts()[0].value for a in attributes.parts() if a.parts()[0].value == DIGEST_ATTRIBUTE)
    given = next((part for part in cms if part.tag == 0xA0), None)
    certificates = [x509.load_der_x509_certificate(c.raw) for c in given.parts()] if given else []
    moment = next(part for part in fields[3:] if part.tag == 0x18).value.decode()
    return {
        "imprint": imprint[1].value,
        "imprint_hash": imprint[0].parts()[0].value,
        "at": datetime.strptime(moment.split(".")[0].rstrip("Z"), "%Y%m%d%H%M%S").replace(tzinfo=UTC),
        "info": info.raw,
        "digest": digest,
        "hash": SHA2[signer[2].parts()[0].value],
        "signed": b"\x31" + attributes.raw[1:],
        "signature": signer[5].value,
        "serial": int.from_bytes(signer[1].parts()[1].value),
        "certificates": certificates,
    }


def proves(certificate: x509.Certificate, signature: bytes, text: bytes, hashed: Any) -> bool:
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, text, padding.PKCS1v15(), hashed)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, text, ec.ECDSA(hashed))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def stamp_problems(token: bytes, manifest: bytes, made_us: int, authority: str) -> tuple[list[str], str]:
    """What is wrong, and what the stamp proves in words."""
    stamp = stamp_of(token)
    hashed = hashlib.new("sha256" if stamp["hash"].name == "sha256" else stamp["hash"].name, stamp["info"]).digest()
    trusted = x509.load_pem_x509_certificates(Path(authority).read_bytes()) if authority else []
    signer = next((c for c in [*stamp["certificates"], *trusted] if c.serial_number == stamp["serial"]), None)
    if SHA2.get(stamp["imprint_hash"]) is None or stamp["imprint"] != hashlib.sha256(manifest).digest():
        return [f"{STAMP}: the time stamp is not of this manifest"], ""
    if stamp["digest"] != hashed:
        return [f"{STAMP}: the time stamp was changed"], ""
    if signer is None:
        return [f"{STAMP}: the certificate of the authority is missing; give it with --authority"], ""
    if not proves(signer, stamp["signature"], stamp["signed"], stamp["hash"]):
        return [f"{STAMP}: the time stamp is not rightly signed"], ""
    if trusted and not any(signer == c or issued(signer, c) for c in trusted):
        return [f"{STAMP}: its signer is not the authority you trust"], ""
    at: datetime = stamp["at"]
    late_us = round(at.timestamp() * 1e6) - made_us
    if abs(late_us) > LOOSE_US:
        what = f"the clock: the bundle says {moment(made_us)}, the time-stamping authority {moment(made_us + late_us)}"
        return [what], ""
    name = signer.subject.rfc4514_string()
    doubt = "" if trusted else " (its certificate comes with the bundle: use --authority)"
    return [], f"it existed on {at.isoformat().replace('+00:00', 'Z')}, says the time-stamping authority {name}{doubt}"


def issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def moment(at_us: int) -> str:
    return datetime.fromtimestamp(at_us / 1e6, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def clock_problems(manifest: dict[str, Any], custody: dict[str, Any], timeline: dict[str, Any]) -> list[str]:
    """The moments that several parts tell must be one story: made, written into the ledger, signed."""
    made_us = round(datetime.fromisoformat(manifest["made"]).timestamp() * 1e6)
    entry = next(words_of(row) for row in custody["entries"] if row["index"] == custody["bundle_entry"])
    problems = []
    for what, at_us in (("the ledger", entry["at_us"]), ("the head of the ledger", custody["head"]["at_us"])):
        if not -LOOSE_US <= at_us - made_us <= LOOSE_US:
            problems.append(f"the clock: the manifest says {moment(made_us)}, {what} {moment(at_us)}")
    if abs(timeline["made_us"] - made_us) > 1000:
        problems.append(f"the clock: the manifest says {moment(made_us)}, the timeline {moment(timeline['made_us'])}")
    order = [words_of(row)["at_us"] for row in sorted(custody["entries"], key=lambda row: int(row["index"]))]
    if order != sorted(order):
        problems.append("the clock: the entries of the ledger are not in the order of their times")
    return problems


# Everything together.


def check(path: str, key: str, authority: str, witness: str) -> tuple[list[str], list[str]]:
    """What is wrong, and what is proven."""
    box = Container(path)
    missing = [f"{name}: is missing" for name in (MANIFEST, SIGNATURE) if name not in box.names()]
    if missing:
        return missing, []
    texts: dict[str, bytes] = {}
    for name in (MANIFEST, SIGNATURE):
        try:
            texts[name] = box.read(name)
        except UNREADABLE as error:
            return [f"{name}: was changed or damaged ({error})"], []
    try:
        manifest = json.loads(texts[MANIFEST])
        believed = key or manifest["public_key"]
        signature = texts[SIGNATURE].decode("ascii")
    except UNREADABLE as error:
        return [f"{MANIFEST} or {SIGNATURE}: was changed or damaged ({error})"], []
    if not signed(believed, signature, b"vitrail bundle 1\n" + texts[MANIFEST]):
        return [f"{MANIFEST} or {SIGNATURE}: was changed, or signed by another key: the signature does not fit"], []
    problems = [p for name, said in manifest["files"].items() for p in file_problems(box, name, said)]
    if not problems:
        problems = contents_problems(box, json.loads(box.read(CONTENTS)))
    problems += box.frame_problems()
    if problems:
        return problems, []
    return inside(box, manifest, texts[MANIFEST], believed, bool(key), authority, witness)


def inside(
    box: Container, manifest: dict[str, Any], text: bytes, key: str, known: bool, authority: str, witness: str
) -> tuple[list[str], list[str]]:
    """Every byte is what was signed: whether what it says holds together."""
    contents, custody = box.read(CONTENTS), json.loads(box.read(CUSTODY))
    timeline = json.loads(box.read(TIMELINE))
    kept = list(rows(witness)) if witness else []
    problems = custody_problems(custody, contents, key, kept)
    problems = problems or report_problems(timeline, custody) + clock_problems(manifest, custody, timeline)
    said = ""
    if STAMP in box.names():
        made_us = round(datetime.fromisoformat(manifest["made"]).timestamp() * 1e6)
        try:
            wrong, said = stamp_problems(box.read(STAMP), text, made_us, authority)
        except (*UNREADABLE, StopIteration) as error:
            wrong = [f"{STAMP}: was changed or damaged ({error})"]
        problems += wrong
    return problems, [] if problems else proven(manifest, json.loads(contents), custody, timeline, key, known, said)


def proven(
    manifest: dict[str, Any],
    contents: dict[str, Any],
    custody: dict[str, Any],
    timeline: dict[str, Any],
    key: str,
    known: bool,
    stamped: str,
) -> list[str]:
    head = custody["head"]
    case = manifest["case"]
    own = next(words_of(row) for row in custody["entries"] if row["index"] == custody["bundle_entry"])
    originals = [piece for piece in timeline["pieces"] if piece["kind"] == "original"]
    digests = {name: said["sha256"] for name, said in contents["files"].items()}
    same = sum(p["whole"] and digests.get(p["name"]) == p["recorded_sha256"] for p in originals)
    broken = [p["name"] for p in originals if p["whole"] and digests.get(p["name"]) != p["recorded_sha256"]]
    lines = [
        f"bundle {manifest['bundle']} of case {case['reference']} at {manifest['site']}, made {manifest['made']}, for "
        f"{manifest['recipient']}",
        f"all {len(contents['files'])} files are whole, byte for byte; none is missing, none was added",
        f"signed by the site's key {key}" + ("" if known else ", which only the bundle vouches for: use --key"),
        f"entry {custody['bundle_entry']} of the ledger says that {own.get('actor') or 'somebody'} took out exactly "
        f"these contents on {moment(own['at_us'])}",
        f"{len(custody['entries'])} entries of the ledger tell who did what in this case; each stands under the head "
        f"of {head['size']} entries that the site signed on {moment(head['at_us'])}",
        stamped or "no time-stamping authority vouches for the time: only the site does",
    ]
    if originals:
        lines.append(
            f"{len(originals)} original recordings: {same} are, byte for byte, the files that the recorder sealed; the "
            f"others were cut at key pictures or still being written, without re-encoding"
        )
    doubt = "is not what the recorder sealed: it was damaged or changed before this bundle"
    return lines + [f"BUT {name} {doubt}" for name in broken]


def main() -> int:
    parser = argparse.ArgumentParser(description="Verifies a Vitrail bundle.")
    parser.add_argument("bundle", help="the ZIP, or the folder it was unpacked into")
    parser.add_argument("--key", default="", help="the site's public key that you expect, 64 hex digits")
    parser.add_argument("--authority", default="", help="PEM of the time-stamping authority you trust")
    parser.add_argument("--witness", default="", help="heads that a witness kept, one JSON line each")
    given = parser.parse_args()
    try:
        problems, lines = check(given.bundle, given.key, given.authority, given.witness)
    except UNREADABLE as error:
        print(f"not readable: {error}", file=sys.stderr)
        return 2
    for line in lines:
        print(f"proven: {line}" if not line.startswith("BUT") else line)
    for problem in problems:
        print(f"wrong: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
