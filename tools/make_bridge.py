"""Makes ``bridge.npz``: the axes of forms, and the picture model's classes along them with the meaning of their names
(``names.txt``).

    python tools/make_bridge.py --checkpoint FILE.pth --labels imagenet.txt --pictures DIR [DIR...]

Nothing is learnt from described pictures: the axes come from the spread of street pictures (CC BY) and of the picture
model's own class weights, measured against what a crop, other light, blur and JPEG change in the same pictures: what
changes little and differs much comes first (Fisher's discriminant). Classes that name clothing or kinds of people are
left out, so that no direction for them exists. ``--labels``: the 1000 ImageNet class names, one a line. Said at
the end: how many changed pictures find their own first, by axes that were learnt from the other half of the pictures.
"""

import argparse
import re
import sys
from pathlib import Path

import cv2
import numpy as np

from vitrail.adapters.openvino import load_picture_embedder, load_text_embedder
from vitrail.adapters.openvino.likeness import BRIDGE, LOOKS, NAMES, THINGS_SEEN
from vitrail.adapters.openvino.pth import read_pth
from vitrail.cli.places import cache_folder
from vitrail.domain.clearing import Cleared
from vitrail.domain.frames import Picture

NOT_OURS = """
abaya, academic gown, apron, bathing cap, bearskin, bikini, bolo tie, bonnet, bow tie, brassiere, breastplate,
bulletproof, cardigan, chain mail, christmas stocking, cloak, clog, cowboy, crash helmet, cuirass, diaper,
feather boa, football helmet, fur coat, gasmask, gown, groom, hair, hoopskirt, jean, jersey, kimono, knee pad,
lab coat, lipstick, loafer, mail, maillot, mask, military uniform, miniskirt, mitten, mortarboard, neck brace,
necklace, overskirt, pajama, poncho, running shoe, sandal, sarong, scuba diver, ballplayer, serape, shower
cap, ski mask, sock, sombrero, stole, suit, sunglass, sweatshirt, swimming trunks, trench coat, vestment, wig,
windsor tie, wool, holster, cowboy, pickelhaube, sunscreen, stethoscope, lotion, swimming cap, hoop skirt, t-shirt,
slip-on shoe, tights, graduation cap, sneaker, scarf, baseball player
"""
OF_CLASSES = 0.4
EVENLY = 10.0
"""How much every direction is taken to change, beside what was measured; 1 is as much as all of that together."""
CHANGES, SEED, BLOCK = 4, 99, 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, nargs="+", required=True)
    given = parser.parse_args()
    names = given.labels.read_text(encoding="utf-8").splitlines()
    ours_not = re.compile("|".join(re.escape(word.strip()) for word in NOT_OURS.replace("\n", " ").split(",")))
    kept = [i for i, name in enumerate(names) if not ours_not.search(name.lower()) and name != "bra"]
    weights = np.asarray(read_pth(given.checkpoint)["_fc.weight"], np.float64)
    weights = (weights - weights.mean(0))[kept]
    texts = load_text_embedder(cache_folder(None))
    images = [cv2.imread(str(p)) for folder in given.pictures for p in sorted(folder.rglob("*.jpg"))]
    street, rng = seen(images), np.random.default_rng(SEED)
    changes = np.stack([seen([changed(image, rng) for image in images]) for _ in range(CHANGES)]) - street
    middle, basis = learnt(weights, street, changes)
    rows = {"middle": middle.astype(np.float16), "basis": basis.astype(np.float16)}
    rows |= {
        "classes": in_bytes(weights @ np.linalg.pinv(basis).T),
        "names": in_bytes(texts.embed([names[i] for i in kept])),
    }
    rows |= {"things": in_bytes(texts.embed(THINGS_SEEN))}
    np.savez_compressed(BRIDGE, **rows)
    NAMES.write_text("\n".join(names[i] for i in kept) + "\n", encoding="utf-8")
    sys.stdout.write(f"{BRIDGE.name}: {BRIDGE.stat().st_size} bytes, {len(kept)} classes, {len(images)} pictures\n")
    sys.stdout.write(f"found first when changed, axes learnt without them: {held_out(weights, street, changes):.3f}\n")


