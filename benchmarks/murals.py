"""Tags and throw-ups against murals, by what the network sees that photographs are searched with.

    python benchmarks/murals.py [--data DIR]

Each photograph of graffiti-images without a clean wall is looked at in four overlapping corners, plain and mirrored;
a linear rule on what EfficientNet-Lite2 makes of a corner, and a smaller one on the colours of the whole, are learnt on
nine tenths and asked about the rest. Photographs taken one after the other (numbers at most ten apart) and photographs
that look alike are one group, and a group is never on both sides. The whole is done for four divisions into tenths.
How it is looked at was chosen on these photographs. The product asks no such thing of anybody: ``graffiti`` tells paint
of both kinds, since permission cannot be seen.
"""

import csv
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.stats import rankdata

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _data import options, say_json
from composite.reel import picture_of
from vitrail import compose
from vitrail.adapters.openvino import load_picture_embedder
from vitrail.domain.clearing import Cleared

Values = npt.NDArray[np.float64]
FOLDS, DIVISIONS, NEAR, ALIKE = 10, 4, 10, 0.85
CORNER, COLOUR_SHARE, PULL = 0.6, 0.3, 0.01
NOBODY = np.zeros((0, 4), np.float32)


def main() -> None:
    given = options(__doc__ or "")
    cv2.setNumThreads(1)
    rows = labelled(given.data / "graffiti-images")
    truth = np.array([kind != "masterpiece" for _, kind in rows], np.float64)
    if min(truth.sum(), len(truth) - truth.sum()) < FOLDS:
        print(f"{given.data}/graffiti-images holds too few tags or too few murals: nothing is measured")
        say_json(benchmark="murals", photographs=len(rows))
        return
    compose.ensure_models(given.cache, print)
    embedder = load_picture_embedder(given.cache, threads=1)
    looked = [looks(path) for path, _ in rows]
    corners = np.stack([embedder.embed([cleared(one) for one in parts]) for parts, _, _ in looked]).astype(np.float64)
    wholes = np.stack([embedder.embed([cleared(whole)])[0] for _, whole, _ in looked])
    colours = np.stack([colour for _, _, colour in looked])[:, None]
    groups = grouped([path.name for path, _ in rows], wholes)
    areas = []
    for division in range(DIVISIONS):
        folds = divided(groups, division)
        said = np.zeros(len(truth))
        for fold in range(FOLDS):
            learn = folds != fold
            if learn.all() or len(set(truth[learn])) < 2:
                continue
            both = judged(corners, truth, learn) + COLOUR_SHARE * judged(colours, truth, learn)
            said[~learn] = both[~learn]
        areas.append(auc(said, truth))
        print(f"division {division + 1} of {DIVISIONS}: AUC {areas[-1]:.4f}", flush=True)
    say_json(
        benchmark="murals", photographs=len(rows), murals=int(len(truth) - truth.sum()), groups=len(set(groups)),
        folds=FOLDS, auc=round(float(np.mean(areas)), 4), auc_of_divisions=[round(one, 4) for one in areas],
    )  # fmt: skip


def labelled(folder: Path) -> list[tuple[Path, str]]:
    """Those that can be read."""
    if not (folder / "labels.csv").is_file():
        print(f"skipped: no labels.csv in {folder}")
        return []
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = [(folder / row["file"], row["class"]) for row in csv.DictReader(file)]
    kinds = ("tags", "throwups", "masterpiece")
    return [(path, kind) for path, kind in rows if kind in kinds and cv2.imread(str(path)) is not None]


def looks(path: Path) -> tuple[list[npt.NDArray[np.uint8]], npt.NDArray[np.uint8], Values]:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    height, width = image.shape[:2]
    tall, wide = round(height * CORNER), round(width * CORNER)
    both = (image, np.ascontiguousarray(image[:, ::-1]))
    tops, lefts = (0, height - tall), (0, width - wide)
    parts = [np.ascontiguousarray(i[y : y + tall, x : x + wide]) for i in both for y in tops for x in lefts]
    return parts, image, colour(image)


def cleared(image: npt.NDArray[np.uint8]) -> Cleared:
    """The photographs show walls; nobody has to be painted over."""
    found = Cleared.of(picture_of(image), NOBODY)
    assert found is not None
    return found


