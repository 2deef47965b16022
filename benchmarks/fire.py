"""Fire and smoke in pictures of cameras, each video left out of learning in its turn; and on a recording of a fire.

Pictures: ``fire-cctv-frames`` as laid out there (labels.csv, images, YOLO boxes). Frames of one video are learnt from
together or not at all. Where pictures are of videos that the shipped heads did not learn from, those heads are judged
on them too. ``--learn FILE`` writes the heads that the product ships, learnt from all of them.

Pictures are seen on all processors; of more than ``--pictures`` every so manieth is taken, evenly over each video.
"""

import argparse
import csv
import multiprocessing
import os
import time
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from _boosting import boosted, logistic
from _data import say_json
from vitrail import compose
from vitrail.adapters.openvino import PLACE_READER, ModelShelf, catalogue, load_nanodet, load_place_reader
from vitrail.adapters.registry import PackageClients
from vitrail.analytics.burning import Burning, Heads, flame_features, shipped
from vitrail.cli.places import cache_folder
from vitrail.domain.clearing import WHOLE, Cleared
from vitrail.domain.detections import Label
from vitrail.domain.frames import Picture
from vitrail.services.models import Models

VIDEOS = {"ABC-news": "yard and news", "CH3-or-ABC": "yard and news", "CH3-yard": "yard and news"}
"""Frames of these groups are mixed: one video for leaving out."""
LEARNT = ("yard and news", "shop", "CN-news-plume", "pexels-aerial-plume")
"""What the shipped heads were learnt from."""
AUGMENTED = 3
DECLARED = 0.1
"""The false rate that thresholds are set for, on what was learnt from."""
_CALM = ("graffiti-images/nograffiti", "graffiti-images/tags", "graffiti-images/masterpiece", "damaged-signs/images")
"""Street pictures (CC BY) in which nothing burns, to learn from."""
_PART, _CELLS = 20, 17
_SQUARE = (416, 416)
"""All pictures are stretched to squares, as those of the set are: no grey beside them, the same count of cells."""
Rows = npt.NDArray[np.float32]
Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One picture as the heads see it. ``flame`` and ``smoky``: how much of each part and cell is drawn."""

    video: str
    fire: bool
    smoke: bool
    plain: bool
    parts: npt.NDArray[np.float32]
    cells: npt.NDArray[np.float32]
    embedding: npt.NDArray[np.float32]
    flame: npt.NDArray[np.float32]
    smoky: npt.NDArray[np.float32]


class Eyes:
    """The product's own: detector, people painted over, network."""

    def __init__(self, cache: Path) -> None:
        self._detector = load_nanodet(cache, 1)
        self._reader = load_place_reader(cache, 1)

    def see(self, image: npt.NDArray[np.uint8], video: str, fire: bool, smoke: bool, plain: bool, boxes: Rows) -> Seen:
        picture = picture_of(np.asarray(cv2.resize(image, _SQUARE, interpolation=cv2.INTER_AREA), np.uint8))
        people = self._detector.detect([picture], 0.2)[0].of(Label.PERSON).boxes
        cleared = Cleared.of(picture, people, WHOLE, 0.05) or Cleared.of(picture, people[:0], WHOLE)
        assert cleared is not None
        look = self._reader.read(cleared)
        drawn = [_covered(boxes, kind, count) for kind, count in ((0, _PART), (2, _CELLS))]
        return Seen(video, fire, smoke, plain, flame_features(picture), look.cells, look.embedding, *drawn)


