"""One microphone, listened to: windows -> permit -> listening -> vector -> analytics -> intake. Two seconds of sound
are in memory and nothing of it leaves this loop; no camera is known here (law.md L18, L19)."""

__all__ = ["HearingLoop", "HearingStep", "Whereabouts"]

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from vitrail.analytics.contract import SoundAnalytic
from vitrail.domain.events import Alert, Findings
from vitrail.domain.sound import Heard, Hearing, SoundWindow
from vitrail.domain.streams import Microphone
from vitrail.domain.time import SECOND_US
from vitrail.guard.hearing import Ear
from vitrail.pipeline.fitness import Fitness
from vitrail.pipeline.listening import Listening, Moment
from vitrail.pipeline.soundshape import shape_of
from vitrail.pipeline.spectrum import log_mel
from vitrail.pipeline.whereabouts import Whereabouts as Onsets
from vitrail.ports.clock import Clock
from vitrail.ports.sound import SoundEmbedder
from vitrail.runtime.health import Counters, HealthBoard, StreamHealth, StreamState

_KEEP_US = 600 * SECOND_US
_WAIT_US = 1_500_000
"""A sound crosses 500 m meanwhile: by then the other microphones have heard it."""


class Whereabouts:
    """``pipeline.whereabouts`` for several loops: when each microphone heard something begin."""

    def __init__(self, microphones: Sequence[Microphone], clock_s: float) -> None:
        self._lock = threading.Lock()
        self._onsets = Onsets(microphones, clock_s)

    def heard(self, microphone_id: str, onset_us: int, rise_db: float, clock_us: int | None) -> None:
        with self._lock:
            self._onsets.heard(microphone_id, onset_us, rise_db, None if clock_us is None else clock_us / SECOND_US)

    @property
    def onsets(self) -> Onsets:
        return self._onsets

    def locate(self, alert: Alert, ear: Ear) -> None:
        with self._lock:
            found = self._onsets.locate(alert.place.device_id, alert.interval.start_us)
        if found is not None:
            ear.locate(alert, found)


@dataclass(frozen=True, slots=True)
class HearingStep:
    """What one window brought."""

    wall_us: int
    findings: Findings
    alerts: tuple[Alert, ...]


class HearingLoop:
    """Listens until the stream ends, it is stopped, or its permit does (``Refused``)."""

    def __init__(
        self,
        microphone: Microphone,
        ear: Ear,
        analytics: Sequence[SoundAnalytic],
        embedder: SoundEmbedder,
        board: HealthBoard,
        clock: Clock,
        whereabouts: Whereabouts,
        live: bool = True,
    ) -> None:
        self._microphone = microphone
        self._ear = ear
        self._analytics = analytics
        self._embedder = embedder
        self._board = board
        self._clock = clock
        self._whereabouts = whereabouts
        self._live = live
        self._listening = Listening()
        self._fitness = Fitness()
        self._session: int | None = None
        self._waiting: list[tuple[int, Alert]] = []
        self._told_us = 0
        self._last_us = 0
        self._resting = False
        self._counts = Counters()
        self._kept_us: int | None = None
        habits = ear.habits()
        for analytic in analytics:
            analytic.recall(habits)

    def steps(self, stop: threading.Event) -> Iterator[HearingStep]:
        for window in self._ear.source.windows():
            if stop.is_set():
                break
            if window.session != self._session or window.wall_us < self._last_us:
                self._start_anew()
            self._session, self._last_us = window.session, window.wall_us
            self._counts = replace(self._counts, packets=self._counts.packets + 1)
            if not self._ear.permit.analytics:
                self._rest()
                continue
            self._resting = False
            yield self._hear(window)
            self._tell(window.wall_us)
            self._keep_habits(window.wall_us)
        yield self._end()

    def _hear(self, window: SoundWindow) -> HearingStep:
        fit = self._fitness.update(window)
        moment = self._listening.update(window)
        heard = self._heard(moment, window) if moment is not None else None
        now_us = window.wall_us + len(window.samples) * SECOND_US // 44_100
        hearing = Hearing(
            self._microphone.stream.id,
            self._microphone.id,
            now_us,
            self._listening.level_db,
            self._listening.background_db,
            heard,
            fit,
        )
        return self._take(now_us, [analytic.update(hearing) for analytic in self._analytics])

    def _heard(self, moment: Moment, window: SoundWindow) -> Heard:
        self._counts = replace(self._counts, frames_detected=self._counts.frames_detected + 1)
        self._whereabouts.heard(self._microphone.id, moment.onset_us, moment.rise_db, window.clock_us)
        vector = self._embedder.embed([log_mel(moment.samples)])[0]
        shape = shape_of(moment.samples)
        return Heard(vector, shape, moment.onset_us, moment.rise_db, moment.bands_out, moment.trace)

    def _take(self, now_us: int, found: list[Findings]) -> HearingStep:
        joined = Findings(tuple(event for part in found for event in part.events))
        alerts = self._ear.accept(joined) if joined.events else []
        self._waiting += [(now_us + _WAIT_US, alert) for alert in alerts]
        for due in [pair for pair in self._waiting if pair[0] <= now_us]:
            self._waiting.remove(due)
            self._whereabouts.locate(due[1], self._ear)
        return HearingStep(now_us, joined, tuple(alerts))

    def _rest(self) -> None:
        """Listening is not permitted now: what was heard is forgotten."""
        if not self._resting:
            self._resting = True
            self._start_anew()
            self._ear.settle()

    def _start_anew(self) -> None:
        self._listening.reset()
        self._fitness.reset()
        self._last_us = 0
        for analytic in self._analytics:
            analytic.reset()

    def _keep_habits(self, wall_us: int) -> None:
        """Every ten minutes: a restart forgets no more."""
        self._kept_us = wall_us if self._kept_us is None else self._kept_us
        if not 0 <= wall_us - self._kept_us < _KEEP_US:
            self._kept_us = wall_us
            self._ear.keep_habits([habit for analytic in self._analytics for habit in analytic.habits])

    def _end(self) -> HearingStep:
        if self._kept_us is not None:
            self._ear.keep_habits([habit for analytic in self._analytics for habit in analytic.habits])
        return self._take(self._last_us + _WAIT_US, [analytic.finish(self._last_us) for analytic in self._analytics])

    def _tell(self, wall_us: int) -> None:
        """Health, once a second of the stream's own time."""
        if 0 <= wall_us - self._told_us < SECOND_US:
            return
        self._told_us = wall_us
        behind_s = max(0.0, (self._clock.now_us() - wall_us) / SECOND_US) if self._live else 0.0
        detail = f"{self._listening.level_db:.0f} dB"
        self._board.put(
            StreamHealth(
                self._microphone.stream.id,
                self._microphone.id,
                StreamState.QUIET,
                wall_us,
                detail=detail,
                problem=self._fitness.problem,
                behind_s=behind_s,
                counters=self._counts,
            )
        )