def in_bytes(rows: np.ndarray) -> np.ndarray:
    """Directions: their length does not matter, and a byte a number is enough."""
    return np.round(rows * (127 / np.abs(rows).max(axis=1, keepdims=True))).astype(np.int8)


def seen(images: list[np.ndarray]) -> np.ndarray:
    """(pictures, 5, 1280): each picture and its quarters."""
    embedder, nobody = load_picture_embedder(cache_folder(None)), np.zeros((0, 4), np.float32)
    cleared = [Cleared.of(picture(image), nobody) for image in images]
    views = [view for one in cleared if one is not None for view in one.quarters()]
    rows = embedder.embed(views).astype(np.float64)
    return rows.reshape(len(images), -1, rows.shape[1])


def changed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """As another camera, hour or telephone would show it."""
    height, width = image.shape[:2]
    share = rng.uniform(0.65, 1.0)
    top, left = (int(rng.uniform(0, length * (1 - share))) for length in (height, width))
    part = image[top : top + int(height * share), left : left + int(width * share)]
    lit = 255 * (part / 255.0) ** rng.uniform(0.55, 1.8) * rng.uniform(0.65, 1.15)
    made = np.clip(lit, 0, 255).astype(np.uint8)
    if rng.random() < 0.7:
        made = cv2.GaussianBlur(made, (0, 0), rng.uniform(0.5, 3.0))
    if rng.random() < 0.7:
        made = cv2.imdecode(cv2.imencode(".jpg", made, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(10, 60))])[1], 1)
    return made


def picture(image: np.ndarray) -> Picture:
    height, width = (length // 2 * 2 for length in image.shape[:2])
    planes = cv2.cvtColor(image[:height, :width], cv2.COLOR_BGR2YUV_I420).reshape(-1)
    luma, chroma = height * width, height * width // 4
    half = (height // 2, width // 2)
    return Picture(
        planes[:luma].reshape(height, width),
        planes[luma : luma + chroma].reshape(half),
        planes[luma + chroma :].reshape(half),
    )


def learnt(weights: np.ndarray, street: np.ndarray, changes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    width = street.shape[-1]
    middle = street.mean((0, 1))
    return middle, axes(weights, (street - middle).reshape(-1, width), changes.reshape(-1, width))


def held_out(weights: np.ndarray, street: np.ndarray, changes: np.ndarray) -> float:
    """Halves are blocks of consecutive pictures: neighbours may be of one place."""
    half = np.arange(len(street)) // BLOCK % 2
    right = 0
    for one in (0, 1):
        middle, basis = learnt(weights, street[half != one], changes[:, half != one])
        archive = forms(street, middle, basis)
        asked = np.flatnonzero(half == one)
        for change in changes:
            right += int(((forms(street[asked] + change[asked], middle, basis) @ archive.T).argmax(1) == asked).sum())
    return right / (len(street) * len(changes))


def forms(views: np.ndarray, middle: np.ndarray, basis: np.ndarray) -> np.ndarray:
    codes = (views - middle) @ basis
    codes = (codes / np.linalg.norm(codes, axis=2, keepdims=True)).sum(1)
    return np.asarray(codes / np.linalg.norm(codes, axis=1, keepdims=True))


def axes(weights: np.ndarray, street: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """The directions in which classes and street pictures differ most, for how much a change of the picture does."""
    classes, pictures, change = ((rows.T @ rows) / np.sum(rows * rows) for rows in (weights, street, changes))
    change += EVENLY * np.eye(len(change)) / len(change)
    root = np.linalg.inv(np.linalg.cholesky(change))
    _, vectors = np.linalg.eigh(root @ (OF_CLASSES * classes + (1 - OF_CLASSES) * pictures) @ root.T)
    basis = root.T @ vectors[:, ::-1][:, :LOOKS]
    return np.asarray(basis / np.abs(basis).max())


if __name__ == "__main__":
    main()
