"""Files and RTSP cameras as sources: demux always, decode on demand."""

__all__ = ["AvOpener", "AvSource"]

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from vitrail.adapters.av.decoder import Decoded, Decoder
from vitrail.adapters.av.opening import is_live, open_camera, open_file, problem, video_of
from vitrail.adapters.av.timeline import FileWall, LiveWall, MediaTime, Stamp, Wall
from vitrail.adapters.av.track import MICROSECOND, AvPacket, AvStream, Parcel, Track, TrackFollower, sent_at_us
from vitrail.domain.errors import Invalid, Refused, Unavailable
from vitrail.domain.frames import Frame, Packet
from vitrail.domain.geometry import Polygon
from vitrail.domain.mandates import Permit
from vitrail.domain.streams import Stream, StreamFacts
from vitrail.domain.time import SECOND_US
from vitrail.ports.clock import Clock

_LIKELY_FPS = 25.0
_FPS = (0.05, 240.0)
"""Outside this a declared frame rate is taken for a mistake; some cameras declare 90000."""
_BAD_READS = 10
"""Damaged places in a row that are stepped over before a file is given up."""
_KEY_US = 30 * SECOND_US
"""How long a camera may send without a key picture."""
_REMEDY = "play it in a video player to see whether it is whole"


class AvOpener:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def open(self, stream: Stream, masks: Sequence[Polygon], permit: Permit, start_us: int | None = None) -> "AvSource":
        if permit.stream_id != stream.id:
            raise Refused(f"the permit is for stream {permit.stream_id}", where=stream.id, rule="L01")
        return AvSource(stream, masks, self._clock, start_us)


