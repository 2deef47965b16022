"""Media bytes at rest: recorded segments and the masked clips made from them. Guard, adapters and compose only."""

__all__ = ["Archive", "SegmentWriter"]

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from vitrail.domain.frames import Packet
from vitrail.domain.geometry import Polygon
from vitrail.domain.mandates import Permit
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import StreamFacts
from vitrail.ports.source import Source


class SegmentWriter(Protocol):
    """One segment being written. What has been flushed (every 2 s at most) survives a crash."""

    @property
    def segment(self) -> Segment:
        """As it stands now; unsealed."""
        ...

    def write(self, packet: Packet) -> None:
        """Raises ``Unavailable`` when the disk is full: the segment so far stays readable."""
        ...

    def seal(self) -> Segment:
        """Close the file, compute its digest."""
        ...


class Archive(Protocol):
    def begin(
        self, permit: Permit, source: Source, facts: StreamFacts, masks: Sequence[Polygon], first: Packet
    ) -> SegmentWriter:
        """A new segment starting at the key packet ``first`` (which is not yet written). With ``masks`` the pictures
        are re-encoded with the masks burned in, since copied packets would keep what must not be kept (L17).

        Raises ``Invalid`` when the codec cannot be stored in MP4.
        """
        ...

    def path(self, segment: Segment) -> Path: ...

    def mend(self, segment: Segment) -> Segment:
        """An unsealed segment left by a crash: cut back to its last whole fragment, sealed. ``NotFound`` when the
        file is gone or holds nothing."""
        ...

    def digest(self, segment: Segment) -> str:
        """SHA-256 of the file as it is on disk now; ``NotFound`` when it is gone."""
        ...

    def erase(self, segment: Segment) -> None:
        """Remove the file; already gone is fine."""
        ...

    def orphans(self, known: frozenset[str]) -> list[str]:
        """Relative paths of files that no row names."""
        ...

    def clip_path(self, clip_id: str) -> Path:
        """Where a masked clip is cached."""
        ...

    def erase_clips(self, before_us: int) -> int:
        """Remove cached clips made before then; how many."""
        ...

    def free_bytes(self) -> int: ...
