"""The reading surface bound to a grant: the only object with methods that read personal data.

Every method goes the same way: decide on the account as it stands now -> write the opening into the ledger -> ask the
store with the grant's scope in the WHERE clause -> mask -> write the outcome. A ledger that cannot be written is a
refusal (law.md L13); what is read before the outcome is written is not handed out either.
"""

__all__ = ["AROUND_US", "DESK_USES", "LONGEST_LOOKBACK_US", "LONGEST_MINUTE_US", "Desk"]

from dataclasses import replace
from pathlib import Path

from vitrail.domain.errors import NotFound
from vitrail.domain.ledger import Stored
from vitrail.domain.streams import Camera, Microphone
from vitrail.guard.desk_alerts import AlertsDesk
from vitrail.guard.desk_floor import AROUND_US, DESK_USES, MOST_ROWS
from vitrail.guard.desk_footage import LONGEST_LOOKBACK_US, LONGEST_MINUTE_US, FootageDesk
from vitrail.guard.desk_inquiry import InquiryDesk
from vitrail.guard.desk_shift import ShiftDesk
from vitrail.guard.desk_upkeep import UpkeepDesk


class Desk(AlertsDesk, FootageDesk, InquiryDesk, ShiftDesk, UpkeepDesk):
    def cameras(self) -> list[Camera]:
        """Those in scope, in the site's order. Stream addresses may hold a secret and are replaced by their labels."""
        with self._used("cameras", "cameras") as grant:
            return [_shown(c) for c in self._held.site.cameras if c.id in grant.scope.cameras]

    def microphones(self) -> list[Microphone]:
        """Those in scope, in the site's order; addresses are replaced by their labels. What they hear cannot be had."""
        with self._used("microphones", "microphones") as grant:
            ears = (m for m in self._held.site.microphones if m.id in grant.scope.microphones)
            return [replace(m, stream=replace(m.stream, address=m.stream.label)) for m in ears]

    def again(
        self,
        made: Path,
        alert_id: str | None = None,
        camera_id: str | None = None,
        unmasking_id: str | None = None,
        sighting_id: int | None = None,
    ) -> Path:
        """A copy that ``clip`` (``alert_id``) or ``minute`` (``camera_id``) has made, once more: a player asks for it
        piece by piece, and an alert that still goes on would be rendered anew each time. ``NotFound`` when it is gone.
        """
        target = f"alert:{alert_id}" if alert_id else f"camera:{camera_id}"
        target = f"unmasking:{unmasking_id}" if unmasking_id else target
        target = f"sighting:{sighting_id}" if sighting_id else target
        with self._used("again", target, camera_id=camera_id) as grant:
            name = f"minute-{camera_id}"
            if alert_id:
                name = f"alert-{self._alert(grant, alert_id).id}"
            if unmasking_id:
                name = f"unmasked-{self._granted(grant, unmasking_id).id}"
            if sighting_id:
                name = f"sighting-{self._held.seen.records.get(grant, sighting_id).id}"
            if not self._held.renderer.holds(made, name):
                raise NotFound("this copy is gone", remedy="ask for it again")
            return made

    def entries(self, start: int, stop: int) -> list[Stored]:
        """Entries of the ledger, at most 200 at a time."""
        with self._used("entries", "ledger"):
            start = max(0, start)
            return list(self._held.ledger.entries(start, min(stop, start + MOST_ROWS)))


def _shown(camera: Camera) -> Camera:
    return replace(camera, streams=tuple(replace(stream, address=stream.label) for stream in camera.streams))