def picture_of(image: npt.NDArray[np.uint8]) -> Picture:
    height, width = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
    planes = cv2.cvtColor(np.ascontiguousarray(image[:height, :width]), cv2.COLOR_BGR2YUV_I420)
    chroma = planes[height:].reshape(2, height // 2, width // 2)
    return Picture(planes[:height], chroma[0], chroma[1])


@dataclass(frozen=True, slots=True)
class Task:
    """One picture to be seen. ``changed``: how many copies in other light, too."""

    path: Path
    video: str
    fire: bool
    smoke: bool
    boxes: tuple[tuple[float, ...], ...] = ()
    plain: bool = True
    changed: int = 0
    seed: int = 0


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
        truth = (row["has_fire"] == "1", row["has_smoke"] == "1")
        found.append(Task(folder / "images" / row["file"], video, *truth, boxes, True, augmented, number))
    return found


def calm(data: Path) -> list[Task]:
    paths = [path for folder in _CALM for path in sorted((data / folder).glob("*"))]
    return [Task(path, "calm", False, False, (), False, 0, number) for number, path in enumerate(paths)]


_eyes: list[Eyes] = []
"""One for each process."""


def _open_eyes(cache: Path) -> None:
    cv2.setNumThreads(1)
    _eyes.append(Eyes(cache))


def _seen(task: Task) -> list[Seen]:
    image = cv2.imread(str(task.path))
    if image is None:
        return []
    rng = np.random.default_rng(task.seed)
    boxes = np.array(task.boxes, np.float32).reshape(-1, 5)
    truth = (task.fire, task.smoke)
    if task.video == "calm":
        image = _otherwise(image, boxes, rng)[0] if rng.random() < 0.5 else image
    found = [_eyes[0].see(image, task.video, *truth, task.plain, boxes)]
    for _ in range(task.changed):
        other, moved = _otherwise(image, boxes, rng)
        found.append(_eyes[0].see(other, task.video, *truth, False, moved))
    return found


def see_all(tasks: Sequence[Task], workers: Executor) -> list[Seen]:
    began, found = time.monotonic(), list[Seen]()
    for number, seen in enumerate(workers.map(_seen, tasks, chunksize=4), 1):
        found += seen
        if not number % 100 or number == len(tasks):
            print(f"{number}/{len(tasks)} pictures seen, {time.monotonic() - began:.0f} s", flush=True)
    return found


def learn(seen: list[Seen]) -> Heads:
    """Heads from some videos, with scales and zeros from the same."""
    rng = np.random.default_rng(3)
    flames = _learn_parts([(one.parts, one.flame) for one in seen], 0.3, 0.08, rng, forest=True)
    smoke = _learn_parts([(one.cells, one.smoky) for one in seen], 0.4, 0.08, rng, forest=False)
    burning = np.array([one.fire or one.smoke for one in seen])
    either = logistic(np.stack([one.embedding for one in seen]), burning, np.ones(len(seen), np.float32), 1e-4 * 2)
    heads = Heads(flames, smoke, either, np.tile(np.float32([0, 1]), (3, 1)), np.zeros(3, np.float32))
    raw = np.stack([raw_of(heads, one) for one in seen])
    scales = np.stack([raw.mean(axis=0), raw.std(axis=0) + 1e-6], axis=1).astype(np.float32)
    heads = Heads(flames, smoke, either, scales, np.zeros(3, np.float32))
    said = np.stack([_row(heads.joined(r)) for r in raw])
    truths = (np.array([s.fire for s in seen]), np.array([s.smoke for s in seen]), burning)
    zeros = np.array([np.quantile(said[~truth, i], 1 - DECLARED) for i, truth in enumerate(truths)], np.float32)
    return Heads(flames, smoke, either, scales, zeros)


def _learn_parts(rows: list[tuple[Rows, Rows]], least: float, share: float, rng: np.random.Generator, forest: bool):
    x = np.concatenate([values for values, _ in rows])
    drawn = np.concatenate([mask for _, mask in rows])
    kept = ((drawn > least) | (drawn == 0)) & (rng.random(len(drawn)) < share)
    x, truth = x[kept], drawn[kept] > least
    ones = np.ones(len(x), np.float32)
    return boosted(x, truth, ones) if forest else logistic(x, truth, ones, 1e-4 * 2)


def raw_of(heads: Heads, one: Seen) -> Rows:
    either = float(heads.either.say(one.embedding[None])[0])
    return np.array([heads.flames.say(one.parts).mean(), heads.smoke.say(one.cells).mean(), either], np.float32)


def _row(said: Burning) -> tuple[float, float, float]:
    return said.fire, said.smoke, said.either


def auc(truth: npt.NDArray[np.bool_], score: Rows) -> float | None:
    """Area under the curve of the ranks (Mann and Whitney 1947); None where there is only one kind."""
    if truth.all() or not truth.any():
        return None
    order = np.argsort(np.argsort(np.concatenate([score[truth], score[~truth]]), kind="stable"), kind="stable") + 1
    n, m = int(truth.sum()), int((~truth).sum())
    return round(float((order[:n].sum() - n * (n + 1) / 2) / (n * m)), 3)


def report(name: str, seen: list[Seen], scores: Rows) -> dict[str, object]:
    figures: dict[str, object] = {}
    videos = np.array([one.video for one in seen])
    truths = {"fire": [s.fire for s in seen], "smoke": [s.smoke for s in seen]}
    truths["either"] = [s.fire or s.smoke for s in seen]
    for column, (kind, labels) in enumerate(truths.items()):
        truth, score = np.array(labels), scores[:, column]
        each = {str(v): auc(truth[videos == v], score[videos == v]) for v in sorted(set(videos))}
        false = {
            v: round(float((score[(videos == v) & ~truth] > 0).mean()), 2)
            for v in each
            if (~truth[videos == v]).sum() >= 5
        }
        figures |= {f"{name}_{kind}_auc": auc(truth, score), f"{name}_{kind}_auc_by_video": each}
        figures |= {f"{name}_{kind}_false_rate_by_video": false}
        figures |= {f"{name}_{kind}_found": round(float((score[truth] > 0).mean()), 3) if truth.any() else None}
        print(f"{name} {kind}: AUC {auc(truth, score)}, by video {each}; false rate {false}, declared {DECLARED}")
    return figures


def _covered(boxes: Rows, kind: int, count: int) -> Rows:
    mask = np.zeros((320, 320), np.float32)
    for label, x, y, w, h in boxes:
        if int(label) == kind:
            left, right, top, bottom = (
                int(np.clip(v, 0, 1) * 320) for v in (x - w / 2, x + w / 2, y - h / 2, y + h / 2)
            )
            mask[top : max(bottom, top + 1), left : max(right, left + 1)] = 1.0
    return np.asarray(cv2.resize(mask, (count, count), interpolation=cv2.INTER_AREA), np.float32).ravel()


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


def packed(heads: Heads, path: Path) -> None:
    kept = {"feature": heads.flames.feature, "threshold": heads.flames.threshold, "leaf": heads.flames.leaf}
    for name, head in (("smoke", heads.smoke), ("either", heads.either)):
        kept |= {f"{name}_mean": head.mean, f"{name}_spread": head.spread, f"{name}_weights": head.weights}
        kept |= {f"{name}_bias": np.float32(head.bias)}
    np.savez_compressed(
        path, flames_bias=np.float32(heads.flames.bias), scales=heads.scales, zeros=heads.zeros, **kept
    )  # fmt: skip


_learnt: list[tuple[list[Seen], list[Seen]]] = []
"""What processes that learn inherit; it is too much to send."""


def _left_out(video: str) -> list[tuple[float, float, float]]:
    """What heads learnt without a video say to its plain pictures."""
    seen, quiet = _learnt[0]
    heads = learn([one for one in seen if one.video != video] + quiet)
    print(f"learnt without {video}", flush=True)
    return [_row(heads.joined(raw_of(heads, one))) for one in seen if one.plain and one.video == video]


def _can_learn(seen: list[Seen], quiet: list[Seen]) -> bool:
    """Each kind is needed, of more than one video."""
    kinds = ([s.video for s in seen if s.fire], [s.video for s in seen if s.smoke])
    return all(len(set(videos)) > 1 for videos in kinds) and bool(quiet or any(not s.fire for s in seen))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VITRAIL_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data", help="folder of the labelled pictures")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"), help="where models are kept")
    parser.add_argument("--learn", type=Path, default=None, help="write the heads that are shipped")
    parser.add_argument("--shipped-only", action="store_true", help="judge with the shipped heads, learn nothing")
    parser.add_argument("--pictures", type=int, default=400, help="at most so many of fires")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args()
    cache = cache_folder(Path(given.cache) if given.cache else None)
    compose.ensure_models(cache, print)
    Models(catalogue(), (PLACE_READER,), PackageClients(), ModelShelf(cache)).ensure_default(print)
    folder = given.data if (given.data / "labels.csv").exists() else given.data / "fire-cctv-frames"
    most = given.pictures if given.learn is None else 1_000_000
    tasks = frames(folder, most, 0 if given.shipped_only else AUGMENTED)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, given.workers), context, _open_eyes, (cache,)) as workers:
        seen = see_all(tasks, workers)
        quiet = [] if given.shipped_only else see_all(calm(given.data), workers)
    plain = [one for one in seen if one.plain]
    figures: dict[str, object] = {"pictures": len(plain), "videos": len({one.video for one in plain})}
    foreign = [one for one in plain if given.shipped_only or one.video not in LEARNT]
    if foreign:
        heads = shipped()
        scores = np.array([_row(heads.joined(raw_of(heads, one))) for one in foreign], np.float32)
        figures |= report("shipped", foreign, scores)
    if not given.shipped_only and _can_learn(seen, quiet):
        figures |= report("left_out", *leave_each_out(seen, quiet, given.workers))
    elif not given.shipped_only:
        print("too few videos to leave one out: nothing is learnt")
    if given.learn:
        packed(learn(seen + quiet), given.learn)
    say_json(benchmark="fire", **figures)


def leave_each_out(seen: list[Seen], quiet: list[Seen], workers: int) -> tuple[list[Seen], Rows]:
    """All plain pictures, video by video, and what was said to them."""
    videos = sorted({one.video for one in seen})
    _learnt[:] = [(seen, quiet)]
    with ProcessPoolExecutor(max(1, workers), multiprocessing.get_context("fork")) as pool:
        said = list(pool.map(_left_out, videos))
    plain = [one for video in videos for one in seen if one.plain and one.video == video]
    return plain, np.array([row for rows in said for row in rows], np.float32).reshape(-1, 3)


if __name__ == "__main__":
    main()
