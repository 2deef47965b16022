"""Our tracker and ByteTrack (package ``trackers``) on the same boxes, scored by motmetrics.

The four annotated views of a campus come without their videos, so the boxes given to both trackers are the annotated
ones, spoilt by a fixed recipe (below) that imitates a detector. The figures compare trackers; they do not say what a
camera would give. The views' mark "occluded" is coarse (all of IP5 carries it), so a hidden person is missed in three
pictures of ten, not always. Nearness was chosen on all four views: ours has seen them, the peer's settings were set
once by their meaning. The scorer is first checked against published scores of a reference. The peer runs in its own
environment: ``VITRAIL_PEER_PYTHON=/path/to/python``, with ``trackers`` and ``supervision`` installed; without it, it
is left out aloud.
"""

import csv
import itertools
import json
import os
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import motmetrics as mm
import numpy as np

from _data import options, say_json
from vitrail.domain.detections import Detections
from vitrail.domain.geometry import Boxes, iou_matrix
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

VIEWS = ("HC3", "HC4", "IP2", "IP5")
SIZE = np.array([1920, 1080, 1920, 1080], float)
FPS = 5
MISSED, MISSED_HIDDEN, JITTER, FALSE_A_FRAME, SEED = 0.10, 0.30, 0.04, 0.3, 20261123
FARTHEST = 0.5
"""Boxes that overlap less (intersection over union) are not the same, as in MOTChallenge."""
PEER = {
    "defaults": {},
    "for 5 fps and these scores": {
        "frame_rate": FPS,
        "lost_track_buffer": 90,
        "track_activation_threshold": 0.45,
        "high_conf_det_threshold": 0.4,
        "minimum_consecutive_frames": 3,
    },
}
Row = tuple[int, np.ndarray]


@dataclass(frozen=True, slots=True)
class Seen:
    """One moment of one view: what is true, and what the imitated detector says (boxes and score)."""

    truth: list[Row]
    boxes: np.ndarray


def main() -> None:
    given = options(__doc__ or "")
    figures = scorer(given.data / "tracking-metrics-fixture")
    folder = given.data / "multicam-campus-gt"
    views = {name: spoilt(folder / f"view-{name}.csv", SEED + i) for i, name in enumerate(VIEWS)}
    print(
        f"boxes: {MISSED:.0%} missed, {MISSED_HIDDEN:.0%} of the hidden; edges off by {JITTER:.0%}; "
        f"{FALSE_A_FRAME} false ones a picture; {FPS} pictures a second"
    )
    began = time.perf_counter()
    mine = {name: ours(frames) for name, frames in views.items()}
    each_ms = (time.perf_counter() - began) * 1e3 / sum(map(len, views.values()))
    figures |= told("vitrail", views, mine) | {"vitrail_ms_a_picture": round(each_ms, 2)}
    print(f"vitrail: {each_ms:.2f} ms a picture")
    python = os.environ.get("VITRAIL_PEER_PYTHON")
    if not python:
        print("ByteTrack is left out: set VITRAIL_PEER_PYTHON to a Python that has `trackers`")
    for name, settings in PEER.items() if python else ():
        theirs = {view: peer(str(python), frames, settings) for view, frames in views.items()}
        figures |= told(f"bytetrack, {name}", views, theirs)
    say_json(benchmark="tracking", **figures)


def scorer(folder: Path) -> dict[str, object]:
    """Our use of motmetrics against the scores that its authors publish for TUD-Campus."""
    truth, test = (_mot(folder / f"TUD-Campus_{name}.txt") for name in ("gt", "test"))
    score = _score([(truth.get(f, []), test.get(f, [])) for f in sorted(set(truth) | set(test))])
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["TUD-Campus"]
    print(f"scorer on TUD-Campus: IDF1 {score['idf1']:.1%} MOTA {score['mota']:.1%}; published {expected}")
    right = round(score["idf1"] * 100, 1) == expected["IDF1"] and round(score["mota"] * 100, 1) == expected["MOTA"]
    return {"scorer_right": right}


