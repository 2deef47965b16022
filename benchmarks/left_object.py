"""Left things: alert on time and nothing before, on labelled clips and on composites; silence on ordinary recordings.

Clips come from ``abandoned-object`` below ``--data`` (or from ``--data`` itself, where its ``labels.json`` names
``abandoned`` events), ordinary recordings from ``fixed-camera-video`` and the demonstration's recording. "Right" is one
alert, not before the owners have left, and within 5 s of the declared time: ``abandoned`` from the labels plus the
analytic's own ``seconds``.

Composites (labelled so) put a made bag down at the feet of somebody who really walks through the demonstration's
recording, behind everybody who passes before it: half of them dark bags, at most 20 grey levels from their ground. Two
more let a cut-out person lie on the ground instead, next to whom another one walks away: they must stay silent.
"""

import itertools
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

from _data import Watched, options, say_json, watched
from composite.pieces import bag, put
from composite.plates import Image
from composite.reel import picture_of, write_reel
from vitrail.adapters.openvino import load_nanodet
from vitrail.domain.detections import Label
from vitrail.domain.events import Phase
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

SECONDS, SLACK_S = 10, 5.0
FPS, REELS, LYING = 10, 6, 2
DARK_LEVELS = (12.0, 20.0)
_SITE = f"""\
    zones:
      - {{id: floor, name: Floor, corners: [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]}}
    analytics:
      - {{analytic: left_object, purpose: try, zones: [floor], parameters: {{seconds: {SECONDS}}}}}
"""


@dataclass(frozen=True, slots=True)
class Walk:
    """Somebody of the recording: feet (x, y) and height at each frame from ``first`` on."""

    first: int
    feet: tuple[tuple[float, float], ...]
    heights: tuple[float, ...]

    def leaves(self, at: int, aspect: float) -> int | None:
        """The frame from which on they are more than three metres from where they were at ``at``."""
        x, y = self.feet[at - self.first]
        for frame in range(at, self.first + len(self.feet)):
            fx, fy = self.feet[frame - self.first]
            height = self.heights[frame - self.first]
            if np.hypot((fx - x) * aspect, 2 * (fy - y)) / height * 1.7 > 3.0:
                return frame
        return None


def main() -> None:
    given = options(__doc__ or "")
    figures: dict[str, object] = {"seconds": SECONDS}
    folder = given.data if (given.data / "labels.json").exists() else given.data / "abandoned-object"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    figures |= clips(folder, labels, given.cache)
    figures |= ordinary(given.data / "fixed-camera-video", given.cache)
    if (given.cache / "vtest.avi").exists():
        figures |= composites(given.cache)
    say_json(benchmark="left_object", **figures)


def clips(folder: Path, labels: dict, cache: Path) -> dict[str, object]:
    right, told, delays, early = 0, 0, [], 0
    for name, label in labels.items():
        left = [e for e in label.get("events", []) if e["type"] == "abandoned"]
        if not left or not (folder / name).exists():
            continue
        alerts = alerts_of(watched(folder / name, _SITE, cache))
        declared_s = left[0]["t_from"] + SECONDS
        early += sum(at < left[0]["t_from"] for at in alerts)
        fine = len(alerts) == 1 and left[0]["t_from"] <= alerts[0] <= declared_s + SLACK_S
        right, told = right + fine, told + 1
        delays += [round(at - declared_s, 1) for at in alerts]
        print(f"{name}: declared {declared_s:.1f} s, alerts at {alerts}: {'right' if fine else 'wrong'}")
    return {"clips": told, "clips_right": right, "clips_delay_s": delays, "clips_early": early}


def ordinary(folder: Path, cache: Path) -> dict[str, object]:
    recordings = sorted(folder.glob("*.mp4")) + [path for path in [cache / "vtest.avi"] if path.exists()]
    false = {}
    for path in recordings:
        alerts = alerts_of(watched(path, _SITE, cache))
        print(f"{path.name}: alerts at {alerts}, wanted none")
        false[path.name] = len(alerts)
    return {"ordinary_recordings": len(false), "ordinary_false": sum(false.values())}


