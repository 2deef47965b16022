"""Small real videos, made on the spot."""

__all__ = ["made_video", "silent_words"]

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

MS = Fraction(1, 1000)


def made_video(
    path: Path,
    seconds: float = 2.0,
    frames_per_s: int = 10,
    width: int = 320,
    height: int = 240,
    codec: str = "libx264",
    sound: bool = False,
    times_ms: Sequence[int] = (),
) -> Path:
    """A grey yard in which a bright square wanders; a key frame every second, no frames out of order. ``times_ms``
    gives each frame its own time (variable frame rate); ``sound`` adds a tone."""
    times = list(times_ms) or [round(n * 1000 / frames_per_s) for n in range(round(seconds * frames_per_s))]
    options = {"preset": "ultrafast", "bf": "0"} if codec == "libx264" else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=frames_per_s, options=options)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = frames_per_s
        stream.codec_context.time_base = MS
        tone = container.add_stream("aac", rate=16_000) if sound else None
        for count, at_ms in enumerate(times):
            frame = av.VideoFrame.from_ndarray(_yard(count, width, height), format="bgr24")
            frame.pts, frame.time_base = at_ms, MS
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
        if tone is not None:
            _hum(container, tone, seconds)
    return path


def silent_words(path: Path) -> Path:
    """Sound only."""
    with av.open(str(path), "w") as container:
        _hum(container, container.add_stream("aac", rate=16_000), 1.0)
    return path


def _yard(count: int, width: int, height: int) -> np.ndarray:
    picture = np.full((height, width, 3), 96, np.uint8)
    left = 10 + 4 * count % (width - 60)
    picture[height // 3 : height // 3 + 50, left : left + 40] = 220
    return picture


def _hum(container: av.container.OutputContainer, tone: av.AudioStream, seconds: float) -> None:
    for block in range(round(seconds * 16_000 / 1024)):
        wave = np.sin(np.arange(block * 1024, (block + 1) * 1024) * 0.17).astype(np.float32)[None]
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16_000, block * 1024
        for packet in tone.encode(frame):
            container.mux(packet)
    for packet in tone.encode():
        container.mux(packet)
