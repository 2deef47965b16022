"""What is known of an encoded stream between two changes (codec, parameters, size) and of its packets."""

__all__ = ["MICROSECOND", "AvPacket", "AvStream", "Parcel", "Track", "TrackFollower", "decoder_for", "sent_at_us"]

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import av
from av.packet import Packet, PacketSideData
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream as AvStream

if TYPE_CHECKING:
    AvPacket: TypeAlias = Packet[AvStream]
else:
    AvPacket = Packet

MICROSECOND = Fraction(1, 1_000_000)

_REFERENCE = struct.Struct("=q")
"""FFmpeg's AVProducerReferenceTime begins with it."""
_RAW_FORMATS = {"h264": "h264", "hevc": "hevc", "mjpeg": "mjpeg", "mpeg4": "m4v"}
"""FFmpeg's names for bare streams of these codecs: enough to read a lone key packet with."""
_FILTERED = frozenset({"h264", "hevc"})
_START = b"\x00\x00\x01"
_HEVC_SETS = (b"\x40\x01", b"\x42\x01")
"""First two bytes of a video and of a sequence parameter set (ITU-T H.265, 7.3.1.2; base layer). In H.264 the first is
a unit of the unused type 0, the second a slice that is no part of a key picture."""
_H264_SET = (0x67, 0x47, 0x27)
"""First byte of a sequence parameter set (ITU-T H.264, 7.3.1)."""
_FIRST_UNITS = 12
"""Parameter sets come before the picture; what comes after so many units is picture."""
_JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2})
_MPEG4_LAYER = range(0x20, 0x30)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """``codec`` is the common name, ``decoder`` FFmpeg's decoder for it, ``extradata`` the parameters out of band;
    ``template`` is an opened stream of the same codec, for muxers."""

    codec: str
    decoder: str
    width: int
    height: int
    extradata: bytes | None
    template: AvStream


@dataclass(frozen=True, slots=True, eq=False)
class Parcel:
    """The payload of this adapter's packets. ``packet`` has its times in media microseconds; it is shared: copy it
    before muxing, which changes it."""

    packet: AvPacket
    track: Track


def decoder_for(track: Track, rough: bool = False) -> VideoCodecContext:
    """A fresh decoder with a single thread. ``rough`` leaves the edges of blocks unsmoothed (H.264 and H.265 loop
    filters): a fifth cheaper, and pictures drift by a grey level or two until the next key picture."""
    context = av.CodecContext.create(track.decoder, "r")
    assert isinstance(context, VideoCodecContext)
    given = track.template.codec_context
    context.width, context.height = track.width, track.height
    context.extradata = track.extradata
    context.codec_tag = given.codec_tag
    context.reorder_depth = given.reorder_depth
    context.thread_count = 1
    if rough and track.codec in _FILTERED:
        context.options = {"skip_loop_filter": "all"}
    return context


class TrackFollower:
    """Notices that codec, size or parameters change inside a stream: a camera is set up anew, or recordings were put
    one behind the other."""

    def __init__(self, stream: AvStream) -> None:
        self.track = _track_of(stream)
        self._signature = b""

    def follow(self, packet: AvPacket) -> Track:
        """The track of this key packet: another object when something changed."""
        if packet.has_sidedata("new_extradata"):
            codec, signature = self.track.codec, _new_extradata(packet)
            known = self._signature or self.track.extradata
        else:
            codec, signature = _signature(self.track.codec, bytes(packet))
            known = self._signature or signature
        if not signature:
            return self.track
        self._signature = signature
        if signature != known or codec != self.track.codec:
            self.track = self._changed(codec, signature, packet) or self.track
        return self.track

    def restart(self) -> Track:
        """The same track as another object: its time jumped, so its decoder has to start afresh."""
        self.track = replace(self.track)
        return self.track

    def _changed(self, codec: str, signature: bytes, packet: AvPacket) -> Track | None:
        """None when the packet is too damaged to tell: then nothing changes until the next one."""
        if packet.has_sidedata("new_extradata"):
            return _sized(replace(self.track, extradata=signature), packet)
        try:
            probed = av.open(io.BytesIO(bytes(packet)), format=_RAW_FORMATS[codec])
        except av.FFmpegError:
            return None
        found = _track_of(probed.streams.video[0])
        return found if found.width and found.height else None


def sent_at_us(packet: AvPacket) -> int | None:
    """The sender's own time of this packet, microseconds since 1970, once it sent a report that says it (RFC 3550,
    6.4.1). What comes before the first report is no time."""
    if not packet.has_sidedata("prft"):
        return None
    plain: Packet[Any] = packet
    (told_us,) = _REFERENCE.unpack_from(bytes(PacketSideData.from_packet(plain, "prft")))
    return int(told_us) or None


def _new_extradata(packet: AvPacket) -> bytes:
    plain: Packet[Any] = packet
    return bytes(PacketSideData.from_packet(plain, "new_extradata"))


def _track_of(stream: AvStream) -> Track:
    context = stream.codec_context
    codec = context.codec
    return Track(codec.canonical_name, codec.name, context.width, context.height, context.extradata, stream)


def _sized(track: Track, packet: AvPacket) -> Track | None:
    """Its size, learnt by decoding the packet."""
    try:
        decoder = decoder_for(track)
        frames = decoder.decode(packet) + decoder.decode(None)
    except av.FFmpegError:
        return None
    return replace(track, width=frames[0].width, height=frames[0].height) if frames else None


def _signature(codec: str, data: bytes) -> tuple[str, bytes]:
    """The codec and the parameters that a key packet names in band; no parameters when it names none."""
    if codec in ("h264", "hevc") and data[:4].lstrip(b"\x00")[:1] == b"\x01":
        units = list(_units(data))
        if hevc := [unit for unit in units if unit[:2] in _HEVC_SETS]:
            return "hevc", b"".join(hevc)
        h264 = [unit for unit in units if unit[0] in _H264_SET]
        return ("h264" if h264 else codec), b"".join(h264)
    if codec == "mjpeg":
        return codec, _jpeg_size(data)
    if codec == "mpeg4":
        return codec, b"".join(unit for unit in _units(data) if unit[0] in _MPEG4_LAYER)
    return codec, b""


def _units(data: bytes) -> Iterator[bytes]:
    """What lies between the first start codes (ITU-T H.264 annex B), without trailing zeros."""
    at = data.find(_START)
    for _ in range(_FIRST_UNITS):
        if at < 0:
            return
        after = data.find(_START, at + 3)
        if unit := data[at + 3 : after if after >= 0 else None].rstrip(b"\x00"):
            yield unit
        at = after


def _jpeg_size(data: bytes) -> bytes:
    """The part of the frame header that holds size and sampling (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] in _JPEG_SIZES:
            return data[at + 4 : at + 2 + length]
        at += 2 + length
    return b""
