"""How often a person's head stays outside every mask, and how much of the picture is masked.

Truth comes from ``NAME.gt.txt`` beside ``NAME.mp4`` (MOTChallenge rows: frame, id, left, top, width, height in pixels)
where there is one. Where there is none, a stronger look stands in for it: the same detector on the whole picture and
on nine overlapping tiles, boxes of 0.5 and more. That look shares the detector's blind spots, so its figures are a
lower bound of what leaks. Masks are made as for a clip: every frame looked at, floor 0.20, margin, hold both ways.

A head is the upper fifth of a person's box, the middle 60 % of its width. It leaks when less than all of it is masked.
"""

import csv
from collections import defaultdict
from pathlib import Path

import av
import numpy as np

from _data import options, say_json
from vitrail.adapters.openvino import NanodetDetector, load_nanodet
from vitrail.domain.detections import Label
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US
from vitrail.guard.masking import MASK_FLOOR, plan

_STEP_S = 0.1
_LONGEST_S = 80.0
_GRID = 256
_STRONG = 0.5


def main() -> None:
    given = options(__doc__ or "")
    detector, strong = load_nanodet(given.cache), load_nanodet(given.cache, tiles=(3, 3))
    folder = given.data / "fixed-camera-video" if (given.data / "fixed-camera-video").is_dir() else given.data
    clips = [*sorted(folder.glob("*.mp4")), *sorted(given.cache.glob("vtest-*.mp4"))]
    heads = leaks = 0
    areas: list[float] = []
    figures: dict[str, object] = {}
    for clip in clips:
        found, leaked, area, truth = measured(clip, detector, strong)
        print(f"{clip.name} ({truth}): {leaked} of {found} heads leak, {area:.1%} of the picture masked")
        heads, leaks = heads + found, leaks + leaked
        areas.append(area)
    figures["heads"], figures["leaking"] = heads, leaks
    figures["leak_share"] = round(leaks / heads, 4) if heads else None
    figures["area_share"] = round(float(np.mean(areas)), 3)
    say_json(benchmark="masking", **figures)


def measured(clip: Path, detector: NanodetDetector, strong: NanodetDetector) -> tuple[int, int, float, str]:
    """Heads, those that leak, mean share of the picture that is masked, and what was taken for the truth."""
    given = labelled(clip)
    times_us, seen, truth = [], [], []
    for number, at_s, picture in frames(clip):
        times_us.append(round(at_s * SECOND_US))
        seen.append(people(detector, picture, MASK_FLOOR))
        truth.append(given[number] if given is not None else people(strong, picture, _STRONG))
    found = leaked = 0
    area = 0.0
    for masks, boxes in zip(plan(times_us, seen), truth, strict=True):
        covered = painted(masks)
        area += float(covered.mean())
        for head in heads_of(boxes):
            found += 1
            leaked += not covered[head].all()
    return found, leaked, area / max(1, len(times_us)), "labels" if given is not None else "stronger look"


def people(detector: NanodetDetector, picture: Picture, floor: float) -> Boxes:
    return detector.detect([picture], floor)[0].of(Label.PERSON).boxes


def frames(clip: Path) -> list[tuple[int, float, Picture]]:
    """Ten a second, with their numbers from 1."""
    chosen = []
    due_s = 0.0
    with av.open(str(clip)) as container:
        for number, frame in enumerate(container.decode(video=0), 1):
            if frame.time > _LONGEST_S:
                break
            if frame.time >= due_s - 1e-6:
                data, height, width = frame.reformat(format="yuv420p").to_ndarray(), frame.height, frame.width
                chroma = data[height:].reshape(2, height // 2, width // 2)
                chosen.append((number, frame.time, Picture(data[:height], chroma[0], chroma[1])))
                due_s = frame.time + _STEP_S
    return chosen


def labelled(clip: Path) -> dict[int, Boxes] | None:
    path = clip.with_suffix(".gt.txt")
    if not path.exists():
        return None
    with av.open(str(clip)) as container:
        size = np.array([container.streams.video[0].width, container.streams.video[0].height] * 2, np.float32)
    rows: dict[int, list[list[float]]] = defaultdict(list)
    with path.open(newline="") as file:
        for row in csv.reader(file):
            left, top, width, height = (float(value) for value in row[2:6])
            rows[int(row[0])].append([left, top, left + width, top + height])
    empty = np.zeros((0, 4), np.float32)
    return defaultdict(lambda: empty, {n: np.array(b, np.float32) / size for n, b in rows.items()})


def painted(masks: Boxes) -> np.ndarray:
    """Which cells of a fine grid are wholly masked."""
    covered = np.zeros((_GRID, _GRID), bool)
    for x0, y0, x1, y1 in masks * _GRID:
        covered[int(np.ceil(y0)) : int(y1), int(np.ceil(x0)) : int(x1)] = True
    return covered


def heads_of(boxes: Boxes) -> list[tuple[slice, slice]]:
    found = []
    for x0, y0, x1, y1 in np.clip(boxes, 0.0, 0.999) * _GRID:
        across = (x1 - x0) * 0.2
        rows = slice(int(y0 + 1), max(int(y0 + 1) + 1, int(y0 + (y1 - y0) * 0.2)))
        found.append((rows, slice(int(x0 + across + 1), max(int(x0 + across + 1) + 1, int(x1 - across)))))
    return found


if __name__ == "__main__":
    main()
