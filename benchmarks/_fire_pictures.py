"""Pictures that fire and smoke are learnt from and judged on, and what the product's own detector and network see."""

__all__ = ["AUGMENTED", "Seen", "Task", "calm", "composites", "cutouts_of", "frames", "ordinary", "see_all", "workers"]

import csv
import multiprocessing
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from composite.blazes import Cutout, Maker
from composite.reel import picture_of
from vitrail.adapters.openvino import load_nanodet, load_place_reader
from vitrail.analytics.burning import flame_features
from vitrail.domain.clearing import WHOLE, Cleared
from vitrail.domain.detections import Label

VIDEOS = {"ABC-news": "yard and news", "CH3-or-ABC": "yard and news", "CH3-yard": "yard and news"}
"""Frames of these groups are mixed: one video for leaving out."""
AUGMENTED = 3
COMPOSITE = "composite"
_CALM = ("graffiti-images/nograffiti", "graffiti-images/tags", "graffiti-images/masterpiece", "damaged-signs/images")
"""Street pictures (CC BY) in which nothing burns, to learn from."""
_CAMERAS = ("fixed-camera-video/car-detection.mp4", "fixed-camera-video/one-by-one-person-detection.mp4")
"""Recordings (CC BY) in which nothing burns, to put flames and smoke into."""
_OF_CAMERA = 30
_PLAN = {"house": 150, "made": 120, "burning": 210, "plume": 170, "haze": 130, "smoking": 200, "as it is": 300}
"""Composites, by what is put in. ``burning`` and ``smoking`` are shared by the videos that they are cut from."""
_PART, _CELLS, _COARSE = 20, 17, 9
_SQUARE = (416, 416)
"""All pictures are stretched to squares, as those of the set are: no grey beside them, the same count of cells."""
Rows = npt.NDArray[np.float32]
Half = npt.NDArray[np.float16]
Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to be seen. ``made``: what a composite shows. ``seed``: of a film, which of twelve pictures."""

    path: Path
    video: str
    fire: bool = False
    smoke: bool = False
    boxes: tuple[tuple[float, ...], ...] = ()
    kind: str = "frame"
    labelled: bool = True
    changed: int = 0
    seed: int = 0
    made: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture as the heads see it. ``flame``, ``smoky`` and ``hazy``: how much of each part, cell and coarser part
    is labelled flame or smoke. ``plain``: not changed by us."""

    video: str
    kind: str
    fire: bool
    smoke: bool
    plain: bool
    labelled: bool
    path: Path
    features: Half
    cells: Half
    parts: Half
    embedding: Rows
    flame: Rows
    smoky: Rows
    hazy: Rows

    @property
    def burns(self) -> bool:
        return self.fire or self.smoke


def frames(folder: Path, most: int, augmented: int) -> list[Task]:
    if not (folder / "labels.csv").exists():
        print(f"{folder} has no labels.csv: no pictures of fires")
        return []
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (folder / "images" / row["file"]).exists()]
    if len(rows) > most:
        print(f"{most} of {len(rows)} pictures are taken", flush=True)
        by_video = sorted(rows, key=lambda row: (row["source_group"], row["file"]))
        rows = [by_video[int(i)] for i in np.linspace(0, len(by_video) - 1, most)]
    found = []
    for number, row in enumerate(rows):
        label = folder / "labels" / (Path(row["file"]).stem + ".txt")
        lines = label.read_text(encoding="utf-8").split("\n") if label.exists() else []
        boxes = tuple(tuple(float(v) for v in line.split()) for line in lines if len(line.split()) == 5)
        video = VIDEOS.get(row["source_group"], row["source_group"])
        said = row.get("classes", "said") != ""
        fire, smoke = row["has_fire"] == "1", row["has_smoke"] == "1"
        found.append(Task(folder / "images" / row["file"], video, fire, smoke, boxes, "frame", said, augmented, number))
    return found


def calm(data: Path) -> list[Task]:
    paths = [path for folder in _CALM for path in sorted((data / folder).glob("*"))]
    return [Task(path, "calm", kind="calm", seed=number) for number, path in enumerate(paths)]


def ordinary(data: Path, most: int = 240) -> list[Task]:
    """Pictures in which nothing burns and that nothing was learnt from, by source."""
    found = [Task(p, "street pictures", kind="ordinary") for p in sorted((data / "image-text-street/images").glob("*"))]
    labels = data / "fight-surveillance" / "labels.csv"
    if labels.exists():
        with labels.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["label"] == "nofight"]
        found += [Task(labels.parent / row["file"], "surveillance", kind="ordinary") for row in rows]
    learnt = {Path(name).name for name in _CAMERAS}
    films = [p for name in ("fixed-camera-video", "abandoned-object") for p in sorted((data / name).glob("*.mp4"))]
    for film in (p for p in films if p.name not in learnt):
        found += [Task(film, film.stem, kind="ordinary", seed=number) for number in range(12)]
    found = [task for task in found if task.path.exists()]
    return [found[int(i)] for i in np.linspace(0, len(found) - 1, most)] if len(found) > most else found


