"""How many live 1080p25 cameras one core carries, and whether they keep their events.

Real recordings become N live cameras of one house (the whole product: gate, decoding, detector, tracker, presence and
dwell, guard, SQLite), in one process pinned to one core. ``quiet``: nobody is there; ``mixed``: one camera in ten is
busy; ``busy``: all are. The largest number that ran for a minute counts, if nothing was dropped and no stream lags by
more than two seconds at its end.

Beside it, in the same run, on the same core: (a) decoding every frame and nothing else; (b) plain: every frame decoded,
the same detector five times a second, the same tracker and analytics; (c) Debian's ``motion`` and Frigate's documented
recipe (ffmpeg to raw 640x360 frames five times a second, its kind of motion step, the same detector while something
moves), where ``motion`` and ``ffmpeg`` are installed.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from _data import options, say_json
from _footage import FPS, busy, quiet
from vitrail import compose
from vitrail.adapters.openvino import NanodetDetector, load_nanodet
from vitrail.analytics.registry import Registry
from vitrail.domain.analytics import Scene
from vitrail.domain.frames import Picture
from vitrail.domain.streams import Camera
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker
from vitrail.runtime.health import StreamState

_GAPS = ((0.5, 5.2), (46.2, 49.2), (70.5, 74.0), (88.0, 91.2))
"""Nobody is there (labels.json)."""
_CLIP_S, _SETTLE_S, _SPAN_S = 80, 14, 60
_CORE = 0
_SHARE, _RUNS = 0.97, 2
_LATE_S = 2.0
_CAMERA = """\
  - id: c{n}
    name: c{n}
    streams: [{{id: main, address: "{clip}", roles: [detect], loop: true}}]
    dwellings: {{reviewed_by: a benchmark, reviewed_on: 2026-11-23, masks: []}}
    zones:
      - {{id: picture, name: Picture, corners: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]}}
      - {{id: table, name: Table, corners: [[0.42, 0.13], [0.74, 0.13], [0.74, 1.0], [0.42, 1.0]]}}
    analytics:
      - {{analytic: presence, purpose: try, zones: [picture]}}
      - {{analytic: dwell, purpose: try, zones: [table], parameters: {{seconds: 8}}}}
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of the house: what it cost and what it found."""

    streams: int
    cpu_share: float
    rss_mb: float
    dropped: int
    detected: int
    decoded: int
    latest_s: float
    alerts: Mapping[str, int]
    """Alerts of each camera."""


def main() -> None:
    if "--child" in sys.argv:
        child(sys.argv[sys.argv.index("--child") + 1 :])
        return
    given = options(__doc__ or "")
    compose.ensure_models(given.cache, print)
    source = given.data / "fixed-camera-video" / "one-by-one-person-detection.mp4"
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        kept = Path(os.environ.get("VITRAIL_FOOTAGE", place))
        kept.mkdir(parents=True, exist_ok=True)
        clips = {"quiet": kept / "quiet.mp4", "busy": kept / "busy.mp4"}
        if not clips["quiet"].exists():
            quiet(source, clips["quiet"], _CLIP_S, _GAPS)
        if not clips["busy"].exists():
            busy(source, clips["busy"], _CLIP_S)
        bits = ", ".join(f"{n} {c.stat().st_size * 8 / _CLIP_S / 1e6:.1f} Mb/s" for n, c in clips.items())
        print(f"1080p25, group of 50: {bits}", flush=True)
        figures |= limits(clips, given.cache)
        for mix, first, tenth in (("quiet", 50, 0), ("mixed", 20, 1), ("busy", 2, 10)):
            figures |= carried(mix, first, tenth, clips, Path(place), given.cache)
        figures |= peers(clips)
    for mix in ("quiet", "mixed"):
        figures[f"{mix}_ratio_to_plain"] = round(
            float(str(figures[f"{mix}_streams"])) / float(str(figures["quiet_plain"])), 1
        )
    say_json(benchmark="streams", **figures)


# the house


def carried(mix: str, first: int, tenth: int, clips: Mapping[str, Path], place: Path, cache: Path) -> dict[str, object]:
    """``tenth`` of ten cameras are busy. The largest number that ran and kept up; at most ``_RUNS`` are tried."""
    small = full = house(mix, first, tenth, clips, place, cache)
    step = 10 if tenth == 1 else 1
    low, high = first, 10_000
    for _ in range(_RUNS):
        guess = int(_SHARE / full.cpu_share * full.streams) if high == 10_000 else (low + high) // 2
        many = max(low + step, min(guess, high - step)) // step * step
        if not low < many < high:
            break
        tried = house(mix, many, tenth, clips, place, cache)
        kept_up = not tried.dropped and tried.latest_s <= _LATE_S
        said = "kept up" if kept_up else f"lag {tried.latest_s:.1f} s, {tried.dropped} frames dropped"
        print(f"{mix}: {many} streams at {tried.cpu_share:.0%} of a core: {said}", flush=True)
        low, high = (many, high) if kept_up else (low, many)
        full = tried if kept_up else full
    memory = (full.rss_mb - small.rss_mb) / max(1, full.streams - small.streams)
    busy_ones = [n for n in range(full.streams) if n % 10 < tenth]
    found = [full.alerts.get(f"c{n}", 0) for n in busy_ones]
    extra = sum(count for camera, count in full.alerts.items() if int(camera[1:]) not in busy_ones)
    print(
        f"{mix}: {full.streams} live streams ran at {full.cpu_share:.0%} of a core; "
        f"{memory:.1f} MB a stream; alerts of each busy camera {sorted(set(found))}, of quiet ones {extra}; "
        f"{full.decoded / _SPAN_S / full.streams:.2f} frames decoded a second and stream",
        flush=True,
    )
    return {
        f"{mix}_streams": full.streams,
        f"{mix}_cpu_share": round(full.cpu_share, 2),
        f"{mix}_mb_a_stream": round(memory, 1),
        f"{mix}_alerts_of_busy": [min(found, default=0), max(found, default=0)],
        f"{mix}_alerts_of_quiet": extra,
    }


def house(mix: str, count: int, tenth: int, clips: Mapping[str, Path], place: Path, cache: Path) -> Ran:
    folder = Path(tempfile.mkdtemp(prefix=f"{mix}-{count}-", dir=place))
    compose.lab_site(clips["quiet"], folder)
    site = folder / "site.yaml"
    head = site.read_text(encoding="utf-8").split("cameras:")[0]
    cameras = "".join(_CAMERA.format(n=n, clip=clips["busy" if n % 10 < tenth else "quiet"]) for n in range(count))
    site.write_text(f"{head}cameras:\n{cameras}", encoding="utf-8")
    mandate = folder / "mandates" / "demo.yaml"
    text = mandate.read_text(encoding="utf-8")
    rows = "".join(
        f"  - {{camera: c{n}, analytic: {analytic}, purpose: try}}\n"
        for n in range(count)
        for analytic in ("presence", "dwell")
    )
    mandate.write_text(f"{text[: text.index('matrix:')]}matrix:\n{rows}recording: []\n", encoding="utf-8")
    words = [sys.executable, __file__, "--child", str(folder), str(cache)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **_ONE_THREAD})
    shutil.rmtree(folder, ignore_errors=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    print(done.stderr[-400:], end="", flush=True)
    return Ran(**json.loads(done.stdout.splitlines()[-1]))


def child(words: list[str]) -> None:
    """The house in a process of its own, on one core; the span is measured after the streams have settled."""
    os.sched_setaffinity(0, {_CORE})
    folder, cache = Path(words[0]), Path(words[1])
    with compose.open_house(folder, folder / ".vitrail", cache, {}) as opened:
        with opened.watch.supervisor():
            time.sleep(_SETTLE_S)
            before, began = _counts(opened), time.monotonic()
            cpu_s = time.process_time()
            time.sleep(_SPAN_S)
            cpu_s = time.process_time() - cpu_s
            wall_s, after = time.monotonic() - began, _counts(opened)
            rows = opened.watch.board.rows()
            latest_s = max(row.behind_s for row in rows)
            for row in rows:
                if row.behind_s > _LATE_S or row.state not in (StreamState.QUIET, StreamState.AWAKE):
                    print(f"{row.stream_id}: {row.state} {row.detail} {row.problem}", file=sys.stderr)
            rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        counts: dict[str, int] = {}
        for stored in opened.rooms.ledger.entries(0, opened.rooms.ledger.size):
            entry = stored.entry
            if entry.target.startswith("alert:"):
                camera = entry.detail.rpartition(" ")[2]
                counts[camera] = counts.get(camera, 0) + 1
    spent = {name: after[name] - before[name] for name in before}
    print(
        json.dumps(
            {
                "streams": len(rows),
                "cpu_share": cpu_s / wall_s,
                "rss_mb": rss_mb,
                **spent,
                "latest_s": latest_s,
                "alerts": counts,
            }
        )
    )


def _counts(opened: compose.House) -> dict[str, int]:
    rows = opened.watch.board.rows()
    return {
        "dropped": sum(row.counters.frames_dropped for row in rows),
        "detected": sum(row.counters.frames_detected for row in rows),
        "decoded": sum(row.counters.frames_decoded for row in rows),
    }


# limits and peers, each on the same one core


_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def limits(clips: Mapping[str, Path], cache: Path) -> dict[str, object]:
    os.sched_setaffinity(0, {_CORE})
    cv2.setNumThreads(1)
    detector = load_nanodet(cache)
    figures: dict[str, object] = {}
    for name, clip in clips.items():
        full = _CLIP_S / _cpu(lambda clip=clip: decoded(clip))
        plain = _CLIP_S / _cpu(lambda clip=clip: plainly(clip, detector))
        figures |= {f"{name}_decode_limit": round(full, 1), f"{name}_plain": round(plain, 1)}
        print(f"{name}: decoding every frame carries {full:.1f} streams on a core, plain {plain:.1f}", flush=True)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return figures


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def decoded(clip: Path) -> int:
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "NONE", 1
        return sum(1 for _ in container.decode(video))


def plainly(clip: Path, detector: NanodetDetector) -> int:
    """Every frame, the detector five times a second, tracker and analytics; how many events."""
    registry, tracker = Registry.load(), Tracker(lambda: 1)
    camera = _camera()
    analytics = [registry.make(camera, "main", setting) for setting in camera.analytics]
    events = 0
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "NONE", 1
        for count, frame in enumerate(container.decode(video)):
            if count % (FPS // 5):
                continue
            found = detector.detect([_picture(frame)], 0.2)[0]
            tracks = tracker.update(found, count * SECOND_US // FPS)
            scene = Scene("main", camera.id, count * SECOND_US // FPS, tracks)
            events += sum(len(analytic.update(scene).events) for analytic in analytics)
    return events


def _camera() -> Camera:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        compose.lab_site(Path(__file__), folder)
        site = folder / "site.yaml"
        head = site.read_text(encoding="utf-8").split("cameras:")[0]
        site.write_text(f"{head}cameras:\n{_CAMERA.format(n=0, clip=__file__)}", encoding="utf-8")
        mandate = folder / "mandates" / "demo.yaml"
        mandate.write_text(
            mandate.read_text(encoding="utf-8").replace("camera: campus", "camera: c0").replace("[campus]", "[]"),
            encoding="utf-8",
        )
        return compose.read_site(folder, {}).site.cameras[0]


def _picture(frame: av.VideoFrame) -> Picture:
    planes = [np.frombuffer(p, np.uint8).reshape(-1, p.line_size)[:, : p.width] for p in frame.planes]
    return Picture(*planes)


def peers(clips: Mapping[str, Path]) -> dict[str, object]:
    figures: dict[str, object] = {}
    for name, clip in clips.items():
        for peer, run in (("motion", motion), ("frigate_recipe", recipe)):
            carried_by = run(clip)
            if carried_by is None:
                print(f"{peer} is not installed: left out", flush=True)
                continue
            figures[f"{name}_{peer}"] = round(carried_by, 1)
            print(f"{name}: {peer} carries {carried_by:.1f} streams on a core", flush=True)
    return figures


def motion(clip: Path) -> float | None:
    """Debian's ``motion`` on the file as if it were a camera, its pictures and films switched off."""
    if shutil.which("motion") is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        settings = {
            "netcam_url": f"file://{clip}", "width": 1920, "height": 1080, "framerate": 5, "daemon": "off",
            "picture_output": "off", "movie_output": "off", "webcontrol_port": 0, "stream_port": 0,
            "target_dir": place, "log_level": 1, "netcam_params": "keepalive=off",
        }  # fmt: skip
        config = Path(place) / "motion.conf"
        config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()), encoding="utf-8")
        span_s = 30.0
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        running = subprocess.Popen(
            ["taskset", "-c", str(_CORE), "motion", "-c", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(span_s)
        running.terminate()
        running.wait(20)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
        return span_s / cpu_s


def recipe(clip: Path) -> float | None:
    """ffmpeg to raw frames at 5 a second, a blurred difference against a slow average, contours; no detector: what the
    recipe costs before anything is found."""
    if shutil.which("ffmpeg") is None:
        return None
    words = ["taskset", "-c", str(_CORE), "ffmpeg", "-v", "error", "-threads", "1", "-i", str(clip)]
    words += ["-r", "5", "-vf", "scale=640:360", "-f", "rawvideo", "-pix_fmt", "yuv420p", "pipe:"]
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.sched_setaffinity(0, {_CORE})
    mine = time.process_time()
    with subprocess.Popen(words, stdout=subprocess.PIPE) as running:
        assert running.stdout
        average: np.ndarray | None = None
        while len(data := running.stdout.read(640 * 360 * 3 // 2)) == 640 * 360 * 3 // 2:
            luma = np.frombuffer(data, np.uint8)[: 640 * 360].reshape(360, 640)
            small = cv2.GaussianBlur(cv2.resize(luma, (178, 100)), (3, 3), 0).astype(np.float32)
            average = small if average is None else average
            away = cv2.dilate((cv2.absdiff(small, average) > 30).astype(np.uint8), None, iterations=2)
            cv2.findContours(away, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
            cv2.accumulateWeighted(small, average, 0.01)
    mine = time.process_time() - mine
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    return _CLIP_S / (mine + ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime)


if __name__ == "__main__":
    main()
