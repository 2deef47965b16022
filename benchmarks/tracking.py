"""Our tracker beside SORT, ByteTrack and OC-SORT (package ``trackers``) on the same boxes: HOTA, IDF1, MOTA, time.

``--data``: the four annotated views of a campus come without their videos, so the boxes given to all trackers are the
annotated ones, spoilt by a fixed recipe that imitates a detector. The figures compare trackers; they do not say what a
camera would give. Nearness was chosen on these views: ours has seen them, the peers' settings were set once by their
meaning. ``--video`` with ``--gt`` (MOTChallenge) and ``--frames a-b`` (several, with commas): the product's own
detector on a real video, in these windows.

``hidden``: of people who are seen before and after, how many keep their id when nothing of them is seen for two
seconds. Peers and TrackEval run in an environment of their own, made at the first run in the cache
(``VITRAIL_PEER_PYTHON`` names another one); without it they and HOTA are left out aloud. Our scores by motmetrics and
TrackEval's must agree with each other, and with what is published for TUD-Campus.
"""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import motmetrics as mm
import numpy as np

from _data import Options, options, say_json
from _truth import FPS, RECIPE, Row, Seen, mot, seen_in, spoilt
from vitrail.domain.detections import Detections
from vitrail.domain.geometry import Boxes, iou_matrix
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

VIEWS, SEED = ("HC3", "HC4", "IP2", "IP5"), 20261123
FARTHEST = 0.5
"""Boxes that overlap less (intersection over union) are not the same, as in MOTChallenge."""
PACKAGES = ("trackers==2.6.1", "trackeval==1.3.0")
_HIDDEN_S, _SEEN_S = 2.0, 2.0
Rows = list[list[Row]]


@dataclass(frozen=True, slots=True)
class Answer:
    tracks: Rows
    us_a_frame: float


def peers(fps: float) -> Mapping[str, tuple[str, dict[str, float]]]:
    """As they come, and set for this rate and for these scores (an unseen person is kept for three seconds)."""
    rate = {"frame_rate": fps, "lost_track_buffer": 90}
    return {
        "sort": ("SORTTracker", {**rate, "track_activation_threshold": 0.4}),
        "bytetrack": (
            "ByteTrackTracker",
            {
                **rate,
                "track_activation_threshold": 0.45,
                "high_conf_det_threshold": 0.4,
                "minimum_consecutive_frames": 3,
            },
        ),
        "bytetrack_as_it_comes": ("ByteTrackTracker", {}),
        "ocsort": ("OCSORTTracker", {**rate, "high_conf_det_threshold": 0.4}),
        "ocsort_as_it_comes": ("OCSORTTracker", {}),
    }


def main() -> None:
    given = options(
        __doc__ or "",
        ("--video", {"type": Path, "help": "a video with true boxes"}),
        ("--gt", {"type": Path, "help": "its MOTChallenge file"}),
        ("--frames", {"default": "1-1000000", "help": "windows of frames, such as 1-300,600-900"}),
    )
    python = peer_python(given.cache)
    figures = scorer(given.data / "tracking-metrics-fixture", python)
    views, fps = scenes(given)
    ways: dict[str, dict[str, Answer]] = {"vitrail": {view: ours(seen, fps) for view, seen in views.items()}}
    for name, (tracker, settings) in peers(fps).items() if python else ():
        ways[name] = {view: theirs(python, seen, tracker, settings) for view, seen in views.items()}
    for name, answers in ways.items():
        figures |= told(name, views, answers, python)
        figures |= hidden(name, views, fps, python)
    say_json(benchmark="tracking", pictures_a_second=fps, **figures)


def scenes(given: Options) -> tuple[dict[str, list[Seen]], float]:
    if given.more.video is None:
        folder = given.data / "multicam-campus-gt"
        print(RECIPE)
        return {name: spoilt(folder / f"view-{name}.csv", SEED + i) for i, name in enumerate(VIEWS)}, FPS
    if given.more.gt is None:
        raise SystemExit("--video needs --gt, its MOTChallenge file of true boxes")
    windows = [(int(first), int(last)) for first, _, last in (w.partition("-") for w in given.more.frames.split(","))]
    found, fps = seen_in(given.more.video, given.more.gt, windows, given.cache)
    return {f"{first}-{last}": seen for (first, last), seen in zip(windows, found, strict=True)}, fps