def cutouts_of(data: Path, shown: Sequence[Task]) -> dict[str, list[Cutout]]:
    """Flames and smoke by ``burning VIDEO`` and ``smoking VIDEO``; ``house`` for the burning house's."""
    found: dict[str, list[Cutout]] = defaultdict(list)
    for task in shown:
        image = cv2.imread(str(task.path)) if task.boxes else None
        for label, *box in task.boxes if image is not None else ():
            if int(label) in (0, 2) and (cut := Cutout.of(image, (*box,), task.video, int(label) == 0)):
                found[("burning " if int(label) == 0 else "smoking ") + task.video].append(cut)
    for table in sorted((data / "fire-video").glob("*_boxes.csv")):
        found["house"] += _of_film(table)
    return dict(found)


def _of_film(table: Path) -> list[Cutout]:
    film = table.with_name(table.name.replace("_boxes.csv", ".mp4"))
    if not film.exists():
        return []
    boxes = defaultdict(list)
    with table.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            boxes[int(row["frame"])].append([float(row[key]) for key in ("x", "y", "w", "h")])
    found = []
    for number, image in enumerate(_film(film)):
        high, wide = image.shape[:2]
        for x, y, w, h in boxes.get(number, ()) if number % 12 == 0 else ():
            middle = ((x + w / 2) / wide, (y + h / 2) / high, 1.2 * w / wide, 1.2 * h / high)
            found += [cut] if (cut := Cutout.of(image, middle, "", True)) else []
    return found


def composites(cutouts: dict[str, list[Cutout]]) -> list[Task]:
    found: list[Task] = []
    for what, count in _PLAN.items():
        names = sorted(n for n in cutouts if n.startswith(what + " ")) if what in ("burning", "smoking") else [what]
        if not names or (what == "house" and what not in cutouts):
            print(f"no composites of {what}: there is nothing to cut it from")
            continue
        for number in range(count):
            fire, smoke = what in ("house", "made", "burning"), what in ("plume", "haze", "smoking")
            name = names[number % len(names)]
            video = name.split(" ", 1)[1] if what in ("burning", "smoking") else COMPOSITE
            found.append(Task(Path(name), video, fire, smoke, (), COMPOSITE, True, 0, len(found), name))
    return found


class Eyes:
    """The product's own: detector, people painted over, network. One for each process."""

    def __init__(self, cache: Path, data: Path, cutouts: dict[str, list[Cutout]]) -> None:
        cv2.setNumThreads(1)
        self._detector, self._reader = load_nanodet(cache, 1), load_place_reader(cache, 1)
        self._data, self._cache, self.cutouts = data, cache, cutouts
        self._places: list[Image] = []

    def see(self, image: Image, task: Task, plain: bool, boxes: Rows, drawn: Rows | None = None) -> Seen:
        picture = picture_of(np.asarray(cv2.resize(image, _SQUARE, interpolation=cv2.INTER_AREA), np.uint8))
        people = self._detector.detect([picture], 0.2)[0].of(Label.PERSON).boxes
        cleared = Cleared.of(picture, people, WHOLE, 0.05) or Cleared.of(picture, people[:0], WHOLE)
        assert cleared is not None
        look = self._reader.read(cleared)
        masks = [_covered(boxes, 0), _covered(boxes, 2)] if drawn is None else [drawn * task.fire, drawn * task.smoke]
        flame, smoky, hazy = (
            np.asarray(cv2.resize(mask, (count, count), interpolation=cv2.INTER_AREA), np.float32).ravel()
            for mask, count in ((masks[0], _PART), (masks[1], _CELLS), (masks[1], _COARSE))
        )
        half = [one.astype(np.float16) for one in (flame_features(picture), look.cells, look.parts)]
        truth = (task.video, task.kind, task.fire, task.smoke, plain, task.labelled, task.path)
        return Seen(*truth, *half, look.embedding, flame, smoky, hazy)

    def places(self) -> list[Image]:
        """Where nothing burns."""
        if not self._places:
            pictures = (cv2.imread(str(task.path)) for task in calm(self._data))
            self._places = [np.asarray(one, np.uint8) for one in pictures if one is not None]
            for film in (*(self._data / name for name in _CAMERAS), self._cache / "vtest.avi"):
                shown = list(_film(film)) if film.exists() else []
                self._places += [shown[int(i)] for i in np.linspace(0, len(shown) - 1, _OF_CAMERA)] if shown else []
        return self._places

    def composite(self, task: Task) -> Seen | None:
        maker = Maker(rng := np.random.default_rng([11, task.seed]))
        places = self.places()
        if not places:
            return None
        place, what = maker.place(places[rng.integers(len(places))]), task.made.split(" ", 1)[0]
        cuts = self.cutouts.get(task.made, [])
        if what == "as":
            return self.see(maker.seen(place), task, False, _NO_BOXES)
        if what in ("plume", "haze"):
            blaze = maker.plume(place) if what == "plume" else maker.haze(place)
        else:
            blaze = maker.smoking(place, cuts) if what == "smoking" else maker.burning(place, cuts)
        return self.see(maker.seen(blaze.image), task, False, _NO_BOXES, blaze.drawn)


