"""Watch cameras live, or a recording as fast as it decodes: the same loop, the same guard."""

__all__ = ["Watch"]

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from vitrail.domain.progress import Progress
from vitrail.domain.streams import Camera, Site, Stream
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.intake import Intake
from vitrail.guard.live import LiveHub
from vitrail.ports.clock import Clock
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import Counters, HealthBoard, StreamHealth, StreamState
from vitrail.runtime.inference import InferenceEngine
from vitrail.runtime.stream_loop import Stages, Step, StreamLoop
from vitrail.runtime.supervisor import Supervisor, Task


@dataclass(frozen=True, slots=True)
class Watch:
    """What watching needs. ``stages_for`` makes fresh stages for one stream of one camera."""

    site: Site
    intake: Intake
    engine: InferenceEngine
    stages_for: Callable[[Camera, Stream], Stages]
    board: HealthBoard
    bus: Bus
    clock: Clock
    live: LiveHub

    def supervisor(self) -> Supervisor:
        """One task for every stream that is watched or recorded; not yet started."""
        tasks = [
            Task(stream.id, camera.id, self._runner(camera, stream))
            for camera in self.site.cameras
            for stream in camera.streams
        ]
        return Supervisor(tasks, self.board, self.clock)

    def analyse(
        self,
        camera: Camera,
        stream: Stream,
        progress: Progress,
        stop: threading.Event,
        begins: Interval | None = None,
    ) -> Iterator[Step]:
        """A recording, as fast as it decodes, from where it stopped before. Nothing is shown live. ``begins``: what
        begins outside this span of wall time is not written."""
        before = progress if progress.told_us else None
        with self.intake.open(camera, stream, progress.start_us, before, begins) as opened:
            stages = self.stages_for(camera, stream)
            loop = StreamLoop(
                camera, stream, opened, stages, self.engine, self.board, self.clock, None, progress.from_us
            )
            yield from loop.steps(stop)

    def _runner(self, camera: Camera, stream: Stream) -> Callable[[threading.Event], None]:
        work = self._watch if "detect" in stream.roles else self._record
        return lambda stop: work(camera, stream, stop)

    def _watch(self, camera: Camera, stream: Stream, stop: threading.Event) -> None:
        with self.intake.open(camera, stream) as opened:
            loop = StreamLoop(
                camera, stream, opened, self.stages_for(camera, stream), self.engine, self.board, self.clock, self.live
            )
            for step in loop.steps(stop):
                for alert in step.alerts:
                    self.bus.publish("alert", alert.id)

    def _record(self, camera: Camera, stream: Stream, stop: threading.Event) -> None:
        """A main stream whose camera is watched on its sub-stream: packets are kept, nothing is decoded."""
        counts, told_us = Counters(), 0
        with self.intake.open(camera, stream) as opened:
            for packet in opened.source.packets():
                if stop.is_set():
                    return
                kept = packet.size_bytes if opened.record(packet) else 0
                counts = replace(counts, packets=counts.packets + 1, bytes_recorded=counts.bytes_recorded + kept)
                if 0 <= packet.wall_us - told_us < SECOND_US:
                    continue
                told_us = packet.wall_us
                health = StreamHealth(stream.id, camera.id, StreamState.QUIET, told_us, problem=opened.problem)
                self.board.put(replace(health, recording=opened.recording, counters=counts))
