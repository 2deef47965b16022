"""Left things: alert on time and nothing before, on labelled clips and on composites; silence on ordinary recordings.

Clips come from ``abandoned-object`` below ``--data`` (or from ``--data`` itself, where its ``labels.json`` names
``abandoned`` events), ordinary recordings from ``fixed-camera-video`` and the demonstration's recording. "Right" is one
alert, not before the owners have left, and within 5 s of the declared time: ``abandoned`` from the labels plus the
analytic's own ``seconds``.

Composites (labelled so) put a made bag down at the feet of somebody who really walks through the demonstration's
recording, behind everybody who passes before it: half of them dark bags, at most 20 grey levels from their ground.
Some more let a cut-out person lie or sit on the ground instead, next to whom another one walks away: they must stay
silent. Places at which somebody else lingers before the declared time, or whose walker is hidden in part there (by the
sign post, say: a bag would float before it), are not used.

Recordings are watched by the whole product, on all processors; what is not begun within ``--minutes`` is left out.
"""

import itertools
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from _data import Watched, options, say_json, watched
from composite.pieces import bag, put
from composite.plates import Image
from composite.reel import picture_of, write_reel
from vitrail import compose
from vitrail.adapters.openvino import load_nanodet
from vitrail.domain.detections import Label
from vitrail.domain.events import Phase
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

