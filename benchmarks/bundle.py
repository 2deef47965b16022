"""How long a bundle of thirty camera-minutes takes, verified; and beside it, in the same run, how long it takes only
to read and hash the same bytes: what no bundle can be faster than.

Real recordings become three stretches of ten minutes of a 1080p25 camera (grain added, a key picture every two
seconds), recorded as the product records. The bundle holds the original packets and masked copies of the key pictures,
with report, chain of custody and proofs; then the stand-alone verifier checks it. ``--minutes`` makes it smaller.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from _data import say_json
from _footage import busy
from vitrail import compose
from vitrail.cli.places import cache_folder
from vitrail.compose.rooms import Rooms
from vitrail.domain.bundles import Part
from vitrail.domain.cases import CaseKind
from vitrail.domain.people import Account, Use
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval

_ROOT = Path(__file__).resolve().parents[1]
CAMERAS, CLIP_S = 3, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VITRAIL_SHARED", _ROOT.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"))
    parser.add_argument("--minutes", type=int, default=30, help="camera-minutes in all")
    parser.add_argument("--keep", type=Path, help="folder of the encoded clip, to use it again")
    given = parser.parse_args()
    source = next(iter(sorted((given.data / "fixed-camera-video").glob("*.mp4"))), None)
    if source is None:
        print("left out: no recordings")
        say_json(left_out=True)
        return
    cache = cache_folder(Path(given.cache) if given.cache else None)
    compose.ensure_models(cache, print)
    with tempfile.TemporaryDirectory() as place:
        kept = given.keep or Path(place)
        clip = kept / "bundle-clip.mp4"
        if not clip.exists():
            busy(source, clip, CLIP_S)
        run(clip, Path(place), cache, max(1, given.minutes // CAMERAS))


def run(clip: Path, place: Path, cache: Path, minutes: int) -> None:
    site = place / "site"
    compose.lab_site(clip, site)
    state = site / ".vitrail"
    with ExitStack() as stack:
        rooms = Rooms(compose.read_site(site, {}), state, cache, stack)
        made = rooms.accounts.first_run(rooms.site)
        assert made is not None
        who, reason, end_us = made[0], "a benchmark", rooms.clock.now_us()
        spans = recorded(rooms, end_us, minutes)
        camera_id = rooms.site.cameras[0].id
        window = Interval(spans[0].start_us, end_us)
        cameras = frozenset({camera_id})
        case = rooms.casework.open(who, CaseKind.INQUIRY, "PV 1", "own recording", reason, cameras, window)
        parts = [Part(camera_id, span) for span in spans]
        asked = rooms.bundles.ask(who, case.id, parts, "a benchmark", reason, originals=True)
        agreed = {"answered_by": "second", "answer": reason, "answered_us": end_us, "granted": True}
        rooms.records.bundles.put(replace(asked, **agreed))
        measure(rooms, who, case.id, asked.id, sum(span.length_us for span in spans) / MINUTE_US)


def measure(rooms: Rooms, who: Account, case_id: str, bundle_id: str, minutes: float) -> None:
    began = time.perf_counter()
    size = 0
    for path in (rooms.archive.path(s) for s in rooms.records.segments.every()):
        data = path.read_bytes()
        hashlib.sha256(data).digest()
        size += len(data)
    floor_s = time.perf_counter() - began
    desk = rooms.reception.open_desk(who, Use.INQUIRE, "a benchmark", case_id)
    began = time.perf_counter()
    made = desk.bundle(bundle_id, lambda _: None)
    took_s = time.perf_counter() - began
    began = time.perf_counter()
    command = [sys.executable, "-m", "vitrail", "bundle", "verify", str(made)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    verify_s = time.perf_counter() - began
    assert done.returncode == 0, done.stderr
    print(f"{minutes:.0f} camera-minutes of 1080p25 ({size >> 20} MiB)")
    print(f"bundle in {took_s:.1f} s, checked in {verify_s:.1f} s")
    print(f"reading and hashing the recordings alone: {floor_s:.1f} s")
    say_json(
        camera_minutes=round(minutes, 1),
        bundle_s=round(took_s, 1),
        times_faster_than_life=round(minutes * 60 / took_s, 1),
        verify_s=round(verify_s, 1),
        recordings_mib=size >> 20,
        bundle_mib=made.stat().st_size >> 20,
        hash_only_s=round(floor_s, 2),
    )


def recorded(rooms: Rooms, end_us: int, minutes: int) -> list[Interval]:
    """The clip as ``CAMERAS`` stretches of one camera's time, each of so many minutes, by our own recorder."""
    camera = rooms.site.cameras[0]
    stream = camera.stream_for("record")
    assert stream is not None
    rooms.eraser().sweep()
    spans = []
    length_us, gap_us = minutes * CLIP_S * SECOND_US, 5 * SECOND_US
    for number in range(CAMERAS):
        start_us = end_us - (CAMERAS - number) * (length_us + gap_us)
        spans.append(Interval(start_us, start_us + length_us))
        for minute in range(minutes):
            with rooms.intake.open(camera, stream, start_us + minute * CLIP_S * SECOND_US) as opened:
                for packet in opened.source.packets():
                    if packet.media_us >= CLIP_S * SECOND_US:
                        break
                    opened.record(packet)
    return spans


if __name__ == "__main__":
    main()
