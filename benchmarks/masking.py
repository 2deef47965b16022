"""How often a person's head is not wholly hidden in a masked clip, who ever shows one, how much is masked without need.

Masks are made as for a clip, by the product's own first pass (``guard/sights.py``), and painted as they would be drawn.
Truth: with ``--video FILE --gt FILE --frames A-B`` any recording with a MOTChallenge file (frame, id, left, top, width,
height in pixels, then confidence and class). Without, the recordings of ``--data`` that have a ``NAME.gt.txt``; for the
others a stronger look stands in: the same detector on nine overlapping tiles, boxes of 0.5 and more, which shares the
detector's blind spots, so that its figures are a lower bound. Composites (``_crowd.py``) have exact truth.

A head is the upper fifth of a person's box, the middle 60 % of its width. It leaks when a pixel of it is not masked.
"""

import argparse
import csv
import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from _crowd import Scene, scenes
from _data import say_json
from vitrail.adapters.openvino import CenterFaceHeads, NanodetDetector, load_heads, load_nanodet
from vitrail.cli.places import cache_folder
from vitrail.compose import ensure_models
from vitrail.domain.detections import Label
from vitrail.domain.frames import Frame, Picture
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.masking import covered
from vitrail.guard.sights import Sights

_STRONG = 0.5
_LONGEST_S = 60.0
_AROUND_S = 3.0
_PEOPLE_CLASSES = {1, 2, 7}
"""Pedestrian, person on a vehicle, static person (MOT16)."""
_ROOT = Path(__file__).resolve().parents[1]

Boxes = dict[int, npt.NDArray[np.float32]]
"""Who is where, 0..1."""
Truth = Callable[[int, Picture], Boxes | None]
"""For the number of a frame, from 1, and its picture; None where nothing is measured."""
Numbered = Iterator[tuple[int, Frame]]


@dataclass(slots=True)
class Figures:
    """Counted over frames."""

    frames: int = 0
    heads: int = 0
    leaks: int = 0
    seconds: set[tuple[int, int]] = field(default_factory=set)
    leaking_seconds: set[tuple[int, int]] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    leakers: set[int] = field(default_factory=set)
    masked: float = 0.0
    filled: float = 0.0
    needless: float = 0.0

    def add(self, hidden: npt.NDArray[np.bool_], boxes: Boxes, second: int) -> None:
        rows, columns = hidden.shape
        bodies = np.zeros_like(hidden)
        for who, (x0, y0, x1, y1) in boxes.items():
            left, right, top, low = x0 * columns, x1 * columns, y0 * rows, y1 * rows
            bodies[max(0, int(top)) : int(np.ceil(low)), max(0, int(left)) : int(np.ceil(right))] = True
            aside = 0.2 * (right - left)
            down = slice(max(0, int(top)), max(int(top) + 1, int(top + 0.2 * (low - top))))
            across = slice(max(0, int(left + aside)), max(int(left + aside) + 1, int(right - aside)))
            part = hidden[down, across]
            if not part.size:
                continue
            leak = not part.all()
            self.heads, self.leaks = self.heads + 1, self.leaks + leak
            self.seconds.add((who, second))
            self.people.add(who)
            if leak:
                self.leaking_seconds.add((who, second))
                self.leakers.add(who)
        self.frames += 1
        self.masked += float(hidden.mean())
        self.filled += float(bodies.mean())
        self.needless += float((hidden & ~bodies).mean())

    def record(self) -> dict[str, object]:
        count = max(1, self.frames)
        return {
            "heads": self.heads,
            "leak_share": round(self.leaks / self.heads, 5) if self.heads else None,
            "person_seconds": len(self.seconds),
            "leaking_person_seconds": len(self.leaking_seconds),
            "people": len(self.people),
            "people_leaking": len(self.leakers),
            "masked_share": round(self.masked / count, 4),
            "people_share": round(self.filled / count, 4),
            "needless_share": round(self.needless / count, 4),
        }


@dataclass(frozen=True, slots=True)
class Eyes:
    detector: NanodetDetector
    strong: NanodetDetector
    heads: CenterFaceHeads


def main() -> None:
    given = _arguments()
    cache = cache_folder(given.cache)
    ensure_models(cache, print)
    eyes = Eyes(load_nanodet(cache), load_nanodet(cache, tiles=(3, 3)), load_heads(cache))
    parts: dict[str, dict[str, object]] = {}
    for name, work in _parts(given, cache, eyes):
        parts[name] = work()
        print(name, parts[name], flush=True)
    say_json(benchmark="masking", parts=parts, **_sums(list(parts.values())))


def _parts(given: argparse.Namespace, cache: Path, eyes: Eyes) -> Iterator[tuple[str, Callable[[], dict[str, object]]]]:
    if given.video:
        yield given.video.stem, lambda: measured(eyes, given.video, given.gt, given.frames)
        return
    folder = given.data / "fixed-camera-video"
    clips = sorted((folder if folder.is_dir() else given.data).glob("*.mp4"))
    for clip in [*clips, *cache.glob("vtest.avi")] if given.only != "composites" else []:
        gt = clip.with_suffix(".gt.txt")
        yield clip.stem, partial(measured, eyes, clip, gt if gt.exists() else None, None)
    for scene in scenes(folder, eyes.detector) if given.only != "clips" else []:
        yield scene.name, partial(composed, eyes, scene)