SECONDS, SLACK_S, METRES = 10, 5.0, 3.0
FPS, BAGS, RESTING = 10, 8, 4
DARK_LEVELS = (12.0, 20.0)
LINGER_S, _LEAST_S = 3.0, 4
_SLACK_M, _STANDS_M = 0.5, 2.0
"""Places are only used where nobody can be said to stand near, on either side of the bound."""
_AS_HIGH_UP, _WHOLE = 0.03, 0.2
"""Whose box is not about as tall as others' as high up in the picture is hidden in part: their feet are not where it
ends, and no bag can stand there."""
_AFTER_S = 8
"""A reel goes on for so long after the alert is due."""
_SITE = f"""\
    zones:
      - {{id: floor, name: Floor, corners: [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]}}
    analytics:
      - {{analytic: left_object, purpose: try, zones: [floor], parameters: {{seconds: {SECONDS}}}}}
"""


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is true of it: the thing was put down at ``put_s`` and alone from ``alone_s`` on; None where
    nothing must be told. ``kind``: labelled, ordinary, bag, dark bag, resting."""

    kind: str
    name: str
    path: Path
    put_s: float | None = None
    alone_s: float | None = None

    def right(self, alerts: list[float]) -> bool:
        if self.alone_s is None:
            return not alerts
        due_s = self.alone_s + SECONDS
        return len(alerts) == 1 and self.alone_s <= alerts[0] <= due_s + SLACK_S


@dataclass(frozen=True, slots=True)
class Walk:
    """Somebody of the recording: feet (x, y) and height at each frame from ``first`` on."""

    first: int
    feet: tuple[tuple[float, float], ...]
    heights: tuple[float, ...]

    def apart(self, place: tuple[float, float], frame: int, aspect: float) -> float:
        """Metres from a place, roughly: 1.7 for each of their heights, steps up the picture counting double."""
        (x, y), height = self.feet[frame - self.first], self.heights[frame - self.first]
        return float(np.hypot((x - place[0]) * aspect, 2 * (y - place[1])) / height * 1.7)

    def leaves(self, at: int, aspect: float) -> int | None:
        """The frame from which on they are further off than the declared distance from where they were at ``at``."""
        place, end = self.feet[at - self.first], self.first + len(self.feet)
        return next((frame for frame in range(at, end) if self.apart(place, frame, aspect) > METRES), None)

    def lingers(self, place: tuple[float, float], from_frame: int, to_frame: int, aspect: float) -> bool:
        """Whether they stand there, or stay about, some time in between; who passes does neither."""
        near = 0
        for frame in range(max(from_frame, self.first), min(to_frame, self.first + len(self.feet))):
            near = near + 1 if self.apart(place, frame, aspect) <= METRES + _SLACK_M else 0
            before = frame - round(LINGER_S * FPS) + 1
            stands = near > frame - before and self.apart(self.feet[before - self.first], frame, aspect) < _STANDS_M
            if stands or near >= 3 * LINGER_S * FPS:
                return True
        return False


def main() -> None:
    given = options(
        __doc__ or "",
        ("--minutes", {"type": float, "default": 12.0, "help": "nothing is begun after so long"}),
        ("--bags", {"type": int, "default": BAGS, "help": "composite bags, half of them dark"}),
        ("--workers", {"type": int, "default": os.cpu_count() or 1, "help": "processes"}),
    )
    until = time.monotonic() + 60 * given.more.minutes
    compose.ensure_models(given.cache, print)
    clips = [*labelled(given.data), *ordinary(given.data / "fixed-camera-video", given.cache)]
    seen: list[tuple[Clip, list[float]]] = []
    with tempfile.TemporaryDirectory() as place, _pool(given.more.workers) as pool:
        waiting = {pool.submit(_told, clip, given.cache, until): clip for clip in clips}
        if (given.cache / "vtest.avi").exists():
            for clip in composites(given.cache, Path(place), given.more.bags):
                waiting[pool.submit(_told, clip, given.cache, until)] = clip
                if time.monotonic() > until:
                    break
        else:
            print("the demonstration's recording is not in the cache: no composites")
        for done in as_completed(waiting):
            _note(waiting[done], done, seen)
    say_json(benchmark="left_object", seconds=SECONDS, left_out=len(waiting) - len(seen), **figures(seen))


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max(1, workers), multiprocessing.get_context("spawn"))


def _told(clip: Clip, cache: Path, until: float) -> list[float] | None:
    return alerts_of(watched(clip.path, _SITE, cache)) if time.monotonic() < until else None


def _note(clip: Clip, done: "Future[list[float] | None]", seen: list[tuple[Clip, list[float]]]) -> None:
    alerts = done.result()
    if alerts is None:
        print(f"{clip.kind} {clip.name}: left out, the time is over", flush=True)
        return
    seen.append((clip, alerts))
    wanted = "none" if clip.alone_s is None else f"one by {clip.alone_s + SECONDS:.1f} s"
    said = "right" if clip.right(alerts) else "wrong"
    print(f"{clip.kind} {clip.name}: alerts at {alerts}, wanted {wanted}: {said}", flush=True)


def figures(seen: list[tuple[Clip, list[float]]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for kind, name in (("labelled", "clips"), ("bag", "composite_bags"), ("dark bag", "composite_dark_bags")):
        mine = [(clip, alerts) for clip, alerts in seen if clip.kind == kind]
        delays = [a - (clip.alone_s or 0.0) - SECONDS for clip, alerts in mine for a in alerts[:1]]
        early = [a for clip, alerts in mine for a in alerts if a < (clip.put_s or clip.alone_s or 0.0)]
        found |= {name: len(mine), f"{name}_right": sum(clip.right(alerts) for clip, alerts in mine)}
        found |= {f"{name}_delay_s": [round(d, 1) for d in delays], f"{name}_early": len(early)}
    for kind, name in (("ordinary", "ordinary_recordings"), ("resting", "composite_resting")):
        mine = [(clip, alerts) for clip, alerts in seen if clip.kind == kind]
        found |= {name: len(mine), f"{name}_silent": sum(not alerts for _, alerts in mine)}
    return found


def labelled(data: Path) -> list[Clip]:
    folder = data if (data / "labels.json").exists() else data / "abandoned-object"
    if not (folder / "labels.json").exists():
        print(f"{folder} has no labels.json: no labelled clips")
        return []
    found = []
    for name, label in json.loads((folder / "labels.json").read_text(encoding="utf-8")).items():
        events = label.get("events", []) if isinstance(label, dict) else []
        alone = [float(e["t_from"]) for e in events if e.get("type") == "abandoned" and "t_from" in e]
        if (folder / name).exists():
            found.append(
                Clip("labelled" if alone else "ordinary", name, folder / name, None, alone[0] if alone else None)
            )
        else:
            print(f"{name} is labelled and not there")
    return found


def ordinary(folder: Path, cache: Path) -> list[Clip]:
    recordings = sorted(folder.glob("*.mp4")) + [path for path in [cache / "vtest.avi"] if path.exists()]
    return [Clip("ordinary", path.name, path) for path in recordings]


def composites(cache: Path, folder: Path, bags: int) -> Iterator[Clip]:
    frames, clean, walks = filmed(cache)
    rng = np.random.default_rng(11)
    chosen = itertools.islice(departures(walks, frames, rng), bags + RESTING)
    for number, (walk, at, leaves) in enumerate(chosen):
        resting, dark = number >= bags, number % 2 == 0
        foot, height = walk.feet[at - walk.first], walk.heights[at - walk.first]
        level = under(clean, foot, height) - rng.uniform(*DARK_LEVELS) if dark else None
        if resting:
            thing, size = rests(frames[at], walk, at, clean, sits=dark)
        else:
            thing, size = bag(number, level), rng.uniform(0.28, 0.4)
        end = min(len(frames), leaves + round((SECONDS + SLACK_S + _AFTER_S) * FPS))
        shown = laid(frames[:end], at, clean, thing, foot, size * height)
        path = write_reel(folder / f"{number}.mp4", shown, FPS)
        alone_s = None if resting else leaves / FPS
        yield Clip("resting" if resting else "dark bag" if dark else "bag", str(number), path, at / FPS, alone_s)


def alerts_of(seen: Watched) -> list[float]:
    told = [e for e in seen.events if e.phase is Phase.OPENED and e.kind == "left_object"]
    return [round(seen.at(e.interval.end_us), 1) for e in told]


def filmed(cache: Path) -> tuple[list[Image], Image, list[Walk]]:
    """The demonstration's recording, its place without people, and who walks through it."""
    with av.open(str(cache / "vtest.avi")) as container:
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    clean = np.median(np.stack(frames[::12]), axis=0).astype(np.uint8)
    detector, ids = load_nanodet(cache), itertools.count()
    tracker = Tracker(lambda: next(ids))
    steps: dict[int, list[tuple[int, float, float, float]]] = {}
    for number, frame in enumerate(frames):
        found = detector.detect([picture_of(frame)], 0.2)[0]
        tracks = tracker.update(found, number * SECOND_US // FPS)
        rows = zip(tracks.boxes, tracks.labels, tracks.ids, tracks.seen_us, strict=True)
        for box, label, track, seen_us in rows:
            if label == Label.PERSON and seen_us == number * SECOND_US // FPS:
                row = (number, float(box[0] + box[2]) / 2, float(box[3]), float(box[3] - box[1]))
                steps.setdefault(int(track), []).append(row)
    walks = [walk for rows in steps.values() for walk in _walks(rows)]
    return frames, clean, walks


def _walks(rows: list[tuple[int, float, float, float]]) -> list[Walk]:
    """One track, cut where it was not seen for a second; between its sights they went straight."""
    found, begin = [], 0
    for index in range(1, len(rows) + 1):
        if index < len(rows) and rows[index][0] - rows[index - 1][0] <= FPS:
            continue
        at, x, y, height = (np.array(column) for column in zip(*rows[begin:index], strict=True))
        every = np.arange(at[0], at[-1] + 1)
        x, y, height = (np.interp(every, at, values) for values in (x, y, height))
        if len(every) >= _LEAST_S * FPS:
            feet = tuple(zip(x.tolist(), y.tolist(), strict=True))
            found.append(Walk(int(at[0]), feet, tuple(height.tolist())))
        begin = index
    return found


def departures(walks: list[Walk], frames: list[Image], rng: np.random.Generator) -> Iterator[tuple[Walk, int, int]]:
    """Who could have put something down where nobody else lingers: (walk, frame, frame at which they are three metres
    away), each walk once."""
    aspect = frames[0].shape[1] / frames[0].shape[0]
    feet = np.array([foot for walk in walks for foot in walk.feet]).reshape(-1, 2)
    heights = np.array([height for walk in walks for height in walk.heights])
    for index in rng.permutation(len(walks)):
        walk = walks[int(index)]
        for at in range(max(walk.first + FPS, 12 * FPS), walk.first + len(walk.feet) - 2 * FPS):
            leaves = walk.leaves(at, aspect)
            x, y = walk.feet[at - walk.first]
            usual = float(np.median(heights[np.abs(feet[:, 1] - y) < _AS_HIGH_UP]))
            whole = abs(walk.heights[at - walk.first] / usual - 1) < _WHOLE
            inside = 0.1 < x < 0.9 and 0.3 < y < 0.9
            if not inside or not whole or leaves is None or leaves + (SECONDS + _AFTER_S) * FPS >= len(frames):
                continue
            due = leaves + round((SECONDS + SLACK_S) * FPS)
            if not any(one is not walk and one.lingers((x, y), leaves, due, aspect) for one in walks):
                yield walk, at, leaves
                break


def under(clean: Image, foot: tuple[float, float], height: float) -> float:
    """Mean grey of the ground where a bag will stand."""
    rows, columns = clean.shape[:2]
    y, x, side = round(foot[1] * rows), round(foot[0] * columns), max(4, round(0.15 * height * rows))
    return float(cv2.cvtColor(clean, cv2.COLOR_BGR2GRAY)[max(0, y - 2 * side) : y, x - side : x + side].mean())


def rests(frame: Image, walk: Walk, at: int, clean: Image, sits: bool) -> tuple[Image, float]:
    """The walker, cut out and laid down, or sitting: shortened; and how high that is against their height."""
    rows, columns = frame.shape[:2]
    (x, y), height = walk.feet[at - walk.first], walk.heights[at - walk.first]
    top, bottom = max(0, round((y - height) * rows)), min(rows, round(y * rows))
    left, right = (round(x * columns + side * height * rows * 0.24) for side in (-1, 1))
    part, ground = frame[top:bottom, max(0, left) : right], clean[top:bottom, max(0, left) : right]
    alpha = (np.abs(part.astype(int) - ground).max(axis=2) > 26).astype(np.uint8) * 255
    person = np.dstack([part, cv2.medianBlur(alpha, 5)])
    return (person, 0.6) if sits else (np.ascontiguousarray(np.rot90(person)), 0.46)


def laid(
    frames: list[Image], since: int, clean: Image, thing: Image, foot: tuple[float, float], height: float
) -> Iterator[Image]:
    """The frames with the thing in the place from ``since`` on, behind everybody."""
    place, _ = put(clean, thing, foot, height)
    changed = np.abs(place.astype(int) - clean).max(axis=2) > 2
    rows, columns = np.nonzero(changed)
    part = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    shift = place[part].astype(np.int16) - clean[part]
    for number, frame in enumerate(frames):
        if number >= since:
            before = np.asarray(np.abs(frame[part].astype(int) - clean[part]).max(axis=2) > 30, np.uint8)
            before = cv2.morphologyEx(before, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(bool)
            mixed = np.clip(frame[part] + shift, 0, 255).astype(np.uint8)
            frame = frame.copy()
            frame[part] = np.where((changed[part] & ~before)[..., None], mixed, frame[part])
        yield frame


if __name__ == "__main__":
    main()
