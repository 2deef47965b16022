"""Between PyAV's frames and the house's pictures, without copying where the decoder already made 4:2:0."""

__all__ = ["burn", "frame_of", "picture_of", "shrink"]

from collections.abc import Sequence

import av.video.frame
import cv2
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange

from vitrail.domain.frames import Picture, Plane
from vitrail.domain.geometry import Polygon

_FULL = frozenset({"yuvj420p", "yuvj422p", "yuvj444p", "yuvj440p", "yuvj411p"})
_BLACK_Y, _BLACK_Y_FULL, _NO_COLOUR = 16, 0, 128


def picture_of(frame: av.video.frame.VideoFrame) -> Picture:
    """Read-only views of the decoder's memory for 8-bit 4:2:0; other formats are converted. Turned upright when the
    file says that the camera was held sideways."""
    full = frame.format.name in _FULL or frame.color_range == ColorRange.JPEG
    if frame.format.name not in ("yuv420p", "yuvj420p"):
        frame = frame.reformat(format="yuvj420p" if full else "yuv420p")
    turns = round(frame.rotation / 90) % 4
    y, u, v = (_view(plane, turns) for plane in frame.planes[:3])
    return Picture(y, u, v, full)


def _view(plane: av.video.plane.VideoPlane, turns: int) -> Plane:
    """The array's base is the plane, which keeps the frame's buffer out of the decoder's pool."""
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    view: Plane = rows[:, : plane.width]
    if turns:
        view = np.ascontiguousarray(np.rot90(view, turns))
    view.flags.writeable = False
    return view


def frame_of(picture: Picture, width: int, height: int) -> av.video.frame.VideoFrame:
    """A frame of even ``width`` and ``height`` with the picture's upper left part in it."""
    frame = av.video.frame.VideoFrame(width, height, "yuv420p")
    for plane, source in zip(frame.planes, (picture.y, picture.u, picture.v), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        rows[:, : plane.width] = source[: plane.height, : plane.width]
    frame.color_range = ColorRange.JPEG if picture.full_range else ColorRange.MPEG
    return frame


def burn(picture: Picture, masks: Sequence[Polygon]) -> Picture:
    """A copy with the masks in black (law.md L17)."""
    burnt = picture.copy()
    black = _BLACK_Y_FULL if picture.full_range else _BLACK_Y
    for plane, value in ((burnt.y, black), (burnt.u, _NO_COLOUR), (burnt.v, _NO_COLOUR)):
        cv2.fillPoly(plane, [_corners(mask, plane) for mask in masks], value)
    return burnt


def _corners(mask: Polygon, plane: Plane) -> npt.NDArray[np.int32]:
    height, width = plane.shape
    return np.round(np.array(mask.corners) * (width, height)).astype(np.int32)


def shrink(picture: Picture, width: int) -> Picture:
    """No wider than ``width``; even sides. The picture itself when it fits already."""
    if picture.width <= width:
        return picture
    height = max(2, round(picture.height * width / picture.width / 2) * 2)
    width = max(2, width // 2 * 2)
    half = (width // 2, height // 2)
    return Picture(
        np.asarray(cv2.resize(picture.y, (width, height), interpolation=cv2.INTER_AREA), np.uint8),
        np.asarray(cv2.resize(picture.u, half, interpolation=cv2.INTER_AREA), np.uint8),
        np.asarray(cv2.resize(picture.v, half, interpolation=cv2.INTER_AREA), np.uint8),
        picture.full_range,
    )
