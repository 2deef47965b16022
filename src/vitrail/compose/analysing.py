"""One recording in the place of a camera's stream."""

__all__ = ["Analysis", "analysis"]

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from vitrail.adapters.av.length import length_us
from vitrail.adapters.clock import SystemClock
from vitrail.adapters.sitefolder import (
    SiteFolder,
)
from vitrail.compose.rooms import Rooms
from vitrail.compose.starting import read_site
from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.streams import Camera, Stream
from vitrail.guard.masking import MASK_FLOOR
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard
from vitrail.runtime.housekeeper import Chore, Housekeeper
from vitrail.runtime.inference import InferenceEngine
from vitrail.runtime.stream_loop import Step
from vitrail.services.watch import Watch

_SWEEP_S = 60.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """One recording about to be analysed; ``length_us`` as its header says, 0 when it does not."""

    watch: Watch
    camera: Camera
    stream: Stream
    clock: SystemClock
    length_us: int

    def steps(self, start_us: int, stop: threading.Event) -> Iterator[Step]:
        return self.watch.analyse(self.camera, self.stream, start_us, stop)


@contextmanager
def analysis(
    recording: Path, site: Path, camera_id: str | None, state: Path, cache: Path, environ: Mapping[str, str]
) -> Iterator[Analysis]:
    """``recording`` in the place of the stream that ``camera_id`` of the site is watched on; it is not recorded
    again."""
    folder = read_site(site, environ)
    camera = _camera(folder, camera_id)
    watched = camera.stream_for("detect")
    if watched is None:
        raise Invalid(f"camera {camera.id} has no stream to watch", remedy="give one of its streams the role detect")
    detect: frozenset[Literal["detect", "record"]] = frozenset({"detect"})
    stream = replace(watched, address=str(recording), label=recording.name, roles=detect, loop=False)
    camera = replace(camera, streams=(stream,))
    part = replace(folder, site=replace(folder.site, cameras=(camera,)))
    with ExitStack() as stack:
        rooms = Rooms(part, state, cache, stack, declared=folder)
        rooms.eraser().sweep()
        bus = Bus()
        stack.enter_context(Housekeeper([Chore("erase", _SWEEP_S, rooms.eraser().sweep)], bus))
        engine = InferenceEngine(rooms.detector, MASK_FLOOR)
        stack.callback(engine.close)
        watch = Watch(rooms.site, rooms.intake, engine, rooms.stages, HealthBoard(bus), bus, rooms.clock, rooms.live)
        yield Analysis(watch, camera, stream, rooms.clock, length_us(recording))


def _camera(folder: SiteFolder, camera_id: str | None) -> Camera:
    cameras = folder.site.cameras
    if camera_id is None and len(cameras) == 1:
        return cameras[0]
    known = ", ".join(camera.id for camera in cameras)
    if camera_id is None:
        raise Invalid("which camera filmed this?", where="--camera", remedy=f"one of {known}")
    camera = folder.site.camera(camera_id)
    if camera is None:
        raise NotFound(f"the site has no camera {camera_id}", where="--camera", remedy=f"one of {known}")
    return camera
