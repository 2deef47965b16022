"""Recordings analysed as fast as they decode: several at once, and on from where an interruption stopped them."""

__all__ = ["Analysed", "Analysis", "Archive", "Recording"]

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from vitrail.domain.errors import Corrupt, Invalid, NotFound, VitrailError
from vitrail.domain.events import Event
from vitrail.domain.progress import Progress
from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import SECOND_US
from vitrail.ports.clock import Clock
from vitrail.ports.progress import ProgressBook
from vitrail.runtime.side_by_side import side_by_side
from vitrail.runtime.stream_loop import Step
from vitrail.services.watch import Watch

_SAVE_US = SECOND_US


@dataclass(frozen=True, slots=True)
class Analysis:
    """One recording opened for analysis; ``length_us`` as its header says, 0 when it does not."""

    watch: Watch
    camera: Camera
    stream: Stream
    clock: Clock
    length_us: int

    def steps(self, start_us: int, stop: threading.Event) -> Iterator[Step]:
        """Its first frame stands for ``start_us``."""
        return self.resumed(Progress(start_us), stop)

    def resumed(self, progress: Progress, stop: threading.Event) -> Iterator[Step]:
        return self.watch.analyse(self.camera, self.stream, progress, stop)


@dataclass(frozen=True, slots=True)
class Recording:
    """``key`` stands for it in the progress book; ``start_us`` is when its first frame was filmed, if that is known."""

    path: Path
    key: str
    length_us: int
    start_us: int | None = None


@dataclass(frozen=True, slots=True)
class Analysed:
    """What one recording gave this time. ``before``: it had been analysed before an interruption; ``from_us``: how
    much of it had, in media time."""

    start_us: int
    events: tuple[Event, ...] = ()
    from_us: int = 0
    before: bool = False
    error: VitrailError | None = None
    """Why it could not be analysed; the others are all the same."""


Tell = Callable[[Recording, int], None]
"""How far a recording has come, in media time."""


@dataclass(frozen=True, slots=True)
class Archive:
    """``open_`` opens one recording for analysis; each is opened by the thread that analyses it."""

    open_: Callable[[Path], AbstractContextManager[Analysis]]
    book: ProgressBook
    clock: Clock

    def analyse(
        self, recordings: Sequence[Recording], tell: Tell, stop: threading.Event, again: bool = False, many: int = 0
    ) -> Iterator[tuple[Recording, Analysed]]:
        """Each recording as soon as it is through. When all are, what is known of their progress is forgotten; after
        an interruption it is kept, and the same call goes on there. ``again``: from the beginning all the same.
        ``many`` at once: as many as there are processors, if nothing is said. Raises ``Refused``: no mandate, no
        analysis of any."""
        cores = len(os.sched_getaffinity(0))
        for recording in recordings if again else ():
            self.book.forget(recording.key)
        count = max(1, min(many or cores, len(recordings)))
        yield from side_by_side(recordings, lambda recording: self._tried(recording, tell, stop), count, stop)
        if not stop.is_set():
            for recording in recordings:
                self.book.forget(recording.key)

    def _tried(self, recording: Recording, tell: Tell, stop: threading.Event) -> Analysed:
        try:
            return self._analyse(recording, tell, stop)
        except (NotFound, Invalid, Corrupt) as error:
            tell(recording, recording.length_us)
            return Analysed(0, error=error)

    def _analyse(self, recording: Recording, tell: Tell, stop: threading.Event) -> Analysed:
        progress = self.book.get(recording.key) or Progress(self._start_us(recording))
        if progress.done or stop.is_set():
            tell(recording, recording.length_us if progress.done else 0)
            return Analysed(progress.start_us, before=progress.done)
        events: list[Event] = []
        begun = progress
        saved_us = self.clock.monotonic_us()
        with self.open_(recording.path) as analysis:
            for step in analysis.resumed(progress, stop):
                events += [event for found in step.findings for event in found.events]
                now_us = self.clock.monotonic_us()
                if step.findings or now_us - saved_us >= _SAVE_US:
                    progress, saved_us = self._further(recording, progress, step), now_us
                tell(recording, step.wall_us - progress.start_us)
        if not stop.is_set():
            self.book.put(recording.key, replace(progress, done=True))
        return Analysed(progress.start_us, tuple(events), begun.from_us)

    def _further(self, recording: Recording, progress: Progress, step: Step) -> Progress:
        progress = replace(
            progress,
            settled_us=max(progress.settled_us, step.settled_us),
            told_us=max(progress.told_us, step.judged_us),
            alerts=progress.alerts + tuple(alert.id for alert in step.alerts),
        )
        self.book.put(recording.key, progress)
        return progress

    def _start_us(self, recording: Recording) -> int:
        """As if it had just ended, when nobody says when it began."""
        return recording.start_us if recording.start_us is not None else self.clock.now_us() - recording.length_us
