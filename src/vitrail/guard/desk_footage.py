"""The desk's pictures: stills, clips and excerpts of recordings, what changed in them, and the live picture. All
masked."""

__all__ = ["LONGEST_LOOKBACK_US", "LONGEST_MINUTE_US", "FootageDesk"]

from pathlib import Path

from vitrail.domain.errors import Invalid
from vitrail.domain.events import Event, Side
from vitrail.domain.ledger import Operation
from vitrail.domain.moments import Moment
from vitrail.domain.places import Box
from vitrail.domain.time import HOUR_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard import pictures
from vitrail.guard.desk_floor import AROUND_US, LONGEST_CLIP_US, DeskFloor, Progress, said_span, wide_px
from vitrail.guard.window import Window
from vitrail.ports.rehearsal import Rehearsal

LONGEST_MINUTE_US = 2 * MINUTE_US
LONGEST_LOOKBACK_US = 25 * HOUR_US
"""A day, also the one on which the clocks go back."""
_LEAST_BOX = 0.02


class FootageDesk(DeskFloor):
    def still(self, alert_id: str, width: int = 640) -> bytes:
        """A masked JPEG from the beginning of the happening. ``NotFound`` when nothing was recorded then."""
        with self._used("still", f"alert:{alert_id}") as grant:
            alert = self._alert(grant, alert_id)
            moment_us = alert.interval.start_us + min(alert.interval.length_us, 2 * SECOND_US) // 2
            shot = self._shot(grant, alert.place.camera_id, Interval(moment_us, moment_us + SECOND_US))
            return self._held.renderer.still(f"still-{alert.id}", shot, wide_px(width), self._held.clock.now_us())

    def picture(self, alert_id: str, side: Side) -> bytes:
        """A JPEG of the place before or after a lasting change, nobody in it. ``NotFound`` when none is kept."""
        with self._used("picture", f"alert:{alert_id}", detail=side.value) as grant:
            return pictures.shown(self._held.pictures, self._held.alerts.get(grant, alert_id), side)

    def clip(self, alert_id: str, progress: Progress) -> Path:
        """A masked clip (fragmented MP4) over the evidence and 5 s on either side, at most two minutes of it."""
        with self._used("clip", f"alert:{alert_id}") as grant:
            alert = self._alert(grant, alert_id)
            start_us = alert.evidence.start_us - AROUND_US
            end_us = min(alert.evidence.end_us + AROUND_US, start_us + LONGEST_CLIP_US)
            shot = self._shot(grant, alert.place.camera_id, Interval(start_us, end_us))
            return self._held.renderer.clip(f"alert-{alert.id}", shot, self._held.clock.now_us(), progress)

    def minute(self, camera_id: str, interval: Interval, progress: Progress) -> Path:
        """A masked excerpt of the recording, at most two minutes."""
        if not 0 < interval.length_us <= LONGEST_MINUTE_US:
            raise Invalid("an excerpt is at most two minutes long", where="interval", remedy="ask for less")
        with self._used("minute", f"camera:{camera_id}", camera_id=camera_id, detail=said_span(interval)) as grant:
            shot = self._shot(grant, camera_id, interval)
            return self._held.renderer.clip(f"minute-{camera_id}", shot, self._held.clock.now_us(), progress)

    def glance(self, camera_id: str, at_us: int, width: int = 640) -> bytes:
        """A masked JPEG of the recording at a moment. ``NotFound`` where nothing is recorded."""
        span = Interval(at_us, at_us + SECOND_US)
        with self._used("glance", f"camera:{camera_id}", camera_id=camera_id, detail=said_span(span)) as grant:
            shot = self._shot(grant, camera_id, span)
            return self._held.renderer.still(f"glance-{camera_id}", shot, wide_px(width), self._held.clock.now_us())

    def changed(self, camera_id: str, interval: Interval, box: Box, progress: Progress) -> list[Moment]:
        """When this box of the picture changed for good, over at most a day of the recording; people and vehicles are
        taken out. Raises ``Invalid`` for a box or a span that cannot be."""
        if not 0 < interval.length_us <= LONGEST_LOOKBACK_US:
            raise Invalid("what changed is asked of at most a day", where="interval", remedy="ask for less")
        if not (0.0 <= box[0] < box[2] <= 1.0 and 0.0 <= box[1] < box[3] <= 1.0):
            raise Invalid("this is no box of the picture", where="box", remedy="x0,y0,x1,y1 between 0 and 1")
        if min(box[2] - box[0], box[3] - box[1]) < _LEAST_BOX:
            raise Invalid("the box is too small to tell", where="box", remedy="draw it larger than a 50th each way")
        said = f"{said_span(interval)} box {','.join(f'{v:.3f}' for v in box)}"
        with self._used("changed", f"camera:{camera_id}", camera_id=camera_id, detail=said) as grant:
            return self._held.renderer.changed(self._shot(grant, camera_id, interval), box, progress)

    def rehearse(
        self, camera_id: str, interval: Interval, rehearsal: Rehearsal, said: str, progress: Progress
    ) -> list[Event]:
        """What an analytic would have told of this part of the recording. No picture leaves, no alert is written. Asked
        for through ``Rehearsing``, which knows whether the mandate lists it."""
        words = f"tried {said}; {said_span(interval)}"
        with self._used("rehearse", f"camera:{camera_id}", camera_id=camera_id, detail=words) as grant:
            return self._held.renderer.rehearse(self._shot(grant, camera_id, interval), rehearsal, progress)

    def spans(self, camera_id: str, interval: Interval) -> list[Interval]:
        """What is recorded of the interval."""
        with self._used("spans", f"camera:{camera_id}", camera_id=camera_id) as grant:
            return self._held.segments.spans(grant, camera_id, interval)

    def live(self, camera_id: str) -> Window:
        """Masked live pictures, a second late, while a mandate in force names the camera. Close it: that is when the
        outcome is written."""
        grant = self._decided("live", f"camera:{camera_id}", Operation.CONSULT, camera_id)
        entry = self._held.ledger.open(Operation.CONSULT, grant.account_id, f"live:{camera_id}", grant.reason)
        try:
            view = self._held.live.watch(camera_id)
        except BaseException as error:
            self._conclude(entry, error, "")
            raise
        return Window(
            view,
            check=lambda: self._decided("live", f"live:{camera_id}", Operation.CONSULT, camera_id),
            over=lambda error, seen: self._conclude(entry, error, seen),
        )
