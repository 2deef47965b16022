"""Where packets and frames of a stream come from."""

__all__ = ["Source", "SourceOpener"]

from collections.abc import Iterator, Sequence
from typing import Protocol

from vitrail.domain.frames import Frame, Packet
from vitrail.domain.geometry import Polygon
from vitrail.domain.mandates import Permit
from vitrail.domain.streams import Stream, StreamFacts


class Source(Protocol):
    """One opened stream, video only: sound is discarded at the demuxer (law.md L18)."""

    @property
    def facts(self) -> StreamFacts: ...

    def packets(self) -> Iterator[Packet]:
        """Packets in decoding order, from a key packet on. Ends at the end of a file (``loop`` streams start again
        with a new ``session``).

        Raises ``Unavailable`` when the camera is lost or silent for 10 s, ``Invalid`` when it is no video.
        """
        ...

    def decode(self, packet: Packet) -> list[Frame]:
        """Feed one packet; the frames that are ready, in presentation order (none, one or more).

        A damaged packet gives no frame and is counted, it does not raise.
        """
        ...

    def drain(self) -> list[Frame]:
        """The frames still held back; afterwards the decoder expects a key packet."""
        ...

    def close(self) -> None: ...


class SourceOpener(Protocol):
    def open(self, stream: Stream, masks: Sequence[Polygon], permit: Permit, start_us: int | None = None) -> Source:
        """``masks`` are burned black into every frame. Files play in real time when ``start_us`` is None (their
        first frame stands for now); with ``start_us`` they are read as fast as asked and their first frame stands
        for that wall time.

        Raises ``NotFound``, ``Invalid`` (zero bytes, no video, damaged beyond opening) or ``Unavailable``.
        """
        ...
