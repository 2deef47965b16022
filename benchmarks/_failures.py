"""Small pictures of what an analytic missed or told wrongly, for its page in the handbook: ``--failures DIR``.

Whoever may be a person in them is hidden before anything is written, and no picture is larger than the handbook takes.
Which of them may be shown there is decided by the licence of what they were made of: each brings its source along.
"""

__all__ = ["Failures", "Wrong", "option"]

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]

MOST_BYTES, WIDE, GAP = 40_000, 720, 4
_TRUE, _TOLD = (60, 200, 60), (60, 60, 230)
_BLOCKS = 6
"""A person is so many flat blocks across at most."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One failure. ``caption``: what happened and what was said, in plain words. ``source``: of what the picture was
    made, with its licence. ``truth`` and ``told``: boxes (0..1) of what was there, green, and of what was said, red."""

    name: str
    caption: str
    source: str
    truth: tuple[Box, ...] = ()
    told: tuple[Box, ...] = ()


class Failures:
    """``folder``: None writes nothing."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def keep(self, wrong: Wrong, *images: Image, people: npt.NDArray[np.float32] | None = None) -> None:
        """``images`` (h, w, 3) BGR, side by side, such as before and after; all boxes hold for each of them."""
        if self._folder is None or not images:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        wide = (WIDE - GAP * (len(images) - 1)) // len(images)
        shown = [_drawn(_hidden(image, people), wrong, wide) for image in images]
        high = min(one.shape[0] for one in shown)
        gap = np.full((high, GAP, 3), 255, np.uint8)
        row = [part for one in shown for part in (gap, one[:high])][1:]
        (self._folder / f"{wrong.name}.jpg").write_bytes(_small(np.hstack(row)))
        words = {key: value for key, value in asdict(wrong).items() if key in ("caption", "source")}
        (self._folder / f"{wrong.name}.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")


def option(parser: Any) -> None:
    """For ``argparse``."""
    parser.add_argument("--failures", type=Path, help="a folder for small pictures of what was missed or told wrongly")


def _hidden(image: Image, people: npt.NDArray[np.float32] | None) -> Image:
    hidden = image.copy()
    height, width = image.shape[:2]
    for left, top, right, bottom in people if people is not None else ():
        dx, dy = 0.15 * (right - left), 0.15 * (bottom - top)
        x0, x1 = int(max(0, (left - dx) * width)), int(np.ceil(min(1, right + dx) * width))
        y0, y1 = int(max(0, (top - dy) * height)), int(np.ceil(min(1, bottom + dy) * height))
        if x1 <= x0 or y1 <= y0:
            continue
        tall = max(1, round(_BLOCKS * (y1 - y0) / max(1, x1 - x0)))
        coarse = cv2.resize(image[y0:y1, x0:x1], (_BLOCKS, tall), interpolation=cv2.INTER_AREA)
        hidden[y0:y1, x0:x1] = cv2.resize(coarse, (x1 - x0, y1 - y0), interpolation=cv2.INTER_NEAREST)
    return hidden


def _drawn(image: Image, wrong: Wrong, wide: int) -> Image:
    high = round(image.shape[0] * wide / image.shape[1])
    shown = np.ascontiguousarray(cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA))
    for boxes, colour in ((wrong.truth, _TRUE), (wrong.told, _TOLD)):
        for x0, y0, x1, y1 in boxes:
            corners = (round(x0 * wide), round(y0 * high)), (round(x1 * wide), round(y1 * high))
            cv2.rectangle(shown, *corners, colour, 2)
    return shown


def _small(image: Image) -> bytes:
    """A JPEG as good as fits."""
    for quality in range(82, 10, -8):
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(data) <= MOST_BYTES:
            return data
    return _small(np.asarray(cv2.resize(image, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA), np.uint8))