_NO_BOXES = np.zeros((0, 5), np.float32)
_eyes: list[Eyes] = []


def _open_eyes(cache: Path, data: Path, cutouts: dict[str, list[Cutout]]) -> None:
    _eyes.append(Eyes(cache, data, cutouts))


def workers(count: int, cache: Path, data: Path, cutouts: dict[str, list[Cutout]]) -> Executor:
    """Processes with eyes."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(max(1, count), context, _open_eyes, (cache, data, cutouts))


def _seen(task: Task) -> list[Seen]:
    if task.kind == COMPOSITE:
        made = _eyes[0].composite(task)
        return [made] if made else []
    image = _at(task.path, task.seed) if task.path.suffix == ".mp4" else cv2.imread(str(task.path))
    if image is None:
        return []
    rng = np.random.default_rng(task.seed)
    boxes = np.array(task.boxes, np.float32).reshape(-1, 5)
    if task.kind == "calm":
        image = _otherwise(image, boxes, rng)[0] if rng.random() < 0.5 else image
    found = [_eyes[0].see(image, task, True, boxes)]
    for _ in range(task.changed):
        other, moved = _otherwise(image, boxes, rng)
        found.append(_eyes[0].see(other, task, False, moved))
    return found


def see_all(tasks: Sequence[Task], pool: Executor) -> list[Seen]:
    began, found = time.monotonic(), list[Seen]()
    for number, seen in enumerate(pool.map(_seen, tasks, chunksize=4), 1):
        found += seen
        if not number % 200 or number == len(tasks):
            print(f"{number}/{len(tasks)} pictures seen, {time.monotonic() - began:.0f} s", flush=True)
    return found


def _film(path: Path):
    with av.open(str(path)) as container:
        yield from (frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))


def _at(path: Path, number: int) -> Image | None:
    """The ``number``th of twelve pictures, evenly over a film."""
    with av.open(str(path)) as container:
        if container.duration:
            container.seek(int(container.duration * (number + 0.5) / 12.5))
        return next((frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)), None)


def _covered(boxes: Rows, kind: int) -> Rows:
    mask = np.zeros((320, 320), np.float32)
    for label, x, y, w, h in boxes:
        if int(label) == kind:
            left, right, top, bottom = (
                int(np.clip(v, 0, 1) * 320) for v in (x - w / 2, x + w / 2, y - h / 2, y + h / 2)
            )
            mask[top : max(bottom, top + 1), left : max(right, left + 1)] = 1.0
    return mask


def _otherwise(
    image: npt.NDArray[np.uint8], boxes: Rows, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Rows]:
    """The same in other light, colours, frame and compression; boxes moved along."""
    x = (image.astype(np.float32) / 255) ** np.exp(rng.uniform(-0.5, 0.5))
    x *= np.exp(rng.uniform(-0.15, 0.15, 3)) * rng.uniform(0.7, 1.2)
    height, width = x.shape[:2]
    h, w = int(height * rng.uniform(0.6, 1)), int(width * rng.uniform(0.6, 1))
    top, left = int(rng.integers(0, height - h + 1)), int(rng.integers(0, width - w + 1))
    x = x[top : top + h, left : left + w]
    moved = boxes.copy()
    moved[:, 1] = (moved[:, 1] - left / width) * width / w
    moved[:, 2] = (moved[:, 2] - top / height) * height / h
    moved[:, 3:] *= (width / w, height / h)
    if rng.random() < 0.5:
        x, moved[:, 1] = x[:, ::-1], 1 - moved[:, 1]
    coded = cv2.imencode(".jpg", np.clip(x * 255, 0, 255).astype(np.uint8), [1, int(rng.integers(30, 90))])[1]
    return np.asarray(cv2.imdecode(coded, 1), np.uint8), moved
