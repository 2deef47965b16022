"""Composites with exact truth: people cut out of a CC BY recording (Intel's one-by-one-person-detection) and put before
places that are known to be empty. For measuring masks only; they are made anew each time and kept nowhere.

A cut-out is what differs from the recording's own median background inside a detector's box; its outline is blurred a
little. Scenes: somebody who walks in and then stands or lies still; who is there all the time and never moves; who
walks behind something; who is 24 pixels tall; and all of it at night (a quarter of the light, sensor noise).
"""

__all__ = ["Scene", "scenes"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from _footage import recording_of
from vitrail.domain.detections import Label
from vitrail.domain.frames import Frame, Picture
from vitrail.domain.time import SECOND_US
from vitrail.ports.detector import Detector

Image = npt.NDArray[np.uint8]
Box = npt.NDArray[np.float32]

_RATE = 10
_SIZE = (1280, 720)
_SECONDS = 15
_WALK_S = 5.0
_LEAST_HEIGHT = 0.45
_MOST = 3
_NIGHT, _GRAIN = 1 / 4, 3.0


@dataclass(frozen=True, slots=True)
class CutOut:
    """``image`` (rows, columns, 3) and how much of each pixel is the person, 0..1."""

    image: Image
    alpha: npt.NDArray[np.float32]

    def tall(self, height_px: int) -> "CutOut":
        size = (max(2, round(self.image.shape[1] * height_px / self.image.shape[0])), height_px)
        return CutOut(
            np.asarray(cv2.resize(self.image, size, interpolation=cv2.INTER_AREA), np.uint8),
            np.asarray(cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA), np.float32),
        )