def peer_python(cache: Path) -> str:
    """A Python that has the peers; made in the cache when there is none, empty when that fails."""
    if named := os.environ.get("VITRAIL_PEER_PYTHON"):
        return named
    folder = cache / "benchmark-peers"
    python = folder / "bin" / "python"
    try:
        if not python.exists():
            print(f"making an environment for {', '.join(PACKAGES)} in {folder}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        if subprocess.run([str(python), "-c", "import trackers, trackeval"], capture_output=True).returncode:
            subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"SORT, ByteTrack, OC-SORT and HOTA are left out: their packages cannot be installed ({error})")
        return ""
    return str(python)


def ask(python: str, asked: dict[str, object]) -> dict:
    script = Path(__file__).with_name("_trackers.py")
    done = subprocess.run([python, str(script)], input=json.dumps(asked), capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise SystemExit(f"the peer failed: {done.stderr[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


def ours(frames: Sequence[Seen], fps: float) -> Answer:
    ids = itertools.count(1)
    tracker = Tracker(lambda: next(ids))
    answer, spent_s = [], 0.0
    for index, seen in enumerate(frames):
        now_us = round(index * SECOND_US / fps)
        table = seen.boxes.astype(np.float32)
        found = Detections(table[:, :4], np.zeros(len(table), np.int8), table[:, 4])
        began = time.perf_counter()
        tracks = tracker.update(found, now_us)
        spent_s += time.perf_counter() - began
        shown = tracks.where(tracks.seen_us == now_us)
        answer.append([(int(i), box.astype(float)) for i, box in zip(shown.ids, shown.boxes, strict=True)])
    return Answer(answer, spent_s * 1e6 / max(1, len(frames)))


def theirs(python: str, frames: Sequence[Seen], tracker: str, settings: Mapping[str, float]) -> Answer:
    boxes = [seen.boxes.tolist() for seen in frames]
    asked = {"ask": "track", "tracker": tracker, "settings": settings, "scale": 1000.0, "frames": boxes}
    found = ask(python, asked)
    return Answer([[(row[0], np.array(row[1:])) for row in rows] for rows in found["tracks"]], found["us_a_frame"])


def told(name: str, views: Mapping[str, list[Seen]], answers: Mapping[str, Answer], python: str) -> dict[str, object]:
    scores = []
    for view, frames in views.items():
        score = scored([(seen.truth, rows) for seen, rows in zip(frames, answers[view].tracks, strict=True)], python)
        scores.append(score)
        print(f"{name} {view}: " + ", ".join(f"{metric} {value:.3f}" for metric, value in score.items()), flush=True)
    us = float(np.mean([answer.us_a_frame for answer in answers.values()]))
    means = {metric: float(np.mean([score[metric] for score in scores])) for metric in scores[0]}
    print(f"{name}: " + ", ".join(f"{m} {v:.3f}" for m, v in means.items()) + f"; {us:.0f} microseconds a frame")
    return {f"{name}_{metric}": round(value, 3) for metric, value in means.items()} | {f"{name}_us_a_frame": round(us)}


def hidden(name: str, views: Mapping[str, list[Seen]], fps: float, python: str) -> dict[str, object]:
    """Each person in turn is not seen for two seconds in the middle of their time; who has the same id afterwards."""
    kept = asked = 0
    for frames in views.values():
        blank, gaps = without(frames, round(_HIDDEN_S * fps), round(_SEEN_S * fps))
        if name == "vitrail":
            tracks = ours(blank, fps).tracks
        else:
            tracker, settings = peers(fps)[name]
            tracks = theirs(python, blank, tracker, settings).tracks
        for person, (start, end) in gaps.items():
            before = _ids(frames, tracks, person, range(start - round(_SEEN_S * fps), start))
            after = _ids(frames, tracks, person, range(end, end + round(_SEEN_S * fps)))
            if before and after:
                asked += 1
                kept += before[-1] in after
    print(f"{name}: {kept} of {asked} people hidden for {_HIDDEN_S:.0f} s keep their id")
    return {f"{name}_hidden_kept": round(kept / asked, 3) if asked else None, f"{name}_hidden_asked": asked}


def without(frames: Sequence[Seen], gap: int, around: int) -> tuple[list[Seen], dict[int, tuple[int, int]]]:
    """The frames with each person blanked out for ``gap`` of them, and when."""
    times: dict[int, list[int]] = {}
    for index, seen in enumerate(frames):
        for person, _ in seen.truth:
            times.setdefault(person, []).append(index)
    gaps = {}
    for person, at in times.items():
        middle = (at[0] + at[-1] - gap) // 2
        if at[-1] - at[0] >= gap + 2 * around:
            gaps[person] = (middle, middle + gap)
    blanked = []
    for index, seen in enumerate(frames):
        away = [box for person, box in seen.truth if person in gaps and gaps[person][0] <= index < gaps[person][1]]
        boxes = seen.boxes
        if away and len(boxes):
            boxes = boxes[iou_matrix(_table(list(boxes[:, :4])), _table(away)).max(axis=1) < 0.4]
        blanked.append(Seen(seen.truth, boxes))
    return blanked, gaps


def _ids(frames: Sequence[Seen], tracks: Rows, person: int, span: range) -> list[int]:
    found = []
    for index in span:
        if not 0 <= index < len(frames):
            continue
        box = next((box for who, box in frames[index].truth if who == person), None)
        if box is not None and tracks[index]:
            near = iou_matrix(_table([box]), _table([b for _, b in tracks[index]]))[0]
            if near.max() >= FARTHEST:
                found.append(tracks[index][int(near.argmax())][0])
    return found


def scorer(folder: Path, python: str) -> dict[str, object]:
    """Our use of both scorers against what is published for TUD-Campus."""
    if not folder.is_dir():
        print(f"the scorers are not proved: there is no {folder}")
        return {}
    truth, test = (mot(folder / f"TUD-Campus_{name}.txt") for name in ("gt", "test"))
    score = scored([(truth.get(f, []), test.get(f, [])) for f in sorted(set(truth) | set(test))], python)
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))["TUD-Campus"]
    right = all(round(score[name.lower()] * 100, 1) == expected[name] for name in ("IDF1", "MOTA"))
    print(f"scorers on TUD-Campus: {score}; published IDF1 {expected['IDF1']}, MOTA {expected['MOTA']}: right {right}")
    return {"scorer_right": right}


