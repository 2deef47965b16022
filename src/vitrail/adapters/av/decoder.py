"""Packets of one track to upright, masked pictures with monotone media times."""

__all__ = ["Decoded", "Decoder"]

from collections.abc import Sequence
from dataclasses import dataclass

import av
from av.video.frame import VideoFrame

from vitrail.adapters.av.pictures import burn, picture_of
from vitrail.adapters.av.track import AvPacket, Track, decoder_for
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Polygon


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    picture: Picture
    media_us: int
    key: bool


class Decoder:
    """``damaged`` counts packets that gave an error and pictures that the decoder had to make up. ``rough``: see
    ``decoder_for``; for pictures that the machine looks at or that are shown small, never for what is kept."""

    def __init__(self, track: Track, masks: Sequence[Polygon] = (), rough: bool = False) -> None:
        self.track = track
        self.damaged = 0
        self._masks = tuple(masks)
        self._context = decoder_for(track, rough)
        self._last_us: int | None = None
        self._step_us = 1

    def decode(self, packet: AvPacket) -> list[Decoded]:
        """``packet`` has its times in microseconds. A key packet that was decoded before begins a replay."""
        held = self.drain() if packet.is_keyframe and self._seen(packet.pts) else []
        self._step_us = packet.duration or self._step_us
        try:
            frames = self._context.decode(packet)
        except av.FFmpegError:
            self.damaged += 1
            return held
        return held + self._pictures(frames)

    def drain(self) -> list[Decoded]:
        """What is held back; afterwards a key packet must come."""
        try:
            frames = self._context.decode(None) if self._context.is_open else []
        except av.FFmpegError:
            self.damaged += 1
            frames = []
        pictures = self._pictures(frames)
        self._context.flush_buffers()
        self._last_us = None
        return pictures

    def _seen(self, pts: int | None) -> bool:
        return pts is not None and self._last_us is not None and pts <= self._last_us

    def _pictures(self, frames: Sequence[VideoFrame]) -> list[Decoded]:
        found: list[Decoded] = []
        for frame in frames:
            if frame.is_corrupt:
                self.damaged += 1
                continue
            picture = picture_of(frame)
            found.append(
                Decoded(burn(picture, self._masks) if self._masks else picture, self._time(frame), frame.key_frame)
            )
        return found

    def _time(self, frame: VideoFrame) -> int:
        """A frame without a time, or with one that was shown already, comes one step after the last."""
        media_us: int | None = frame.pts
        if media_us is None or (self._last_us is not None and media_us <= self._last_us):
            media_us = (self._last_us or 0) + self._step_us
        self._last_us = media_us
        return media_us
