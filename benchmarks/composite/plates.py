"""Cameras of the studio: a place without people, and the people who were really there.

``video`` plates are real fixed cameras: the clean picture is the median of frames spread over the recording, and each
real frame brings its own people. ``still`` plates are photographs of walls without graffiti (CC BY), before which cut
out people from the demonstration's recording are put. Where a plate's walls are is declared here by hand for the
videos; a still shows its wall in the middle.
"""

__all__ = ["Plate", "plates", "split_of"]

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import av
import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.detections import VEHICLES, Label

Image = npt.NDArray[np.uint8]
Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Corners of a wall, clockwise from its upper left, as shares of the picture."""
Split = Literal["learn", "test"]

WIDTH = 640
_FRAMES = 48
_FAR = 26.0
_EMPTY = 5
"""So many frames without anybody make a cleaner picture than all frames do, where somebody stands for long."""


@dataclass(frozen=True, slots=True, eq=False)
class Plate:
    """``clean`` (h, w, 3) BGR without people; ``frames`` with them; ``boxes``: what the product's detector takes for a
    person (from 0.20 on) or a vehicle in each frame; ``mattes``: which pixels of each frame are in front of the place.
    ``ground``: where things may stand, a polygon. ``tall``: height of a person at the lower and upper end of it."""

    name: str
    split: Split
    licence: str
    clean: Image
    frames: tuple[Image, ...]
    boxes: tuple[npt.NDArray[np.float32], ...]
    mattes: tuple[npt.NDArray[np.float32], ...]
    walls: tuple[Quad, ...]
    ground: tuple[tuple[float, float], ...]
    tall: tuple[float, float] = (0.5, 0.3)
    cutouts: tuple[Image, ...] = field(default=())
    """People cut out (BGRA), for plates that have none of their own."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)"""
        return self.clean.shape[1], self.clean.shape[0]


@dataclass(frozen=True, slots=True)
class _Video:
    file: str
    split: Split
    licence: str
    walls: tuple[Quad, ...]
    ground: tuple[tuple[float, float], ...]
    tall: tuple[float, float]


_INTEL = "a recording of intel-iot-devkit/sample-videos (Intel, CC BY 4.0), changed"
_VIDEOS = (
    _Video(
        "vtest.avi", "test", "vtest.avi of OpenCV (Apache-2.0), changed",
        (((0.42, 0.015), (0.775, 0.01), (0.775, 0.16), (0.42, 0.165)),),
        ((0.02, 0.34), (0.6, 0.32), (0.95, 0.42), (0.95, 0.75), (0.3, 0.48), (0.02, 0.42)),
        (0.22, 0.13),
    ),
    _Video(
        "fixed-camera-video/one-by-one-person-detection.mp4", "test", _INTEL,
        (((0.16, 0.02), (0.66, 0.02), (0.66, 0.52), (0.16, 0.54)),),
        ((0.02, 0.62), (0.98, 0.62), (0.98, 0.97), (0.02, 0.97)),
        (0.95, 0.75),
    ),
    _Video(
        "abandoned-object/indoor_backpack.mp4", "learn", "a recording of unknown licence: not to be shown",
        (
            ((0.02, 0.1), (0.28, 0.06), (0.28, 0.5), (0.02, 0.68)),
            ((0.66, 0.4), (0.98, 0.42), (0.98, 0.56), (0.66, 0.56)),
        ),
        ((0.25, 0.66), (0.6, 0.5), (0.97, 0.68), (0.97, 0.97), (0.25, 0.97)),
        (0.5, 0.38),
    ),
)  # fmt: skip
_STILL_WALL: Quad = ((0.12, 0.12), (0.88, 0.12), (0.88, 0.72), (0.12, 0.72))
_STILL_GROUND = ((0.03, 0.72), (0.97, 0.72), (0.97, 0.98), (0.03, 0.98))
_STILLS_EACH = 40
_STILL_LICENCE = "a wall of the set masterpiece-nograffiti-tags-throwups (Roboflow user, CC BY 4.0), changed"


def split_of(name: str) -> Split:
    """Pictures are divided by a digest of their name, half and half."""
    return "learn" if hashlib.sha256(name.encode()).digest()[0] % 2 else "test"


def plates(data: Path, cache: Path, split: Split, stills: int = _STILLS_EACH) -> list[Plate]:
    """All cameras of one split: the videos that are there (``vtest.avi`` lies in the cache), then stills."""
    people = _cutouts(cache / "vtest.avi", cache) if (cache / "vtest.avi").exists() else ()
    found = []
    for video in _VIDEOS:
        path = cache / video.file if video.file == "vtest.avi" else data / video.file
        if video.split == split and path.exists():
            found.append(_video_plate(video, path, cache))
    return [*found, *_stills(data / "graffiti-images", split, stills, people)]


