"""Small copies of pictures. Pure."""

__all__ = ["shrunk"]

import cv2
import numpy as np

from vitrail.domain.frames import Picture


def shrunk(picture: Picture, width: int) -> Picture:
    """No wider than ``width``, even sides: what is small already is itself. Less than by half, the cheap way loses
    nothing: it costs a fifth."""
    if picture.width <= width:
        return picture
    height = max(2, round(picture.height * width / picture.width / 2) * 2)
    width = max(2, width // 2 * 2)
    half = (width // 2, height // 2)
    how = cv2.INTER_AREA if picture.width >= 2 * width else cv2.INTER_LINEAR
    y, u, v = (
        np.asarray(cv2.resize(plane, size, interpolation=how), np.uint8)
        for plane, size in ((picture.y, (width, height)), (picture.u, half), (picture.v, half))
    )
    return Picture(y, u, v, picture.full_range)
