"""One stream, watched: packets -> record -> speeds -> decode -> motion -> detect -> track -> analytics -> intake."""

__all__ = ["Stages", "Step", "StreamLoop"]

import threading
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vitrail.analytics.contract import Analytic
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Detections, Label, Tracks
from vitrail.domain.events import Alert, Findings
from vitrail.domain.frames import Frame, Packet, Region
from vitrail.domain.geometry import Boxes
from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import SECOND_US
from vitrail.guard.intake import StreamIntake
from vitrail.guard.live import LiveHub
from vitrail.pipeline.motion import MotionGate
from vitrail.pipeline.regions import Regions
from vitrail.pipeline.speeds import Plan, SpeedControl
from vitrail.pipeline.tracking import Tracker
from vitrail.ports.clock import Clock
from vitrail.runtime.health import Counters, HealthBoard, StreamHealth, StreamState
from vitrail.runtime.inference import InferenceEngine

_DETECT_PERIOD_US = SECOND_US // 10
"""At most ten detections a second and stream: people walk 15 cm between two of them. Live, the load may stretch it."""
_LATE_US = SECOND_US
"""A live stream this far behind the clock skips detections, down to one a second, until it has caught up."""
_STRAINED_US, _RELIEVED_US = 3 * SECOND_US, SECOND_US
"""This far behind it is decoded like a quiet one, until it is no further behind than that."""
_STANDS_US = 10 * SECOND_US
"""While nothing moves, what the detector said stands for so long: a still picture is not looked at again and again."""
_STANDS_FOR_PEOPLE_US = 4 * SECOND_US
_BATCH_OFFLINE = 8


@dataclass(frozen=True, slots=True)
class Stages:
    """The pure stages of one stream, each with its own state."""

    speeds: SpeedControl
    motion: MotionGate
    tracker: Tracker
    analytics: Sequence[Analytic]
    regions: Regions = field(default_factory=Regions)

    def reset(self) -> None:
        self.speeds.reset()
        self.motion.reset()
        self.tracker.reset()
        self.regions.reset()
        for analytic in self.analytics:
            analytic.reset()


@dataclass(frozen=True, slots=True)
class Step:
    """What one turn of the loop brought. ``frames`` were decoded in it; ``findings`` in the order they were made."""

    media_us: int
    wall_us: int
    frames: int
    findings: tuple[Findings, ...]
    alerts: tuple[Alert, ...]


