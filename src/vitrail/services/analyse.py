"""Recordings analysed as fast as they decode: several at once, and on from where an interruption stopped them."""

__all__ = ["PIECE_US", "Analysed", "Analysis", "Archive", "Recording"]

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
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval
from vitrail.ports.clock import Clock
from vitrail.ports.progress import ProgressBook
from vitrail.runtime.side_by_side import side_by_side
from vitrail.runtime.stream_loop import Step
from vitrail.services.keeping import Kept
from vitrail.services.watch import Watch

PIECE_US = 10 * MINUTE_US
_SAVE_US = SECOND_US
_OVERTIME_US = 10 * MINUTE_US
"""How long after its end a piece follows what began in it."""


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

    def resumed(self, progress: Progress, stop: threading.Event, begins: Interval | None = None) -> Iterator[Step]:
        """``begins``: only what begins in this span of wall time is written."""
        return self.watch.analyse(self.camera, self.stream, progress, stop, begins)


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
    kept: Kept | None = None
    """What the archive took of it, where it was to be kept."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a long recording, for a processor of its own. What begins between these media times is its to tell; to do
    so it looks at a minute before, and goes on after its end until what began has ended. ``start_us``: the wall time
    of the recording's first frame."""

    recording: Recording
    key: str
    start_us: int
    from_us: int
    until_us: int | None

    @property
    def begins(self) -> Interval | None:
        if not self.from_us and self.until_us is None:
            return None
        first_us = self.start_us + self.from_us if self.from_us else 0
        return Interval(first_us, self.start_us + self.until_us if self.until_us is not None else 1 << 62)

    @property
    def length_us(self) -> int:
        return (self.recording.length_us if self.until_us is None else self.until_us) - self.from_us

    def over(self, step: Step) -> bool:
        """Whether nothing that began in it goes on."""
        if self.until_us is None:
            return False
        return step.settled_us >= self.until_us or step.media_us >= self.until_us + _OVERTIME_US


Keep = Callable[[Path, Interval, threading.Event], Kept]
Tell = Callable[[Recording, int], None]
"""How much of a recording is through, in media time."""


