"""Segments and clips on a disk: one folder for each camera and day, fragmented MP4, no sound."""

__all__ = ["DiskArchive"]

import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vitrail.adapters.av.fragments import digest, length_us, unwritable, whole_bytes
from vitrail.adapters.av.recording import AvSegmentWriter
from vitrail.adapters.av.track import Parcel
from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.frames import Packet
from vitrail.domain.geometry import Polygon
from vitrail.domain.mandates import Permit
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import StreamFacts
from vitrail.domain.time import SECOND_US, Interval
from vitrail.ports.source import Source

_SEGMENTS, _CLIPS = "segments", "clips"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class DiskArchive:
    """Everything lies below ``root``, readable by this account only."""

    def __init__(self, root: Path) -> None:
        self._root = root
        for folder in (_SEGMENTS, _CLIPS):
            (root / folder).mkdir(parents=True, exist_ok=True, mode=0o700)

    def begin(
        self, permit: Permit, source: Source, facts: StreamFacts, masks: Sequence[Polygon], first: Packet
    ) -> AvSegmentWriter:
        parcel = first.payload
        assert isinstance(parcel, Parcel) and first.key
        segment_id = secrets.token_hex(8)
        segment = Segment(
            id=segment_id,
            mandate_id=permit.mandate_id,
            camera_id=permit.camera_id,
            stream_id=first.stream_id,
            interval=Interval(first.wall_us, first.wall_us),
            path=_place(permit.camera_id, first, segment_id),
            size_bytes=0,
            sha256="",
            codec="h264" if masks else facts.codec,
            width=facts.width,
            height=facts.height,
            erase_after_us=first.wall_us + permit.retention_us,
            sealed=False,
        )
        try:
            return AvSegmentWriter(segment, self.path(segment), parcel.track, masks, first)
        except OSError as error:
            raise unwritable(error, segment.path) from error

    def path(self, segment: Segment) -> Path:
        return self._below(segment.path)

    def mend(self, segment: Segment) -> Segment:
        path = self.path(segment)
        length = whole_bytes(path) if path.is_file() else 0
        if not length:
            raise NotFound("nothing of the segment is left", where=segment.path)
        with path.open("r+b") as file:
            file.truncate(length)
        end_us = segment.interval.start_us + length_us(path)
        return replace(
            segment,
            interval=Interval(segment.interval.start_us, end_us),
            size_bytes=length,
            sha256=digest(path),
            sealed=True,
        )

    def digest(self, segment: Segment) -> str:
        try:
            return digest(self.path(segment))
        except FileNotFoundError:
            raise NotFound("the file of the segment is gone", where=segment.path) from None

    def erase(self, segment: Segment) -> None:
        """Folders that become empty go with their last file."""
        path = self.path(segment)
        path.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            if folder.parent == self._root or not folder.is_dir() or any(folder.iterdir()):
                return
            folder.rmdir()

    def orphans(self, known: frozenset[str]) -> list[str]:
        found = (path.relative_to(self._root).as_posix() for path in (self._root / _SEGMENTS).rglob("*"))
        return sorted(path for path in found if path not in known and not (self._root / path).is_dir())

    def clip_path(self, clip_id: str) -> Path:
        if not _NAME.fullmatch(clip_id):
            raise Invalid("no name for a clip", where="clip", remedy="use letters, digits, dot, dash, underscore")
        return self._root / _CLIPS / f"{clip_id}.mp4"

    def erase_clips(self, before_us: int) -> int:
        """The file date decides: the guard sets it to when the clip must go."""
        old = [path for path in self._clips() if path.stat().st_mtime_ns // 1000 < before_us]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self._root).free

    def _clips(self) -> Iterator[Path]:
        return (path for path in (self._root / _CLIPS).iterdir() if path.is_file())

    def _below(self, relative: str) -> Path:
        """Rows may be wrong or forged: no path leads out of the archive."""
        path = (self._root / relative).resolve()
        if not path.is_relative_to((self._root / _SEGMENTS).resolve()):
            raise NotFound("the path of the segment leads out of the archive", where=relative)
        return path


def _place(camera_id: str, first: Packet, segment_id: str) -> str:
    for name in (camera_id, first.stream_id):
        if not _NAME.fullmatch(name):
            raise Invalid("no name for a folder", where=name, remedy="use letters, digits, dot, dash, underscore")
    began = datetime.fromtimestamp(first.wall_us / SECOND_US, UTC)
    return f"{_SEGMENTS}/{camera_id}/{began:%Y-%m-%d}/{first.stream_id}-{began:%H%M%S}-{segment_id}.mp4"
