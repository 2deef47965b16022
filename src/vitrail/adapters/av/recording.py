"""One segment being written: packets copied as they come, or redrawn where dwellings must not be kept."""

__all__ = ["AvSegmentWriter"]

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from av.container import OutputContainer
from av.packet import Packet as PlainPacket
from av.video.frame import PictureType

from vitrail.adapters.av.decoder import Decoded, Decoder
from vitrail.adapters.av.fragments import Tape, finish, fragmented, length_us, mux, whole_bytes
from vitrail.adapters.av.pictures import frame_of
from vitrail.adapters.av.track import MICROSECOND, AvPacket, AvStream, Parcel, Track
from vitrail.domain.errors import Invalid, Unavailable
from vitrail.domain.frames import Packet
from vitrail.domain.geometry import Polygon
from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US, Interval

_KEY_US = 2 * SECOND_US
_REDRAWN = {"preset": "ultrafast", "crf": "23", "bf": "0"}
"""The cheapest H.264 there is (limits.md): 88 pictures of 1080p a second and core."""


class AvSegmentWriter:
    """Media time in the file starts with the first picture."""

    def __init__(self, segment: Segment, path: Path, track: Track, masks: Sequence[Polygon], first: Packet) -> None:
        self._segment = segment
        self._start_us = first.media_us
        self._end_us = first.media_us
        self._tape = Tape(path)
        self._container = fragmented(self._tape)
        try:
            self._way: _Way = _Redrawn(self._container, track, masks) if masks else _Copied(self._container, track)
        except BaseException:
            self._tape.close()
            path.unlink(missing_ok=True)
            raise

    @property
    def segment(self) -> Segment:
        start_us = self._segment.interval.start_us
        length_us = self._end_us - self._start_us
        return replace(
            self._segment, interval=Interval(start_us, start_us + length_us), size_bytes=self._tape.size_bytes
        )

    def write(self, packet: Packet) -> None:
        """Pictures shown before the first one hang on a group that is not here: they are left out."""
        if packet.media_us < self._start_us:
            return
        parcel = packet.payload
        assert isinstance(parcel, Parcel)
        for ready in self._way.take(parcel.packet, self._start_us):
            mux(self._container, self._way.stream, ready, self._segment.path)
        self._end_us = max(self._end_us, packet.media_us + packet.duration_us)

    def seal(self) -> Segment:
        """After a full disk: as far as the file goes. Raises ``Unavailable`` when there is nothing to read in it
        (the disk was full at once, or no picture could be decoded for its masks)."""
        try:
            for ready in self._way.rest(self._start_us):
                mux(self._container, self._way.stream, ready, self._segment.path)
        except Unavailable:
            pass  # said before, when the disk first refused; what was flushed is sealed
        finish(self._container)
        sha256 = self._tape.close()
        if not whole_bytes(self._tape.path):
            self._tape.path.unlink(missing_ok=True)
            raise Unavailable("nothing that can be read was kept", where=self._segment.path)
        if self._tape.failed:
            self._end_us = self._start_us + length_us(self._tape.path)
        return replace(self.segment, sha256=sha256, sealed=True)


class _Way(Protocol):
    """How packets get into the segment. What is yielded has times from the segment's start and may be changed."""

    stream: AvStream

    def take(self, packet: AvPacket, start_us: int) -> Iterator[AvPacket]: ...

    def rest(self, start_us: int) -> Iterator[AvPacket]: ...


class _Copied:
    def __init__(self, container: OutputContainer, track: Track) -> None:
        try:
            self.stream = container.add_stream_from_template(track.template, opaque=True)
        except ValueError:
            raise Invalid(
                f"{track.codec} cannot be kept in MP4", where="record", remedy="set the camera to H.264 or H.265"
            ) from None
        context = self.stream.codec_context
        context.extradata = track.extradata
        context.width, context.height = track.width, track.height
        self._last_us: int | None = None

    def take(self, packet: AvPacket, start_us: int) -> Iterator[AvPacket]:
        copy = cast(AvPacket, PlainPacket(bytes(packet)))
        assert packet.pts is not None and packet.dts is not None
        decode_us = packet.dts - start_us
        if self._last_us is not None:
            decode_us = max(decode_us, self._last_us + 1)
        self._last_us = decode_us
        copy.dts, copy.pts = decode_us, max(packet.pts - start_us, decode_us)
        copy.duration = packet.duration
        copy.is_keyframe = packet.is_keyframe
        yield copy

    def rest(self, start_us: int) -> Iterator[AvPacket]:
        return iter(())


class _Redrawn:
    """Decoded here once more, masks burned in, encoded again: copied packets would keep the dwellings (L17)."""

    def __init__(self, container: OutputContainer, track: Track, masks: Sequence[Polygon]) -> None:
        self._decoder = Decoder(track, masks)
        stream = container.add_stream("libx264", options=_REDRAWN)
        stream.width, stream.height = track.width // 2 * 2, track.height // 2 * 2
        stream.time_base = MICROSECOND
        stream.codec_context.time_base = MICROSECOND
        stream.codec_context.thread_count = 1
        self.stream = stream
        self._next_key_us: int | None = None

    def take(self, packet: AvPacket, start_us: int) -> Iterator[AvPacket]:
        yield from self._encoded(self._decoder.decode(packet), start_us)

    def rest(self, start_us: int) -> Iterator[AvPacket]:
        yield from self._encoded(self._decoder.drain(), start_us)
        yield from self.stream.encode(None)

    def _encoded(self, decoded: Sequence[Decoded], start_us: int) -> Iterator[AvPacket]:
        for found in decoded:
            frame = frame_of(found.picture, self.stream.width, self.stream.height)
            frame.pts, frame.time_base = found.media_us - start_us, MICROSECOND
            if self._next_key_us is None or found.media_us >= self._next_key_us:
                frame.pict_type = PictureType.I
                self._next_key_us = found.media_us + _KEY_US
            yield from self.stream.encode(frame)
