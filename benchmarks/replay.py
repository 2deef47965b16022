"""Can one drag and play four 1080p25 cameras, masked, on this machine?

Four stretches of a camera (grain added, a key picture every two seconds), recorded as the product records, stand for
four cameras that are looked at together. ``positions``: how many times a second all four show the masked key picture of
another moment, while somebody drags over them (a step of two seconds and a half) and when they jump anywhere, nothing
of it seen before; twice as many threads ask as a page does. ``playing``: seconds of all four cameras, every picture
masked, made in a second: 1 is as fast as life. Beside them, in the same run: the same key pictures only decoded, shrunk
and packed as JPEG by PyAV, without a look or a mask: what no masked replay can be faster than. Then how long a first
picture takes after a jump, all four, and how far pictures are from the moment asked for.
"""

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

import bundle
from _data import say_json
from _footage import FPS, busy
from vitrail import compose
from vitrail.cli.places import cache_folder
from vitrail.compose.rooms import Rooms
from vitrail.domain.cases import CaseKind
from vitrail.domain.people import Use
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.projector import FULL_US, unpacked
from vitrail.guard.shrinking import shrunk
from vitrail.guard.viewing import Viewing

_ROOT = Path(__file__).resolve().parents[1]
CAMERAS, THREADS = 4, 4
STEP_US = 2_500_000
JUMPS = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VITRAIL_SHARED", _ROOT.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"))
    parser.add_argument("--keep", type=Path, help="folder of the encoded clip, to use it again")
    given = parser.parse_args()
    source = next(iter(sorted((given.data / "fixed-camera-video").glob("*.mp4"))), None)
    if source is None:
        print("left out: no recordings")
        say_json(left_out=True)
        return
    cache = cache_folder(Path(given.cache) if given.cache else None)
    compose.ensure_models(cache, print)
    with tempfile.TemporaryDirectory() as place, ExitStack() as stack:
        clip = (given.keep or Path(place)) / "bundle-clip.mp4"
        if not clip.exists():
            busy(source, clip, bundle.CLIP_S)
        site = Path(place) / "site"
        compose.lab_site(clip, site)
        rooms = Rooms(compose.read_site(site, {}), site / ".vitrail", cache, stack)
        measure(rooms)


def measure(rooms: Rooms) -> None:
    made = rooms.accounts.first_run(rooms.site)
    assert made is not None
    who, reason, end_us = made[0], "a benchmark", rooms.clock.now_us()
    bundle.CAMERAS = CAMERAS
    spans = bundle.recorded(rooms, end_us, 2)
    camera = rooms.site.cameras[0].id
    window = Interval(spans[0].start_us, end_us)
    case = rooms.casework.open(who, CaseKind.INQUIRY, "PV 1", "own recording", reason, frozenset({camera}), window)
    desk = rooms.reception.open_desk(who, Use.INQUIRE, reason, case.id)
    with desk.play() as viewing:
        viewing.at(camera, spans[0].end_us - SECOND_US, 480)  # the models are loaded
        figures(rooms, viewing, camera, spans)


def figures(rooms: Rooms, viewing: Viewing, camera: str, spans: Sequence[Interval]) -> None:
    rng = random.Random(20261123)
    steps = range(SECOND_US, 50 * SECOND_US, STEP_US)
    plain = rate(steps, lambda step: [(plainly, rooms, span.start_us + step) for span in spans])
    drag = rate(steps, lambda step: [(viewing.at, camera, span.start_us + step, 480) for span in spans])
    again = rate(steps, lambda step: [(viewing.at, camera, span.start_us + step, 480) for span in spans])
    waits = []
    for _ in range(JUMPS):
        at = rng.randrange(63 * SECOND_US, 118 * SECOND_US)
        began = time.perf_counter()
        rate([at], lambda step: [(viewing.at, camera, span.start_us + step, 480) for span in spans])
        waits.append(time.perf_counter() - began)
    playing, late_us = played(viewing, camera, spans)
    print(f"dragging: {drag:.1f} positions a second on four cameras, {again:.1f} over what was seen before; the same "
          f"pictures without looks and masks {plain:.1f}")  # fmt: skip
    print(f"a jump: all four after {np.median(waits):.2f} s (slowest of {JUMPS}: {max(waits):.2f} s)")
    print(f"playing: {playing:.2f} seconds of four cameras a second; a picture is at most {late_us / 1000:.0f} ms old")
    say_json(
        positions_a_second=round(drag, 1),
        positions_a_second_again=round(again, 1),
        positions_a_second_unmasked=round(plain, 1),
        jump_s=round(float(np.median(waits)), 2),
        jump_slowest_s=round(max(waits), 2),
        playing_times_life=round(playing, 2),
        picture_age_ms=round(late_us / 1000),
    )


def rate(steps: Sequence[int], asked: Callable[[int], list[tuple[Any, ...]]]) -> float:
    """Positions a second; each is over when all cameras have answered."""
    with ThreadPoolExecutor(THREADS) as pool:
        began = time.perf_counter()
        for step in steps:
            list(pool.map(lambda job: job[0](*job[1:]), asked(step)))
        return len(steps) / (time.perf_counter() - began)


def plainly(rooms: Rooms, at_us: int) -> None:
    segments = [s for s in rooms.records.segments.every() if s.interval.holds(at_us)]
    frames = rooms.film.near(segments, at_us, lambda us, own: own)
    shown = next(frame for _, frame in frames if frame is not None)
    rooms.film.still(shrunk(shown.picture, 480), 480, 72)


def played(viewing: Viewing, camera: str, spans: Sequence[Interval]) -> tuple[float, int]:
    """Two packs of each camera; how old the picture shown at any moment is at most."""
    starts = [(span.start_us // FULL_US + 14 + n) * FULL_US for n in range(2) for span in spans]
    with ThreadPoolExecutor(2) as pool:
        began = time.perf_counter()
        packs = list(pool.map(lambda at_us: viewing.pack(camera, at_us, 640, False), starts))
        took_s = time.perf_counter() - began
    times = [np.array([at_us for at_us, _ in unpacked(pack.read_bytes())]) for pack in packs]
    assert all(len(t) >= FULL_US * FPS // SECOND_US - 1 for t in times)
    return 2 * FULL_US / SECOND_US / took_s, int(max(np.diff(t).max() for t in times))


if __name__ == "__main__":
    main()
