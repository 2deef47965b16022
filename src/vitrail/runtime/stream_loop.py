"""One stream, watched: packets -> record -> speeds -> decode -> motion -> detect -> track -> analytics -> intake."""

__all__ = ["Stages", "Step", "StreamLoop"]

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from vitrail.analytics.contract import Analytic
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import THINGS, VEHICLES, Detections, Label, Tracks
from vitrail.domain.events import Alert, Findings
from vitrail.domain.frames import Frame, Packet
from vitrail.domain.geometry import Boxes
from vitrail.domain.health import Ailment
from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import SECOND_US
from vitrail.guard.intake import StreamIntake
from vitrail.guard.live import LiveHub
from vitrail.pipeline.attention import Attention, Decoded, Look
from vitrail.pipeline.camera_health import CameraHealth
from vitrail.pipeline.looking import Looking
from vitrail.pipeline.motion import MotionGate
from vitrail.pipeline.scene_memory import SceneMemory
from vitrail.pipeline.speeds import Plan, SpeedControl
from vitrail.pipeline.stirring import Stirring
from vitrail.pipeline.tracking import Tracker
from vitrail.ports.clock import Clock
from vitrail.runtime.health import HealthBoard, StreamHealth, StreamState
from vitrail.runtime.inference import Answers, InferenceEngine
from vitrail.runtime.reporting import StreamReport
from vitrail.runtime.upkeep import Upkeep

_DETECT_PERIOD_US = SECOND_US // 10
"""At most ten detections a second and stream: people walk 15 cm between two of them. Live, the load may stretch it."""
_STRAINED_US, _RELIEVED_US = 3 * SECOND_US, SECOND_US
"""This far behind the clock it is decoded like a quiet one, until it is no further behind than that."""
_BATCH_OFFLINE = 8
_SPARED_FLOOR = 0.4


@dataclass(frozen=True, slots=True)
class Stages:
    """The pure stages of one stream, each with its own state. ``memory``, ``looking`` and ``stirring`` only where
    something asks for them."""

    speeds: SpeedControl
    motion: MotionGate
    tracker: Tracker
    analytics: Sequence[Analytic]
    memory: SceneMemory | None = None
    looking: Looking | None = None
    health: CameraHealth | None = None
    stirring: Stirring | None = None

    def reset(self) -> None:
        self.speeds.reset()
        self.motion.reset()
        self.tracker.reset()
        if self.memory is not None:
            self.memory.reset()
        if self.looking is not None:
            self.looking.reset()
        if self.stirring is not None:
            self.stirring.reset()
        if self.health is not None:
            self.health.reset()
        for analytic in self.analytics:
            analytic.reset()


@dataclass(frozen=True, slots=True)
class Step:
    """What one turn of the loop brought. ``frames`` were looked at in it; ``findings`` in the order they were made.
    Everything up to the wall time ``judged_us`` has been judged; at the media time ``settled_us``, the latest of its
    kind, nothing moved, nobody was followed and no happening was open."""

    media_us: int
    wall_us: int
    frames: int
    findings: tuple[Findings, ...]
    alerts: tuple[Alert, ...]
    judged_us: int = 0
    settled_us: int = 0


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """Frames and how each is looked at (None: shown, not looked at), and how to come by the detector's answers."""

    turns: Sequence[tuple[Frame, Look | None]] = ()
    answers: Answers = list


