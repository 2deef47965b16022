"""The stages of a stream with one analytic, over a recording: followed and judged as live, written nowhere."""

__all__ = ["StageRehearsal"]

from collections.abc import Iterator

import numpy as np

from vitrail.analytics.contract import Analytic
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import VEHICLES, Label
from vitrail.domain.events import Event, Phase
from vitrail.domain.frames import Frame
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.looking import Looking
from vitrail.pipeline.scene_memory import SceneMemory
from vitrail.pipeline.stirring import Stirring
from vitrail.pipeline.tracking import Tracker
from vitrail.ports.rehearsal import Detect

_PERIOD_US = SECOND_US // 5
"""Between two looks: the rate a loaded live stream falls to and no analytic needs more than. No gate is asked: what
does not move is looked at too."""


class StageRehearsal:
    """Implements ``Rehearsal``; used once."""

    def __init__(
        self,
        camera_id: str,
        stream_id: str,
        analytic: Analytic,
        tracker: Tracker,
        memory: SceneMemory | None = None,
        looking: Looking | None = None,
        stirring: Stirring | None = None,
    ) -> None:
        self._camera_id = camera_id
        self._stream_id = stream_id
        self._analytic = analytic
        self._tracker = tracker
        self._memory = memory
        self._looking = looking
        self._stirring = stirring

    def run(self, frames: Iterator[Frame], detect: Detect) -> list[Event]:
        told: list[Event] = []
        last_us: int | None = None
        for frame in frames:
            if last_us is not None and frame.wall_us - last_us < _PERIOD_US:
                continue
            last_us = frame.wall_us
            told += self._analytic.update(self._scene(frame, detect)).events
        if last_us is not None:
            told += self._analytic.finish(last_us).events
        return [event for event in told if event.phase is Phase.OPENED]

    def _scene(self, frame: Frame, detect: Detect) -> Scene:
        seen = detect(frame.picture)
        tracks = self._tracker.update(seen, frame.wall_us)
        followed = tracks.boxes[tracks.labels == Label.PERSON]
        people = np.concatenate([seen.of(Label.PERSON).boxes, followed]).astype(np.float32)
        vehicles = tracks.boxes[np.isin(tracks.labels, list(VEHICLES))]
        covering = np.concatenate([people, vehicles]).astype(np.float32)
        memory, looking, stirring = self._memory, self._looking, self._stirring
        return Scene(
            self._stream_id,
            self._camera_id,
            frame.wall_us,
            tracks,
            frame.picture,
            people,
            key=frame.key,
            seen=seen,
            place=memory.update(frame.picture, covering, frame.wall_us) if memory else None,
            look=looking.look(frame.picture, people, frame.wall_us) if looking else None,
            stir=stirring.look(frame.picture, people, frame.wall_us) if stirring else None,
        )
