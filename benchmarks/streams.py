"""How many live 1080p25 cameras one core carries, and whether they keep their events.

Real recordings become N live cameras of one house (the whole product: gate, decoding, detector, tracker, presence and
dwell, guard, SQLite), in one process pinned to one core. ``quiet``: nobody is there; ``mixed``: one camera in ten is
busy; ``busy``: all are. The largest number that ran for a minute counts, if at most one look in a thousand was dropped
and no stream lags by more than two seconds at its end. With ``--rtsp`` they come from GStreamer's RTSP server on the
other core.

Beside it, in the same run, on the same core: decoding every frame and nothing else; plain: every frame decoded, the
same detector five times a second, the same tracker and analytics (its events are what the house must keep). With
``--peers``: Debian's ``motion`` and Frigate's documented recipe (ffmpeg to raw frames five times a second, its motion
step, the same detector around what moves), where ``motion`` and ``ffmpeg`` are installed.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np

from _data import Options, options, say_json
from _footage import FPS, busy, quiet, recording_of, repeated
from _house import CAMERA, CORE, SETTLE_S, SPAN_S, Ran, house
from _watchers import motion, recipe
from vitrail import compose
from vitrail.adapters.openvino import NanodetDetector, load_nanodet
from vitrail.analytics.registry import Registry
from vitrail.domain.analytics import Scene
from vitrail.domain.events import Phase
from vitrail.domain.frames import Picture
from vitrail.domain.streams import Camera
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

_CLIP_S = 80
_SHARE, _RUNS = 0.97, 3
_SLACK_S = 5.0
"""Events that plain finds in the last seconds of the span are not asked of the house: its cameras start one by one."""
_PORT = "18554"
_FIRST = {"quiet": (50, 0), "mixed": (20, 1), "busy": (4, 10)}
"""How many cameras are tried first, and how many of ten are busy."""


def main() -> None:
    given = options(
        __doc__ or "",
        ("--peers", {"action": "store_true", "help": "measure motion and Frigate's recipe too"}),
        ("--rtsp", {"action": "store_true", "help": "cameras over RTSP instead of files"}),
        ("--mixes", {"default": ",".join(_FIRST), "help": "which of quiet,mixed,busy"}),
    )
    compose.ensure_models(given.cache, print)
    with tempfile.TemporaryDirectory() as place:
        clips = footage(given, Path(os.environ.get("VITRAIL_FOOTAGE", place)))
        detector = load_nanodet(given.cache, threads=1)
        figures: dict[str, object] = {"rtsp": given.more.rtsp}
        figures |= limits(clips, detector)
        with served(clips, Path(place), given.more.rtsp or given.more.peers) as cameras:
            addresses = cameras if given.more.rtsp else {name: str(clip) for name, clip in clips.items()}
            for mix in given.more.mixes.split(","):
                figures |= carried(mix, addresses, clips["quiet"], Path(place), given.cache, figures)
            figures |= peers(cameras, detector) if given.more.peers else {}
    say_json(benchmark="streams", **figures)


def footage(given: Options, kept: Path) -> Mapping[str, Path]:
    source, gaps = recording_of(given.data)
    kept.mkdir(parents=True, exist_ok=True)
    clips = {"quiet": kept / "quiet.mp4", "busy": kept / "busy.mp4"}
    if not clips["quiet"].exists():
        quiet(source, clips["quiet"], _CLIP_S, gaps)
    if not clips["busy"].exists():
        busy(source, clips["busy"], _CLIP_S)
    bits = ", ".join(f"{n} {c.stat().st_size * 8 / _CLIP_S / 1e6:.1f} Mb/s" for n, c in clips.items())
    print(f"1080p25, group of 50: {bits}", flush=True)
    return clips


@contextmanager
def served(clips: Mapping[str, Path], place: Path, wanted: bool) -> Iterator[Mapping[str, str]]:
    """The clips as RTSP cameras, long enough that none ends while it is measured."""
    if not wanted:
        yield {}
        return
    words = ["taskset", "-c", str((os.cpu_count() or 1) - 1), "/usr/bin/python3"]
    words += [str(Path(__file__).with_name("_rtsp.py")), _PORT]
    for name, clip in clips.items():
        words.append(f"{name}={repeated(clip, place / f'{name}-long.mp4', 4)}")
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            if server.stdout.readline().strip() != "ready":
                raise SystemExit("the RTSP server does not start: see _rtsp.py for what it needs")
            yield {name: f"rtsp://127.0.0.1:{_PORT}/{name}" for name in clips}
        finally:
            server.terminate()


# the house


def carried(
    mix: str, addresses: Mapping[str, str], clip: Path, place: Path, cache: Path, limits: Mapping[str, object]
) -> dict[str, object]:
    """The largest number that ran and kept up; at most ``_RUNS`` more are tried."""
    first, tenth = _FIRST[mix]
    kinds = lambda count: ["busy" if n % 10 < tenth else "quiet" for n in range(count)]  # noqa: E731
    small = full = house([addresses[kind] for kind in kinds(first)], clip, place, cache)
    step = 10 if tenth == 1 else 1
    low, high = first, 10_000
    for _ in range(_RUNS):
        guess = int(_SHARE / full.cpu_share * full.streams) if high == 10_000 else (low + high) // 2
        many = max(low + step, min(guess, high - step)) // step * step
        if not low < many < high:
            break
        tried = house([addresses[kind] for kind in kinds(many)], clip, place, cache)
        said = "kept up" if tried.kept_up else f"lag {tried.latest_s:.1f} s, {tried.dropped} frames dropped"
        print(f"{mix}: {many} streams at {tried.cpu_share:.0%} of a core: {said}", flush=True)
        low, high = (many, high) if tried.kept_up else (low, many)
        full = tried if tried.kept_up else full
    return told(mix, small, full, kinds(full.streams), limits)


def told(mix: str, small: Ran, full: Ran, kinds: list[str], limits: Mapping[str, object]) -> dict[str, object]:
    memory = (full.rss_mb - small.rss_mb) / (full.streams - small.streams) if full.streams > small.streams else 0.0
    expected = int(str(limits["plain_events"]))
    found = [full.alerts.get(f"c{n}", 0) for n, kind in enumerate(kinds) if kind == "busy"]
    kept = sum(min(count, expected) for count in found) / (expected * len(found)) if found else 1.0
    extra = sum(full.alerts.get(f"c{n}", 0) for n, kind in enumerate(kinds) if kind == "quiet")
    plain = len(kinds) / sum(1 / float(str(limits[f"{kind}_plain"])) for kind in kinds)
    print(
        f"{mix}: {full.streams} live streams ran at {full.cpu_share:.0%} of a core, {full.streams / plain:.1f} times "
        f"plain; {memory:.1f} MB a stream; events of busy cameras kept {kept:.1%} (alerts of each {sorted(set(found))},"
        f" plain finds {expected}), alerts of quiet ones {extra}; "
        f"{full.decoded / SPAN_S / full.streams:.2f} frames decoded a second and stream",
        flush=True,
    )
    return {
        f"{mix}_streams": full.streams,
        f"{mix}_kept_up": full.kept_up,
        f"{mix}_cpu_share": round(full.cpu_share, 2),
        f"{mix}_mb_a_stream": round(memory, 1),
        f"{mix}_events_kept": round(kept, 4),
        f"{mix}_alerts_of_quiet": extra,
        f"{mix}_ratio_to_plain": round(full.streams / plain, 1),
    }


# limits and peers, each on the same one core


def limits(clips: Mapping[str, Path], detector: NanodetDetector) -> dict[str, object]:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORE})
    cv2.setNumThreads(1)
    figures: dict[str, object] = {}
    for name, clip in clips.items():
        began = time.process_time()
        decoded(clip)
        between = time.process_time()
        events = plainly(clip, detector)
        full, plain = _CLIP_S / (between - began), _CLIP_S / (time.process_time() - between)
        figures |= {f"{name}_decode_limit": round(full, 1), f"{name}_plain": round(plain, 1)}
        figures |= {"plain_events": events} if name == "busy" else {}
        print(f"{name}: decoding every frame carries {full:.1f} streams on a core, plain {plain:.1f}", flush=True)
    os.sched_setaffinity(0, allowed)
    return figures


def decoded(clip: Path) -> int:
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "NONE", 1
        return sum(1 for _ in container.decode(video))


def plainly(clip: Path, detector: NanodetDetector) -> int:
    """Every frame, the detector five times a second, tracker and analytics; how many events began in the span."""
    registry, tracker = Registry.load(), Tracker(lambda: 1)
    camera = _camera()
    analytics = [registry.make(camera, "main", setting) for setting in camera.analytics]
    begun = 0
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "NONE", 1
        for count, frame in enumerate(container.decode(video)):
            if count % (FPS // 5):
                continue
            found = detector.detect([_picture(frame)], 0.2)[0]
            tracks = tracker.update(found, count * SECOND_US // FPS)
            scene = Scene("main", camera.id, count * SECOND_US // FPS, tracks)
            events = [event for analytic in analytics for event in analytic.update(scene).events]
            if count / FPS < SETTLE_S + SPAN_S - _SLACK_S:
                begun += sum(event.phase is Phase.OPENED for event in events)
    return begun


def _camera() -> Camera:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        compose.lab_site(Path(__file__), folder)
        site = folder / "site.yaml"
        head = site.read_text(encoding="utf-8").split("cameras:")[0]
        camera = CAMERA.format(n=0, address=__file__, loop="true")
        site.write_text(f"{head}cameras:\n{camera}", encoding="utf-8")
        mandate = folder / "mandates" / "demo.yaml"
        mandate.write_text(
            mandate.read_text(encoding="utf-8").replace("camera: campus", "camera: c0").replace("[campus]", "[]"),
            encoding="utf-8",
        )
        return compose.read_site(folder, {}).site.cameras[0]


def _picture(frame: av.VideoFrame) -> Picture:
    planes = [np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[:, : p.width] for p in frame.planes]
    return Picture(*planes)


def peers(cameras: Mapping[str, str], detector: NanodetDetector) -> dict[str, object]:
    figures: dict[str, object] = {}
    for name, address in cameras.items():
        for peer, count in (("motion", motion(address, CORE)), ("frigate_recipe", recipe(address, CORE, detector))):
            if count is None:
                print(f"{peer} is not installed: left out", flush=True)
                continue
            figures[f"{name}_{peer}"] = round(count, 1)
            print(f"{name}: {peer} carries {count:.1f} streams on a core", flush=True)
    return figures


if __name__ == "__main__":
    main()
