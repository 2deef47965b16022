"""Fire and smoke in pictures of cameras, each video left out of learning in its turn; and on a recording of a fire.

Pictures: ``fire-cctv-frames`` as laid out there (labels.csv, images, YOLO boxes). Frames of one video are learnt from
together or not at all. ``--learn FILE`` writes the heads that the product ships, learnt from all of them.
"""

import argparse
import csv
from collections.abc import Iterator
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


def frames(folder: Path, eyes: Eyes, augmented: int) -> Iterator[Seen]:
    rng = np.random.default_rng(1)
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        image = cv2.imread(str(folder / "images" / row["file"]))
        label = folder / "labels" / (Path(row["file"]).stem + ".txt")
        lines = label.read_text().split("\n") if label.exists() else []
        boxes = np.array([line.split() for line in lines if len(line.split()) == 5], np.float32).reshape(-1, 5)
        video = VIDEOS.get(row["source_group"], row["source_group"])
        truth = (row["has_fire"] == "1", row["has_smoke"] == "1")
        yield eyes.see(image, video, *truth, True, boxes)
        for _ in range(augmented):
            other, moved = _otherwise(image, boxes, rng)
            yield eyes.see(other, video, *truth, False, moved)


def calm(data: Path, eyes: Eyes) -> Iterator[Seen]:
    rng = np.random.default_rng(2)
    none = np.zeros((0, 5), np.float32)
    for folder in _CALM:
        for path in sorted((data / folder).glob("*")):
            image = cv2.imread(str(path))
            if image is not None:
                image = _otherwise(image, none, rng)[0] if rng.random() < 0.5 else image
                yield eyes.see(image, "calm", False, False, False, none)


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
        each = {v: auc(truth[videos == v], score[videos == v]) for v in sorted(set(videos))}
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(__file__).resolve().parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=shared)
    parser.add_argument("--cache", type=Path, default=None)
    parser.add_argument("--learn", type=Path, default=None, help="write the heads that are shipped")
    parser.add_argument("--shipped-only", action="store_true", help="judge with the shipped heads, learn nothing")
    given = parser.parse_args()
    cache = cache_folder(given.cache)
    compose.ensure_models(cache, print)
    Models(catalogue(), (PLACE_READER,), PackageClients(), ModelShelf(cache)).ensure_default(print)
    eyes = Eyes(cache)
    folder = given.data if (given.data / "labels.csv").exists() else given.data / "fire-cctv-frames"
    seen = list(frames(folder, eyes, 0 if given.shipped_only else AUGMENTED))
    plain = [one for one in seen if one.plain]
    figures: dict[str, object] = {"pictures": len(plain)}
    if not given.shipped_only:
        quiet = list(calm(given.data, eyes))
        scores = np.zeros((len(plain), 3), np.float32)
        for video in sorted({one.video for one in plain}):
            heads = learn([one for one in seen if one.video != video] + quiet)
            for index, one in enumerate(plain):
                if one.video == video:
                    scores[index] = _row(heads.joined(raw_of(heads, one)))
        figures |= report("left_out", plain, scores)
        if given.learn:
            packed(learn(seen + quiet), given.learn)
    else:
        heads = shipped()
        scores = np.array([_row(heads.joined(raw_of(heads, one))) for one in plain], np.float32)
        figures |= report("shipped", plain, scores)
    say_json(benchmark="fire", **figures)


if __name__ == "__main__":
    main()
