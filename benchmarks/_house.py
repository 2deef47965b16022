"""A house of N live cameras in a process of its own, on one core: what it costs and what it finds."""

__all__ = ["CAMERA", "CORE", "ONE_THREAD", "SETTLE_S", "SPAN_S", "Ran", "child", "house"]

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vitrail import compose
from vitrail.runtime.health import StreamState

SETTLE_S, SPAN_S = 14, 60
CORE = 0
LATE_S = 2.0
MOST_DROPPED = 0.001
"""Of the frames decoded."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
CAMERA = """\
  - id: c{n}
    name: c{n}
    streams: [{{id: main, address: "{address}", roles: [detect], loop: {loop}}}]
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
    """One run of the house."""

    streams: int
    cpu_share: float
    rss_mb: float
    dropped: int
    detected: int
    decoded: int
    latest_s: float
    alerts: Mapping[str, int]
    """Alerts of each camera."""
    shown: Sequence[int] = ()
    """Masked live pictures of each camera that was watched."""

    @property
    def kept_up(self) -> bool:
        """Not late, and hardly a look was dropped."""
        return self.dropped <= MOST_DROPPED * self.decoded and self.latest_s <= LATE_S


def house(addresses: Sequence[str], clip: Path, place: Path, cache: Path, tiles: int = 0) -> Ran:
    """One camera an address (a file that loops, or rtsp://). ``clip`` is any recording: the lab's folder is made of
    one. ``tiles``: how many of the cameras somebody watches."""
    folder = Path(tempfile.mkdtemp(prefix=f"house-{len(addresses)}-", dir=place))
    compose.lab_site(clip, folder)
    site = folder / "site.yaml"
    head = site.read_text(encoding="utf-8").split("cameras:")[0]
    cameras = "".join(
        CAMERA.format(n=n, address=address, loop=str("://" not in address).lower())
        for n, address in enumerate(addresses)
    )
    site.write_text(f"{head}cameras:\n{cameras}", encoding="utf-8")
    mandate = folder / "mandates" / "demo.yaml"
    text = mandate.read_text(encoding="utf-8")
    rows = "".join(
        f"  - {{camera: c{n}, analytic: {analytic}, purpose: try}}\n"
        for n in range(len(addresses))
        for analytic in ("presence", "dwell")
    )
    mandate.write_text(f"{text[: text.index('matrix:')]}matrix:\n{rows}recording: []\n", encoding="utf-8")
    words = [sys.executable, str(Path(__file__)), "--child", str(folder), str(cache), str(tiles)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **ONE_THREAD})
    shutil.rmtree(folder, ignore_errors=True)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    print(done.stderr[-400:], end="", flush=True)
    return Ran(**json.loads(done.stdout.splitlines()[-1]))


def child(folder: Path, cache: Path, tiles: int) -> None:
    """The span is measured after the streams have settled."""
    os.sched_setaffinity(0, {CORE})
    with compose.open_house(folder, folder / ".vitrail", cache, {}) as opened:
        with opened.watch.supervisor(), _watched(opened, tiles) as pictures:
            time.sleep(SETTLE_S)
            already = list(pictures)
            before, began = _counts(opened), time.monotonic()
            cpu_s = time.process_time()
            time.sleep(SPAN_S)
            cpu_s = time.process_time() - cpu_s
            wall_s, after = time.monotonic() - began, _counts(opened)
            shown = [now - then for now, then in zip(pictures, already, strict=True)]
            rows = opened.watch.board.rows()
            latest_s = max(row.behind_s for row in rows)
            for row in rows:
                if row.behind_s > LATE_S or row.state not in (StreamState.QUIET, StreamState.AWAKE):
                    print(f"{row.stream_id}: {row.state} {row.detail} {row.problem}", file=sys.stderr)
            rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        alerts = _alerts(opened)
    spent = {name: after[name] - before[name] for name in before}
    figures = {"streams": len(rows), "cpu_share": cpu_s / wall_s, "rss_mb": rss_mb, "latest_s": latest_s}
    print(json.dumps({**figures, **spent, "alerts": alerts, "shown": shown}))


@contextmanager
def _watched(opened: compose.House, tiles: int) -> Iterator[list[int]]:
    """So many live views, each with somebody who takes every picture; counted."""
    views = [opened.rooms.live.watch(f"c{n}") for n in range(tiles)]
    counts = [0] * tiles

    def look(number: int) -> None:
        for _ in views[number].frames():
            counts[number] += 1

    threads = [threading.Thread(target=look, args=(n,)) for n in range(tiles)]
    for thread in threads:
        thread.start()
    try:
        yield counts
    finally:
        for view in views:
            view.close()
        for thread in threads:
            thread.join()


def _counts(opened: compose.House) -> dict[str, int]:
    rows = opened.watch.board.rows()
    return {
        "dropped": sum(row.counters.frames_dropped for row in rows),
        "detected": sum(row.counters.frames_detected for row in rows),
        "decoded": sum(row.counters.frames_decoded for row in rows),
    }


def _alerts(opened: compose.House) -> dict[str, int]:
    """As the ledger has them."""
    counts: dict[str, int] = {}
    for stored in opened.rooms.ledger.entries(0, opened.rooms.ledger.size):
        if stored.entry.target.startswith("alert:"):
            camera = stored.entry.detail.rpartition(" ")[2]
            counts[camera] = counts.get(camera, 0) + 1
    return counts


if __name__ == "__main__":
    child(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
