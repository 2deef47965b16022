"""Fragmented MP4 on disk: written front to back, flushed fragment by fragment, and cut back to its last whole one.

Box layout: ISO/IEC 14496-12, 4.2 (boxes), 8.8 (movie fragments: pairs of ``moof`` and ``mdat``).
"""

__all__ = ["FRAGMENT_US", "Tape", "digest", "finish", "fragmented", "length_us", "mux", "unwritable", "whole_bytes"]

import contextlib
import hashlib
import os
import struct
from pathlib import Path

import av
from av.container import OutputContainer

from vitrail.adapters.av.track import MICROSECOND, AvPacket, AvStream
from vitrail.domain.errors import Unavailable
from vitrail.domain.time import SECOND_US

FRAGMENT_US = SECOND_US
"""A fragment is written when it is this long and the next packet comes, so less than 2 s are ever in memory."""
_PRIVATE = 0o600


class Tape:
    """The file under a muxer: appends only, straight to the kernel, digest on the way. ``failed`` tells that the disk
    refused a piece."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = path
        self.size_bytes = 0
        self._sha256 = hashlib.sha256()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE)
        self._open = True
        self.failed = False

    def write(self, data: bytes) -> int:
        """All of it. After a failure nothing more is taken, so that the file ends where it broke."""
        if self.failed or not self._open:
            raise OSError("the file is closed")
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            self.failed = True
            raise
        self._sha256.update(data)
        self.size_bytes += len(data)
        return len(data)

    def close(self) -> str:
        """The file's SHA-256, after it has reached the disk. A broken file is first cut back to its last whole
        fragment."""
        if not self._open:
            return self._sha256.hexdigest()
        self._open = False
        try:
            if self.failed:
                os.ftruncate(self._file, whole_bytes(self.path))
            os.fsync(self._file)
        finally:
            os.close(self._file)
        if self.failed:
            self.size_bytes = self.path.stat().st_size
            return digest(self.path)
        return self._sha256.hexdigest()


def fragmented(tape: Tape) -> OutputContainer:
    options = {
        "movflags": "empty_moov+default_base_moof",
        "frag_duration": str(FRAGMENT_US),
        "flush_packets": "1",
        "write_tmcd": "0",
    }
    return av.open(tape, mode="w", format="mp4", container_options=options)


def mux(container: OutputContainer, stream: AvStream, packet: AvPacket, label: str) -> None:
    """``packet`` has its times in microseconds and is changed. Raises ``Unavailable`` when the disk does not take it;
    a packet too damaged to be written is left out."""
    packet.stream = stream
    packet.time_base = MICROSECOND
    try:
        container.mux_one(packet)
    except (av.error.InvalidDataError, ValueError):
        return
    except (OSError, av.FFmpegError) as error:
        raise unwritable(error, label) from error


def unwritable(error: Exception, label: str) -> Unavailable:
    words = getattr(error, "strerror", None) or type(error).__name__
    return Unavailable(f"the recording cannot be written ({words})", where=label, remedy="free some disk space")


def finish(container: OutputContainer) -> None:
    """Write what is still in memory. On a full disk that is lost: the fragments before stay."""
    with contextlib.suppress(OSError, av.FFmpegError):
        container.close()


def whole_bytes(path: Path) -> int:
    """Where the last whole fragment ends; 0 when there is none."""
    end = at = 0
    size = path.stat().st_size
    begun = False
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            if length < 8 or at + length > size:
                break
            at += length
            if kind == b"moof":
                begun = True
            elif kind == b"mdat" and begun:
                end, begun = at, False
            elif kind == b"mfra":
                end = at
    return end


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def length_us(path: Path) -> int:
    """From the first picture shown to the end of the last one."""
    first_us: int | None = None
    end_us = 0
    with av.open(str(path), mode="r", format="mp4") as container:
        for packet in container.demux(container.streams.video[0]):
            if packet.pts is None:
                continue
            at_us = round(packet.pts * packet.time_base * SECOND_US)
            first_us = at_us if first_us is None else min(first_us, at_us)
            end_us = max(end_us, at_us + round((packet.duration or 0) * packet.time_base * SECOND_US))
    return end_us - (first_us or 0)