class AvSource:
    """One opened stream. Not thread-safe: it belongs to its loop. ``damaged`` counts what could not be decoded."""

    def __init__(self, stream: Stream, masks: Sequence[Polygon], clock: Clock, start_us: int | None) -> None:
        self._stream = stream
        self._masks = tuple(masks)
        self._clock = clock
        self._live = is_live(stream.address)
        self._container, video = self._open()
        self._rate = _rate(video)
        self._time = MediaTime(round(SECOND_US / self._rate), self._live)
        self._wall: Wall = LiveWall(clock) if self._live else FileWall(clock, start_us)
        self._follower = TrackFollower(video)
        self._video = video
        self._facts = self._learn(self._follower.track)
        self._session = 0
        self._track: Track | None = None
        self._decoder: Decoder | None = None
        self._latest: Packet | None = None
        self._damaged = 0

    @property
    def facts(self) -> StreamFacts:
        return self._facts

    @property
    def damaged(self) -> int:
        """Packets and pictures that could not be decoded so far."""
        return self._damaged + (self._decoder.damaged if self._decoder else 0)

    def packets(self) -> Iterator[Packet]:
        while True:
            played = False
            for packet in self._play():
                played = True
                yield packet
            if not played:
                raise Invalid(f"{self._stream.label} holds no whole picture", where=self._stream.label, remedy=_REMEDY)
            if not self._stream.loop:
                return
            self._again()

    def decode(self, packet: Packet) -> list[Frame]:
        parcel = packet.payload
        assert isinstance(parcel, Parcel)
        frames: list[Frame] = []
        if self._decoder is None or self._decoder.track is not parcel.track:
            frames = self.drain()
            self._damaged = self.damaged
            self._decoder = Decoder(parcel.track, self._masks, rough=True)
        self._latest = packet
        return frames + self._frames(self._decoder.decode(parcel.packet), packet)

    def drain(self) -> list[Frame]:
        if self._decoder is None or self._latest is None:
            return []
        return self._frames(self._decoder.drain(), self._latest)

    def close(self) -> None:
        self._container.close()

    def __enter__(self) -> "AvSource":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> tuple[InputContainer, AvStream]:
        address, label = self._stream.address, self._stream.label
        container = open_camera(address, label) if self._live else open_file(Path(address), label)
        try:
            return container, video_of(container, label)
        except BaseException:
            container.close()
            raise

    def _again(self) -> None:
        """From the beginning; time goes on."""
        self._container.close()
        self._container, self._video = self._open()
        self._follower = TrackFollower(self._video)
        self._time.restart()

    def _play(self) -> Iterator[Packet]:
        """One pass through the container, from its first key packet on and from the next one after every jump."""
        track: Track | None = None
        deadline_us = self._clock.monotonic_us() + _KEY_US
        for packet in self._demux():
            pts_us, dts_us = _us(packet.pts, packet.time_base), _us(packet.dts, packet.time_base)
            if track is not None and self._time.jumps(pts_us, dts_us):
                self._time.restart()
                self._follower.restart()
                track, deadline_us = None, self._clock.monotonic_us() + _KEY_US
            if packet.is_keyframe:
                track = self._turn(packet)
            if track is None:
                self._expect_key(deadline_us)
                continue
            stamp = self._time.stamp(pts_us, dts_us, _us(packet.duration, packet.time_base) or 0)
            self._wall.wait(stamp)
            yield self._packet(packet, stamp, track)

    def _turn(self, packet: AvPacket) -> Track:
        """The track that this key packet belongs to. When it is another one than before, so is the session."""
        track = self._follower.follow(packet)
        if self._track is not None and track is not self._track:
            self._session += 1
            self._facts = self._learn(track)
        self._track = track
        return track

    def _expect_key(self, deadline_us: int) -> None:
        if self._live and self._clock.monotonic_us() > deadline_us:
            raise Unavailable(
                f"{self._stream.label} sends no key pictures",
                where=self._stream.label,
                remedy="set a key-frame interval of 1 to 4 seconds in the camera, without intra refresh",
            )

    def _demux(self) -> Iterator[AvPacket]:
        """Video packets; damaged places of a file are stepped over. Raises ``Unavailable`` when a camera stops."""
        bad = 0
        while bad <= _BAD_READS:
            try:
                for packet in self._container.demux(self._video):
                    if packet.size:
                        yield packet
                        bad = 0
                if self._live:
                    raise av.error.EOFError(0, "")
                return
            except (av.FFmpegError, OSError) as error:
                if self._live or not isinstance(error, av.error.InvalidDataError):
                    raise problem(error, self._stream.label, live=self._live) from None
                bad += 1
                self._damaged += 1

    def _packet(self, packet: AvPacket, stamp: Stamp, track: Track) -> Packet:
        sent_us = sent_at_us(packet) if self._live and packet.is_keyframe else None
        packet.time_base = MICROSECOND
        packet.pts, packet.dts, packet.duration = stamp.media_us, stamp.decode_us, stamp.duration_us
        return Packet(
            stream_id=self._stream.id,
            media_us=stamp.media_us,
            wall_us=self._wall.wall_us(stamp.media_us),
            duration_us=stamp.duration_us,
            size_bytes=packet.size,
            key=packet.is_keyframe,
            session=self._session,
            payload=Parcel(packet, track),
            sent_us=sent_us,
        )

    def _frames(self, decoded: Sequence[Decoded], packet: Packet) -> list[Frame]:
        """Their wall time differs from their media time by what the packet's does; it never steps back."""
        frames: list[Frame] = []
        for found in decoded:
            wall_us = packet.wall_us - packet.media_us + found.media_us
            frames.append(Frame(self._stream.id, found.media_us, wall_us, found.key, packet.session, found.picture))
        return frames

    def _learn(self, track: Track) -> StreamFacts:
        duration = self._container.duration
        return StreamFacts(
            codec=track.codec,
            width=track.width,
            height=track.height,
            frames_per_s=self._rate,
            live=self._live,
            length_us=None if self._live or not duration else duration * SECOND_US // av.time_base,
        )


def _rate(video: AvStream) -> float:
    for declared in (video.average_rate, video.guessed_rate, video.base_rate):
        if declared and _FPS[0] <= declared <= _FPS[1]:
            return float(declared)
    return _LIKELY_FPS


def _us(ticks: int | None, base: Fraction | None) -> int | None:
    if ticks is None or base is None:
        return None
    return ticks * base.numerator * SECOND_US // base.denominator