@dataclass(frozen=True, slots=True)
class Scene:
    name: str
    place: Image
    cut: CutOut
    stands_at: tuple[float, float]
    """Where the feet come to rest, 0..1."""
    walks: bool
    behind: bool = False
    night: bool = False

    def frames(self) -> Iterator[Frame]:
        rng = np.random.default_rng(7)
        for number in range(1, _SECONDS * _RATE + 1):
            image = self._drawn(number)
            light = _NIGHT if self.night else 1.0
            grain = rng.normal(0, _GRAIN, image.shape[:2])[..., None]
            seen = np.clip(image.astype(np.float32) * light + grain, 0, 255).astype(np.uint8)
            data = cv2.cvtColor(seen, cv2.COLOR_BGR2YUV_I420)
            width, height = _SIZE
            chroma = data[height:].reshape(2, height // 2, width // 2)
            at_us = (number - 1) * SECOND_US // _RATE
            yield Frame("composite", at_us, at_us, number % 20 == 1, 0, Picture(data[:height], chroma[0], chroma[1]))

    def people(self, number: int) -> dict[int, Box]:
        x, y = self._corner(number)
        height, width = self.cut.image.shape[:2]
        x0, x1 = max(0, x), min(_SIZE[0], x + width)
        head_hidden = self.behind and self._barrier()[0] <= x + 0.2 * width and x + 0.8 * width <= self._barrier()[1]
        if x1 - x0 < 0.8 * width or head_hidden:
            return {}  # mostly outside, or behind something
        return {1: np.array([x0, y, x1, y + height], np.float32) / (*_SIZE, *_SIZE)}

    def _corner(self, number: int) -> tuple[int, int]:
        height, width = self.cut.image.shape[:2]
        x, y = self.stands_at[0] * _SIZE[0] - width / 2, self.stands_at[1] * _SIZE[1] - height
        if self.behind:  # across the whole picture
            x = -width + (_SIZE[0] + 2 * width) * number / (_SECONDS * _RATE)
        elif self.walks:
            x += (-width - x) * max(0.0, 1 - number / (_WALK_S * _RATE))
        return round(x), round(y)

    def _barrier(self) -> tuple[int, int]:
        width = self.cut.image.shape[1]
        return _SIZE[0] // 2 - width, _SIZE[0] // 2 + width

    def _drawn(self, number: int) -> Image:
        image = self.place.copy()
        x, y = self._corner(number)
        height, width = self.cut.image.shape[:2]
        x0, x1 = max(0, x), min(_SIZE[0], x + width)
        if x1 > x0:
            part = np.s_[:, x0 - x : x1 - x]
            alpha = self.cut.alpha[part][..., None]
            under = image[y : y + height, x0:x1]
            image[y : y + height, x0:x1] = (alpha * self.cut.image[part] + (1 - alpha) * under).astype(np.uint8)
        if self.behind:  # a wall of the place itself: everything but heads above half their height
            left, right = self._barrier()
            image[y + round(0.35 * height) :, left:right] = (90, 100, 95)
            image[:, left + width // 2 : right - width // 2] = (80, 90, 85)
        return np.asarray(image, np.uint8)


def scenes(folder: Path, detector: Detector) -> Iterator[Scene]:
    """None when the recordings are not there."""
    source, street = folder / "one-by-one-person-detection.mp4", folder / "car-detection.mp4"
    if not source.is_file() or not street.is_file():
        print("no composites: the recordings they are made of are not there")
        return
    empty = _median(source, recording_of(folder)[1])
    places = {"room": empty, "street": _median(street)}
    cuts = _cut_outs(source, detector, empty.astype(np.int16))
    for index, cut in enumerate(cuts):
        for name, place in places.items():
            night = bool(index % 2)
            at = (0.2 + 0.1 * (index % 3), 0.95)
            big, small = cut.tall(260), cut.tall(24)
            label = f"{name}-{index}{'-night' if night else ''}"
            yield Scene(f"stays-{label}", place, big, at, walks=True, night=night)
            yield Scene(f"never-moves-{label}", place, big, at, walks=False, night=night)
            yield Scene(f"behind-{label}", place, big, at, walks=True, behind=True, night=night)
            yield Scene(f"small-{label}", place, small, (0.5, 0.6), walks=True, night=night)


def _images(path: Path, every_s: float) -> Iterator[tuple[float, Image]]:
    due_s = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= due_s:
                due_s = frame.time + every_s
                yield (
                    frame.time,
                    np.asarray(
                        cv2.resize(frame.to_ndarray(format="bgr24"), _SIZE, interpolation=cv2.INTER_LINEAR), np.uint8
                    ),
                )


def _median(path: Path, gaps: Sequence[tuple[float, float]] = ()) -> Image:
    """The place without what moves: in the seconds in which nobody is there, if they are known."""
    seen = _images(path, 0.5 if gaps else 3.0)
    kept = [image for at_s, image in seen if not gaps or any(start <= at_s <= end for start, end in gaps)][:30]
    return np.median(np.array(kept), axis=0).astype(np.uint8)


def _cut_outs(path: Path, detector: Detector, empty: npt.NDArray[np.int16]) -> list[CutOut]:
    """Of visits some seconds apart, each the frame in which somebody is most surely seen whole."""
    found: list[tuple[float, float, CutOut]] = []
    for at_s, image in _images(path, 0.5):
        data = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
        height, width = image.shape[:2]
        chroma = data[height:].reshape(2, height // 2, width // 2)
        seen = detector.detect([Picture(data[:height], chroma[0], chroma[1])], 0.6)[0].of(Label.PERSON)
        for box, score in zip(seen.boxes, seen.scores, strict=True):
            x0, y0, x1, y1 = (box * (width, height, width, height)).astype(int)
            whole = box[1] > 0.01 and box[3] < 0.995 and box[3] - box[1] > _LEAST_HEIGHT
            cut = _cut(image[y0:y1, x0:x1], empty[y0:y1, x0:x1]) if whole else None
            if cut is not None:
                found.append((float(score), at_s, cut))
    chosen: list[tuple[float, CutOut]] = []
    for _, at_s, cut in sorted(found, key=lambda row: -row[0]):
        if all(abs(at_s - other_s) > 4.0 for other_s, _ in chosen) and len(chosen) < _MOST:
            chosen.append((at_s, cut))
    return [cut for _, cut in sorted(chosen, key=lambda row: row[0])]


def _cut(image: Image, empty: npt.NDArray[np.int16]) -> CutOut | None:
    """None when too little of the box differs from the empty place: that is no whole person."""
    differs = (np.abs(image.astype(np.int16) - empty).max(axis=2) > 22).astype(np.uint8)
    differs = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(differs)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    shape = (labels == largest).astype(np.float32)
    if not 0.3 < shape.mean() < 0.9 or stats[largest][cv2.CC_STAT_HEIGHT] < 0.9 * image.shape[0]:
        return None
    left, top, width, height = (int(value) for value in stats[largest][:4])
    part = np.s_[top : top + height, left : left + width]
    return CutOut(image[part].copy(), np.asarray(cv2.GaussianBlur(shape, (5, 5), 0)[part], np.float32))