def composed(eyes: Eyes, scene: Scene) -> dict[str, object]:
    return figures(eyes, lambda: enumerate(scene.frames(), 1), lambda n, _: scene.people(n)).record() | {
        "truth": "composite"
    }


def _sums(parts: list[dict[str, object]]) -> dict[str, object]:
    """Over all parts, and over those whose truth is exact."""

    def share(some: list[dict[str, object]]) -> float | None:
        heads = sum(float(str(part["heads"])) for part in some)
        leaks = sum(float(str(part["leak_share"])) * float(str(part["heads"])) for part in some if part["heads"])
        return round(leaks / heads, 5) if heads else None

    exact = [part for part in parts if part["truth"] == "composite"]
    return {
        "heads": sum(int(str(part["heads"])) for part in parts),
        "leak_share": share(parts),
        "leak_share_clips": share([part for part in parts if part["truth"] != "composite"]),
        "leak_share_composites": share(exact),
        "people": sum(int(str(part["people"])) for part in exact),
        "people_leaking": sum(int(str(part["people_leaking"])) for part in exact),
    }


def measured(eyes: Eyes, clip: Path, gt: Path | None, window: tuple[int, int] | None) -> dict[str, object]:
    """One recording. ``window``: first and last frame that count, from 1; the first pass sees three seconds around
    it."""
    first, last = window or (1, 10**9)
    rate, given = _rate(clip), _labelled(clip, gt) if gt else None
    longest_s = 10**9 if given is not None or window else _LONGEST_S
    margin = round(_AROUND_S * rate)

    def film() -> Numbered:
        for number, frame in enumerate(_frames(clip, longest_s), 1):
            if first - margin <= number <= last + margin:
                yield number, frame

    def truth(number: int, picture: Picture) -> Boxes | None:
        if not first <= number <= last:
            return None
        if given is not None:
            return given[number]
        if number % max(1, round(rate / 2)):
            return None
        found = eyes.strong.detect([picture], _STRONG)[0].of(Label.PERSON).boxes
        return dict(enumerate(found))

    return figures(eyes, film, truth).record() | {"truth": "labels" if given is not None else "stronger look"}


def figures(eyes: Eyes, film: Callable[[], Numbered], truth: Truth) -> Figures:
    """The product's first pass over a film, and what it would hide of each frame for which there is a truth."""
    sights = Sights(eyes.detector, eyes.heads, Interval(-1, 10**15), SECOND_US // 10)
    seen = sights.look((frame for _, frame in film()), lambda _: None)
    counted = Figures()
    assert seen is not None, "the recording has no frame"
    for number, frame in film():
        boxes = truth(number, frame.picture)
        if boxes is not None:
            counted.add(covered(frame.picture, seen.mask(frame)), boxes, frame.wall_us // SECOND_US)
    return counted


def _frames(clip: Path, longest_s: float) -> Iterator[Frame]:
    with av.open(str(clip)) as container:
        for shown in container.decode(video=0):
            at_s = float(shown.time or 0.0)
            if at_s > longest_s:
                return
            data, height, width = shown.reformat(format="yuv420p").to_ndarray(), shown.height, shown.width
            chroma = data[height:].reshape(2, height // 2, width // 2)
            at_us = round(at_s * SECOND_US)
            yield Frame("clip", at_us, at_us, bool(shown.key_frame), 0, Picture(data[:height], chroma[0], chroma[1]))


def _rate(clip: Path) -> float:
    with av.open(str(clip)) as container:
        return float(container.streams.video[0].average_rate or 25)


def _labelled(clip: Path, gt: Path) -> dict[int, Boxes]:
    """Frame -> who -> box. Rows of confidence 0 and of other classes than people are left out."""
    with av.open(str(clip)) as container:
        size = np.array([container.streams.video[0].width, container.streams.video[0].height] * 2, np.float32)
    rows: dict[int, Boxes] = defaultdict(dict)
    with gt.open(newline="") as file:
        for row in csv.reader(file):
            left, top, width, height = (float(value) for value in row[2:6])
            ignored = len(row) > 6 and float(row[6]) == 0
            other = len(row) > 7 and float(row[7]) > 0 and float(row[7]) not in _PEOPLE_CLASSES
            if not ignored and not other:
                box = np.array([left, top, left + width, top + height], np.float32) / size
                rows[int(float(row[0]))][int(float(row[1]))] = box
    return rows


def _window(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first), int(last)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VITRAIL_SHARED", _ROOT.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data", help="folder of the recordings")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"), help="where models are kept")
    parser.add_argument("--video", type=Path, help="one recording of your own")
    parser.add_argument("--gt", type=Path, help="its people, as MOTChallenge rows")
    parser.add_argument("--frames", type=_window, help="which of its frames count, such as 1-450")
    parser.add_argument("--only", choices=["clips", "composites"], help="a part of the measure")
    return parser.parse_args()


if __name__ == "__main__":
    main()
