"""Fights in two-second clips, by folds of sources; false alarms on ordinary footage; what it costs.

- ``folds_*``: the weights are learnt anew without the sources that are tested, five folds, five ways to cut them. The
  mean, and the lowest and highest of the five. The choice of measures and of the ridge was made on these same folds, so
  the figures are a little too good.
- ``shipped_*``: the weights that the product ships, on this folder. On the set they were learnt from that is no test;
  on any other set it is the one figure that counts.
- ``ordinary_*``: the analytic itself, at its shipped threshold, on recordings that show no fight: as they are,
  mirrored, brighter, darker, cropped and faster.

``--learn FILE`` writes the weights learnt from all clips of the folder.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import cv2
import numpy as np
from _clips import Clip, auc, labelled, looked_at
from _learning import folds, learnt, packed
from _peace import ordinary

from _data import say_json
from vitrail import compose
from vitrail.adapters.openvino import NanodetDetector, load_nanodet, load_place_reader
from vitrail.analytics.brawling import Brawling, window
from vitrail.analytics.brawling import shipped as brawling
from vitrail.analytics.fight import MANIFEST
from vitrail.cli.places import cache_folder
from vitrail.ports.embedder import MotionReader

FOLDS, CUTS = 5, 5
NEVER = -20.0
"""The level of a clip in which nobody was close for long enough."""
_BAR = next(p.default for p in MANIFEST.parameters if p.name == "threshold")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One row a clip. ``judged``: enough was measured of it; what was not is never told."""

    clips: tuple[Clip, ...]
    rows: np.ndarray
    stirs: np.ndarray
    truth: np.ndarray
    judged: np.ndarray

    @classmethod
    def of(cls, clips: Sequence[Clip]) -> "Table":
        judged = [len(clip.measures) >= 2 and len(clip.stirs) > 0 for clip in clips]
        kept = [(window(c.measures), c.stirs.mean(axis=0)) if ok else None for c, ok in zip(clips, judged, strict=True)]
        known = next((one for one in kept if one is not None), (np.zeros(1), np.zeros(1)))
        filled = [one or (0 * known[0], 0 * known[1]) for one in kept]
        rows, stirs = (np.array([one[part] for one in filled]) for part in (0, 1))
        return cls(tuple(clips), rows, stirs, np.array([clip.fight for clip in clips], bool), np.array(judged, bool))

    @property
    def sources(self) -> list[str]:
        return [clip.source for clip in self.clips]

    def learnt(self, some: np.ndarray) -> Brawling:
        some = some & self.judged
        names = [name for name, used in zip(self.sources, some, strict=True) if used]
        return learnt(self.rows[some], self.stirs[some], self.truth[some], names)

    def levels(self, model: Brawling) -> np.ndarray:
        return np.where(self.judged, model.level(self.rows, self.stirs), NEVER)

    def told(self, model: Brawling) -> np.ndarray:
        return np.where(self.judged, model.likeness(self.rows, self.stirs), 0.0) >= _BAR


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with fight-surveillance, or that folder itself"
    )
    parser.add_argument("--cache", type=Path, help="where models are kept")
    parser.add_argument("--learn", type=Path, help="write the weights learnt from all clips")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    cache = cache_folder(given.cache)
    compose.ensure_models(cache, print)
    detector, reader = load_nanodet(cache, threads=1), load_place_reader(cache, threads=1)
    folder = given.data if (given.data / "labels.csv").exists() else given.data / "fight-surveillance"
    clips = list(_seen(folder, detector, reader))
    figures: dict[str, object] = {"clips": len(clips), "sources": len({clip.source for clip in clips})}
    if {clip.fight for clip in clips if len(clip.stirs)} == {True, False}:
        figures |= of_clips(Table.of(clips), given.learn)
    else:
        print(f"skipped: {folder} has not both kinds of clips with people close to each other", flush=True)
    figures |= ordinary(given.data, cache, detector, reader)
    say_json(benchmark="fight", **figures)


def _seen(folder: Path, detector: NanodetDetector, reader: MotionReader) -> Iterator[Clip]:
    if not (folder / "labels.csv").exists():
        print(f"skipped: there is no {folder / 'labels.csv'}", flush=True)
        return
    for n, (path, fight, source) in enumerate(labelled(folder), 1):
        try:
            yield looked_at(path, fight, source, detector, reader)
        except (OSError, av.FFmpegError) as wrong:
            print(f"skipped: {path} cannot be read ({wrong})", flush=True)
        if n % 50 == 0:
            print(f"{n} clips", flush=True)


