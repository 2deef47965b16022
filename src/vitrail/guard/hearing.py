"""The way in for sound: microphones are opened and listened to here, under a permit, or not at all. Nothing of what
they hear can be recorded: there is no archive in reach (law.md L19), and no camera (L18)."""

__all__ = ["Ear", "Ears"]

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from vitrail.domain.errors import NotFound, Refused, VitrailError
from vitrail.domain.events import Alert, AlertState, Event, Findings, Phase
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mode, Permit
from vitrail.domain.sound import Habit, Located
from vitrail.domain.streams import Microphone
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.clock import Clock
from vitrail.ports.records import AlertRecords, TraceRecords
from vitrail.ports.sound import SoundOpener, SoundSource

_ACTOR = "vitrail"


class Ears:
    """Opens microphones. ``new_id`` makes random ids for alerts."""

    def __init__(
        self,
        gatekeeper: Gatekeeper,
        opener: SoundOpener,
        alerts: AlertRecords,
        traces: TraceRecords,
        ledger: Ledger,
        clock: Clock,
        new_id: Callable[[], str],
    ) -> None:
        self.gatekeeper = gatekeeper
        self.alerts = alerts
        self.traces = traces
        self.ledger = ledger
        self.clock = clock
        self.new_id = new_id
        self._opener = opener

    def open(self, microphone: Microphone, start_us: int | None = None) -> "Ear":
        """A permit, then an entry in the ledger, then the source: in this order, or nothing is opened.

        Raises ``Refused``, or what ``SoundOpener.open`` raises."""
        permit = self.gatekeeper.hearing(microphone.id)
        if self.gatekeeper.declared_microphone(microphone.id) != microphone:
            raise refuse(
                "L02",
                f"microphone {microphone.id} is not as the site declares it",
                f"microphone {microphone.id}",
                "open what the site declares",
            )
        reason = f"listened to under mandate {permit.mandate_id}" + (" (lab)" if permit.mode is Mode.LAB else "")
        target = f"stream:{microphone.stream.id}"
        entry = self.ledger.open(Operation.COLLECT, _ACTOR, target, reason, permit.mandate_id)
        try:
            source = self._opener.open(microphone.stream, permit, start_us)
        except BaseException as error:
            self.ledger.conclude(entry, Outcome.FAILED, _brief(error))
            raise
        return Ear(self, microphone, source, permit, entry)


class Ear:
    """One opened microphone. Use as a context manager; not thread-safe: it belongs to its loop."""

    def __init__(self, ears: Ears, microphone: Microphone, source: SoundSource, permit: Permit, entry: int) -> None:
        self._ears = ears
        self._microphone = microphone
        self._source = source
        self._permit = permit
        self._entry = entry
        self._open: dict[str, Alert] = {}
        self._alerts = 0
        self._left_out = 0
        self._closed = False
        ears.alerts.settle(permit)

    @property
    def source(self) -> SoundSource:
        return self._source

    @property
    def permit(self) -> Permit:
        """The permit in force: renewed here when it ran out. Raises ``Refused`` when the mandate ended."""
        gatekeeper = self._ears.gatekeeper
        if not self._permit.valid.holds(self._ears.clock.now_us()) or gatekeeper.stopped(self._permit):
            self._permit = gatekeeper.hearing(self._microphone.id)
        return self._permit

    def accept(self, findings: Findings) -> list[Alert]:
        """Write what was found and the permit covers; the alerts that are new. What it does not cover is left out and
        counted (L04)."""
        permit = self.permit
        new: list[Alert] = []
        for event in findings.events:
            if (event.stream_id, event.place.device_id) != (self._microphone.stream.id, self._microphone.id):
                where = f"stream {event.stream_id}"
                raise refuse("L04", f"{self._microphone.id} may not speak of another place", where, "report this fault")
            if event.analytic not in permit.analytics or event.kind not in permit.kinds:
                self._left_out += 1
            elif event.phase is Phase.CLOSED:
                self._end(permit, event)
            elif event.key not in self._open:
                new.append(self._begin(permit, event))
        return new

    def locate(self, alert: Alert, located: Located) -> None:
        """Where the sound of this alert came from, once others heard it too. An alert that is gone needs no place."""
        if alert.sound is None:
            return
        with contextlib.suppress(NotFound):
            self._ears.traces.trace(self.permit, alert.id, replace(alert.sound, located=located))

    def habits(self) -> list[Habit]:
        """What this microphone heard every day before, by counts: thresholds go on from it."""
        return self._ears.traces.habits(self.permit)

    def keep_habits(self, habits: Sequence[Habit]) -> None:
        self._ears.traces.keep_habits(self.permit, habits)

    def settle(self) -> None:
        """Analysis rests: nothing that was going on is known to go on."""
        self._open.clear()
        self._ears.alerts.settle(self._permit)

    def close(self) -> None:
        self._conclude(None)

    def __enter__(self) -> "Ear":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._conclude(error)

    def _begin(self, permit: Permit, event: Event) -> Alert:
        """The ledger first: an alert that is not written down does not exist."""
        alert = Alert(
            id=self._ears.new_id(),
            mandate_id=permit.mandate_id,
            kind=event.kind,
            analytic=event.analytic,
            version=event.version,
            stream_id=event.stream_id,
            place=event.place,
            interval=event.interval,
            ongoing=True,
            score=event.score,
            measures=event.measures,
            evidence=event.interval,
            state=AlertState.OPEN,
            created_us=self._ears.clock.now_us(),
            sound=event.sound,
        )
        self._ears.ledger.note(
            Operation.COLLECT,
            Outcome.DONE,
            _ACTOR,
            f"alert:{alert.id}",
            f"{alert.analytic} {alert.version}",
            permit.mandate_id,
            detail=f"{alert.kind} at microphone {self._microphone.id}",
            about=self._entry,
        )
        self._ears.alerts.add(permit, alert)
        self._alerts += 1
        self._open[event.key] = alert
        return alert

    def _end(self, permit: Permit, event: Event) -> None:
        alert = self._open.pop(event.key, None)
        if alert is not None:
            with contextlib.suppress(NotFound):
                self._ears.alerts.close(permit, alert.id, event.interval, event.interval)

    def _conclude(self, error: BaseException | None) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            with contextlib.suppress(VitrailError):
                self.settle()
        finally:
            self._source.close()
        failed = isinstance(error, VitrailError) and not isinstance(error, Refused)
        detail = f"alerts {self._alerts}; left out {self._left_out}; nothing recorded"
        if isinstance(error, Exception):
            detail += f"; ended by {_brief(error)}"
        rule = error.rule if isinstance(error, Refused) else ""
        self._ears.ledger.conclude(self._entry, Outcome.FAILED if failed else Outcome.DONE, detail, rule)


def _brief(error: BaseException) -> str:
    return f"{error.kind}: {error.what}" if isinstance(error, VitrailError) else type(error).__name__