@dataclass(slots=True)
class _Sight:
    """What came of looking at some frames."""

    frames: int = 0
    findings: list[Findings] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    def add(self, other: "_Sight") -> None:
        self.frames += other.frames
        self.findings += other.findings
        self.alerts += other.alerts


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """A decoded frame that nobody looked at yet. ``still``: nothing moves; ``moved``: what did since the one before."""

    frame: Frame
    still: bool
    moved: Boxes


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What is done with a frame. Without ``asks`` the last answer stands; without ``region`` all of it is looked at."""

    frame: Frame
    asks: bool
    region: Region | None
    still: bool


class StreamLoop:
    """Watches one stream until it ends, is stopped, or its permit does (``Refused``).

    With ``live`` it keeps pace with the clock: every frame is looked at as it comes, and shown masked. Without, it goes
    as fast as it can, in batches."""

    def __init__(
        self,
        camera: Camera,
        stream: Stream,
        intake: StreamIntake,
        stages: Stages,
        engine: InferenceEngine,
        board: HealthBoard,
        clock: Clock,
        live: LiveHub | None,
    ) -> None:
        self._camera = camera
        self._stream = stream
        self._intake = intake
        self._stages = stages
        self._engine = engine
        self._board = board
        self._clock = clock
        self._live = live
        self._paced = live is not None
        self._waiting: list[_Waiting] = []
        self._moved: list[Boxes] = []
        self._followed = Detections.none().boxes
        self._people = False
        self._pace = 0.75 + 0.25 * (zlib.crc32(stream.id.encode()) % 97) / 96
        """Streams that started together look again at different moments."""
        self._said: Detections | None = None
        self._said_us: int | None = None
        self._late = False
        self._session: int | None = None
        self._detected_us = 0
        self._due_us = 0
        self._told_us = 0
        self._resting = False
        self._detected_when_told = 0
        before = board.get(stream.id)
        self._counts = before.counters if before else Counters()
        self._last_wall_us = 0

    def steps(self, stop: threading.Event) -> Iterator[Step]:
        """One ``Step`` a packet; the last one closes what was still open."""
        for packet in self._intake.source.packets():
            if stop.is_set():
                break
            sight = self._begin(packet)
            if not self._intake.permit.analytics:
                self._rest()
                yield self._step(packet.media_us, packet.wall_us, sight)
                self._tell(packet.wall_us)
                continue
            self._resting = False
            self._waiting += self._carry_out(self._stages.speeds.on_packet(packet, self._behind(packet)))
            if self._paced or len(self._waiting) >= _BATCH_OFFLINE:
                sight.add(self._see())
            yield self._step(packet.media_us, packet.wall_us, sight)
            self._tell(packet.wall_us)
        yield self._end(stop.is_set())

    def _begin(self, packet: Packet) -> "_Sight":
        """Permit, recording, and a fresh start when the camera came back."""
        sight = _Sight()
        if self._session is not None and packet.session != self._session:
            sight = self._start_anew()
        self._session = packet.session
        self._intake.check()
        recorded = self._intake.record(packet)
        self._last_wall_us = max(self._last_wall_us, packet.wall_us)
        self._counts = replace(
            self._counts,
            packets=self._counts.packets + 1,
            bytes_recorded=self._counts.bytes_recorded + (packet.size_bytes if recorded else 0),
        )
        return sight

    def _rest(self) -> None:
        """Analysis is not permitted now: nothing is decoded, what was open is forgotten, recording goes on."""
        if not self._resting:
            self._resting = True
            self._waiting.clear()
            self._said_us = None
            self._stages.reset()
            self._intake.settle()

    def _start_anew(self) -> "_Sight":
        """The camera was away, or a recording begins again: what was open is over."""
        sight = self._see()
        self._finish(sight)
        self._stages.reset()
        self._due_us = self._detected_us = self._last_wall_us = 0
        self._said_us = None
        return sight

    def _finish(self, sight: "_Sight") -> None:
        for analytic in self._stages.analytics:
            self._take(sight, analytic.finish(self._last_wall_us))

    def _behind(self, packet: Packet) -> bool:
        """Whether this live stream is so late that it must be strained; with a little inertia."""
        if not self._paced:
            return False
        lag_us = self._clock.now_us() - packet.wall_us
        self._late = lag_us > (_RELIEVED_US if self._late else _STRAINED_US)
        return self._late

    def _carry_out(self, plan: Plan) -> "list[_Waiting]":
        """The frames that the present speed asks for; each tells the gate whether something moves."""
        source = self._intake.source
        frames = [frame for packet in plan.decode for frame in source.decode(packet)]
        if plan.drain:
            frames += source.drain()
        self._counts = replace(self._counts, frames_decoded=self._counts.frames_decoded + len(frames))
        speeds = self._stages.speeds
        seen = speeds.see(frames, self._stages.motion)
        self._drop(speeds.missed())
        moved = self._stages.motion.moved()
        still = not speeds.awake and not len(moved)
        return [_Waiting(frame, still, moved) for frame in seen]

    def _see(self) -> "_Sight":
        """Detect, track and judge the waiting frames in one batch."""
        looks = [self._look(waiting) for waiting in self._waiting if self._due(waiting)]
        self._waiting.clear()
        asked = [look for look in looks if look.asks]
        pictures = [look.frame.picture.part(look.region) if look.region else look.frame.picture for look in asked]
        answers = iter(self._engine.detect(pictures, [Regions.share(look.region) for look in asked]) if asked else [])
        sight = _Sight(len(looks))
        for look in looks:
            said = self._heard(look.region, next(answers)) if look.asks else self._said
            if said is None:
                self._said_us = None
                self._drop()
            else:
                self._said = said
                self._take(sight, self._judge(look.frame, said, look.still))
        return sight

    def _look(self, waiting: "_Waiting") -> "_Look":
        """Whether and where the detector looks at this frame."""
        frame = waiting.frame
        if self._stands(frame, waiting.still):
            return _Look(frame, False, None, waiting.still)
        moved = np.concatenate([*self._moved, waiting.moved])
        self._moved.clear()
        watched = self._live is not None and self._live.watched(self._camera.id)
        whole = waiting.still or watched or self._said_us is None
        self._said_us = frame.wall_us
        region = self._stages.regions.choose(moved, self._followed, frame.wall_us)
        return _Look(frame, True, None if whole else region, waiting.still)

    def _heard(self, region: Region | None, answer: Detections | None) -> Detections | None:
        if region is None or answer is None:
            return answer
        return Regions.merged(region, answer, self._said or Detections.none())

    def _stands(self, frame: Frame, still: bool) -> bool:
        """Whether what the detector said last still holds at this frame, because nothing has moved since."""
        if not still or self._said_us is None or (self._live is not None and self._live.watched(self._camera.id)):
            return False
        longest_us = _STANDS_FOR_PEOPLE_US if self._people else _STANDS_US
        return frame.wall_us - self._said_us < longest_us * self._pace

    def _take(self, sight: "_Sight", found: Findings) -> None:
        sight.alerts += self._intake.accept(found)
        sight.findings += [found] if found.events or found.readings else []

    def _judge(self, frame: Frame, detections: Detections, still: bool) -> Findings:
        tracks = self._stages.tracker.update(detections, frame.wall_us)
        self._followed = tracks.boxes
        self._people = bool((tracks.labels == Label.PERSON).any())
        self._stages.speeds.on_tracks(self._people, frame.wall_us)
        people = _people(detections, tracks)
        if self._live is not None:
            self._live.publish(self._camera.id, frame, people)
        self._counts = replace(self._counts, frames_detected=self._counts.frames_detected + 1)
        scene = Scene(self._stream.id, self._camera.id, frame.wall_us, tracks, frame.picture, people, still, frame.key)
        return _joined([analytic.update(scene) for analytic in self._stages.analytics])

    def _due(self, waiting: "_Waiting") -> bool:
        """At most ten frames a second on average, whatever the camera's rate; fewer when the detector is busy; a live
        stream that lags behind the clock skips, down to one a second."""
        frame = waiting.frame
        if frame.wall_us < self._due_us:
            self._moved.append(waiting.moved)
            return False
        period_us = self._engine.period_us if self._paced else _DETECT_PERIOD_US
        self._due_us = max(self._due_us + period_us, frame.wall_us + period_us // 2)
        late = self._paced and self._clock.now_us() - frame.wall_us > _LATE_US
        if late and frame.wall_us - self._detected_us < SECOND_US:
            self._drop()
            self._moved.append(waiting.moved)
            return False
        self._detected_us = frame.wall_us
        return True

    def _drop(self, count: int = 1) -> None:
        if count:
            self._counts = replace(self._counts, frames_dropped=self._counts.frames_dropped + count)

    def _end(self, stopped: bool) -> Step:
        """What was still to be looked at, unless we are told to stop; then everything open is closed."""
        sight = _Sight()
        for plan in [] if stopped or self._resting else self._stages.speeds.finish():
            self._waiting += self._carry_out(plan)
            sight.add(self._see())
        self._finish(sight)
        return self._step(0, self._last_wall_us, sight)

    def _step(self, media_us: int, wall_us: int, sight: "_Sight") -> Step:
        return Step(media_us, wall_us, sight.frames, tuple(sight.findings), tuple(sight.alerts))

    def _tell(self, wall_us: int) -> None:
        """Health, once a second of the stream's own time."""
        if 0 <= wall_us - self._told_us < SECOND_US:
            return
        span_s = (wall_us - self._told_us) / SECOND_US if self._told_us else 0.0
        detected = self._counts.frames_detected - self._detected_when_told
        speeds = self._stages.speeds
        self._board.put(
            StreamHealth(
                self._stream.id,
                self._camera.id,
                self._state(),
                wall_us,
                detail="" if self._resting else speeds.reason,
                problem=self._intake.problem,
                recording=self._intake.recording,
                detector_fps=detected / span_s if span_s > 0 else 0.0,
                behind_s=max(0.0, (self._clock.now_us() - wall_us) / SECOND_US) if self._paced else 0.0,
                counters=self._counts,
            )
        )
        self._told_us, self._detected_when_told = wall_us, self._counts.frames_detected

    def _state(self) -> StreamState:
        if self._resting:
            return StreamState.SUSPENDED
        return StreamState.AWAKE if self._stages.speeds.awake else StreamState.QUIET


def _people(detections: Detections, tracks: Tracks) -> Boxes:
    """Everything that may be a person, for the mask: low-score detections and tracks coasting through a gap."""
    seen = detections.of(Label.PERSON).boxes
    followed = tracks.boxes[tracks.labels == Label.PERSON]
    return np.concatenate([seen, followed]).astype(np.float32)


def _joined(parts: list[Findings]) -> Findings:
    return Findings(
        events=tuple(event for part in parts for event in part.events),
        readings=tuple(reading for part in parts for reading in part.readings),
    )