def scored(pairs: list[tuple[list[Row], list[Row]]], python: str) -> dict[str, float]:
    accumulator = mm.MOTAccumulator(auto_id=True)
    for truth, rows in pairs:
        a, b = (_table([box for _, box in side]) for side in (truth, rows))
        away = 1.0 - iou_matrix(a, b).astype(float)
        away[away > FARTHEST] = np.nan
        accumulator.update([i for i, _ in truth], [i for i, _ in rows], away)
    names = {"idf1": "idf1", "mota": "mota", "num_switches": "switches"}
    row = mm.metrics.create().compute(accumulator, list(names)).iloc[0]
    mine = {names[name]: float(value) for name, value in row.items() if name in names}
    if not python:
        return mine
    frames = [[[[i, *map(float, box)] for i, box in side] for side in pair] for pair in pairs]
    reference = ask(python, {"ask": "score", "frames": frames})
    if any(abs(reference[name] - mine[name]) > 0.02 for name in ("idf1", "mota")):
        print(f"the scorers differ: motmetrics {mine}, TrackEval {reference}")
    return {"hota": reference["hota"], "deta": reference["deta"], "assa": reference["assa"]} | mine


def _table(boxes: list[np.ndarray]) -> Boxes:
    return np.array(boxes, np.float32).reshape(-1, 4)


if __name__ == "__main__":
    main()