class StreamLoop:
    """Watches one stream until it ends, is stopped, or its permit does (``Refused``).

    With ``live`` it keeps pace with the clock: every frame is looked at as it comes, and shown masked. Without, it goes
    as fast as it can: while the detector works on some frames, the next ones are decoded. A recording whose analysis
    was interrupted goes on at the last key packet before ``from_us``."""

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
        from_us: int = 0,
    ) -> None:
        self._camera = camera
        self._stream = stream
        self._intake = intake
        self._stages = stages
        self._engine = engine
        self._clock = clock
        self._live = live
        self._attention = Attention(stream.id)
        self._report = StreamReport(stream.id, board)
        self._upkeep = Upkeep(stages.analytics, intake, live is not None)
        self._waiting: list[Decoded] = []
        self._asked = _Asked()
        self._from_us = from_us
        self._judged_us = self._settled_us = 0
        self._late = False
        self._session: int | None = None
        self._resting = False
        self._last_wall_us = 0

    def steps(self, stop: threading.Event) -> Iterator[Step]:
        """One ``Step`` a packet; the last one closes what was still open."""
        for packet in _from(self._intake.source.packets(), self._from_us):
            if stop.is_set():
                break
            sight = self._begin(packet)
            if self._intake.permit.analytics:
                self._resting = False
                self._waiting += self._carry_out(self._stages.speeds.on_packet(packet, self._behind(packet)))
                if self._live is not None or len(self._waiting) >= _BATCH_OFFLINE:
                    sight.add(self._see())
            else:
                self._rest()
            yield self._step(packet.media_us, packet.wall_us, sight)
            if self._report.due(packet.wall_us):
                self._upkeep.tick(packet.wall_us)
                self._report.tell(self._health(packet.wall_us))
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
        self._report.count("packets")
        self._report.count("bytes_recorded", packet.size_bytes if recorded else 0)
        return sight

    def _rest(self) -> None:
        """Analysis is not permitted now: nothing is decoded, what was open is forgotten, recording goes on."""
        if not self._resting:
            self._resting = True
            self._waiting.clear()
            self._asked = _Asked()
            self._attention.reset()
            self._stages.reset()
            self._intake.settle()

    def _start_anew(self) -> "_Sight":
        """The camera was away, or a recording begins again: what was open is over."""
        sight = self._see_all()
        self._finish(sight)
        self._stages.reset()
        self._attention.reset()
        self._last_wall_us = 0
        return sight

    def _finish(self, sight: "_Sight") -> None:
        for analytic in self._stages.analytics:
            self._take(sight, analytic.finish(self._last_wall_us))

    def _lag_us(self, wall_us: int) -> int:
        """How far behind the clock a live stream is."""
        return 0 if self._live is None else self._clock.now_us() - wall_us

    def _behind(self, packet: Packet) -> bool:
        """Whether this live stream is so late that it must be strained; with a little inertia."""
        self._late = self._lag_us(packet.wall_us) > (_RELIEVED_US if self._late else _STRAINED_US)
        return self._late

    def _carry_out(self, plan: Plan) -> list[Decoded]:
        """The frames that the present speed asks for; each tells the gate whether something moves."""
        source = self._intake.source
        frames = [frame for packet in plan.decode for frame in source.decode(packet)]
        if plan.drain:
            frames += source.drain()
        self._report.count("frames_decoded", len(frames))
        speeds = self._stages.speeds
        seen = speeds.see(frames, self._stages.motion)
        self._report.count("frames_dropped", speeds.missed())
        self._examine(frames)
        moved = self._stages.motion.moved()
        still = not speeds.awake and not len(moved)
        return [Decoded(frame, still, moved) for frame in seen]

    def _examine(self, frames: Sequence[Frame]) -> None:
        """Whether the live camera still sees what it is meant to see; one that moved is told to the guard (L17)."""
        health = self._stages.health
        if health is None or self._live is None:
            return
        for frame in frames:
            before = health.ailments
            if Ailment.MOVED in health.update(frame.picture, frame.wall_us) - before:
                self._intake.moved()
                self._upkeep.moved()

    def _see(self) -> "_Sight":
        """Judge the waiting frames; from a recording, those asked about before, while the detector has these."""
        asked = self._ask()
        if self._live is None:
            asked, self._asked = self._asked, asked
        return self._judged(asked)

    def _see_all(self) -> "_Sight":
        """Whatever waits is judged."""
        sight = self._judged(self._asked)
        self._asked = _Asked()
        sight.add(self._judged(self._ask()))
        return sight

    def _ask(self) -> _Asked:
        """Choose where to look in the waiting frames, and ask the detector, all in one batch."""
        watched = self._live is not None and self._live.watched(self._camera.id)
        period_us = _DETECT_PERIOD_US if self._live is None else self._engine.period_us
        look = self._attention.look
        turns = [(d.frame, look(d, period_us, self._lag_us(d.frame.wall_us), watched)) for d in self._waiting]
        self._waiting.clear()
        asked = [look for _, look in turns if look is not None and look.asks]
        answers = self._engine.ask([k.picture for k in asked], [k.share for k in asked]) if asked else list
        return _Asked([turn for turn in turns if turn[1] is not None or watched], answers)

    def _judged(self, asked: _Asked) -> "_Sight":
        """Track and judge what was looked at."""
        answers = iter(asked.answers())
        sight = _Sight(sum(look is not None for _, look in asked.turns))
        for frame, look in asked.turns:
            if look is None:
                self._show_unlooked(frame)
                continue
            said = self._attention.heard(look, next(answers) if look.asks else None)
            if said is not None:
                self._take(sight, self._judge(look.frame, said, look.still))
                self._judged_us = look.frame.wall_us
                if look.still and self._attention.idle and self._intake.idle:
                    self._settled_us = look.frame.media_us
        self._report.count("frames_dropped", self._attention.missed())
        return sight

    def _show_unlooked(self, frame: Frame) -> None:
        """Who watches sees more frames than the detector does: masks between two looks follow from both."""
        if self._live is not None:
            self._live.publish(self._camera.id, frame, None)

    def _take(self, sight: "_Sight", found: Findings) -> None:
        sight.alerts += self._intake.accept(found)
        sight.findings += [found] if found.events or found.readings else []

    def _judge(self, frame: Frame, detections: Detections, still: bool) -> Findings:
        tracks = self._stages.tracker.update(detections, frame.wall_us)
        self._stages.speeds.on_tracks(self._attention.followed(tracks), frame.wall_us)
        people = _people(detections, tracks)
        if self._live is not None:
            self._live.publish(self._camera.id, frame, people, _spared(detections, tracks))
        self._report.count("frames_detected")
        memory, looking, stirring = self._stages.memory, self._stages.looking, self._stages.stirring
        place = memory.update(frame.picture, _covering(people, tracks), frame.wall_us) if memory else None
        scene = Scene(
            self._stream.id,
            self._camera.id,
            frame.wall_us,
            tracks,
            frame.picture,
            people,
            still,
            frame.key,
            detections,
            place,
            looking.look(frame.picture, people, frame.wall_us) if looking else None,
            stirring.look(frame.picture, people, frame.wall_us) if stirring and not still else None,
        )
        return _joined([analytic.update(scene) for analytic in self._upkeep.judging(self._ailments)])

    def _end(self, stopped: bool) -> Step:
        """What was still to be looked at, unless we are told to stop; then everything open is closed."""
        sight = _Sight()
        for plan in [] if stopped or self._resting else self._stages.speeds.finish():
            self._waiting += self._carry_out(plan)
            sight.add(self._see())
        sight.add(_Sight() if stopped or self._resting else self._see_all())
        self._finish(sight)
        self._upkeep.keep()
        return self._step(0, self._last_wall_us, sight)

    def _step(self, media_us: int, wall_us: int, sight: "_Sight") -> Step:
        findings, alerts = tuple(sight.findings), tuple(sight.alerts)
        return Step(media_us, wall_us, sight.frames, findings, alerts, self._judged_us, self._settled_us)

    def _health(self, wall_us: int) -> StreamHealth:
        return StreamHealth(
            self._stream.id,
            self._camera.id,
            self._state(),
            wall_us,
            detail="" if self._resting else self._stages.speeds.reason,
            mute="" if self._resting else self._stages.speeds.mute,
            problem=self._intake.problem,
            ailments=self._ailments,
            unjudged=() if self._resting else self._upkeep.unjudged(wall_us, self._ailments),
            recording=self._intake.recording,
            behind_s=max(0.0, self._lag_us(wall_us) / SECOND_US),
        )

    @property
    def _ailments(self) -> tuple[Ailment, ...]:
        return tuple(sorted(self._stages.health.ailments)) if self._stages.health else ()

    def _state(self) -> StreamState:
        if self._resting:
            return StreamState.SUSPENDED
        return StreamState.AWAKE if self._stages.speeds.awake else StreamState.QUIET


