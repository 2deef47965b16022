"""Small real videos, made on the spot."""

__all__ = ["made_video"]

from pathlib import Path

import av
import numpy as np


def made_video(path: Path, seconds: float = 2.0, frames_per_s: int = 10, width: int = 320, height: int = 240) -> Path:
    """H.264 with a key frame every second: a grey yard in which a bright square wanders."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=frames_per_s, options={"preset": "ultrafast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = frames_per_s
        for count in range(round(seconds * frames_per_s)):
            picture = np.full((height, width, 3), 96, np.uint8)
            left = 10 + 4 * count % (width - 60)
            picture[80:130, left : left + 40] = 220
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
