"""Small copies of pictures. Pure."""

__all__ = ["shrunk"]

import cv2
import numpy as np

from vitrail.domain.frames import Picture, Plane


def shrunk(picture: Picture, width: int) -> Picture:
    """No wider than ``width``, even sides: what is small already is itself."""
    if picture.width <= width:
        return picture
    height = max(2, round(picture.height * width / picture.width / 2) * 2)
    width = max(2, width // 2 * 2)
    half = (width // 2, height // 2)
    planes = (_resized(picture.y, (width, height)), _resized(picture.u, half), _resized(picture.v, half))
    return Picture(*planes, picture.full_range)


def _resized(plane: Plane, size: tuple[int, int]) -> Plane:
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
