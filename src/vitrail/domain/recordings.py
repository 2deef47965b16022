"""Pieces of recording and where they are; the bytes themselves never enter the database."""

__all__ = ["Segment"]

from dataclasses import dataclass

from vitrail.domain.time import Interval


@dataclass(frozen=True, slots=True)
class Segment:
    """An immutable stored piece of a recording, at most a minute, fragmented MP4 without sound.

    ``path`` is relative to the archive. ``sha256`` is empty while the segment is still being written.
    ``sealed`` tells a finished one. ``ahead_us``: by how much its times run ahead of the camera's own clock, where the
    camera says what that shows.
    """

    id: str
    mandate_id: str
    camera_id: str
    stream_id: str
    interval: Interval
    path: str
    size_bytes: int
    sha256: str
    codec: str
    width: int
    height: int
    erase_after_us: int
    sealed: bool
    ahead_us: int | None = None
