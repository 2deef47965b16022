"""Reading recorded pictures and writing masked ones. Guard, adapters and compose only."""

__all__ = ["Cut", "Film", "FilmWriter"]

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from vitrail.domain.frames import Frame, Picture
from vitrail.domain.recordings import Segment
from vitrail.domain.time import Interval


@dataclass(frozen=True, slots=True)
class Cut:
    """Packets taken out as they were recorded. ``whole``: the whole file, byte for byte. ``interval`` is what they
    show, key picture to key picture."""

    interval: Interval
    whole: bool
    pictures: int


class FilmWriter(Protocol):
    """H.264 in fragmented MP4, no sound, playable in a browser while it grows."""

    def add(self, picture: Picture, media_us: int) -> None: ...

    def finish(self) -> None: ...

    def abandon(self) -> None:
        """Stop and remove what was written."""
        ...


class Film(Protocol):
    def frames(self, segments: Sequence[Segment], interval: Interval, rough: bool = False) -> Iterator[Frame]:
        """Every frame of ``interval`` in wall order; segments still being written are read as far as they go.
        ``rough``: a quarter cheaper, and edges of blocks stay visible: for small pictures."""
        ...

    def keys(self, segments: Sequence[Segment], interval: Interval) -> Iterator[Frame]:
        """Only the key pictures of ``interval``, and the one before it: a tenth of the work."""
        ...

    def near(
        self, segments: Sequence[Segment], at_us: int, wanted: Callable[[int, bool], bool]
    ) -> list[tuple[int, Frame | None]]:
        """The key picture shown at that moment, the one before it and the one after it, where there are, with their
        wall times: found without reading what lies between. Each is decoded where ``wanted`` says so of its wall time
        (and whether it is the one that is shown), and None otherwise. As rough as ``frames`` can be. Empty where
        nothing was recorded."""
        ...

    def cut(self, segment: Segment, interval: Interval, path: Path) -> Cut | None:
        """The packets of ``interval`` without decoding them, from the last key packet at or before its start to the
        first at or after its end; the file itself where that is all of it. None when it holds none of them."""
        ...

    def write(self, path: Path, width: int, height: int, frames_per_s: float) -> FilmWriter: ...

    def still(self, picture: Picture, width: int, quality: int = 80) -> bytes:
        """A JPEG no wider than ``width`` pixels, without metadata."""
        ...