def composites(cache: Path) -> dict[str, object]:
    frames, clean, walks = filmed(cache)
    rng = np.random.default_rng(11)
    found, silent, delays, early, dark = 0, 0, [], 0, [0, 0]
    with tempfile.TemporaryDirectory() as place:
        chosen = list(itertools.islice(departures(walks, frames, rng), REELS + LYING))
        for number, (walk, at, leaves) in enumerate(chosen):
            lying, is_dark = number >= REELS, number % 2 == 0
            foot, height = walk.feet[at - walk.first], walk.heights[at - walk.first]
            ground = under(clean, foot, height)
            level = ground - rng.uniform(*DARK_LEVELS) if is_dark else None
            thing = rests(frames[at], walk, at, clean) if lying else bag(number, level)
            size = (0.36 if lying else rng.uniform(0.28, 0.4)) * height
            shown = (laid(frame, clean, thing, foot, size) if i >= at else frame for i, frame in enumerate(frames))
            reel = write_reel(Path(place) / f"{number}.mp4", shown, FPS)
            alerts = alerts_of(watched(reel, _SITE, cache))
            if lying:
                silent += not alerts
                print(f"composite {number}: somebody lies down: alerts at {alerts}, wanted none")
                continue
            declared_s = leaves / FPS + SECONDS
            fine = [a for a in alerts if leaves / FPS <= a <= declared_s + SLACK_S]
            early += sum(a < at / FPS for a in alerts)
            found += bool(fine)
            delays += [round(a - declared_s, 1) for a in alerts[:1]]
            if is_dark:
                dark = [dark[0] + bool(fine), dark[1] + 1]
            print(
                f"composite {number}: {'dark ' if is_dark else ''}bag at {at / FPS} s, declared {declared_s}: {alerts}"
            )
    return {
        "composite_bags": len(chosen) - LYING, "composite_right": found, "composite_early": early,
        "composite_delay_s": delays, "composite_dark_right": dark[0], "composite_dark": dark[1],
        "composite_lying": LYING, "composite_lying_silent": silent,
    }  # fmt: skip


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
        for box, label, track in zip(tracks.boxes, tracks.labels, tracks.ids, strict=True):
            if label == Label.PERSON:
                row = (number, float(box[0] + box[2]) / 2, float(box[3]), float(box[3] - box[1]))
                steps.setdefault(int(track), []).append(row)
    walks = [
        Walk(rows[0][0], tuple((x, y) for _, x, y, _ in rows), tuple(h for *_, h in rows))
        for rows in steps.values()
        if len(rows) >= 6 * FPS and rows[-1][0] - rows[0][0] == len(rows) - 1
    ]
    return frames, clean, walks


def departures(walks: list[Walk], frames: list[Image], rng: np.random.Generator) -> Iterator[tuple[Walk, int, int]]:
    """Who could have put something down: (walk, frame, frame at which they are three metres away), each walk once."""
    aspect = frames[0].shape[1] / frames[0].shape[0]
    for index in rng.permutation(len(walks)):
        walk = walks[int(index)]
        for at in range(max(walk.first + FPS, 12 * FPS), walk.first + len(walk.feet) - 2 * FPS):
            leaves = walk.leaves(at, aspect)
            x, y = walk.feet[at - walk.first]
            inside = 0.1 < x < 0.9 and 0.3 < y < 0.9
            if inside and leaves is not None and leaves + (SECONDS + 8) * FPS < len(frames):
                yield walk, at, leaves
                break


def under(clean: Image, foot: tuple[float, float], height: float) -> float:
    """Mean grey of the ground where a bag will stand."""
    rows, columns = clean.shape[:2]
    y, x, side = round(foot[1] * rows), round(foot[0] * columns), max(4, round(0.15 * height * rows))
    return float(cv2.cvtColor(clean, cv2.COLOR_BGR2GRAY)[max(0, y - 2 * side) : y, x - side : x + side].mean())


def rests(frame: Image, walk: Walk, at: int, clean: Image) -> Image:
    """The walker, cut out and laid down."""
    rows, columns = frame.shape[:2]
    (x, y), height = walk.feet[at - walk.first], walk.heights[at - walk.first]
    top, bottom = max(0, round((y - height) * rows)), min(rows, round(y * rows))
    left, right = (round(x * columns + side * height * rows * 0.24) for side in (-1, 1))
    part, ground = frame[top:bottom, max(0, left) : right], clean[top:bottom, max(0, left) : right]
    alpha = (np.abs(part.astype(int) - ground).max(axis=2) > 26).astype(np.uint8) * 255
    return np.ascontiguousarray(np.rot90(np.dstack([part, cv2.medianBlur(alpha, 5)])))


def laid(frame: Image, clean: Image, thing: Image, foot: tuple[float, float], height: float) -> Image:
    """The thing in the place, behind everybody of the frame."""
    place, _ = put(clean, thing, foot, height)
    changed = np.abs(place.astype(int) - clean).max(axis=2) > 2
    before = np.asarray(np.abs(frame.astype(int) - clean).max(axis=2) > 30, np.uint8)
    before = cv2.morphologyEx(before, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8)).astype(bool)
    shift = place.astype(np.int16) - clean
    mixed = np.clip(frame + shift, 0, 255).astype(np.uint8)
    return np.where((changed & ~before)[..., None], mixed, frame)


if __name__ == "__main__":
    main()
