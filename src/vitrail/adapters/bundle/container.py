"""Binds files into one ZIP, uncompressed, every byte of it foreseeable: the verifier knows each header. Written beside
and moved into place."""

__all__ = ["bind"]

import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO

from vitrail.adapters.bundle.vitrail_bundle_verify import central_record, end_record, local_header
from vitrail.domain.errors import Unavailable

_PIECE = 1 << 20


def bind(out: Path, files: Mapping[str, Path | bytes], progress: Callable[[float], None]) -> str:
    """SHA-256 of the whole. Raises ``Unavailable``."""
    beside = out.with_suffix(".part")
    try:
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            tape = _Tape(file)
            _write(tape, files, progress)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise Unavailable(
            f"the bundle cannot be written ({error.strerror})", where=out.name, remedy="free some disk space"
        ) from error
    return tape.sha256.hexdigest()


class _Tape:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.at = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.sha256.update(data)
        self.at += len(data)


def _write(tape: _Tape, files: Mapping[str, Path | bytes], progress: Callable[[float], None]) -> None:
    records = b""
    for number, (name, content) in enumerate(sorted(files.items()), 1):
        size, crc = _measured(content)
        records += central_record(name, size, crc, tape.at)
        tape.write(local_header(name, size, crc))
        for piece in _read(content):
            tape.write(piece)
        progress(number / len(files))
    start = tape.at
    tape.write(records)
    tape.write(end_record(len(files), len(records), start))


def _measured(content: Path | bytes) -> tuple[int, int]:
    size = crc = 0
    for piece in _read(content):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
    return size, crc


def _read(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
