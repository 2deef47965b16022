"""True boxes to follow: a video with a MOTChallenge file, or the annotated views of a campus, spoilt by a recipe."""

__all__ = ["FPS", "RECIPE", "Row", "Seen", "mot", "seen_in", "spoilt"]

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from vitrail.adapters.av.pictures import picture_of
from vitrail.adapters.openvino import load_nanodet
from vitrail.domain.detections import Label
from vitrail.guard.masking import MASK_FLOOR

FPS = 5
_SIZE = np.array([1920, 1080, 1920, 1080], float)
_MISSED, _MISSED_HIDDEN, _JITTER, _FALSE_A_FRAME = 0.10, 0.30, 0.04, 0.3
RECIPE = (
    f"boxes: {_MISSED:.0%} missed, {_MISSED_HIDDEN:.0%} of the hidden; edges off by {_JITTER:.0%}; "
    f"{_FALSE_A_FRAME} false ones a picture; {FPS} pictures a second"
)
_PEOPLE = (1, -1)
"""MOTChallenge's class of pedestrians; -1 where the file has no classes."""
_LOOKS_A_SECOND = 10
Row = tuple[int, np.ndarray]


@dataclass(frozen=True, slots=True)
class Seen:
    """One moment of one view: what is true, and what the detector says (boxes and score), 0..1."""

    truth: list[Row]
    boxes: np.ndarray


def mot(path: Path) -> dict[int, list[Row]]:
    """People of a MOTChallenge file by frame, in pixels; rows that are not to be judged are left out."""
    frames: dict[int, list[Row]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        frame, track, x, y, w, h, *rest = (float(v) for v in line.split(","))
        judged, kind = [*rest, 1.0, -1.0][:2] if len(rest) != 1 else (rest[0], -1.0)
        if judged and int(kind) in _PEOPLE:
            frames[int(frame)].append((int(track), np.array([x, y, x + w, y + h])))
    return frames


def seen_in(video: Path, truth: Path, windows: list[tuple[int, int]], cache: Path) -> tuple[list[list[Seen]], float]:
    """The product's detector on the video, ten looks a second at most; a list for each window of frames, and how many
    looks a second it came to."""
    rows = mot(truth)
    detector = load_nanodet(cache, threads=1)
    cv2.setNumThreads(1)
    found: list[list[Seen]] = [[] for _ in windows]
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        fps = float(stream.average_rate or 25)
        every = max(1, round(fps / _LOOKS_A_SECOND))
        for number, frame in enumerate(container.decode(stream), 1):
            if number > max(last for _, last in windows):
                break
            places = [i for i, (first, last) in enumerate(windows) if first <= number <= last]
            if number % every or not places:
                continue
            size = np.array([frame.width, frame.height] * 2, float)
            people = detector.detect([picture_of(frame)], MASK_FLOOR)[0].of(Label.PERSON)
            boxes = np.hstack([people.boxes, people.scores[:, None]]).astype(float)
            for place in places:
                found[place].append(Seen([(i, box / size) for i, box in rows.get(number, [])], boxes))
    return found, fps / every


def spoilt(path: Path, seed: int) -> list[Seen]:
    random = np.random.default_rng(seed)
    frames: dict[int, list[tuple[int, np.ndarray, bool]]] = defaultdict(list)
    with path.open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            box = np.array([float(row[k]) for k in ("xmin", "ymin", "xmax", "ymax")]) / _SIZE
            frames[int(row["frame_30fps"])].append((int(row["track_id"]), box, row["occluded"] == "1"))
    last = max(frames)
    return [_spoil(frames.get(f, []), random) for f in range(0, last + 1, 30 // FPS)]


def _spoil(rows: list[tuple[int, np.ndarray, bool]], random: np.random.Generator) -> Seen:
    found = []
    for _, box, hidden in rows:
        if random.random() < (_MISSED_HIDDEN if hidden else _MISSED):
            continue
        size = np.tile(box[2:] - box[:2], 2)
        score = np.clip(random.normal(0.5 if hidden else 0.62, 0.12), 0.2, 0.95)
        found.append([*np.clip(box + random.normal(0, _JITTER, 4) * size, 0, 1), score])
    for _ in range(random.poisson(_FALSE_A_FRAME)):
        x, y, h = random.random(), random.random(), random.uniform(0.05, 0.25)
        found.append([*np.clip([x, y, x + h * 0.3, y + h], 0, 1), random.uniform(0.2, 0.5)])
    return Seen([(i, box) for i, box, _ in rows], np.array(found, float).reshape(-1, 5))
