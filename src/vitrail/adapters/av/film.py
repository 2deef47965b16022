"""Recorded pictures read back over segments, masked ones written as clips and stills."""

__all__ = ["AvFilm"]

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import PictureType

from vitrail.adapters.av.alone import KeyDecoders
from vitrail.adapters.av.cutting import cut
from vitrail.adapters.av.decoder import Decoded, Decoder
from vitrail.adapters.av.fragments import Tape, finish, fragmented, mux, unwritable
from vitrail.adapters.av.pictures import frame_of, shrink
from vitrail.adapters.av.seeking import around, key_packets, opened
from vitrail.adapters.av.track import MICROSECOND, AvPacket, TrackFollower
from vitrail.domain.errors import Corrupt, Invalid
from vitrail.domain.frames import Frame, Picture, Plane
from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US, Interval
from vitrail.ports.film import Cut

_KEY_US = SECOND_US
_CLIP = {"preset": "ultrafast", "crf": "23", "bf": "0", "threads": "1"}
"""Half the work of ``superfast`` and, on masked streets, no larger a file; decoding and masking go on beside it. No
pictures out of order, so that a clip plays while it grows."""
_LAST_STEP_S = 0.1


class AvFilm:
    """``locate`` says where a segment's file is."""

    def __init__(self, locate: Callable[[Segment], Path]) -> None:
        self._locate = locate
        self._alone = KeyDecoders()

    def frames(self, segments: Sequence[Segment], interval: Interval, rough: bool = False) -> Iterator[Frame]:
        last_us = interval.start_us - 1
        for session, segment in enumerate(sorted(segments, key=lambda s: s.interval.start_us)):
            if not _may_hold(segment, interval):
                continue
            for found, wall_us in self._read(segment, interval, rough):
                if last_us < wall_us < interval.end_us:
                    last_us = wall_us
                    media_us = wall_us - interval.start_us
                    yield Frame(segment.stream_id, media_us, wall_us, found.key, session, found.picture)

    def keys(self, segments: Sequence[Segment], interval: Interval) -> Iterator[Frame]:
        last_us = -1
        for session, segment in enumerate(sorted(segments, key=lambda s: s.interval.start_us)):
            if not _may_hold(segment, interval):
                continue
            for found, wall_us in self._key_pictures(segment, interval):
                if last_us < wall_us < interval.end_us:
                    last_us = wall_us
                    yield Frame(segment.stream_id, wall_us - interval.start_us, wall_us, True, session, found.picture)

    def near(
        self, segments: Sequence[Segment], at_us: int, wanted: Callable[[int, bool], bool]
    ) -> list[tuple[int, Frame | None]]:
        moment = Interval(at_us, at_us + 1)
        chosen = [s for s in sorted(segments, key=lambda s: s.interval.start_us) if _may_hold(s, moment)]
        container = self._open(chosen[-1], opened) if chosen else None
        if container is None:
            return []
        start_us, stream = chosen[-1].interval.start_us, chosen[-1].stream_id
        found: list[tuple[int, Frame | None]] = []
        with container:
            track = TrackFollower(container.streams.video[0]).track
            for media_us, packet, own in around(container, at_us - start_us):
                wall_us = start_us + media_us
                if not wanted(wall_us, own):
                    found.append((wall_us, None))
                    continue
                for seen in self._alone.pictures(packet, media_us, track, rough=True):
                    found.append((wall_us, Frame(stream, media_us, wall_us, True, 0, seen.picture)))
        return found

    def cut(self, segment: Segment, interval: Interval, path: Path) -> Cut | None:
        return cut(segment, self._locate(segment), interval, path)

    def write(self, path: Path, width: int, height: int, frames_per_s: float) -> "AvFilmWriter":
        return AvFilmWriter(path, width, height, frames_per_s)

    def still(self, picture: Picture, width: int, quality: int = 80) -> bytes:
        small = shrink(picture, width)
        done, data = cv2.imencode(".jpg", _bgr(small), [cv2.IMWRITE_JPEG_QUALITY, quality])
        assert done
        return data.tobytes()

    def _read(self, segment: Segment, interval: Interval, rough: bool) -> Iterator[tuple[Decoded, int]]:
        """Decodes from the last key picture before the interval to its end."""
        container = self._open(segment)
        if container is not None:
            with container:
                yield from _wanted(container, segment.interval.start_us, interval, rough)

    def _key_pictures(self, segment: Segment, interval: Interval) -> Iterator[tuple[Decoded, int]]:
        container = self._open(segment, opened)
        if container is not None:
            with container:
                yield from _keys(container, segment.interval.start_us, interval, self._alone)

    def _open(self, segment: Segment, way: Callable[[Path], InputContainer] | None = None) -> InputContainer | None:
        """A file that was erased meanwhile has nothing; one that is still written may have nothing yet."""
        try:
            path = self._locate(segment)
            return way(path) if way else av.open(str(path), mode="r", format="mp4")
        except FileNotFoundError:
            return None
        except av.FFmpegError as error:
            if segment.sealed:
                raise Corrupt("the segment cannot be read", where=segment.path, remedy="run `vitrail check`") from error
            return None


def _may_hold(segment: Segment, interval: Interval) -> bool:
    """The row of a segment that is still written lags behind its file."""
    if segment.sealed:
        return segment.interval.touches(interval)
    return segment.interval.start_us < interval.end_us


