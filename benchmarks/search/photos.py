"""Search by photograph: is the first answer the same thing after crop, light, blur and JPEG; and graffiti of one kind.

    python benchmarks/search/photos.py [--data DIR]

Every picture of graffiti-images and damaged-signs is one thing of the archive; each is asked for after it was changed.
For graffiti, ``same_kind_map``: mean average precision with which a tag, throw-up or mural brings others of its kind.
The set does not say which are of one hand, so the question itself, same tag elsewhere, is not measured.
"""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _data import options
from vitrail import compose
from vitrail.adapters.openvino import OpenVinoLikeness, load_picture_embedder, load_text_embedder
from vitrail.domain.clearing import Cleared
from vitrail.guard.photo import decoded

NOBODY = np.zeros((0, 4), np.float32)
Image = np.ndarray
SEED = 5


def cropped(image: Image, rng: np.random.Generator) -> Image:
    h, w = image.shape[:2]
    share = rng.uniform(0.75, 0.9)
    top, left = (int(rng.uniform(0, length * (1 - share))) for length in (h, w))
    return image[top : top + int(h * share), left : left + int(w * share)]


def lit(image: Image, rng: np.random.Generator) -> Image:
    return np.clip(255 * (image / 255.0) ** rng.choice([0.6, 1.7]) * rng.uniform(0.7, 1.1), 0, 255).astype(np.uint8)


def blurred(image: Image, rng: np.random.Generator) -> Image:
    return cv2.GaussianBlur(image, (0, 0), rng.uniform(1.5, 2.5))


def packed(image: Image, rng: np.random.Generator) -> Image:
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 15])[1], cv2.IMREAD_COLOR)


def everything(image: Image, rng: np.random.Generator) -> Image:
    return packed(blurred(lit(cropped(image, rng), rng), rng), rng)


CHANGES: dict[str, Callable[[Image, np.random.Generator], Image]] = {
    "crop": cropped,
    "light": lit,
    "blur": blurred,
    "jpeg": packed,
    "all_together": everything,
}


def main() -> None:
    given = options(__doc__ or "")
    compose.ensure_models(given.cache, print)
    likeness = OpenVinoLikeness(lambda: load_picture_embedder(given.cache), lambda: load_text_embedder(given.cache))
    paths = sorted((given.data / "graffiti-images").glob("*/*.jpg"))
    paths += sorted((given.data / "damaged-signs").rglob("*.jpg"))
    images = [cv2.imread(str(path)) for path in paths]
    archive = rows_of(likeness, images)
    rng = np.random.default_rng(SEED)
    figures: dict[str, object] = {"pictures": len(paths)}
    for name, change in CHANGES.items():
        asked = rows_of(likeness, [change(image, rng) for image in images])
        first = (asked @ archive.T).argmax(axis=1)
        figures[f"recall_at_1_{name}"] = round(float((first == np.arange(len(paths))).mean()), 3)
    with (given.data / "graffiti-images" / "labels.csv").open(encoding="utf-8", newline="") as file:
        kind_of = {row["file"]: row["class"] for row in csv.DictReader(file)}
    kinds = [kind_of.get(f"{path.parent.name}/{path.name}") or kind_of.get(path.name) or "" for path in paths]
    figures["same_kind_map"] = round(same_kind(archive, kinds), 3)
    print(json.dumps(figures, sort_keys=True))


def rows_of(likeness: OpenVinoLikeness, images: list[Image]) -> np.ndarray:
    rows = []
    for image in images:
        cleared = Cleared.of(decoded(cv2.imencode(".png", image)[1].tobytes()), NOBODY)
        assert cleared is not None
        rows.append(likeness.forms([cleared])[0].row())
    return np.stack(rows)


def same_kind(rows: np.ndarray, kinds: list[str]) -> float:
    wanted = [i for i, kind in enumerate(kinds) if kind in ("tags", "throwups", "masterpiece", "tag", "throwup")]
    precisions = []
    for i in wanted:
        order = [j for j in np.argsort(-(rows[wanted] @ rows[i])) if wanted[j] != i]
        right = np.array([kinds[wanted[j]] == kinds[i] for j in order])
        precisions.append(float((np.cumsum(right) / np.arange(1, len(right) + 1))[right].mean()))
    return float(np.mean(precisions)) if precisions else 0.0


if __name__ == "__main__":
    main()
