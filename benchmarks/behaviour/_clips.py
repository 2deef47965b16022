"""Clips as the fight analytic sees them: what it measures at each look, and whether people are close."""

__all__ = ["Clip", "auc", "labelled", "looked_at", "pictures"]

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from vitrail.adapters.openvino import NanodetDetector
from vitrail.analytics.unrest import Unrest
from vitrail.domain.closeness import Heights, pairs
from vitrail.domain.detections import Label
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Polygon
from vitrail.domain.time import SECOND_US
from vitrail.guard.masking import MASK_FLOOR
from vitrail.pipeline.stirring import Stirring
from vitrail.ports.embedder import MotionReader

LOOKS_A_S = 10
EVERYWHERE = Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """``measures`` (n, 17) of the looks at ``times_s``; ``close``: whether people were close at each; ``stirs`` (m,
    1280): what a network made of the motion where they were. What the picture is like, for disparities: ``light`` mean
    luma 0..255, ``height`` of people as a share of the picture, ``people`` seen, ``contrast`` of people with what is
    beside them, in levels of luma."""

    name: str
    fight: bool
    source: str
    times_s: np.ndarray
    measures: np.ndarray
    close: np.ndarray
    stirs: np.ndarray
    light: float
    height: float
    people: float
    contrast: float


def labelled(folder: Path) -> list[tuple[Path, bool, str]]:
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        return [(folder / r["file"], r["label"] == "fight", r["source_video_id"]) for r in csv.DictReader(file)]


def looked_at(path: Path, fight: bool, source: str, detector: NanodetDetector, reader: MotionReader) -> Clip:
    """The clip, ten looks a second, as the stream loop chooses them."""
    unrest, heights, stirring = Unrest(), Heights(), Stirring(reader, [EVERYWHERE])
    stirs: list[np.ndarray] = []
    times: list[float] = []
    rows: list[np.ndarray] = []
    near: list[bool] = []
    lights: list[float] = []
    counts: list[int] = []
    contrasts: list[float] = []
    for at_s, picture in pictures(path):
        people = detector.detect([picture], MASK_FLOOR)[0].of(Label.PERSON).boxes
        heights.see(people)
        pair = len(pairs(people, picture.width / picture.height)) > 0
        measured = unrest.look(picture, heights.height, round(at_s * SECOND_US))
        stir = stirring.look(picture, people, round(at_s * SECOND_US))
        stirs += [] if stir is None else [stir.roots]
        counts.append(len(people))
        contrasts += [_contrast(picture.y, box) for box in people]
        lights.append(float(picture.y.mean()))
        if measured is not None:
            times.append(at_s)
            rows.append(measured)
            near.append(pair)
    shape = np.array(rows).reshape(len(rows), -1)
    about = (float(np.mean(lights)), heights.height, float(np.mean(counts)), float(np.mean(contrasts or [0.0])))
    seen = np.array(stirs).reshape(-1, 1280)
    return Clip(path.stem, fight, source, np.array(times), shape, np.array(near, bool), seen, *about)


def _contrast(luma: np.ndarray, box: np.ndarray) -> float:
    """The middle of the box against the strips left and right of it."""
    height, width = luma.shape
    x0, y0, x1, y1 = (box * [width, height, width, height]).astype(int)
    third = max(1, (x1 - x0) // 3)
    inside = luma[y0:y1, x0 + third : x1 - third]
    beside = np.concatenate([luma[y0:y1, max(0, x0 - third) : x0].ravel(), luma[y0:y1, x1 : x1 + third].ravel()])
    return abs(float(inside.mean()) - float(beside.mean())) if inside.size and beside.size else 0.0


def pictures(path: Path) -> Iterator[tuple[float, Picture]]:
    due_s = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            at_s = float(frame.time or 0.0)
            if at_s < due_s - 1e-4:
                continue
            due_s = max(due_s + 1 / LOOKS_A_S, at_s + 0.5 / LOOKS_A_S)
            yield at_s, _picture(frame)


def _picture(frame: av.VideoFrame) -> Picture:
    frame = frame.reformat(format="yuv420p")
    y, u, v = (_plane(plane) for plane in frame.planes)
    return Picture(y, u, v)


def _plane(plane: av.video.plane.VideoPlane) -> np.ndarray:
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def auc(scores: np.ndarray, truth: np.ndarray) -> float:
    """The chance that a fight scores above what is none (Mann-Whitney)."""
    order = np.argsort(np.argsort(scores, kind="stable"), kind="stable") + 1.0
    for value in np.unique(scores):
        same = scores == value
        order[same] = order[same].mean()
    yes, no = int(truth.sum()), int((~truth).sum())
    return float((order[truth].sum() - yes * (yes + 1) / 2) / (yes * no))
