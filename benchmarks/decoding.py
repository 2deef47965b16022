"""What sources cost beside plain PyAV on the same file in the same run: reading, recording, looking.

One 1080p camera is made: 25 frames a second, a key frame every two seconds, noise on a drifting picture, about 4 Mb/s.
Each way runs three times, ours and plain in turn, and the fastest of each counts. ``streams`` is how many such cameras
one core carries; ``ratio`` is plain time / our time, 1.0 when the house costs nothing on top.

- packets: demux only;  record: every packet copied into fragmented MP4, ours with its digest
- keys: key frames decoded, others stepped over;  pairs: the first two frames of each group;  full: every frame
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from _data import say_json
from vitrail.adapters.av import AvOpener, DiskArchive
from vitrail.adapters.av.source import AvSource
from vitrail.adapters.clock import SystemClock
from vitrail.domain.frames import Packet

sys.path.append(str(Path(__file__).resolve().parents[1]))
from tests import builders as b

_SECONDS, _FPS, _GROUP = 20, 25, 50
_RUNS = 3


def main() -> None:
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        clip = camera(Path(place) / "camera.mp4")
        print(f"{clip.stat().st_size * 8 / _SECONDS / 1e6:.1f} Mb/s")
        archive = DiskArchive(Path(place) / "media")
        ways: dict[str, tuple[Callable[[], int], Callable[[], int]]] = {
            "packets": (lambda: house(clip, 0), lambda: plain(clip, 0)),
            "record": (lambda: recorded(clip, archive), lambda: copied(clip, Path(place) / "copy.mp4")),
            "keys": (lambda: house(clip, 1), lambda: plain(clip, 1)),
            "pairs": (lambda: house(clip, 2), lambda: plain(clip, 2)),
            "full": (lambda: house(clip, _GROUP), lambda: plain(clip, _GROUP)),
        }
        for name, (ours, theirs) in ways.items():
            figures |= compared(name, ours, theirs)
    say_json(benchmark="decoding", **figures)


def compared(name: str, ours: Callable[[], int], theirs: Callable[[], int]) -> dict[str, object]:
    took: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(_RUNS):
        done = []
        for whose, way in (("ours", ours), ("theirs", theirs)):
            began = time.process_time()
            done.append(way())
            took[whose].append(time.process_time() - began)
        if done[0] != done[1]:
            raise SystemExit(f"{name}: {done[0]} pieces of work against {done[1]}")
    our_s, their_s = min(took["ours"]), min(took["theirs"])
    print(f"{name}: {_SECONDS / our_s:.0f} streams on a core, plain {_SECONDS / their_s:.0f}")
    return {f"{name}_streams": round(_SECONDS / our_s, 1), f"{name}_ratio": round(their_s / our_s, 2)}


def camera(path: Path) -> Path:
    rng = np.random.default_rng(1)
    wide = cv2.resize(rng.integers(40, 216, (68, 160), np.uint8), (2560, 1088), interpolation=cv2.INTER_CUBIC)
    grain = rng.integers(-6, 7, (1080, 2200), np.int16)
    with av.open(str(path), "w") as container:
        options = {"preset": "veryfast", "g": str(_GROUP), "sc_threshold": "0", "bf": "0", "b": "4M"}
        stream = container.add_stream("libx264", rate=_FPS, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 1920, 1080, "yuv420p", 4_000_000
        for count in range(_SECONDS * _FPS):
            data = np.full((1620, 1920), 128, np.uint8)
            shift = int(rng.integers(0, 280))
            data[:1080] = np.clip(wide[:1080, count : count + 1920] + grain[:, shift : shift + 1920], 0, 255)
            frame = av.VideoFrame.from_ndarray(data, format="yuv420p")
            frame.pts, frame.time_base = count, Fraction(1, _FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def source(clip: Path) -> AvSource:
    stream = b.stream(address=str(clip), label=clip.name)
    return AvOpener(SystemClock()).open(stream, (), b.permit(stream_=stream), b.NOW_US)


def house(clip: Path, first: int) -> int:
    """Decodes the first so many frames of each group; how many frames (packets when none)."""
    frames = packets = 0
    with source(clip) as opened:
        for place, packet in numbered(opened.packets()):
            packets += 1
            if place < first:
                frames += len(opened.decode(packet))
            if place == first - 1:
                frames += len(opened.drain())
    return frames if first else packets


def numbered(packets: Iterator[Packet]) -> Iterator[tuple[int, Packet]]:
    """With their place in their group."""
    place = 0
    for packet in packets:
        place = 0 if packet.key else place + 1
        yield place, packet


def plain(clip: Path, first: int) -> int:
    """The same in bare PyAV with one thread."""
    frames = packets = place = 0
    with av.open(str(clip)) as container:
        video = container.streams.video[0]
        video.thread_type, video.thread_count = "NONE", 1
        for packet in container.demux(video):
            if not packet.size:
                continue
            packets += 1
            place = 0 if packet.is_keyframe else place + 1
            if place < first:
                frames += len(video.codec_context.decode(packet))
            if place == first - 1:
                frames += len(video.codec_context.decode(None))
                video.codec_context.flush_buffers()
    return frames if first else packets


def recorded(clip: Path, archive: DiskArchive) -> int:
    writer, packets = None, 0
    with source(clip) as opened:
        for packet in opened.packets():
            writer = writer or archive.begin(b.permit(), opened, opened.facts, (), packet)
            writer.write(packet)
            packets += 1
    assert writer is not None
    archive.erase(writer.seal())
    return packets


def copied(clip: Path, target: Path) -> int:
    packets = 0
    options = {"movflags": "empty_moov+default_base_moof", "frag_duration": "1000000"}
    with av.open(str(clip)) as given, av.open(str(target), "w", options=options) as out:
        video = given.streams.video[0]
        stream = out.add_stream_from_template(video)
        for packet in given.demux(video):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
                packets += 1
    target.unlink()
    return packets


if __name__ == "__main__":
    main()
