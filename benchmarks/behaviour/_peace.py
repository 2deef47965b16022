"""The fight analytic on footage that shows no fight: as it is, mirrored, brighter, darker, cropped and faster; what it
tells there, and what it costs."""

__all__ = ["ordinary"]

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import av
import numpy as np
from _clips import EVERYWHERE, pictures

from vitrail.adapters.openvino import NanodetDetector
from vitrail.analytics.fight import MANIFEST, WINDOW_US, Fight
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.events import Phase
from vitrail.domain.frames import Picture
from vitrail.domain.streams import AnalyticSetting, Camera, DwellingMasks, Zone
from vitrail.domain.time import SECOND_US
from vitrail.guard.masking import MASK_FLOOR
from vitrail.pipeline.stirring import Stirring
from vitrail.ports.embedder import MotionReader

FOLDERS = ("fixed-camera-video", "abandoned-object")
MOST_FILES, MOST_S = 6, 150.0
"""Of each folder, and of each file: so that it ends."""
_WHOLE = Zone("all", "All", EVERYWHERE)


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to ordinary footage to make more of it."""

    name: str
    flip: bool = False
    gain: float = 1.0
    crop: float = 0.0
    every: int = 1

    def of(self, luma: np.ndarray) -> np.ndarray:
        height, width = luma.shape
        x, y = int(width * self.crop / 2) * 2, int(height * self.crop / 2) * 2
        kept = luma[y : height - y or None, x : width - x or None]
        kept = kept[:, ::-1] if self.flip else kept
        return np.ascontiguousarray(np.clip(kept * self.gain, 0, 255).astype(np.uint8) if self.gain != 1 else kept)


CHANGES = (
    Change("as it is"),
    Change("mirrored, darker", flip=True, gain=0.5),
    Change("cropped, brighter", gain=1.4, crop=0.12),
    Change("twice as fast", every=2),
)


def ordinary(data: Path, cache: Path, detector: NanodetDetector, reader: MotionReader) -> dict[str, object]:
    """Alarms and hours of footage that shows no fight, and the analytic's own share of a core."""
    files = [path for name in FOLDERS for path in sorted((data / name).glob("*.mp4"))[:MOST_FILES]]
    files += sorted(cache.glob("vtest.avi"))
    if not files:
        print(f"skipped: no ordinary footage in {data} or {cache}", flush=True)
    told = 0
    length_s = busy_s = active_s = 0.0
    for path in files:
        for change in CHANGES:
            try:
                run = _run(_changed(path, change), detector, reader)
            except av.FFmpegError as wrong:
                print(f"skipped: {path} cannot be read ({wrong})", flush=True)
                break
            told, length_s = told + run.told, length_s + run.length_s
            busy_s, active_s = busy_s + run.busy_s, active_s + run.active_s
            print(f"{path.name}, {change.name}: {run.told} alarms in {run.length_s:.0f} s", flush=True)
    hours = length_s / 3600
    share = busy_s / active_s if active_s else 0.0
    print(f"ordinary: {told} alarms in {hours:.2f} h; {100 * share:.1f} % of a core while people are close")
    return {
        "ordinary_hours": round(hours, 3),
        "ordinary_alarms": told,
        "ordinary_alarms_per_hour": round(told / hours, 2) if hours else None,
        "core_share_per_active_stream": round(share, 3) if active_s else None,
    }


def _changed(path: Path, change: Change) -> Iterator[tuple[float, Picture]]:
    for n, (at_s, picture) in enumerate(takewhile(lambda look: look[0] < MOST_S, pictures(path))):
        if n % change.every == 0:
            y, u, v = (change.of(plane) for plane in (picture.y, picture.u, picture.v))
            yield (
                at_s / change.every,
                Picture(y, u if change.gain == 1 else _grey(y), v if change.gain == 1 else _grey(y)),
            )


def _grey(luma: np.ndarray) -> np.ndarray:
    return np.full(((luma.shape[0] + 1) // 2, (luma.shape[1] + 1) // 2), 128, np.uint8)


@dataclass(slots=True)
class Run:
    told: int = 0
    length_s: float = 0.0
    busy_s: float = 0.0
    active_s: float = 0.0


def _run(looks: Iterable[tuple[float, Picture]], detector: NanodetDetector, reader: MotionReader) -> Run:
    camera = Camera("c", "C", (), DwellingMasks("", ""), zones=(_WHOLE,))
    analytic = Fight(camera, "c-main", AnalyticSetting(MANIFEST.id, "try", ("all",)))
    run, before_s, stirring = Run(), 0.0, Stirring(reader, [EVERYWHERE])
    for at_s, picture in looks:
        people = detector.detect([picture], MASK_FLOOR)[0].of(Label.PERSON).boxes
        wall_us = round(at_s * SECOND_US) + WINDOW_US
        began = time.thread_time()
        stir = stirring.look(picture, people, wall_us)
        scene = Scene("c-main", "c", wall_us, Tracks.none(), picture, people, stir=stir)
        found = analytic.update(scene)
        took_s = time.thread_time() - began
        run.told += sum(event.phase is Phase.OPENED for event in found.events)
        run.length_s = at_s
        if took_s > 1e-3:  # something was measured
            run.busy_s += took_s
            run.active_s += at_s - before_s
        before_s = at_s
    return run