def _from(packets: Iterator[Packet], from_us: int) -> Iterator[Packet]:
    """From the last key packet at or before ``from_us`` on: that costs demuxing, and needs no index in the file."""
    group: list[Packet] = []
    rest = iter(packets)
    for packet in rest:
        if packet.media_us > from_us or not from_us:
            yield from group
            yield packet
            yield from rest
            return
        group = [packet] if packet.key else [*group, packet]
    yield from group


def _people(detections: Detections, tracks: Tracks) -> Boxes:
    """Everything that may be a person, for the mask: low-score detections and tracks coasting through a gap."""
    seen = detections.of(Label.PERSON).boxes
    followed = tracks.boxes[tracks.labels == Label.PERSON]
    return np.concatenate([seen, followed]).astype(np.float32)


def _spared(detections: Detections, tracks: Tracks) -> Boxes:
    """What is surely a vehicle or a thing, and nobody: the live picture shows it."""
    wanted = (*VEHICLES, *THINGS)
    seen = detections.of(*wanted)
    followed = tracks.boxes[np.isin(tracks.labels, wanted)]
    return np.concatenate([seen.boxes[seen.scores >= _SPARED_FLOOR], followed]).astype(np.float32)


def _covering(people: Boxes, tracks: Tracks) -> Boxes:
    """What stands before the place: people, and vehicles that are followed."""
    vehicles = tracks.boxes[np.isin(tracks.labels, list(VEHICLES))]
    return np.concatenate([people, vehicles]).astype(np.float32)


def _joined(parts: list[Findings]) -> Findings:
    return Findings(
        events=tuple(event for part in parts for event in part.events),
        readings=tuple(reading for part in parts for reading in part.readings),
        sightings=tuple(draft for part in parts for draft in part.sightings),
        renewed=tuple(place for part in parts for place in part.renewed),
    )
