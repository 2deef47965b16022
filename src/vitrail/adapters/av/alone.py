"""Key pictures decoded one by one, each alone, whatever came before it."""

__all__ = ["KeyDecoders"]

from collections import deque
from threading import Lock

from vitrail.adapters.av.decoder import Decoded, Decoder
from vitrail.adapters.av.track import MICROSECOND, AvPacket, Track

_IDLE = 4
"""One for each thread that a person who drags keeps busy."""

_Kind = tuple[str, int, int, bytes | None, bool]


class KeyDecoders:
    """Thread-safe. A decoder waits here for the next picture of its kind: a fresh one needs fresh memory, which costs
    an eighth of a picture of 1080p."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._idle: deque[tuple[_Kind, Decoder]] = deque(maxlen=_IDLE)

    def pictures(self, packet: AvPacket, media_us: int, track: Track, rough: bool = False) -> list[Decoded]:
        """One, or none where the packet is damaged; its time is ``media_us``, whatever the packet says."""
        packet.pts = packet.dts = media_us
        packet.time_base = MICROSECOND
        kind = (track.decoder, track.width, track.height, track.extradata, rough)
        decoder = self._taken(kind) or Decoder(track, rough=rough)
        found = [*decoder.decode(packet), *decoder.drain()]
        if found and not decoder.damaged:
            with self._lock:
                self._idle.append((kind, decoder))
        return found

    def _taken(self, kind: _Kind) -> Decoder | None:
        with self._lock:
            place = next((n for n, (idle, _) in enumerate(self._idle) if idle == kind), None)
            if place is None:
                return None
            _, decoder = self._idle[place]
            del self._idle[place]
            return decoder
