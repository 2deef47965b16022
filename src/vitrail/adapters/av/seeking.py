"""Key pictures of a segment found by its index, without reading what lies between."""

__all__ = ["around", "key_packets", "picture_of_key"]

import contextlib
from collections.abc import Callable, Iterator

import av
from av.container import InputContainer

from vitrail.adapters.av.decoder import Decoded, Decoder
from vitrail.adapters.av.track import MICROSECOND, AvPacket, TrackFollower
from vitrail.domain.time import SECOND_US

_BEFORE_US = 5 * SECOND_US // 2
"""So far before the moment reading begins: cameras send a key picture every second or two."""


def around(
    container: InputContainer, at_us: int, wanted: Callable[[int, bool], bool]
) -> Iterator[tuple[int, Decoded | None]]:
    """The key picture at or before ``at_us`` (microseconds from the segment's first picture), the one before and the
    one after, in order of time; each is decoded where ``wanted`` says so of its time and of whether it is the one
    shown. A segment without an index (it is still written) is read from its start."""
    stream = container.streams.video[0]
    base = stream.time_base
    assert base is not None
    first = stream.start_time or 0
    before: list[AvPacket] = []
    after: AvPacket | None = None
    container.seek(first + round(max(0, at_us - _BEFORE_US) / SECOND_US / base), stream=stream, backward=True)
    for packet in key_packets(container):
        assert packet.pts is not None
        if round((packet.pts - first) * base * SECOND_US) > at_us and before:
            after = packet
            break
        before = [*before[-1:], packet]
    follower = TrackFollower(stream)
    own = before[-1] if before else None
    for packet in [*before, *([after] if after is not None else [])]:
        media_us = round(((packet.pts or 0) - first) * base * SECOND_US)
        if not wanted(media_us, packet is own):
            yield media_us, None
            continue
        for found in picture_of_key(packet, media_us, follower):
            yield media_us, found


def key_packets(container: InputContainer) -> Iterator[AvPacket]:
    """In the stream's own times. The end of a growing file is the end."""
    with contextlib.suppress(av.error.InvalidDataError):
        for packet in container.demux(container.streams.video[0]):
            if packet.is_keyframe and packet.size and packet.pts is not None:
                yield packet


def picture_of_key(packet: AvPacket, media_us: int, follower: TrackFollower) -> Iterator[Decoded]:
    """Decoded alone, whatever it is called."""
    packet.pts = packet.dts = media_us
    packet.time_base = MICROSECOND
    decoder = Decoder(follower.track)
    yield from [*decoder.decode(packet), *decoder.drain()]
