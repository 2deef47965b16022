"""From made pictures to what a camera sends, and back to what the product sees: really encoded, really decoded."""

__all__ = ["Coder", "picture_of", "write_reel"]

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from composite.plates import Image
from vitrail.domain.frames import Picture


def picture_of(image: Image) -> Picture:
    """Without any encoding."""
    height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    planes = cv2.cvtColor(image[:height, :width], cv2.COLOR_BGR2YUV_I420)
    y = planes[:height]
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return Picture(y, chroma[0], chroma[1])


class Coder:
    """One key frame after the other through H.264, as a camera's key frames are: ``crf`` 23..32 is usual."""

    def __init__(self, width: int, height: int, crf: int) -> None:
        self._encoder = av.CodecContext.create("libx264", "w")
        self._encoder.width, self._encoder.height = width // 2 * 2, height // 2 * 2
        self._encoder.pix_fmt, self._encoder.time_base = "yuv420p", Fraction(1, 25)
        self._encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "g": "1",
            "crf": str(crf),
            "threads": "1",
        }
        self._decoder = av.CodecContext.create("h264", "r")
        self._decoder.thread_count = 1
        self._count = 0

    def pass_through(self, image: Image) -> Picture:
        picture = picture_of(image)
        frame = av.VideoFrame.from_ndarray(
            np.concatenate([picture.y, np.stack([picture.u, picture.v]).reshape(-1, picture.width)]), format="yuv420p"
        )
        frame.pts = self._count
        self._count += 1
        for packet in self._encoder.encode(frame):
            for seen in self._decoder.decode(packet):
                return _copied(seen)
        for seen in self._decoder.decode(None):  # the decoder holds one back
            self._decoder = av.CodecContext.create("h264", "r")
            return _copied(seen)
        return picture


def _copied(frame: av.VideoFrame) -> Picture:
    planes = []
    for plane in frame.planes[:3]:
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        planes.append(rows[:, : plane.width].copy())
    return Picture(planes[0], planes[1], planes[2])


def write_reel(target: Path, images: Iterable[Image], fps: int = 10, crf: int = 26, group: int | None = None) -> Path:
    """A recording as a camera sends it: a key frame every two seconds, no frames out of order."""
    unfinished = target.with_suffix(".part.mp4")
    with av.open(str(unfinished), "w") as out:
        options = {"preset": "veryfast", "g": str(group or 2 * fps), "sc_threshold": "0", "bf": "0", "crf": str(crf)}
        stream = out.add_stream("libx264", rate=fps, options=options | {"threads": "1"})
        stream.pix_fmt = "yuv420p"
        for count, image in enumerate(images):
            if not count:
                stream.width, stream.height = image.shape[1] // 2 * 2, image.shape[0] // 2 * 2
            cut = np.ascontiguousarray(image[: stream.height, : stream.width])
            frame = av.VideoFrame.from_ndarray(cut, format="bgr24").reformat(format="yuv420p")
            frame.pts, frame.time_base = count, Fraction(1, fps)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return unfinished.replace(target)
