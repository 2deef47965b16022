"""Reading recorded pictures and writing masked ones. Guard, adapters and compose only."""

__all__ = ["Film", "FilmWriter"]

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from vitrail.domain.frames import Frame, Picture
from vitrail.domain.recordings import Segment
from vitrail.domain.time import Interval


class FilmWriter(Protocol):
    """H.264 in fragmented MP4, no sound, playable in a browser while it grows."""

    def add(self, picture: Picture, media_us: int) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None:
        """Stop and remove what was written."""
        ...


class Film(Protocol):
    def frames(self, segments: Sequence[Segment], interval: Interval) -> Iterator[Frame]:
        """Every frame of ``interval`` in wall order; segments still being written are read as far as they go."""
        ...

    def write(self, path: Path, width: int, height: int, frames_per_s: float) -> FilmWriter: ...

    def still(self, picture: Picture, width: int, quality: int = 80) -> bytes:
        """A JPEG no wider than ``width`` pixels, without metadata."""
        ...
