"""1080p25 cameras made of real recordings, for benchmarks that count streams: H.264 as cameras send it, with grain."""

__all__ = ["FPS", "busy", "quiet", "recording_of", "repeated"]

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

FPS, _GROUP, _SIZE = 25, 50, (1920, 1080)
_GRAIN = 3
"""Grey levels of a fresh, seeded sensor noise: repeated and enlarged frames would otherwise cost an encoder nothing."""
_LEAST_GAP_S = 2.5
_Image = npt.NDArray[np.uint8]


def recording_of(data: Path) -> tuple[Path, list[tuple[float, float]]]:
    """A recording on which people come and go, and the seconds in which nobody is there, as far as labels say so.
    Otherwise any recording, without such seconds. Raises ``SystemExit`` when there is none."""
    folder = data / "fixed-camera-video" if (data / "fixed-camera-video").is_dir() else data
    labels = folder / "labels.json"
    rows = json.loads(labels.read_text(encoding="utf-8")) if labels.is_file() else {}
    for name, said in rows.items():
        visits = [event["visible"] for event in said.get("events", []) if "visible" in event]
        if visits and (folder / name).is_file():
            edges = [0.0, *(float(second) for visit in sorted(visits) for second in visit)]
            pairs = zip(edges[::2], edges[1::2], strict=False)
            return folder / name, [(a + 1.2, b - 0.8) for a, b in pairs if b - a - 2.0 >= _LEAST_GAP_S]
    clips = sorted(folder.glob("*.mp4"))
    if not clips:
        raise SystemExit(f"there is no recording in {folder}: name a folder of recordings with --data")
    return clips[0], []


def busy(recording: Path, target: Path, seconds: int, start_s: float = 0.0, size: tuple[int, int] = _SIZE) -> Path:
    """The recording from ``start_s`` on, in its own time."""
    return _encoded(target, _at_rate(_images(recording, start_s, start_s + seconds)), seconds, size)


def quiet(recording: Path, target: Path, seconds: int, gaps: Sequence[tuple[float, float]]) -> Path:
    """The spans in which nobody is there, forwards and backwards, so that nothing jumps. Where no such span is known,
    the recording's first picture stands still."""
    spans = [list(_at_rate(_images(recording, *gap))) for gap in gaps]
    spans = spans or [[next(_images(recording, 0.0, 10.0))[1]]]
    there_and_back = [chain(span, reversed(span)) for span in spans]
    kept = list(chain.from_iterable(there_and_back))
    return _encoded(target, (kept[i % len(kept)] for i in range(seconds * FPS)), seconds)


def repeated(clip: Path, target: Path, times: int) -> Path:
    """So many times in a row, packets copied."""
    with av.open(str(target), "w") as out:
        offset, stream = 0, None
        for _ in range(times):
            with av.open(str(clip)) as container:
                video = container.streams.video[0]
                stream = stream or out.add_stream_from_template(video)
                length = round(video.frames / FPS / video.time_base)
                for packet in container.demux(video):
                    if packet.dts is not None:
                        packet.pts, packet.dts, packet.stream = packet.pts + offset, packet.dts + offset, stream
                        out.mux(packet)
                offset += length
    return target


def _images(recording: Path, start_s: float, end_s: float) -> Iterator[tuple[float, _Image]]:
    with av.open(str(recording)) as container:
        for frame in container.decode(video=0):
            if frame.time is None or frame.time < start_s:
                continue
            if frame.time >= end_s:
                return
            yield frame.time - start_s, frame.to_ndarray(format="bgr24")


def _at_rate(images: Iterator[tuple[float, _Image]]) -> Iterator[_Image]:
    """Each moment the newest picture, 25 a second."""
    shown: _Image | None = None
    count = 0
    for at_s, image in images:
        while shown is not None and count / FPS < at_s:
            yield shown
            count += 1
        shown = image
    if shown is not None:
        yield shown


def _encoded(target: Path, images: Iterator[_Image], seconds: int, size: tuple[int, int] = _SIZE) -> Path:
    rng = np.random.default_rng(1)
    grain = [rng.integers(-_GRAIN, _GRAIN + 1, (size[1], size[0], 1), np.int16) for _ in range(7)]
    unfinished = target.with_suffix(".part.mp4")
    with av.open(str(unfinished), "w") as out:
        options = {"preset": "veryfast", "g": str(_GROUP), "sc_threshold": "0", "bf": "0", "maxrate": "6M"}
        stream = out.add_stream("libx264", rate=FPS, options=options | {"bufsize": "8M"})
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = *size, "yuv420p", 4_000_000
        for count, image in enumerate(images):
            if count >= seconds * FPS:
                break
            wide = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
            seen = np.clip(wide.astype(np.int16) + grain[count % 7], 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(seen, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = count, Fraction(1, FPS)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return unfinished.replace(target)
