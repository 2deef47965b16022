"""Cuts one stream's packets into segments of at most a minute, at key packets; survives a full disk."""

__all__ = ["SEGMENT_US", "Recorder"]

from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from vitrail.domain.errors import Invalid, Unavailable, VitrailError
from vitrail.domain.frames import Packet
from vitrail.domain.geometry import Polygon
from vitrail.domain.mandates import Permit
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import Stream
from vitrail.domain.time import MINUTE_US, SECOND_US
from vitrail.ports.archive import Archive, SegmentWriter
from vitrail.ports.clock import Clock
from vitrail.ports.records import SegmentRecords
from vitrail.ports.source import Source

SEGMENT_US = MINUTE_US
"""A segment ends at the last key packet before this. A camera whose groups of pictures are longer than a minute makes
longer ones: cutting inside a group would lose the rest of it."""
_LEAP_US = SECOND_US // 4
_RETRY_US = 10 * SECOND_US
"""After a full disk, the next try comes with the first key packet after this."""
_SHOW_US = 2 * SECOND_US
"""How often the row of a growing segment is brought up to date, so that its minutes can be played already."""


class Recorder:
    """``problem`` says in plain words why nothing is recorded just now; ``sealed`` counts finished segments."""

    def __init__(
        self,
        stream: Stream,
        masks: Sequence[Polygon],
        source: Source,
        archive: Archive,
        segments: SegmentRecords,
        clock: Clock,
    ) -> None:
        self._stream = stream
        self._masks = masks
        self._source = source
        self._archive = archive
        self._segments = segments
        self._clock = clock
        self._writer: SegmentWriter | None = None
        self._permit: Permit | None = None
        self._begun: Packet | None = None
        self._last_key_us = 0
        self._group_us = 0
        self._shown_us = 0
        self._retry_us = 0
        self._unfit_session: int | None = None
        self._aheads_us: list[int] = []
        self.problem = ""
        self.sealed = 0

    @property
    def recording(self) -> bool:
        return self._writer is not None

    def record(self, permit: Permit, packet: Packet) -> bool:
        """Whether the packet was kept."""
        try:
            if self._over(permit, packet):
                self.close()
            if self._writer is None and not self._begin(permit, packet):
                return False
            return self._write(packet)
        except (Unavailable, OSError) as error:
            self.problem = f"not recorded: {error}"
            self._retry_us = self._clock.monotonic_us() + _RETRY_US
            self.close()
            return False

    def close(self) -> None:
        """Seal what is being written, under the permit it was begun with. When even that fails, the segment is mended
        at the next start."""
        writer, self._writer = self._writer, None
        if writer is None or self._permit is None:
            return
        try:
            self._segments.put(self._permit, self._told(writer.seal()))
            self.sealed += 1
        except (VitrailError, OSError) as error:
            self.problem = f"a segment was not sealed: {error}"

    def _over(self, permit: Permit, packet: Packet) -> bool:
        """Whether the packet belongs to another segment: the minute is full, the camera came back, another mandate, or
        the clock was set. Inside a segment wall time is its beginning and media time."""
        if self._writer is None or self._begun is None:
            return False
        segment = self._writer.segment
        if packet.session != self._begun.session or permit.mandate_id != segment.mandate_id:
            return True
        if not packet.key:
            return False
        shown_us = packet.media_us - self._begun.media_us
        if abs(packet.wall_us - self._begun.wall_us - shown_us) > _LEAP_US:
            return True
        return packet.wall_us - self._begun.wall_us + self._group_us > SEGMENT_US

    def _begin(self, permit: Permit, packet: Packet) -> bool:
        if not packet.key or packet.session == self._unfit_session:
            return False
        if self._clock.monotonic_us() < self._retry_us:
            return False
        try:
            self._writer = self._archive.begin(permit, self._source, self._source.facts, self._masks, packet)
        except Invalid as error:
            self._unfit_session = packet.session
            self.problem = f"not recorded: {error}"
            return False
        self._permit, self._begun = permit, packet
        self._aheads_us = []
        self._last_key_us, self._group_us = packet.wall_us, 0
        self._show(packet)
        return True

    def _write(self, packet: Packet) -> bool:
        assert self._writer is not None
        self._writer.write(packet)
        if packet.sent_us is not None:
            self._aheads_us.append(packet.wall_us - packet.sent_us)
        if packet.key:
            self._group_us = max(self._group_us, packet.wall_us - self._last_key_us)
            self._last_key_us = packet.wall_us
        if packet.wall_us - self._shown_us >= _SHOW_US:
            self._show(packet)
        self.problem = ""
        return True

    def _show(self, packet: Packet) -> None:
        assert self._writer is not None and self._permit is not None
        self._segments.put(self._permit, self._told(self._writer.segment))
        self._shown_us = packet.wall_us

    def _told(self, segment: Segment) -> Segment:
        """With what the camera's own clock said meanwhile."""
        return replace(segment, ahead_us=round(median(self._aheads_us))) if self._aheads_us else segment
