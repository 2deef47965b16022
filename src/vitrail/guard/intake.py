"""The way in: sources are opened, recorded and listened to here, under a permit, or not at all."""

__all__ = ["Intake", "StreamIntake"]

import contextlib
from collections import OrderedDict
from collections.abc import Callable

from vitrail.domain.errors import NotFound, Refused, Unavailable, VitrailError
from vitrail.domain.events import Alert, AlertState, Event, Findings, Phase, Place, Reading
from vitrail.domain.frames import Packet, Picture
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mode, Permit
from vitrail.domain.progress import Progress
from vitrail.domain.recordings import Segment
from vitrail.domain.sightings import Draft
from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import Interval
from vitrail.guard import pictures
from vitrail.guard.cells import SIGHTING
from vitrail.guard.checks import BlindChecks
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.ledger import Ledger
from vitrail.guard.memory import Arrays, PlaceMemory
from vitrail.guard.recorder import Recorder
from vitrail.guard.refusal import refuse
from vitrail.guard.seen import Seen
from vitrail.guard.statistics import Hours
from vitrail.guard.told import Told
from vitrail.guard.upkeep import Wear
from vitrail.ports.archive import Archive
from vitrail.ports.clock import Clock
from vitrail.ports.pictures import PictureArchive
from vitrail.ports.records import ReadingRecords, SegmentRecords, WrittenAlerts
from vitrail.ports.source import Source, SourceOpener

_ACTOR = "vitrail"
_PAIRS_KEPT = 4096
"""Happenings of one stream that wait for their end. Crossings have none: the oldest are forgotten."""


class Intake:
    """Opens streams. ``new_id`` makes random ids for alerts, ``encode`` a JPEG of a picture no wider than asked."""

    def __init__(
        self,
        gatekeeper: Gatekeeper,
        opener: SourceOpener,
        alerts: WrittenAlerts,
        segments: SegmentRecords,
        readings: ReadingRecords,
        archive: Archive,
        ledger: Ledger,
        clock: Clock,
        new_id: Callable[[], str],
        kept_pictures: PictureArchive,
        encode: Callable[[Picture, int], bytes],
        seen: Seen,
        wear: Wear,
        memory: PlaceMemory,
        checks: BlindChecks,
    ) -> None:
        self.gatekeeper = gatekeeper
        self.alerts = alerts
        self.segments = segments
        self.readings = readings
        self.archive = archive
        self.ledger = ledger
        self.clock = clock
        self.new_id = new_id
        self.kept_pictures = kept_pictures
        self.encode = encode
        self.seen = seen
        self.wear = wear
        self.memory = memory
        self.checks = checks
        self._opener = opener

    def open(
        self,
        camera: Camera,
        stream: Stream,
        start_us: int | None = None,
        before: Progress | None = None,
        begins: Interval | None = None,
    ) -> "StreamIntake":
        """A permit, then an entry in the ledger, then the source: in this order, or nothing is opened. ``before``: how
        far an analysis came that goes on now; what it wrote is not written twice. ``begins``: what begins outside this
        span is not written.

        The camera must be the one the site declares: another one could come without its dwelling masks. Raises
        ``Refused``, or what ``SourceOpener.open`` raises.
        """
        permit = self.gatekeeper.permit(camera.id, stream.id)
        if self.gatekeeper.declared(camera.id, stream.id) != (camera, stream):
            raise refuse(
                "L02",
                f"camera {camera.id} is not as the site declares it",
                f"stream {stream.id}",
                "open what the site declares",
            )
        entry = self.ledger.open(
            Operation.COLLECT, _ACTOR, f"stream:{stream.id}", _reason(permit, start_us), permit.mandate_id
        )
        try:
            source = self._opener.open(stream, camera.dwellings.polygons, permit, start_us)
        except BaseException as error:
            self.ledger.conclude(entry, Outcome.FAILED, _brief(error))
            raise
        try:
            self.alerts.settle(permit)
            known = self.alerts.known(permit, before.alerts) if before else ()
            told = Told(known, before.told_us if before else 0, begins)
        except BaseException as error:
            source.close()
            self.ledger.conclude(entry, Outcome.FAILED, _brief(error))
            raise
        if start_us is None and "detect" in stream.roles:
            self.checks.began(stream.id, camera.id)
        return StreamIntake(self, camera, stream, source, permit, entry, told)

    def camera_moved(self, camera: Camera) -> None:
        """See ``Gatekeeper.camera_moved``."""
        self.gatekeeper.camera_moved(camera.id)

    def mend(self) -> list[Segment]:
        """Segments that a crash left unsealed: cut back to their last whole fragment and sealed; those that hold
        nothing are forgotten. Call before the first ``open``, while no other process records here."""
        mended: list[Segment] = []
        for segment in self.segments.unsealed():
            try:
                whole = self.archive.mend(segment)
            except NotFound:
                self._forget(segment)
            else:
                self.segments.mended(whole)
                mended.append(whole)
        return mended

    def _forget(self, segment: Segment) -> None:
        reason = "a crash left nothing readable in it"
        entry = self.ledger.open(Operation.ERASE, _ACTOR, f"segment:{segment.id}", reason, segment.mandate_id)
        self.archive.erase(segment)
        self.segments.forget([segment.id])
        self.ledger.conclude(entry, Outcome.DONE)