def spoilt(path: Path, seed: int) -> list[Seen]:
    random = np.random.default_rng(seed)
    frames: dict[int, list[tuple[int, np.ndarray, bool]]] = defaultdict(list)
    with path.open(encoding="utf-8") as opened:
        for row in csv.DictReader(opened):
            box = np.array([float(row[k]) for k in ("xmin", "ymin", "xmax", "ymax")]) / SIZE
            frames[int(row["frame_30fps"])].append((int(row["track_id"]), box, row["occluded"] == "1"))
    last = max(frames)
    return [_spoil(frames.get(f, []), random) for f in range(0, last + 1, 30 // FPS)]


def _spoil(rows: list[tuple[int, np.ndarray, bool]], random: np.random.Generator) -> Seen:
    found = []
    for _, box, hidden in rows:
        if random.random() < (MISSED_HIDDEN if hidden else MISSED):
            continue
        size = np.tile(box[2:] - box[:2], 2)
        score = np.clip(random.normal(0.5 if hidden else 0.62, 0.12), 0.2, 0.95)
        found.append([*np.clip(box + random.normal(0, JITTER, 4) * size, 0, 1), score])
    for _ in range(random.poisson(FALSE_A_FRAME)):
        x, y, h = random.random(), random.random(), random.uniform(0.05, 0.25)
        found.append([*np.clip([x, y, x + h * 0.3, y + h], 0, 1), random.uniform(0.2, 0.5)])
    return Seen([(i, box) for i, box, _ in rows], np.array(found, float).reshape(-1, 5))


def ours(frames: list[Seen]) -> list[list[Row]]:
    ids = itertools.count(1)
    tracker = Tracker(lambda: next(ids))
    answer = []
    for index, seen in enumerate(frames):
        now_us = index * SECOND_US // FPS
        table = seen.boxes.astype(np.float32)
        found = Detections(table[:, :4], np.zeros(len(table), np.int8), table[:, 4])
        tracks = tracker.update(found, now_us)
        shown = tracks.where(tracks.seen_us == now_us)
        answer.append([(int(i), box.astype(float)) for i, box in zip(shown.ids, shown.boxes, strict=True)])
    return answer


def peer(python: str, frames: list[Seen], settings: dict[str, float]) -> list[list[Row]]:
    asked = {"settings": settings, "scale": 1000.0, "frames": [seen.boxes.tolist() for seen in frames]}
    script = Path(__file__).with_name("_peer.py")
    done = subprocess.run([python, str(script)], input=json.dumps(asked), capture_output=True, text=True, timeout=300)
    if done.returncode:
        raise SystemExit(f"the peer failed: {done.stderr[-500:]}")
    return [[(row[0], np.array(row[1:])) for row in rows] for rows in json.loads(done.stdout)]


def told(name: str, views: dict[str, list[Seen]], answers: dict[str, list[list[Row]]]) -> dict[str, object]:
    figures: dict[str, object] = {}
    key = name.replace(", ", "_").replace(" ", "_")
    scores = []
    for view, frames in views.items():
        score = _score([(seen.truth, rows) for seen, rows in zip(frames, answers[view], strict=True)])
        scores.append(score)
        print(f"{name} {view}: IDF1 {score['idf1']:.3f} MOTA {score['mota']:.3f} switches {score['num_switches']:.0f}")
        figures[f"{key}_{view}_idf1"] = round(score["idf1"], 3)
    for metric in ("idf1", "mota"):
        mean = float(np.mean([score[metric] for score in scores]))
        print(f"{name}: mean {metric} {mean:.3f}")
        figures[f"{key}_{metric}"] = round(mean, 3)
    return figures


def _score(pairs: list[tuple[list[Row], list[Row]]]) -> dict[str, float]:
    accumulator = mm.MOTAccumulator(auto_id=True)
    for truth, rows in pairs:
        a, b = (_table([box for _, box in side]) for side in (truth, rows))
        away = 1.0 - iou_matrix(a, b).astype(float)
        away[away > FARTHEST] = np.nan
        accumulator.update([i for i, _ in truth], [i for i, _ in rows], away)
    names = ["idf1", "mota", "num_switches"]
    return {name: float(v) for name, v in mm.metrics.create().compute(accumulator, names).iloc[0].items()}


def _table(boxes: list[np.ndarray]) -> Boxes:
    return np.array(boxes, np.float32).reshape(-1, 4)


def _mot(path: Path) -> dict[int, list[Row]]:
    frames: dict[int, list[Row]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        frame, track, x, y, w, h = (float(v) for v in line.split(",")[:6])
        frames[int(frame)].append((int(track), np.array([x, y, x + w, y + h])))
    return frames


if __name__ == "__main__":
    main()