def _video_plate(video: _Video, path: Path, cache: Path) -> Plate:
    images = _spread(path, _FRAMES)
    boxes = _boxes(images, cache, path.stem)
    empty = [image for image, found in zip(images, boxes, strict=True) if not len(found)]
    clean = np.median(np.stack(empty if len(empty) >= _EMPTY else images), axis=0).astype(np.uint8)
    mattes = tuple(_matte(image, clean) for image in images)
    frames = tuple(images)
    return Plate(
        path.stem, video.split, video.licence, clean, frames, boxes, mattes, video.walls, video.ground, video.tall
    )


def _spread(path: Path, count: int) -> list[Image]:
    """``count`` frames, evenly over the recording, no wider than the studio works."""
    with av.open(str(path)) as container:
        images = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    chosen = [images[int(i)] for i in np.linspace(0, len(images) - 1, count)]
    return [fitted(image) for image in chosen]


def fitted(image: Image) -> Image:
    """No wider than the studio works, even sides."""
    height = round(image.shape[0] * WIDTH / image.shape[1] / 2) * 2
    return np.asarray(cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)


def _matte(image: Image, clean: Image) -> npt.NDArray[np.float32]:
    """0..1: what is in front of the place."""
    away = np.abs(image.astype(np.float32) - clean).max(axis=2)
    hard = np.asarray(away > _FAR, np.uint8)
    hard = cv2.morphologyEx(hard, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    hard = cv2.dilate(cv2.morphologyEx(hard, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(hard.astype(np.float32), (3, 3), 0), np.float32)


def _boxes(images: Sequence[Image], cache: Path, name: str) -> tuple[npt.NDArray[np.float32], ...]:
    """What the product's detector says, remembered between runs."""
    digest = hashlib.sha256(b"".join(image.tobytes()[::997] for image in images)).hexdigest()[:12]
    kept = cache / "composite" / f"{name}-{digest}.npz"
    if not kept.exists():
        from composite.reel import picture_of
        from vitrail.adapters.openvino import load_nanodet

        detector = load_nanodet(cache)
        found = [detector.detect([picture_of(image)], 0.2)[0] for image in images]
        chosen = [one.of(Label.PERSON, *VEHICLES).boxes for one in found]
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, **{str(i): boxes for i, boxes in enumerate(chosen)})
    with np.load(kept) as stored:
        return tuple(stored[str(i)] for i in range(len(stored.files)))


def _cutouts(path: Path, cache: Path) -> tuple[Image, ...]:
    """People of a recording, each alone, BGRA, as large as they were filmed."""
    images = _spread(path, 90)
    clean = np.median(np.stack(images), axis=0).astype(np.uint8)
    found: list[Image] = []
    for image, boxes in zip(images, _boxes(images, cache, f"{path.stem}-people"), strict=True):
        matte = _matte(image, clean)
        height, width = matte.shape
        for left, top, right, bottom in boxes * np.array([width, height, width, height]):
            x0, y0, x1, y1 = (int(max(0, v)) for v in (left - 3, top - 3, right + 3, bottom + 3))
            part = matte[y0:y1, x0:x1]
            whole = x0 > 0 and x1 < width and y0 > 0 and y1 < height
            upright = (y1 - y0) > 1.6 * (x1 - x0) and (y1 - y0) > 50
            if whole and upright and 0.25 < part.mean() < 0.75:
                found.append(np.dstack([image[y0:y1, x0:x1], (part * 255).astype(np.uint8)]))
    return tuple(found[::2][:40])


def _stills(folder: Path, split: Split, count: int, people: tuple[Image, ...]) -> list[Plate]:
    labels = folder / "labels.csv"
    if not labels.exists():
        return []
    with labels.open(encoding="utf-8") as file:
        names = sorted(row["file"] for row in csv.DictReader(file) if row["is_graffiti"] == "0")
    found: list[Plate] = []
    for name in names:
        image = cv2.imread(str(folder / name)) if split_of(name) == split and len(found) < count else None
        if image is None:
            continue
        calm = cv2.bilateralFilter(cv2.medianBlur(image, 3), 5, 40, 5)
        clean = np.asarray(cv2.resize(calm, (WIDTH, 480), interpolation=cv2.INTER_CUBIC), np.uint8)
        found.append(
            Plate(
                Path(name).stem,
                split,
                _STILL_LICENCE,
                clean,
                (),
                (),
                (),
                (_STILL_WALL,),
                _STILL_GROUND,
                (0.62, 0.45),
                people,
            )
        )
    return found