@dataclass(frozen=True, slots=True)
class Archive:
    """``open_`` opens one recording for analysis; each is opened by the thread that analyses it. ``piece_us``: nothing
    shorter is cut off a recording."""

    open_: Callable[[Path], AbstractContextManager[Analysis]]
    book: ProgressBook
    clock: Clock
    piece_us: int = PIECE_US
    camera_id: str = ""
    keep: Keep | None = None
    """Brings a recording, filmed in that span, into the archive before it is looked at; None: it is not kept."""

    def analyse(
        self, recordings: Sequence[Recording], tell: Tell, stop: threading.Event, again: bool = False, many: int = 0
    ) -> Iterator[tuple[Recording, Analysed]]:
        """Each recording as soon as it is through. When all are, what is known of their progress is forgotten; after
        an interruption it is kept, and the same call goes on there. ``again``: from the beginning all the same.
        ``many`` at once: as many as there are processors, if nothing is said; fewer recordings than that are cut into
        pieces, where they are long. Raises ``Refused``: no mandate, no analysis of any."""
        count = many or len(os.sched_getaffinity(0))
        pieces = [piece for recording in recordings for piece in self._pieces(recording, count // len(recordings))]
        for piece in pieces if again else ():
            self.book.forget(piece.key)
        reached = _Reached(pieces, tell)
        through: dict[str, dict[int, Analysed]] = {}
        work = side_by_side(pieces, lambda piece: self._tried(piece, reached, stop), min(count, len(pieces)), stop)
        for piece, found in work:
            key = piece.recording.key
            through.setdefault(key, {})[piece.from_us] = found
            if len(through[key]) == sum(other.recording.key == key for other in pieces):
                yield piece.recording, _joined([part for _, part in sorted(through.pop(key).items())])
        if not stop.is_set():
            for piece in pieces:
                self.book.forget(piece.key)

    def _pieces(self, recording: Recording, most: int) -> list[Piece]:
        count = max(1, min(most, recording.length_us // self.piece_us))
        seams = [recording.length_us * n // count for n in range(count)]
        keys = [recording.key if count == 1 else f"{recording.key}-{n + 1}of{count}" for n in range(count)]
        before = next((known for key in keys if (known := self.book.get(key)) is not None), None)
        start_us = before.start_us if before else self._start_us(recording)
        ends = [*seams[1:], None]
        return [Piece(recording, *row) for row in zip(keys, [start_us] * count, seams, ends, strict=True)]

    def _tried(self, piece: Piece, reached: "_Reached", stop: threading.Event) -> Analysed:
        try:
            kept = self._kept(piece, stop)
            return replace(self._analyse(piece, reached, stop), kept=kept)
        except (NotFound, Invalid, Corrupt) as error:
            reached.tell(piece, piece.length_us)
            return Analysed(piece.start_us, error=error)

    def _kept(self, piece: Piece, stop: threading.Event) -> Kept | None:
        """The first piece of a recording brings all of it in; how far that came, the archive itself knows."""
        if self.keep is None or piece.from_us or stop.is_set():
            return None
        span = Interval(piece.start_us, piece.start_us + max(1, piece.recording.length_us))
        try:
            return self.keep(piece.recording.path, span, stop)
        except Invalid as error:  # it is analysed all the same
            return Kept(problem=str(error))

    def _analyse(self, piece: Piece, reached: "_Reached", stop: threading.Event) -> Analysed:
        progress = self.book.get(piece.key) or self._fresh(piece)
        if progress.done or stop.is_set():
            reached.tell(piece, piece.length_us if progress.done else 0)
            return Analysed(progress.start_us, before=progress.done)
        events: list[Event] = []
        begun, begins = progress, piece.begins
        saved_us = self.clock.monotonic_us()
        with self.open_(piece.recording.path) as analysis:
            for step in analysis.resumed(progress, stop, begins):
                found = [event for findings in step.findings for event in findings.events]
                events += [e for e in found if begins is None or begins.holds(e.interval.start_us)]
                now_us = self.clock.monotonic_us()
                if step.findings or now_us - saved_us >= _SAVE_US:
                    progress, saved_us = self._further(piece, progress, step), now_us
                reached.tell(piece, step.wall_us - progress.start_us - piece.from_us)
                if piece.over(step):
                    break
        if not stop.is_set():
            self.book.put(piece.key, replace(progress, done=True))
        return Analysed(progress.start_us, tuple(events), max(0, begun.from_us - piece.from_us))

    def _fresh(self, piece: Piece) -> Progress:
        return Progress(
            piece.start_us,
            settled_us=piece.from_us,
            camera_id=self.camera_id,
            length_us=piece.recording.length_us,
            begun_us=piece.from_us,
        )

    def _further(self, piece: Piece, progress: Progress, step: Step) -> Progress:
        progress = replace(
            progress,
            settled_us=max(progress.settled_us, step.settled_us),
            told_us=max(progress.told_us, step.judged_us),
            alerts=progress.alerts + tuple(alert.id for alert in step.alerts),
        )
        self.book.put(piece.key, progress)
        return progress

    def _start_us(self, recording: Recording) -> int:
        """As if it had just ended, when nobody says when it began."""
        return recording.start_us if recording.start_us is not None else self.clock.now_us() - recording.length_us


class _Reached:
    """How much of each recording is through, told from the threads of its pieces."""

    def __init__(self, pieces: Sequence[Piece], tell: Tell) -> None:
        self._pieces = pieces
        self._tell = tell
        self._lock = threading.Lock()
        self._reached_us: dict[str, int] = {}

    def tell(self, piece: Piece, reached_us: int) -> None:
        with self._lock:
            alone = piece.begins is None
            self._reached_us[piece.key] = reached_us if alone else min(max(0, reached_us), piece.length_us)
            ours = (other.key for other in self._pieces if other.recording.key == piece.recording.key)
            self._tell(piece.recording, sum(self._reached_us.get(key, 0) for key in ours))


def _joined(parts: Sequence[Analysed]) -> Analysed:
    """Of the pieces of a recording, in order."""
    if len(parts) == 1:
        return parts[0]
    return Analysed(
        parts[0].start_us,
        tuple(event for part in parts for event in part.events),
        sum(part.from_us for part in parts),
        all(part.before for part in parts),
        next((part.error for part in parts if part.error is not None), None),
        parts[0].kept,
    )
