"""Search by photograph: is the first answer the same thing after crop, light, blur and JPEG; and graffiti of one kind.

    python benchmarks/search/photos.py [--data DIR]

Every picture of graffiti-images and damaged-signs is one thing of the archive; each is asked for, as the product asks,
after it was changed.
``likeness_alone``: without looking for people in it, which finds figures among graffiti and takes them for some.
``people_left``: in the pictures of image-text-street, people of whom a stronger look (the same detector on nine tiles)
is sure, and of whose upper half the product would not paint over half; ``at_lowest``: if it hid all that its threshold
for photographs finds, as it does beside somebody.
For graffiti, ``same_kind_map``: mean average precision with which a tag, throw-up or mural brings others of its kind.
The set does not say which are of one hand, so the question itself, same tag elsewhere, is not measured.
"""

import csv
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _data import options
from vitrail import compose
from vitrail.adapters.openvino import (
    CenterFaceHeads,
    NanodetDetector,
    OpenVinoLikeness,
    load_heads,
    load_nanodet,
    load_picture_embedder,
    load_text_embedder,
)
from vitrail.domain.clearing import Cleared
from vitrail.domain.detections import Label
from vitrail.domain.errors import Refused
from vitrail.domain.sightings import FORM_BYTES
from vitrail.guard.photo import PHOTO_FLOOR, cleared_photo, decoded, people_in


@dataclass(frozen=True, slots=True)
class Eyes:
    detector: NanodetDetector
    heads: CenterFaceHeads


NOBODY = np.zeros((0, 4), np.float32)
Image = np.ndarray
SEED, SURE, SIDE = 5, 0.5, 256


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
    eyes = Eyes(load_nanodet(given.cache, threads=1), load_heads(given.cache, threads=1))
    kinds: dict[Path, str] = graffiti(given.data / "graffiti-images")
    paths = [*kinds, *pictures(given.data / "damaged-signs")]
    held = [(path, image) for path in paths if (image := cv2.imread(str(path))) is not None]
    if len(held) < 2:
        print(json.dumps({"skipped": f"fewer than two pictures under {given.data}"}))
        return
    images = [image for _, image in held]
    archive = np.stack([form_of(likeness, image) for image in images])
    rng = np.random.default_rng(SEED)
    figures: dict[str, object] = {"pictures": len(held)}
    for name, change in CHANGES.items():
        changed = [change(image, rng) for image in images]
        alone = np.stack([form_of(likeness, image) for image in changed]) @ archive.T
        first = np.array([best(likeness, eyes, image, archive) for image in changed])
        figures[f"likeness_alone_{name}"] = share(alone.argmax(axis=1) == np.arange(len(held)))
        figures[f"recall_at_1_{name}"] = share(first == np.arange(len(held)))
        figures[f"refused_{name}"] = share(first < 0)
        print(name, {key: value for key, value in figures.items() if key.endswith(name)}, flush=True)
    figures |= people_left(eyes, given.data / "image-text-street", load_nanodet(given.cache, 1, (3, 3)))
    figures["same_kind_map"] = round(same_kind(archive, [kinds.get(path, "") for path, _ in held]), 3)
    print(json.dumps(figures, sort_keys=True))


def share(right: np.ndarray) -> float:
    return round(float(right.mean()), 3)


def pictures(folder: Path) -> list[Path]:
    found = sorted(path for end in ("jpg", "jpeg", "png") for path in folder.rglob(f"*.{end}"))
    if not found:
        print(f"skipped: no pictures in {folder}", flush=True)
    return found


def graffiti(folder: Path) -> dict[Path, str]:
    """Each picture with its kind; unlabelled ones have none."""
    kinds: dict[str, str] = {}
    if (folder / "labels.csv").is_file():
        with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
            kinds = {row.get("file", ""): row.get("class", "") for row in csv.DictReader(file)}
    return {p: kinds.get(f"{p.parent.name}/{p.name}") or kinds.get(p.name) or "" for p in pictures(folder)}


def form_of(likeness: OpenVinoLikeness, image: Image) -> np.ndarray:
    """As a mark of the archive is kept."""
    cleared = Cleared.of(decoded(cv2.imencode(".png", image)[1].tobytes()), NOBODY)
    return likeness.forms([cleared])[0].row() if cleared else np.zeros(FORM_BYTES, np.float32)


def best(likeness: OpenVinoLikeness, eyes: Eyes, image: Image, archive: np.ndarray) -> int:
    """Asked as the product asks: people painted over, the whole and the things in it; -1 when it is refused."""
    picture = decoded(cv2.imencode(".png", image)[1].tobytes())
    try:
        found = eyes.detector.detect([picture], PHOTO_FLOOR)[0]
        photo = cleared_photo(picture, people_in(found, eyes.heads.find([picture])[0]), found, lambda *_: b"")
    except Refused:
        return -1
    asked = np.stack([form.row() for form in likeness.forms(photo.parts)])
    return int((asked @ archive.T).max(axis=0).argmax())


def people_left(eyes: Eyes, folder: Path, strong: NanodetDetector) -> dict[str, object]:
    people, left, left_at_lowest = 0, 0, 0
    for path in pictures(folder):
        picture = decoded(cv2.imencode(".png", cv2.imread(str(path)))[1].tobytes())
        found = eyes.detector.detect([picture], PHOTO_FLOOR)[0]
        hidden = shadow(people_in(found, eyes.heads.find([picture])[0]))
        hidden_at_lowest = shadow(found.of(Label.PERSON).boxes)
        for x0, y0, x1, y1 in strong.detect([picture], SURE)[0].of(Label.PERSON).boxes:
            rows, columns = np.linspace(y0, (y0 + y1) / 2, 16), np.linspace(x0, x1, 16)
            upper = np.ix_((rows * (SIDE - 1)).astype(int), (columns * (SIDE - 1)).astype(int))
            people += 1
            left += bool(hidden[upper].mean() < 0.5)
            left_at_lowest += bool(hidden_at_lowest[upper].mean() < 0.5)
    return {"people": people, "people_left": left, "people_left_at_lowest": left_at_lowest}


def shadow(boxes: np.ndarray) -> np.ndarray:
    """Of the boxes, on a square."""
    cells = np.zeros((SIDE, SIDE), bool)
    for x0, y0, x1, y1 in (np.clip(boxes, 0, 1) * SIDE).astype(int):
        cells[y0 : y1 + 1, x0 : x1 + 1] = True
    return cells


def same_kind(rows: np.ndarray, kinds: list[str]) -> float:
    named = ("tags", "throwups", "masterpiece", "tag", "throwup")
    wanted = [i for i, kind in enumerate(kinds) if kind in named and kinds.count(kind) > 1]
    precisions = []
    for i in wanted:
        order = [j for j in np.argsort(-(rows[wanted] @ rows[i])) if wanted[j] != i]
        right = np.array([kinds[wanted[j]] == kinds[i] for j in order])
        precisions.append(float((np.cumsum(right) / np.arange(1, len(right) + 1))[right].mean()))
    return float(np.mean(precisions)) if precisions else 0.0


if __name__ == "__main__":
    main()