class StreamIntake:
    """One opened stream. Use as a context manager; not thread-safe: it belongs to its loop."""

    def __init__(
        self, intake: Intake, camera: Camera, stream: Stream, source: Source, permit: Permit, entry: int, told: Told
    ) -> None:
        self._intake = intake
        self._camera = camera
        self._stream = stream
        self._source = source
        self._permit = permit
        self._entry = entry
        self._told = told
        self._open: OrderedDict[str, Alert] = OrderedDict()
        self._recorder = Recorder(
            stream, camera.dwellings.polygons, source, intake.archive, intake.segments, intake.clock
        )
        self._hours = Hours(stream.id)
        self._alerts = 0
        self._left_out = 0
        self._sightings = 0
        self._closed = False

    @property
    def source(self) -> Source:
        return self._source

    @property
    def permit(self) -> Permit:
        """The permit in force: renewed here when it ran out. Raises ``Refused`` when the mandate ended; what was
        being recorded is sealed first."""
        gatekeeper = self._intake.gatekeeper
        if not self._permit.valid.holds(self._intake.clock.now_us()) or gatekeeper.stopped(self._permit):
            try:
                self._permit = gatekeeper.permit(self._camera.id, self._stream.id)
            except Refused:
                self._recorder.close()
                raise
        return self._permit

    @property
    def problem(self) -> str:
        """Why packets that may be recorded are not, in plain words; empty when all is well."""
        return self._recorder.problem

    @property
    def recording(self) -> bool:
        return self._recorder.recording

    @property
    def idle(self) -> bool:
        """Whether no happening is going on."""
        return not any(alert.ongoing for alert in self._open.values())

    def moved(self) -> None:
        """The camera looks elsewhere: the next check finds the gate closed, where masks are at stake (L17)."""
        self._intake.camera_moved(self._camera)

    def check(self) -> None:
        """Raises ``Refused`` as soon as the mandate no longer holds."""
        _ = self.permit

    def record(self, packet: Packet) -> bool:
        """Keep one packet, where that is permitted; whether it was kept. A full disk is a ``problem``, not an error."""
        permit = self.permit
        if not permit.may_record or "record" not in self._stream.roles:
            self._recorder.close()
            return False
        return self._recorder.record(permit, packet)

    def pause(self) -> None:
        """What is being recorded is sealed; the next key packet begins anew."""
        self._recorder.close()

    def accept(self, findings: Findings) -> list[Alert]:
        """Write what analytics found and the permit covers; the alerts that are new. What the permit does not cover
        is left out and counted (L04): an unlisted pair yields nothing."""
        permit = self.permit
        new: list[Alert] = []
        for event in findings.events:
            self._mine(event.stream_id, event.place.camera_id)
            if event.analytic not in permit.analytics or event.kind not in permit.kinds:
                self._left_out += 1
            elif event.phase is Phase.CLOSED:
                self._end(permit, event)
            elif event.key not in self._open and self._told.covers(event.interval.start_us):
                known = self._told.take(event)
                alert = known or self._begin(permit, event)
                self._remember(event.key, alert)
                new += [] if known else [alert]
        for place in findings.renewed:
            self._mine(self._stream.id, place.camera_id)
            self._intake.wear.renewed(permit, place)
        self._count(permit, findings.readings)
        self._see(permit, findings.sightings)
        return new

    def to_renew(self) -> tuple[Place, ...]:
        """Walls and furniture whose look is to be learnt anew: somebody said that they are repaired."""
        return self._intake.wear.waiting(self.permit)

    def recall(self) -> Arrays:
        """What was known of this stream's walls and furniture when it was watched last, where that may be kept."""
        return self._intake.memory.recall(self.permit, self._camera)

    def remember(self, arrays: Arrays) -> None:
        """A full disk, or the mandate's end, costs the memory, nothing else."""
        with contextlib.suppress(Unavailable, Refused):
            self._intake.memory.keep(self.permit, self._camera, arrays)

    def settle(self) -> None:
        """Analysis rests: nothing that was going on is known to go on."""
        self._open.clear()
        self._intake.checks.calm(self._stream.id)
        self._intake.alerts.settle(self._permit)

    def close(self) -> None:
        """Seal, close the source, conclude in the ledger. Safe to call twice."""
        self._conclude(None)

    def __enter__(self) -> "StreamIntake":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._conclude(error)

    def _conclude(self, error: BaseException | None) -> None:
        if self._closed:
            return
        self._closed = True
        self._intake.checks.ended(self._stream.id)
        try:
            self._recorder.close()
            with contextlib.suppress(VitrailError):
                self.settle()
        finally:
            self._source.close()
        failed = isinstance(error, VitrailError) and not isinstance(error, Refused)
        detail = f"alerts {self._alerts}; segments {self._recorder.sealed}; left out {self._left_out}"
        detail += f"; sightings {self._sightings}" if self._sightings else ""
        if isinstance(error, Exception):
            detail += f"; ended by {_brief(error)}"
        rule = error.rule if isinstance(error, Refused) else ""
        self._intake.ledger.conclude(self._entry, Outcome.FAILED if failed else Outcome.DONE, detail, rule)

    def _mine(self, stream_id: str, camera_id: str) -> None:
        if (stream_id, camera_id) != (self._stream.id, self._camera.id):
            raise refuse(
                "L04",
                f"stream {self._stream.id} may not speak of camera {camera_id}, stream {stream_id}",
                f"stream {self._stream.id}",
                "this is a fault in an analytic: report it",
            )

    def _begin(self, permit: Permit, event: Event) -> Alert:
        """The ledger first: an alert that is not written down does not exist."""
        instant = event.interval.length_us == 0
        jpegs = pictures.written(permit, event.shown, self._intake.encode)
        alert = Alert(
            id=self._intake.new_id(),
            mandate_id=permit.mandate_id,
            kind=event.kind,
            analytic=event.analytic,
            version=event.version,
            stream_id=event.stream_id,
            place=event.place,
            interval=event.interval,
            ongoing=not instant,
            score=event.score,
            measures=event.measures,
            evidence=event.interval,
            state=AlertState.OPEN,
            created_us=self._intake.clock.now_us(),
            pictures=pictures.digests(jpegs),
        )
        self._intake.ledger.note(
            Operation.COLLECT,
            Outcome.DONE,
            _ACTOR,
            f"alert:{alert.id}",
            f"{alert.analytic} {alert.version}",
            permit.mandate_id,
            detail=f"{alert.kind} at camera {alert.place.camera_id}",
            about=self._entry,
        )
        self._intake.alerts.add(permit, alert)
        self._intake.wear.alerted(permit, alert)
        pictures.kept(self._intake.kept_pictures, alert.id, jpegs)
        self._intake.checks.told(alert)
        self._alerts += 1
        return alert

    def _remember(self, key: str, alert: Alert) -> None:
        self._open[key] = alert
        if len(self._open) > _PAIRS_KEPT:
            self._open.popitem(last=False)

    def _end(self, permit: Permit, event: Event) -> None:
        """An alert that was erased meanwhile needs no end."""
        alert = self._open.pop(event.key, None)
        self._intake.wear.over(permit, event.kind, event.place, alert.id if alert else "")
        if alert is None:
            return
        if alert.ongoing:
            self._intake.checks.over(self._stream.id)
        with contextlib.suppress(NotFound):
            self._intake.alerts.close(permit, alert.id, event.interval, event.interval)

    def _see(self, permit: Permit, drafts: tuple[Draft, ...]) -> None:
        """Sightings under a permit for them, else nothing; none where no picture is written (L16)."""
        for draft in drafts:
            self._mine(draft.stream_id, draft.camera_id)
        if SIGHTING not in permit.kinds or permit.mode is Mode.STATISTICS:
            self._left_out += len(drafts)
        elif drafts := tuple(draft for draft in drafts if self._told.covers(draft.interval.start_us)):
            self._sightings += self._intake.seen.keep(permit, drafts)

    def _count(self, permit: Permit, readings: tuple[Reading, ...]) -> None:
        for reading in readings:
            self._mine(reading.stream_id, reading.place.camera_id)
        readings = tuple(reading for reading in readings if self._told.wants(reading.at_us))
        kept = [reading for reading in readings if reading.name in permit.readings]
        self._left_out += len(readings) - len(kept)
        if permit.mode is Mode.STATISTICS:
            for reading in kept:
                self._hours.add(reading)
            kept = list(self._hours.ripe(self._intake.clock.now_us()))
        if kept:
            self._intake.readings.add(permit, kept)


def _reason(permit: Permit, start_us: int | None) -> str:
    how = "a recording is analysed" if start_us is not None else "the stream is watched"
    return f"{how} under mandate {permit.mandate_id}" + (" (lab)" if permit.mode is Mode.LAB else "")


def _brief(error: BaseException) -> str:
    return f"{error.kind}: {error.what}" if isinstance(error, VitrailError) else type(error).__name__
