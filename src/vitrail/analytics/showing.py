"""The two pictures that go with a lasting change: what an area's past and present look like, nobody in either."""

__all__ = ["before_after"]

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.analytics.pasts import Compared
from vitrail.domain.events import BeforeAfter
from vitrail.domain.frames import Picture

_SCALE = 3
"""Cells are shown this many pixels wide, so that a screen need not enlarge them roughly."""


def before_after(seen: Compared) -> BeforeAfter:
    return BeforeAfter(_picture(seen.before), _picture(seen.after))


def _picture(yuv: npt.NDArray[np.float32]) -> Picture:
    rows, columns = yuv.shape[:2]
    size = (columns * _SCALE // 2 * 2, rows * _SCALE // 2 * 2)
    large = cv2.resize(yuv, size, interpolation=cv2.INTER_CUBIC)
    small = cv2.resize(yuv[..., 1:], (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_LINEAR)
    y, u, v = (np.clip(plane.round(), 0, 255).astype(np.uint8) for plane in (large[..., 0], *np.moveaxis(small, 2, 0)))
    return Picture(y, np.ascontiguousarray(u), np.ascontiguousarray(v))
