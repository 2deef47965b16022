"""Packets of a segment taken out as they were recorded, key packet to key packet: nothing is decoded."""

__all__ = ["QUICK", "cut"]

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet as PlainPacket

from vitrail.adapters.av.fragments import unwritable
from vitrail.adapters.av.track import MICROSECOND, AvPacket
from vitrail.domain.errors import Corrupt
from vitrail.domain.recordings import Segment
from vitrail.domain.time import SECOND_US, Interval
from vitrail.ports.film import Cut

QUICK = {"analyzeduration": "0", "probesize": "32768"}
"""The header of a segment says what it holds: no packet is decoded to find out. Not for what is decoded in groups,
whose order it may not say."""


def cut(segment: Segment, source: Path, interval: Interval, path: Path) -> Cut | None:
    """Raises ``Corrupt`` when the segment cannot be read, ``Unavailable`` when ``path`` cannot be written."""
    try:
        with av.open(str(source), mode="r", format="mp4", options=QUICK) as container:
            first, last, seen, taken = _bounds(container, segment.interval.start_us, interval)
    except FileNotFoundError:
        return None
    except av.FFmpegError as error:
        raise Corrupt("the segment cannot be read", where=segment.path, remedy="run `vitrail check`") from error
    if not taken:
        return None
    shown = Interval(segment.interval.start_us + first, segment.interval.start_us + last)
    whole = segment.sealed and taken == seen
    try:
        if whole:
            _same(source, path)
        else:
            _copy(source, path, first, last)
    except (OSError, av.FFmpegError) as error:
        path.unlink(missing_ok=True)
        raise unwritable(error, path.name) from error
    return Cut(shown, whole, taken)


def _same(source: Path, path: Path) -> None:
    """A sealed segment never changes, so a second name for its bytes does as well as a second copy of them."""
    try:
        os.link(source, path)
    except OSError:
        shutil.copyfile(source, path)


def _bounds(container: InputContainer, start_us: int, interval: Interval) -> tuple[int, int, int, int]:
    """First and last moment taken (microseconds from the segment's start), packets in all, packets taken."""
    keys: list[int] = []
    times: list[int] = []
    end_us = 0
    for packet, at_us in _timed(container):
        times.append(at_us)
        end_us = max(end_us, at_us + _length_us(packet))
        if packet.is_keyframe:
            keys.append(at_us)
    low, high = interval.start_us - start_us, interval.end_us - start_us
    if not keys or high <= keys[0] or low >= end_us:
        return 0, 0, len(times), 0
    first = max((key for key in keys if key <= low), default=keys[0])
    last = min((key for key in keys if key >= high), default=end_us)
    return first, last, len(times), sum(first <= at_us < last for at_us in times)


def _timed(container: InputContainer) -> Iterator[tuple[AvPacket, int]]:
    """With presentation times from the first picture's. The end of a growing file is the end."""
    first: int | None = None
    stream = container.streams.video[0]
    with contextlib.suppress(av.error.InvalidDataError):
        for packet in container.demux(stream):
            if not packet.size or packet.pts is None or packet.dts is None:
                continue
            first = packet.pts if first is None else first
            yield packet, round((packet.pts - first) * packet.time_base * SECOND_US)


def _length_us(packet: AvPacket) -> int:
    return round((packet.duration or 0) * packet.time_base * SECOND_US)


def _copy(source: Path, path: Path, first: int, last: int) -> None:
    options = {"movflags": "+faststart", "write_tmcd": "0"}
    with (
        av.open(str(source), mode="r", format="mp4", options=QUICK) as container,
        av.open(str(path), mode="w", format="mp4", container_options=options) as made,
    ):
        origin = container.streams.video[0]
        stream = made.add_stream_from_template(origin, opaque=True)
        began: int | None = None
        for packet, at_us in _timed(container):
            if not first <= at_us < last:
                continue
            assert packet.pts is not None and packet.dts is not None
            began = packet.dts if began is None else began
            base = packet.time_base
            copy = cast(AvPacket, PlainPacket(bytes(packet)))
            copy.time_base = MICROSECOND
            copy.dts = round((packet.dts - began) * base * SECOND_US)
            copy.pts = max(copy.dts, round((packet.pts - began) * base * SECOND_US))
            copy.duration, copy.is_keyframe, copy.stream = _length_us(packet), packet.is_keyframe, stream
            made.mux_one(copy)
