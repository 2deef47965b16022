"""Key pictures of a segment found by its index, without reading what lies between."""

__all__ = ["around", "key_packets", "opened"]

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer

from vitrail.adapters.av.track import AvPacket
from vitrail.domain.time import SECOND_US

_BEFORE_US = 5 * SECOND_US // 2
"""So far before the moment reading begins: cameras send a key picture every second or two."""
_QUICK = {"analyzeduration": "0", "probesize": "32768"}
_UNSEEN: list[Any] = [{"skip_frame": "all"}]
"""Of its one stream. PyAV's types say strings; what it takes are settings."""


def opened(path: Path) -> InputContainer:
    """For key pictures only. The header of a segment says what it holds: no packet is decoded to find out, which would
    cost as much as the picture that is wanted."""
    return av.open(str(path), mode="r", format="mp4", options=_QUICK, stream_options=_UNSEEN)


def around(container: InputContainer, at_us: int) -> list[tuple[int, AvPacket, bool]]:
    """The key packet at or before ``at_us`` (microseconds from the segment's first picture), the one before and the
    one after, in order of time: each with its time, and whether it is the one shown then. A segment without an index
    (it is still written) is read from its start."""
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
    own = before[-1] if before else None
    found = [*before, *([after] if after is not None else [])]
    return [(round(((p.pts or 0) - first) * base * SECOND_US), p, p is own) for p in found]


def key_packets(container: InputContainer) -> Iterator[AvPacket]:
    """In the stream's own times. The end of a growing file is the end."""
    with contextlib.suppress(av.error.InvalidDataError):
        for packet in container.demux(container.streams.video[0]):
            if packet.is_keyframe and packet.size and packet.pts is not None:
                yield packet
