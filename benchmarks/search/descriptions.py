"""Recall of street pictures by their captions: chance, likeness as the product computes it, and with a joint model.

    python benchmarks/search/descriptions.py [--data DIR]

Two ways for pictures: as they are (to compare with published figures), and with people painted over first, which is how
the product sees them. Most captions of this set speak of people; the product would refuse those, here all are asked.
The set is non-commercial: it is measured on, nothing is learnt from it.
"""

import csv
import json
import sys
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _data import options
from vitrail import compose
from vitrail.adapters.openvino import OpenVinoLikeness, load_nanodet, load_picture_embedder, load_text_embedder
from vitrail.domain.clearing import Cleared
from vitrail.domain.detections import Label
from vitrail.domain.frames import Picture
from vitrail.guard.asking import person_words
from vitrail.guard.masking import MASK_FLOOR
from vitrail.guard.photo import decoded

NOBODY = np.zeros((0, 4), np.float32)
AT = 10


def main() -> None:
    given = options(__doc__ or "")
    compose.ensure_models(given.cache, print)
    folder = given.data / "image-text-street"
    if not (folder / "captions.csv").is_file():
        print(json.dumps({"skipped": f"no described pictures in {folder}"}))
        return
    with (folder / "captions.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (folder / "images" / row["file"]).is_file()]
    names = sorted({row["file"] for row in rows})
    pictures = [whole(folder / "images" / name) for name in names]
    detector = load_nanodet(given.cache, threads=1)
    likeness = OpenVinoLikeness(lambda: load_picture_embedder(given.cache), lambda: load_text_embedder(given.cache))
    directions = np.stack([likeness.meaning(row["caption"]) for row in rows])
    truth = np.array([names.index(row["file"]) for row in rows])
    spoken = np.array([person_words(row["caption"]) is None for row in rows])
    found = detector.detect(pictures, MASK_FLOOR)
    people = [one.of(Label.PERSON).boxes for one in found]
    ways = {
        "as_they_are": [Cleared.of(p, NOBODY, found=one) for p, one in zip(pictures, found, strict=True)],
        "people_painted_over": [
            Cleared.of(p, boxes, least=0.01, found=one) for p, boxes, one in zip(pictures, people, found, strict=True)
        ],
    }
    figures: dict[str, object] = {"pictures": len(names), "captions": len(rows), "chance": round(AT / len(names), 3)}
    figures["captions_not_of_people"] = int(spoken.sum())
    for way, cleared in ways.items():
        rows_of = np.zeros((len(names), 128), np.float32)
        kept = [i for i, one in enumerate(cleared) if one is not None]
        forms = likeness.forms([one for one in cleared if one is not None])
        rows_of[kept] = np.stack([form.row() for form in forms])
        products = directions @ rows_of.T
        hits = np.array([(products[i] > products[i, t]).sum() < AT for i, t in enumerate(truth)])
        figures[f"recall_at_10_{way}"] = round(float(hits.mean()), 3)
        figures[f"recall_at_10_{way}_captions_not_of_people"] = round(float(hits[spoken].mean()), 3)
    print(json.dumps(figures, sort_keys=True))


def whole(path: Path) -> Picture:
    encoded = cv2.imencode(".png", cv2.imread(str(path)))[1].tobytes()
    return decoded(encoded)


if __name__ == "__main__":
    main()
