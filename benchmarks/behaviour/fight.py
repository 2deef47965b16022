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
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
from _clips import EVERYWHERE, Clip, auc, labelled, looked_at, pictures
from _learning import folds, learnt, packed

from _data import say_json
from vitrail import compose
from vitrail.adapters.openvino import NanodetDetector, load_nanodet, load_place_reader
from vitrail.analytics.brawling import shipped as brawling
from vitrail.analytics.brawling import window
from vitrail.analytics.fight import MANIFEST, WINDOW_US, Fight
from vitrail.cli.places import cache_folder
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.events import Phase
from vitrail.domain.frames import Picture
from vitrail.domain.streams import AnalyticSetting, Camera, DwellingMasks, Zone
from vitrail.domain.time import SECOND_US
from vitrail.guard.masking import MASK_FLOOR
from vitrail.pipeline.stirring import Stirring
from vitrail.ports.embedder import MotionReader

FOLDS, CUTS = 5, 5
NEVER = -20.0
"""The level of a clip in which nobody was close for long enough."""
ORDINARY = (
    "fixed-camera-video/one-by-one-person-detection.mp4",
    "fixed-camera-video/car-detection.mp4",
    "abandoned-object/indoor_backpack.mp4",
)
_WHOLE = Zone("all", "All", EVERYWHERE)


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
    detector = load_nanodet(cache, threads=1)
    folder = given.data if (given.data / "labels.csv").exists() else given.data / "fight-surveillance"
    reader = load_place_reader(cache, threads=1)
    seen = [looked_at(path, fight, source, detector, reader) for path, fight, source in labelled(folder)]
    clips = [clip for clip in seen if len(clip.measures) >= 2]
    rows, truth = np.array([window(clip.measures) for clip in clips]), np.array([clip.fight for clip in clips])
    stirs = np.array([clip.stirs.mean(axis=0) if len(clip.stirs) else np.zeros(clip.stirs.shape[1]) for clip in clips])
    figures, levels = in_folds(rows, stirs, truth, clips)
    if given.learn:
        judged = np.array([len(clip.stirs) > 0 for clip in clips])
        sources = [clip.source for clip in clips if len(clip.stirs)]
        given.learn.write_bytes(packed(learnt(rows[judged], stirs[judged], truth[judged], sources)))
        print(f"wrote {given.learn}")
    figures |= shipped(clips, truth)
    figures |= disparities(clips, truth, levels)
    figures |= ordinary(given.data, cache, detector, reader)
    say_json(benchmark="fight", clips=len(clips), sources=len({clip.source for clip in clips}), **figures)


def in_folds(
    rows: np.ndarray, stirs: np.ndarray, truth: np.ndarray, clips: Sequence[Clip]
) -> tuple[dict[str, object], np.ndarray]:
    """Figures, and each clip's level when its source was not learnt from, mean over the cuts."""
    cuts: list[np.ndarray] = []
    sources, judged = [clip.source for clip in clips], np.array([len(clip.stirs) > 0 for clip in clips])
    told: list[np.ndarray] = []
    bar = next(p.default for p in MANIFEST.parameters if p.name == "threshold")
    for seed in range(CUTS):
        levels = np.full(len(truth), NEVER)
        said = np.zeros(len(truth), bool)
        for tested in folds(truth, sources, FOLDS, seed):
            apart = ~tested & judged
            names = [name for name, used in zip(sources, apart, strict=True) if used]
            model = learnt(rows[apart], stirs[apart], truth[apart], names)
            levels[tested & judged] = model.level(rows[tested & judged], stirs[tested & judged])
            said[tested & judged] = model.likeness(rows[tested & judged], stirs[tested & judged]) >= bar
        cuts.append(levels)
        told.append(said)
    aucs = [auc(levels, truth) for levels in cuts]
    figures: dict[str, object] = {
        "folds_auc": round(float(np.mean(aucs)), 3),
        "folds_auc_range": [round(min(aucs), 3), round(max(aucs), 3)],
        "folds_accuracy": round(float(np.mean([((levels > 0) == truth).mean() for levels in cuts])), 3),
        "folds_recall_at_5_percent": round(float(np.mean([_recall(levels, truth) for levels in cuts])), 3),
    }
    figures["folds_recall_at_threshold"] = round(float(np.mean([said[truth].mean() for said in told])), 3)
    figures["folds_false_at_threshold"] = round(float(np.mean([said[~truth].mean() for said in told])), 3)
    mean = np.mean(cuts, axis=0)
    figures["folds_auc_interval"] = _interval(mean, truth, [clip.source for clip in clips])
    for name, value in figures.items():
        print(f"{name}: {value}", flush=True)
    return figures, mean


def _recall(levels: np.ndarray, truth: np.ndarray, false_share: float = 0.05) -> float:
    others = np.sort(levels[~truth])
    bar = others[int(np.ceil((1 - false_share) * len(others))) - 1]
    return float((levels[truth] > bar).mean())


def _interval(levels: np.ndarray, truth: np.ndarray, sources: Sequence[str], times: int = 400) -> list[float]:
    """95 % by drawing sources again and again: clips of one source are no independent witnesses."""
    rng = np.random.default_rng(1)
    names = np.array(sources)
    places = {name: np.flatnonzero(names == name) for name in set(sources)}
    found = []
    for _ in range(times):
        drawn = np.concatenate([places[name] for name in rng.choice(sorted(places), len(places))])
        if 0 < truth[drawn].sum() < len(drawn):
            found.append(auc(levels[drawn], truth[drawn]))
    return [round(float(v), 3) for v in np.percentile(found, (2.5, 97.5))]