def _wanted(container: InputContainer, start_us: int, interval: Interval, rough: bool) -> Iterator[tuple[Decoded, int]]:
    decoder: Decoder | None = None
    group: list[AvPacket] = []
    reached = False
    for packet, follower in _packets(container):
        assert packet.pts is not None and packet.dts is not None
        if packet.is_keyframe and not reached:
            group.clear()
        group.append(packet)
        reached = reached or start_us + packet.pts + (packet.duration or 0) > interval.start_us
        if start_us + packet.dts >= interval.end_us:
            break
        if reached:
            decoder = decoder or Decoder(follower.track, rough=rough)
            for held in group:
                yield from ((found, start_us + found.media_us) for found in decoder.decode(held))
            group.clear()
    if decoder is not None:
        yield from ((found, start_us + found.media_us) for found in decoder.drain())


def _keys(
    container: InputContainer, start_us: int, interval: Interval, alone: KeyDecoders
) -> Iterator[tuple[Decoded, int]]:
    """Each key packet is decoded alone: nothing is handed in that hangs on another picture."""
    stream = container.streams.video[0]
    base, first = stream.time_base, stream.start_time or 0
    assert base is not None
    track = TrackFollower(stream).track
    held: tuple[AvPacket, int] | None = None
    for packet in key_packets(container):
        assert packet.pts is not None
        at_us = start_us + round((packet.pts - first) * base * SECOND_US)
        if at_us >= interval.end_us:
            break
        if held is not None and at_us > interval.start_us:
            yield from ((found, held[1]) for found in alone.pictures(*held, track))
        held = packet, at_us
    if held is not None:
        yield from ((found, held[1]) for found in alone.pictures(*held, track))


def _packets(container: InputContainer) -> Iterator[tuple[AvPacket, TrackFollower]]:
    """With their times in microseconds from the first picture shown. The end of a growing file is the end."""
    stream = container.streams.video[0]
    follower = TrackFollower(stream)
    first: int | None = None
    with contextlib.suppress(av.error.InvalidDataError):
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None or packet.dts is None:
                continue
            base = packet.time_base
            first = packet.pts if first is None else first
            pts, dts, duration = packet.pts - first, packet.dts - first, packet.duration or 0
            packet.time_base = MICROSECOND
            packet.pts, packet.dts = round(pts * base * SECOND_US), round(dts * base * SECOND_US)
            packet.duration = round(duration * base * SECOND_US)
            yield packet, follower


class AvFilmWriter:
    """A key picture every second, so that a player can jump."""

    def __init__(self, path: Path, width: int, height: int, frames_per_s: float) -> None:
        try:
            self._tape = Tape(path)
        except OSError as error:
            raise unwritable(error, path.name) from error
        self._container = fragmented(self._tape)
        self._stream = self._container.add_stream("libx264", options=_CLIP)
        self._stream.width, self._stream.height = width // 2 * 2, height // 2 * 2
        self._stream.time_base = MICROSECOND
        self._stream.codec_context.time_base = MICROSECOND
        self._size = (width, height)
        self._next_key_us: int | None = None
        self._step_us = round(SECOND_US / frames_per_s) if frames_per_s > 0 else round(_LAST_STEP_S * SECOND_US)

    def add(self, picture: Picture, media_us: int) -> None:
        if (picture.width, picture.height) != self._size:
            raise Invalid(f"a picture of {picture.width}x{picture.height} in a clip of {self._size}", where="clip")
        frame = frame_of(picture, self._stream.width, self._stream.height)
        frame.pts, frame.time_base = media_us, MICROSECOND
        if self._next_key_us is None or media_us >= self._next_key_us:
            frame.pict_type = PictureType.I
            self._next_key_us = media_us + _KEY_US
        for packet in self._stream.encode(frame):
            mux(self._container, self._stream, packet, self._tape.path.name)

    def finish(self) -> None:
        for packet in self._stream.encode(None):
            mux(self._container, self._stream, packet, self._tape.path.name)
        finish(self._container)
        self._tape.close()

    def abandon(self) -> None:
        finish(self._container)
        with contextlib.suppress(OSError):
            self._tape.close()
        self._tape.path.unlink(missing_ok=True)


def _bgr(picture: Picture) -> Plane:
    """Through JPEG's own colour space: ITU-R BT.601, full range."""
    planes = [picture.y, picture.v, picture.u]
    if not picture.full_range:
        tables = (_WIDE_Y, _WIDE_C, _WIDE_C)
        planes = [np.asarray(cv2.LUT(plane, table), np.uint8) for plane, table in zip(planes, tables, strict=True)]
    size = (picture.width, picture.height)
    full = [np.asarray(cv2.resize(plane, size), np.uint8) for plane in planes]
    return np.asarray(cv2.cvtColor(cv2.merge(full), cv2.COLOR_YCrCb2BGR), np.uint8)


def _widened(still: int, target: int, span: int) -> Plane:
    """A table from video range to full range: ``still`` becomes ``target``, ``span`` levels become 255."""
    return np.clip(np.round((np.arange(256) - still) * 255.0 / span + target), 0, 255).astype(np.uint8)


_WIDE_Y, _WIDE_C = _widened(16, 0, 219), _widened(128, 128, 224)
