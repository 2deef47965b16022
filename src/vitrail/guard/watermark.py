"""What a person may see without masks: a box of the picture, with words across it that say who asked (law.md L24).

Pure. The words lie over the whole picture, so that no part can be cut out without them.
"""

__all__ = ["mark", "reveal"]

import math
from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture

_STRENGTH = 48
"""Steps of luma that a letter is lighter or darker than what lies under it."""
_ROWS = 9


def reveal(masked: Picture, bare: Picture, region: tuple[float, float, float, float]) -> Picture:
    """``masked`` with the region of ``bare``: planes are cut on even pixels, inwards, so that nothing beyond the region
    shows."""
    shown = masked.copy()
    x0, y0, x1, y1 = region
    left, top = 2 * math.ceil(x0 * bare.width / 2), 2 * math.ceil(y0 * bare.height / 2)
    right, bottom = 2 * math.floor(x1 * bare.width / 2), 2 * math.floor(y1 * bare.height / 2)
    for source, target, step in ((bare.y, shown.y, 1), (bare.u, shown.u, 2), (bare.v, shown.v, 2)):
        part = np.s_[top // step : bottom // step, left // step : right // step]
        target[part] = source[part]
    return shown


def mark(picture: Picture, words: Sequence[str]) -> Picture:
    """A copy with the words across it, line after line; light on dark and dark on light."""
    marked = picture.copy()
    letters = _letters(picture.width, picture.height, tuple(words))
    under = marked.y[letters].astype(np.int16)
    marked.y[letters] = np.clip(under + np.where(under < 128, _STRENGTH, -_STRENGTH), 0, 255)
    return marked


@lru_cache(maxsize=8)
def _letters(width: int, height: int, words: tuple[str, ...]) -> npt.NDArray[np.bool_]:
    plane = np.zeros((height, width), np.uint8)
    scale = max(0.35, height / 1080 * 0.8)
    line = "   ".join(words).encode("ascii", "replace").decode()
    (length, _), _ = cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    thick = max(1, round(scale * 1.5))
    for row in range(_ROWS):
        y = round((row + 0.6) * height / _ROWS)
        start = -round(length * (row % 3) / 3)
        for x in range(start, width, length + 40):
            cv2.putText(plane, line, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick, cv2.LINE_8)
    return np.asarray(plane > 0)
