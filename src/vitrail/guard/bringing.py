"""An archive is brought in: its packets are kept as if the camera had sent them, for as long as the mandate says."""

__all__ = ["Bringing"]

from vitrail.domain.errors import Invalid
from vitrail.domain.frames import Packet
from vitrail.domain.time import HOUR_US, Interval, iso
from vitrail.guard.intake import Intake, StreamIntake


class Bringing:
    """What is kept of an opened recording, filmed in ``span``: nothing that is due for erasure already, and nothing of
    a time that is recorded, so that whoever brings the same archive in twice keeps it once. ``kept`` and ``left``
    count packets. Raises ``Invalid`` where all of it is too old."""

    def __init__(self, intake: Intake, opened: StreamIntake, span: Interval) -> None:
        permit = opened.permit
        self._opened = opened
        self._oldest_us = intake.clock.now_us() - permit.retention_us
        if span.end_us <= self._oldest_us:
            raise Invalid(
                f"not kept: the mandate keeps recordings for {permit.retention_us / HOUR_US:g} hours, and this one was "
                f"filmed until {iso(span.end_us)}",
                where=f"stream {permit.stream_id}",
                remedy="analyse it without keeping it, or say with --start when it was filmed",
            )
        self._already = intake.segments.already(permit, span)
        self.kept = self.left = 0

    def take(self, packet: Packet) -> None:
        at_us = packet.wall_us
        if at_us < self._oldest_us or any(span.start_us <= at_us < span.end_us for span in self._already):
            self._opened.pause()
            self.left += 1
        elif self._opened.record(packet):
            self.kept += 1