def shipped(clips: Sequence[Clip], truth: np.ndarray) -> dict[str, object]:
    model = brawling()
    judged = [(window(clip.measures), clip.stirs.mean(axis=0)) if len(clip.stirs) else None for clip in clips]
    levels = np.array([NEVER if one is None else float(model.level(*one)) for one in judged])
    scores = np.array([0.0 if one is None else float(model.likeness(*one)) for one in judged])
    bar = next(p.default for p in MANIFEST.parameters if p.name == "threshold")
    figures: dict[str, object] = {
        "shipped_auc": round(auc(levels, truth), 3),
        "shipped_accuracy": round(float(((levels > 0) == truth).mean()), 3),
        "shipped_recall_at_threshold": round(float((scores[truth] >= bar).mean()), 3),
        "shipped_false_at_threshold": round(float((scores[~truth] >= bar).mean()), 3),
    }
    for name, value in figures.items():
        print(f"{name}: {value}", flush=True)
    return figures


def disparities(clips: Sequence[Clip], truth: np.ndarray, levels: np.ndarray) -> dict[str, object]:
    """AUC of the folds in the lower and the upper half of what a picture is like."""
    found: dict[str, object] = {}
    for name in ("light", "height", "people", "contrast"):
        values = np.array([getattr(clip, name) for clip in clips])
        low = values <= np.median(values)
        halves = [round(auc(levels[half], truth[half]), 3) for half in (low, ~low)]
        print(f"by {name}: lower half {halves[0]}, upper half {halves[1]}", flush=True)
        found[f"auc_by_{name}"] = halves
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to ordinary footage to make more of it."""

    name: str
    flip: bool = False
    gain: float = 1.0
    crop: float = 0.0
    every: int = 1

    def of(self, luma: np.ndarray) -> np.ndarray:
        height, width = luma.shape
        x, y = int(width * self.crop / 2) * 2, int(height * self.crop / 2) * 2
        kept = luma[y : height - y or None, x : width - x or None]
        kept = kept[:, ::-1] if self.flip else kept
        return np.ascontiguousarray(np.clip(kept * self.gain, 0, 255).astype(np.uint8) if self.gain != 1 else kept)


CHANGES = (
    Change("as it is"),
    Change("mirrored, darker", flip=True, gain=0.5),
    Change("cropped, brighter", gain=1.4, crop=0.12),
    Change("twice as fast", every=2),
)


def ordinary(data: Path, cache: Path, detector: NanodetDetector, reader: MotionReader) -> dict[str, object]:
    """Alarms and hours of footage that shows no fight, and the analytic's own share of a core."""
    files = [data / name for name in ORDINARY if (data / name).exists()] + sorted(cache.glob("vtest.avi"))
    told = 0
    length_s = busy_s = active_s = 0.0
    for path in files:
        for change in CHANGES:
            run = _run(_changed(path, change), detector, reader)
            told, length_s = told + run.told, length_s + run.length_s
            busy_s, active_s = busy_s + run.busy_s, active_s + run.active_s
            print(f"{path.name}, {change.name}: {run.told} alarms in {run.length_s:.0f} s", flush=True)
    hours = length_s / 3600
    share = busy_s / active_s if active_s else 0.0
    print(f"ordinary: {told} alarms in {hours:.2f} h; {100 * share:.1f} % of a core while people are close")
    return {
        "ordinary_hours": round(hours, 3),
        "ordinary_alarms": told,
        "ordinary_alarms_per_hour": round(told / hours, 2) if hours else None,
        "core_share_per_active_stream": round(share, 3),
    }


def _changed(path: Path, change: Change) -> Iterator[tuple[float, Picture]]:
    for n, (at_s, picture) in enumerate(pictures(path)):
        if n % change.every == 0:
            y, u, v = (change.of(plane) for plane in (picture.y, picture.u, picture.v))
            yield (
                at_s / change.every,
                Picture(y, u if change.gain == 1 else _grey(y), v if change.gain == 1 else _grey(y)),
            )


def _grey(luma: np.ndarray) -> np.ndarray:
    return np.full(((luma.shape[0] + 1) // 2, (luma.shape[1] + 1) // 2), 128, np.uint8)


@dataclass(slots=True)
class Run:
    told: int = 0
    length_s: float = 0.0
    busy_s: float = 0.0
    active_s: float = 0.0


def _run(looks: Iterable[tuple[float, Picture]], detector: NanodetDetector, reader: MotionReader) -> Run:
    camera = Camera("c", "C", (), DwellingMasks("", ""), zones=(_WHOLE,))
    analytic = Fight(camera, "c-main", AnalyticSetting(MANIFEST.id, "try", ("all",)))
    run, before_s, stirring = Run(), 0.0, Stirring(reader, [EVERYWHERE])
    for at_s, picture in looks:
        people = detector.detect([picture], MASK_FLOOR)[0].of(Label.PERSON).boxes
        wall_us = round(at_s * SECOND_US) + WINDOW_US
        began = time.thread_time()
        stir = stirring.look(picture, people, wall_us)
        scene = Scene("c-main", "c", wall_us, Tracks.none(), picture, people, stir=stir)
        found = analytic.update(scene)
        took_s = time.thread_time() - began
        run.told += sum(event.phase is Phase.OPENED for event in found.events)
        run.length_s = at_s
        if took_s > 1e-3:  # something was measured
            run.busy_s += took_s
            run.active_s += at_s - before_s
        before_s = at_s
    return run


if __name__ == "__main__":
    main()
