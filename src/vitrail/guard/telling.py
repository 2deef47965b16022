"""What a bundle tells beside its footage: the case, its cameras and clocks, what happened when, who did what."""

__all__ = ["Teller"]

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from vitrail.domain.board import BoardSheet, CameraClock, own_clock
from vitrail.domain.bundles import Bundle, CameraStory, Happening, Piece, Story
from vitrail.domain.cases import Case
from vitrail.domain.errors import NotFound
from vitrail.domain.events import Alert, AlertQuery
from vitrail.domain.people import Grant
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import Site
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.custody import deeds_of
from vitrail.guard.ledger import Ledger
from vitrail.guard.piecework import Reel
from vitrail.guard.render import Renderer, Shot
from vitrail.guard.stories import camera_story
from vitrail.ports.board import BoardRecords
from vitrail.ports.bundles import BundleRecords
from vitrail.ports.cases import CaseRecords
from vitrail.ports.clock import Clock
from vitrail.ports.records import AlertRecords

_MOST_STILLS = 8
"""Each is looked through as any still is: many of them would cost more than the copies."""
_STILL_PX = 960


@dataclass(frozen=True, slots=True)
class _Told:
    """What happened, the footage that shows it, and when on that footage's own clock."""

    name: str
    happening: Happening
    reel: Reel | None
    at_us: int

    @property
    def order(self) -> tuple[int, str]:
        return self.happening.interval.start_us, self.happening.camera_id


class Teller:
    def __init__(
        self,
        renderer: Renderer,
        alerts: AlertRecords,
        cases: CaseRecords,
        bundles: BundleRecords,
        ledger: Ledger,
        site: Site,
        clock: Clock,
        board: BoardRecords,
    ) -> None:
        self._renderer = renderer
        self._alerts = alerts
        self._cases = cases
        self._bundles = bundles
        self._ledger = ledger
        self._site = site
        self._clock = clock
        self._board = board

    def story(
        self, grant: Grant, case: Case, bundle: Bundle, reels: Sequence[Reel], pieces: Sequence[Piece]
    ) -> tuple[Story, Mapping[str, bytes]]:
        """With the masked stills that it names."""
        sheet = BoardSheet(
            tuple(self._board.pins(case.id)), tuple(self._board.clocks(case.id)), _own_clocks(case.id, reels)
        )
        found = self._alerts.find(grant, AlertQuery(limit=500))
        told = [*_alerted(found, reels), *_heard(found, reels), *_pinned(sheet, reels)]
        told.sort(key=lambda each: each.order)
        stills: dict[str, bytes] = {}
        happenings = tuple(self._pictured(each, stills) for each in told)
        cameras = tuple(
            self._camera(reels, camera_id, sheet) for camera_id in dict.fromkeys(r.part.camera_id for r in reels)
        )
        deeds = deeds_of(self._ledger, case, self._cases, self._bundles)
        where = (self._site.name, self._site.zone)
        made_us = self._clock.now_us()
        return Story(*where, case, bundle, made_us, grant.account_id, cameras, happenings, tuple(pieces), deeds), stills

    def _camera(self, reels: Sequence[Reel], camera_id: str, sheet: BoardSheet) -> CameraStory:
        camera = self._site.camera(camera_id)
        assert camera is not None
        own = [reel for reel in reels if reel.part.camera_id == camera_id]
        segments = sorted({s for reel in own for s in reel.segments}, key=lambda s: s.interval.start_us)
        return camera_story(camera, tuple(reel.part.interval for reel in own), segments, sheet.clock(camera_id))

    def _pictured(self, told: _Told, stills: dict[str, bytes]) -> Happening:
        """With a masked picture where one was recorded, for the first few."""
        if told.reel is None or not told.reel.segments or len(stills) >= _MOST_STILLS:
            return told.happening
        shot = Shot(told.reel.segments, Interval(told.at_us, told.at_us + SECOND_US))
        with contextlib.suppress(NotFound):
            data = self._renderer.still(f"bundle-{told.name}", shot, _STILL_PX, self._clock.now_us())
            stills[f"stills/{told.name}.jpg"] = data
            return replace(told.happening, still=f"stills/{told.name}.jpg")
        return told.happening


def _own_clocks(case_id: str, reels: Sequence[Reel]) -> tuple[CameraClock, ...]:
    """What the cameras said of their own clocks."""
    recorded: dict[str, set[Segment]] = {}
    for reel in reels:
        recorded.setdefault(reel.part.camera_id, set()).update(reel.segments)
    found = (own_clock(case_id, camera_id, list(segments)) for camera_id, segments in recorded.items())
    return tuple(clock for clock in found if clock)


def _showing(reels: Sequence[Reel], camera_id: str, span: Interval) -> Reel | None:
    return next((r for r in reels if r.part.camera_id == camera_id and r.part.interval.touches(span)), None)


def _alerted(found: Sequence[Alert], reels: Sequence[Reel]) -> Iterator[_Told]:
    for alert in found:
        camera_id, start_us = alert.place.camera_id, alert.interval.start_us
        reel = _showing(reels, camera_id, Interval(start_us, max(alert.interval.end_us, start_us + 1)))
        if reel is not None:
            happening = Happening("alert", camera_id, alert.interval, _words(alert), alert.analytic)
            yield _Told(f"alert-{alert.id}", happening, reel, start_us)


def _heard(found: Sequence[Alert], reels: Sequence[Reel]) -> Iterator[_Told]:
    """Sounds of the case's microphones while any of this was recorded: with no camera and no picture (law.md L18)."""
    for alert in found:
        span = Interval(alert.interval.start_us, max(alert.interval.end_us, alert.interval.start_us + 1))
        if alert.place.microphone_id and any(reel.part.interval.touches(span) for reel in reels):
            where = alert.sound.located if alert.sound else None
            words = f"{alert.place.microphone_id}: {_words(alert)}"
            if where:
                words += f"; {where.latitude}, {where.longitude} ± {where.major_m:.0f} x {where.minor_m:.0f} m (95 %)"
            happening = Happening("sound", "", alert.interval, words, alert.analytic)
            yield _Told(f"sound-{alert.id}", happening, None, alert.interval.start_us)


def _pinned(sheet: BoardSheet, reels: Sequence[Reel]) -> Iterator[_Told]:
    for pin in sheet.pins:
        if pin.camera_id not in {reel.part.camera_id for reel in reels}:
            continue
        at_us = pin.at_us + sheet.clock(pin.camera_id)[0]
        words = f"{pin.thread}: {pin.words}" if pin.thread else pin.words
        moment = Interval(pin.at_us, pin.at_us)
        happening = Happening("pin" if pin.thread else "note", pin.camera_id, moment, words, pin.made_by)
        yield _Told(f"pin-{pin.id}", happening, _showing(reels, pin.camera_id, Interval(at_us, at_us + 1)), at_us)


def _words(alert: Alert) -> str:
    return f"{alert.kind}, {alert.state.value}" + (f": {alert.verdict.reason}" if alert.verdict else "")