def of_clips(table: Table, into: Path | None) -> dict[str, object]:
    figures, levels = in_folds(table)
    if into:
        into.write_bytes(packed(table.learnt(table.judged)))
        print(f"wrote {into}")
    return figures | shipped(table) | disparities(table, levels)


def in_folds(table: Table) -> tuple[dict[str, object], np.ndarray]:
    """Figures, and each clip's level when its source was not learnt from, mean over the cuts."""
    cuts: list[np.ndarray] = []
    told: list[np.ndarray] = []
    truth = table.truth
    for seed in range(CUTS):
        levels, said = np.full(len(truth), NEVER), np.zeros(len(truth), bool)
        for tested in folds(truth, table.sources, FOLDS, seed):
            if len(set(truth[~tested & table.judged])) == 2:
                model = table.learnt(~tested)
                levels[tested], said[tested] = table.levels(model)[tested], table.told(model)[tested]
        cuts.append(levels)
        told.append(said)
    aucs = [auc(levels, truth) for levels in cuts]
    mean = np.mean(cuts, axis=0)
    figures: dict[str, object] = {
        "folds_auc": round(float(np.mean(aucs)), 3),
        "folds_auc_range": [round(min(aucs), 3), round(max(aucs), 3)],
        "folds_auc_interval": _interval(auc, mean, truth, table.sources),
        "folds_accuracy": round(float(np.mean([((levels > 0) == truth).mean() for levels in cuts])), 3),
        "folds_recall_at_5_percent": round(float(np.mean([_recall(levels, truth) for levels in cuts])), 3),
        "folds_recall_at_5_percent_interval": _interval(_recall, mean, truth, table.sources),
        "folds_recall_at_threshold": round(float(np.mean([said[truth].mean() for said in told])), 3),
        "folds_false_at_threshold": round(float(np.mean([said[~truth].mean() for said in told])), 3),
    }
    return _said(figures), mean


def _said(figures: dict[str, object]) -> dict[str, object]:
    for name, value in figures.items():
        print(f"{name}: {value}", flush=True)
    return figures


def _recall(levels: np.ndarray, truth: np.ndarray, false_share: float = 0.05) -> float:
    others = np.sort(levels[~truth])
    bar = others[int(np.ceil((1 - false_share) * len(others))) - 1]
    return float((levels[truth] > bar).mean())


def _interval(
    figure: Callable[[np.ndarray, np.ndarray], float],
    levels: np.ndarray,
    truth: np.ndarray,
    sources: Sequence[str],
    times: int = 400,
) -> list[float]:
    """95 % by drawing sources again and again: clips of one source are no independent witnesses."""
    rng = np.random.default_rng(1)
    names = np.array(sources)
    places = {name: np.flatnonzero(names == name) for name in sorted(set(sources))}
    found = []
    for _ in range(times):
        drawn = np.concatenate([places[name] for name in rng.choice(sorted(places), len(places))])
        if 0 < truth[drawn].sum() < len(drawn):
            found.append(figure(levels[drawn], truth[drawn]))
    return [round(float(v), 3) for v in np.percentile(found, (2.5, 97.5))]


def shipped(table: Table) -> dict[str, object]:
    model, truth = brawling(), table.truth
    levels, told = table.levels(model), table.told(model)
    return _said(
        {
            "shipped_auc": round(auc(levels, truth), 3),
            "shipped_auc_interval": _interval(auc, levels, truth, table.sources),
            "shipped_accuracy": round(float(((levels > 0) == truth).mean()), 3),
            "shipped_recall_at_5_percent": round(_recall(levels, truth), 3),
            "shipped_recall_at_threshold": round(float(told[truth].mean()), 3),
            "shipped_false_at_threshold": round(float(told[~truth].mean()), 3),
        }
    )


def disparities(table: Table, levels: np.ndarray) -> dict[str, object]:
    """AUC of the folds in the lower and the upper half of what a picture is like."""
    found: dict[str, object] = {}
    for name in ("light", "height", "people", "contrast"):
        values = np.array([getattr(clip, name) for clip in table.clips])
        low = values <= np.median(values)
        halves = [_half(levels[half], table.truth[half]) for half in (low, ~low)]
        print(f"by {name}: lower half {halves[0]}, upper half {halves[1]}", flush=True)
        found[f"auc_by_{name}"] = halves
    return found


def _half(levels: np.ndarray, truth: np.ndarray) -> float | None:
    return round(auc(levels, truth), 3) if len(set(truth)) == 2 else None


if __name__ == "__main__":
    main()