def colour(image: npt.NDArray[np.uint8]) -> Values:
    """How many colours, and how strong: a mural has more of both."""
    small = cv2.resize(image, (200, 200), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    strength = np.hypot(lab[..., 1], lab[..., 2])
    hue = np.minimum((np.arctan2(lab[..., 2], lab[..., 1]) + np.pi) / (2 * np.pi) * 12, 11).astype(int)
    strong = strength > 20
    shares = np.bincount(hue.ravel(), strength.ravel(), minlength=12) / max(float(strength.sum()), 1e-6)
    bins, _ = np.histogramdd(lab.reshape(-1, 3), (6, 8, 8), ((0, 100), (-60, 60), (-60, 60)))
    bins = bins.ravel() / max(bins.sum(), 1.0)
    hues = np.bincount(hue[strong], minlength=12) / strong.size
    spread = [-(p * np.log(p + 1e-9)).sum() for p in (shares, bins)]
    strengths = [strength.mean(), strength.std(), np.percentile(strength, 90), strong.mean()]
    return np.array([*strengths, *spread, (hues > 0.02).sum(), (bins > 0.01).sum()], np.float64)


def grouped(names: list[str], wholes: npt.NDArray[np.float32]) -> list[int]:
    """The number of each photograph's group."""
    of = list(range(len(names)))
    for a, b in _neighbours(names, wholes):
        old, new = of[a], of[b]
        of = [new if one == old else one for one in of]
    return of


def _neighbours(names: list[str], wholes: npt.NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    numbers = [re.search(r"(\d{3,})", name) for name in names]
    ordered = sorted((int(number.group(1)), index) for index, number in enumerate(numbers) if number)
    for (low, a), (high, b) in pairwise(ordered):
        if high - low <= NEAR:
            yield a, b
    for a, b in np.argwhere(np.triu(wholes @ wholes.T > ALIKE, 1)):
        yield int(a), int(b)


def divided(groups: list[int], seed: int) -> npt.NDArray[np.int64]:
    """The fold of each photograph: large groups first, each into the emptiest fold."""
    order = np.random.default_rng(seed).permutation(sorted(set(groups)))
    sizes = {group: groups.count(group) for group in order.tolist()}
    load, fold = [0] * FOLDS, {}
    for group in sorted(order.tolist(), key=lambda one: -sizes[one]):
        fold[group] = int(np.argmin(load))
        load[fold[group]] += sizes[group]
    return np.array([fold[group] for group in groups])


def judged(looks_of: Values, truth: Values, learn: npt.NDArray[np.bool_]) -> Values:
    """(n, looks, dimensions) to one figure a photograph: the mean of its looks, in spreads of those learnt from."""
    count, each, wide = looks_of.shape
    rule = learnt(looks_of[learn].reshape(-1, wide), np.repeat(truth[learn], each))
    said = rule(looks_of.reshape(-1, wide)).reshape(count, each).mean(axis=1)
    return np.asarray((said - said[learn].mean()) / max(float(said[learn].std()), 1e-9))


def learnt(rows: Values, truth: Values):
    """Logistic regression, both kinds weighing alike."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    plain, sign = (rows - mean) / spread, 2 * truth - 1
    weight = np.where(truth == 1, 0.5 / truth.mean(), 0.5 / (1 - truth.mean())) / len(truth)

    def loss(at: Values) -> tuple[float, Values]:
        margin = sign * (plain @ at[:-1] + at[-1])
        slope = -weight * sign / (1 + np.exp(np.clip(margin, -50, 50)))
        fit = float((weight * np.logaddexp(0, -margin)).sum() + PULL * at[:-1] @ at[:-1])
        return fit, np.append(plain.T @ slope + 2 * PULL * at[:-1], slope.sum())

    best = minimize(loss, np.zeros(rows.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    return lambda asked: (asked - mean) / spread @ best[:-1] + best[-1]


def auc(said: Values, truth: Values) -> float:
    ranks, yes = rankdata(said), truth.sum()
    return float((ranks[truth == 1].sum() - yes * (yes + 1) / 2) / (yes * (len(truth) - yes)))


if __name__ == "__main__":
    main()
