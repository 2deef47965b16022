"""One stream, watched: packets -> record -> speeds -> decode -> motion -> detect -> track -> analytics -> intake."""

__all__ = ["Stages", "Step", "StreamLoop"]

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from vitrail.analytics.contract import Analytic
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Detections, Label, Tracks
from vitrail.domain.events import Alert, Findings
from vitrail.domain.frames import Frame, Packet
from vitrail.domain.geometry import Boxes
from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import SECOND_US
from vitrail.guard.intake import StreamIntake
from vitrail.guard.live import LiveHub
from vitrail.pipeline.motion import MotionGate
from vitrail.pipeline.speeds import SpeedControl
from vitrail.pipeline.tracking import Tracker
from vitrail.ports.clock import Clock
from vitrail.runtime.health import Counters, HealthBoard, StreamHealth, StreamState
from vitrail.runtime.inference import InferenceEngine

_DETECT_PERIOD_US = SECOND_US // 10
"""At most ten detections a second and stream: people walk 15 cm between two of them."""
_LATE_US = SECOND_US
"""A live stream this far behind the clock skips detections, down to one a second, until it has caught up."""
_BATCH_OFFLINE = 8


@dataclass(frozen=True, slots=True)
class Stages:
    """The pure stages of one stream, each with its own state."""

    speeds: SpeedControl
    motion: MotionGate
    tracker: Tracker
    analytics: Sequence[Analytic]

    def reset(self) -> None:
        self.speeds.reset()
        self.motion.reset()
        self.tracker.reset()
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


class StreamLoop:
    """Watches one stream until it ends, is stopped, or its permit does (``Refused``)."""

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
        self._paced = intake.source.facts.live
        self._waiting: list[Frame] = []
        self._session: int | None = None
        self._detected_us = 0
        self._told_us = 0
        self._detected_when_told = 0
        self._counts = Counters()
        self._last_wall_us = 0

    def steps(self, stop: threading.Event) -> Iterator[Step]:
        """One ``Step`` a packet; the last one closes what was still open."""
        for packet in self._intake.source.packets():
            if stop.is_set():
                break
            self._begin(packet)
            self._waiting += self._decode(packet)
            ready = self._paced or len(self._waiting) >= _BATCH_OFFLINE
            yield self._see(packet) if ready else self._step(packet, [], [])
            self._tell(packet.wall_us)
        yield self._end()

    def _begin(self, packet: Packet) -> None:
        """Permit, recording, and a fresh start when the camera came back."""
        if self._session is not None and packet.session != self._session:
            self._stages.reset()
            self._waiting.clear()
        self._session = packet.session
        self._intake.check()
        recorded = self._intake.record(packet)
        self._last_wall_us = max(self._last_wall_us, packet.wall_us)
        self._counts = replace(
            self._counts,
            packets=self._counts.packets + 1,
            bytes_recorded=self._counts.bytes_recorded + (packet.size_bytes if recorded else 0),
        )

    def _decode(self, packet: Packet) -> list[Frame]:
        """The frames that the present speed asks for; each tells the gate whether something moves."""
        plan = self._stages.speeds.on_packet(packet)
        source = self._intake.source
        frames = [frame for chosen in plan.decode for frame in source.decode(chosen)]
        if plan.drain:
            frames += source.drain()
        fresh = self._stages.speeds.fresh(frames)
        for frame in fresh:
            self._stages.speeds.on_motion(self._stages.motion.update(frame.picture), frame.wall_us)
        self._counts = replace(self._counts, frames_decoded=self._counts.frames_decoded + len(frames))
        return fresh

    def _see(self, packet: Packet) -> Step:
        """Detect, track and judge the waiting frames in one batch."""
        chosen = [frame for frame in self._waiting if self._due(frame)]
        self._waiting.clear()
        answers = self._engine.detect([frame.picture for frame in chosen]) if chosen else []
        findings: list[Findings] = []
        alerts: list[Alert] = []
        for frame, detections in zip(chosen, answers, strict=True):
            if detections is None:
                self._drop()
                continue
            found = self._judge(frame, detections)
            alerts += self._intake.accept(found)
            findings += [found] if found.events or found.readings else []
        return self._step(packet, findings, alerts, len(chosen))

    def _judge(self, frame: Frame, detections: Detections) -> Findings:
        tracks = self._stages.tracker.update(detections, frame.wall_us)
        self._stages.speeds.on_tracks(bool((tracks.labels == Label.PERSON).any()), frame.wall_us)
        if self._live is not None:
            self._live.publish(self._camera.id, frame, _people(detections, tracks))
        self._counts = replace(self._counts, frames_detected=self._counts.frames_detected + 1)
        scene = Scene(self._stream.id, self._camera.id, frame.wall_us, tracks)
        return _joined([analytic.update(scene) for analytic in self._stages.analytics])

    def _due(self, frame: Frame) -> bool:
        waited_us = frame.wall_us - self._detected_us
        if waited_us < _DETECT_PERIOD_US * 0.9:
            return False
        if self._paced and waited_us < SECOND_US and self._clock.now_us() - frame.wall_us > _LATE_US:
            self._drop()
            return False
        self._detected_us = frame.wall_us
        return True

    def _drop(self) -> None:
        self._counts = replace(self._counts, frames_dropped=self._counts.frames_dropped + 1)

    def _end(self) -> Step:
        alerts: list[Alert] = []
        findings: list[Findings] = []
        self._waiting += self._stages.speeds.fresh(self._intake.source.drain())
        if self._waiting:
            last = self._see_all()
            findings += last.findings
            alerts += last.alerts
        closing = _joined([analytic.finish(self._last_wall_us) for analytic in self._stages.analytics])
        alerts += self._intake.accept(closing)
        return Step(0, self._last_wall_us, 0, (*findings, closing), tuple(alerts))

    def _see_all(self) -> Step:
        frame = self._waiting[-1]
        packet = Packet(self._stream.id, frame.media_us, frame.wall_us, 0, 0, frame.key, frame.session, None)
        return self._see(packet)

    def _step(self, packet: Packet, findings: list[Findings], alerts: list[Alert], frames: int = 0) -> Step:
        return Step(packet.media_us, packet.wall_us, frames, tuple(findings), tuple(alerts))

    def _tell(self, wall_us: int) -> None:
        """Health, once a second of the stream's own time."""
        if 0 <= wall_us - self._told_us < SECOND_US:
            return
        span_s = max(1e-6, (wall_us - self._told_us) / SECOND_US)
        detected = self._counts.frames_detected - self._detected_when_told
        speeds = self._stages.speeds
        self._board.put(
            StreamHealth(
                self._stream.id,
                self._camera.id,
                StreamState.AWAKE if speeds.awake else StreamState.QUIET,
                wall_us,
                detail=speeds.reason,
                problem=self._intake.problem,
                recording=self._intake.recording,
                detector_fps=detected / span_s if self._told_us else 0.0,
                counters=self._counts,
            )
        )
        self._told_us, self._detected_when_told = wall_us, self._counts.frames_detected


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
