"""Recordings in the place of a camera's stream."""

__all__ = ["analysis", "archive", "recordings"]

import hashlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

from vitrail.adapters.av.length import length_us
from vitrail.adapters.clock import SystemClock
from vitrail.adapters.progressbook import FileProgressBook
from vitrail.adapters.sitefolder import (
    SiteFolder,
)
from vitrail.analytics.registry import Registry
from vitrail.compose.rooms import Rooms
from vitrail.compose.starting import read_site
from vitrail.domain.errors import Corrupt, Invalid, NotFound
from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import Interval
from vitrail.guard.masking import MASK_FLOOR
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard
from vitrail.runtime.housekeeper import Chore, Housekeeper
from vitrail.runtime.inference import InferenceEngine
from vitrail.services.analyse import PIECE_US, Analysis, Archive, Recording
from vitrail.services.keeping import Kept, keep
from vitrail.services.watch import Watch

_SWEEP_S = 60.0
_NEVER_US = 1 << 62


@contextmanager
def analysis(
    recording: Path, site: Path, camera_id: str | None, state: Path, cache: Path, environ: Mapping[str, str]
) -> Iterator[Analysis]:
    """``recording`` in the place of the stream that ``camera_id`` of the site is watched on; nothing is recorded."""
    with _in_place(recording, site, camera_id, state, cache, environ, "detect") as (rooms, camera, stream, bus, stack):
        engine = InferenceEngine(rooms.detector, MASK_FLOOR, len(os.sched_getaffinity(0)))
        stack.callback(engine.close)
        watch = Watch(rooms.site, rooms.intake, engine, rooms.stages, HealthBoard(bus), bus, rooms.clock, rooms.live)
        yield Analysis(watch, camera, stream, rooms.clock, length_us(recording))


@contextmanager
def _in_place(
    recording: Path,
    site: Path,
    camera_id: str | None,
    state: Path,
    cache: Path,
    environ: Mapping[str, str],
    role: Literal["detect", "record"],
) -> Iterator[tuple[Rooms, Camera, Stream, Bus, ExitStack]]:
    """The site's rooms with ``recording`` in the place of the stream that has this role, and with that role only; the
    eraser runs."""
    folder = read_site(site, environ)
    camera = _camera(folder, camera_id)
    declared = camera.stream_for(role)
    if declared is None:
        what = "watch" if role == "detect" else "record"
        raise Invalid(f"camera {camera.id} has no stream to {what}", remedy=f"give one of its streams the role {role}")
    roles: frozenset[Literal["detect", "record"]] = frozenset({role})
    stream = replace(declared, address=str(recording), label=recording.name, roles=roles, loop=False)
    camera = replace(camera, streams=(stream,))
    part = replace(folder, site=replace(folder.site, cameras=(camera,)))
    with ExitStack() as stack:
        rooms = Rooms(part, state, cache, stack, declared=folder)
        rooms.eraser().sweep()
        bus = Bus()
        stack.enter_context(Housekeeper([Chore("erase", _SWEEP_S, rooms.eraser().sweep)], bus))
        yield rooms, camera, stream, bus, stack


_VIDEO = frozenset({".mp4", ".mkv", ".avi", ".mov", ".ts", ".mts", ".m4v", ".mpg", ".mpeg", ".webm", ".h264", ".h265"})


def recordings(paths: Sequence[Path], site: str, start_us: int | None) -> list[Recording]:
    """Files as they are named; folders give the videos below them by name. With ``start_us`` each follows the one
    before it. ``site`` stands for what they are analysed under: another site is another analysis."""
    found: list[Recording] = []
    for path in (file for given in paths for file in _videos(given)):
        length = _length_us(path)
        found.append(Recording(path, _key(path, site, start_us), length, start_us))
        start_us = None if start_us is None else start_us + length
    return found


def _length_us(path: Path) -> int:
    """A file that cannot be read is told of in its turn, and keeps nobody from analysing the others."""
    try:
        return length_us(path)
    except (NotFound, Invalid, Corrupt):
        return 0


def _videos(given: Path) -> list[Path]:
    if not given.is_dir():
        return [given]
    videos = sorted(path for path in given.rglob("*") if path.suffix.lower() in _VIDEO and path.is_file())
    if not videos:
        raise NotFound(f"there is no video below {given}", where=str(given), remedy=f"name {', '.join(sorted(_VIDEO))}")
    return videos


def _key(path: Path, site: str, start_us: int | None) -> str:
    """The same for the same file, unchanged, under the same site."""
    try:
        facts = path.stat()
    except OSError:
        return "missing"
    words = (path.resolve(), facts.st_size, facts.st_mtime_ns, site, start_us)
    return hashlib.sha256("\n".join(map(str, words)).encode()).hexdigest()[:32]


def archive(
    site: Path, camera_id: str | None, state: Path, cache: Path, environ: Mapping[str, str], keeping: bool = False
) -> Archive:
    """Each recording is analysed as ``analysis`` does; whole, where an analytic remembers the place. ``keeping``: it
    also becomes part of the site's own archive, on the stream that the site records."""

    def kept(recording: Path, span: Interval, stop: threading.Event) -> Kept:
        with _in_place(recording, site, camera_id, state, cache, environ, "record") as (rooms, ours, stream, _, _):
            return keep(rooms.intake, ours, stream, span, stop)

    manifests = Registry.load().manifests
    camera = _camera(read_site(site, environ), camera_id)
    used = {setting.analytic_id for setting in camera.analytics}
    whole = any(manifests[analytic].remembers for analytic in used if analytic in manifests)
    return Archive(
        lambda recording: analysis(recording, site, camera_id, state, cache, environ),
        FileProgressBook(state / "analyses"),
        SystemClock(),
        _NEVER_US if whole else PIECE_US,
        camera.id,
        kept if keeping else None,
    )


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
