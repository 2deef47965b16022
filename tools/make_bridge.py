"""Makes ``bridge.npz``: the axes of forms, and the picture model's classes along them with the meaning of their names
(``names.txt``).

    python tools/make_bridge.py --checkpoint FILE.pth --labels imagenet.txt --pictures DIR [DIR...]

Nothing is learnt from described pictures: the axes come from the spread of street pictures (CC BY) and of the picture
model's own class weights. Classes that name clothing or kinds of people are left out, so that no direction for them
exists. ``--labels``: the 1000 ImageNet class names in order, one a line.
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
OF_CLASSES = 0.5


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
    street = seen(sorted(p for folder in given.pictures for p in folder.rglob("*.jpg"))).astype(np.float64)
    middle = street.mean(0)
    basis = axes(weights, street - middle)
    rows = {"middle": middle.astype(np.float16), "basis": basis.astype(np.float16)}
    rows |= {"classes": in_bytes(weights @ basis), "names": in_bytes(texts.embed([names[i] for i in kept]))}
    rows |= {"things": in_bytes(texts.embed(THINGS_SEEN))}
    np.savez_compressed(BRIDGE, **rows)
    NAMES.write_text("\n".join(names[i] for i in kept) + "\n", encoding="utf-8")
    sys.stdout.write(f"{BRIDGE.name}: {BRIDGE.stat().st_size} bytes, {len(kept)} classes, {len(street)} pictures\n")


def in_bytes(rows: np.ndarray) -> np.ndarray:
    """Directions: their length does not matter, and a byte a number is enough."""
    return np.round(rows * (127 / np.abs(rows).max(axis=1, keepdims=True))).astype(np.int8)


def seen(paths: list[Path]) -> np.ndarray:
    nobody = np.zeros((0, 4), np.float32)
    cleared = [Cleared.of(picture(path), nobody) for path in paths]
    return load_picture_embedder(cache_folder(None)).embed([one for one in cleared if one is not None])


def picture(path: Path) -> Picture:
    image = cv2.imread(str(path))
    height, width = (length // 2 * 2 for length in image.shape[:2])
    planes = cv2.cvtColor(image[:height, :width], cv2.COLOR_BGR2YUV_I420).reshape(-1)
    luma, chroma = height * width, height * width // 4
    half = (height // 2, width // 2)
    return Picture(
        planes[:luma].reshape(height, width),
        planes[luma : luma + chroma].reshape(half),
        planes[luma + chroma :].reshape(half),
    )


def axes(weights: np.ndarray, street: np.ndarray) -> np.ndarray:
    """The directions in which classes and street pictures differ most."""
    spreads = [(rows.T @ rows) / np.sum(rows * rows) for rows in (weights, street)]
    _, vectors = np.linalg.eigh(OF_CLASSES * spreads[0] + (1 - OF_CLASSES) * spreads[1])
    return vectors[:, ::-1][:, :LOOKS]


if __name__ == "__main__":
    main()
