"""Where and when to look next: for people pinned by hand in one view of a campus, do the proposed windows hold their
true next appearance in another view, and how much of the recordings do they leave to look at?

The views' own annotation (``multicam-campus-gt``: who appears when, in which camera) is the truth; the software is
given the pin alone: a place in the picture, a moment, the way it moved in the two seconds before, and the cameras'
positions as the set states them. Focal lengths that the set does not state are taken as the picture's width (53
degrees). Speeds are those the product ships, taken from the literature; that a place beyond the reach is known by its
direction only was added after seeing these recordings. Everybody counts; nothing else was chosen. Compared with
looking everywhere, which holds every appearance and covers all of it.
"""

import csv
import math
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from _data import options, say_json
from vitrail.domain.ground import Ground
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.prospects import TRAVELS, Proposal, Trace, View, placed, propose

FPS, WIDTH, HEIGHT = 30, 1920, 1080
APART_S = 2.0
"""Gone for longer than this, somebody appears anew when they come back."""
REACH_M = 25.0
"""How far a camera shows people well enough to know the one that was pinned."""
BEFORE_S = 2.0
EVERY_S = 5.0
"""People are pinned when they are last seen before they appear elsewhere, and every five seconds before that."""


@dataclass(frozen=True, slots=True)
class Row:
    at_s: float
    foot: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Appearance:
    view: str
    rows: tuple[Row, ...]

    @property
    def start_s(self) -> float:
        return self.rows[0].at_s

    @property
    def end_s(self) -> float:
        return self.rows[-1].at_s


def main() -> None:
    given = options(__doc__ or "")
    folder = given.data / "multicam-campus-gt"
    if not folder.is_dir():
        print(f"left out: {folder} is not there")
        say_json(left_out=True)
        return
    seen = appearances(folder)
    grounds = cameras(folder)
    views = [View(name, ground.footprint(REACH_M)) for name, ground in grounds.items()]
    end_s = max(a.end_s for found in seen.values() for a in found)
    last = measure(seen, grounds, views, end_s, only_last=True)
    every = measure(seen, grounds, views, end_s, only_last=False)
    for name, (held, pins, part, rest) in (("last seen", last), ("every 5 s", every)):
        print(f"{name}: {held} of {pins} next appearances inside the windows; {part:.1%} of all camera time, {rest:.1%}"
              f" of what is left of the other cameras after the pin (looking everywhere: 100 %)")  # fmt: skip
    say_json(
        pins=last[1],
        held=round(last[0] / last[1], 4),
        covered=round(last[2], 4),
        covered_of_rest=round(last[3], 4),
        pins_every_5_s=every[1],
        held_every_5_s=round(every[0] / every[1], 4),
        covered_every_5_s=round(every[2], 4),
        covered_of_rest_every_5_s=round(every[3], 4),
    )


def measure(
    seen: dict[int, list[Appearance]], grounds: dict[str, Ground], views: list[View], end_s: float, only_last: bool
) -> tuple[int, int, float, float]:
    held = pins = 0
    shares, rests = [], []
    for found in seen.values():
        for here, there in transitions(found):
            last_s = min(here.end_s, there.start_s)
            moments = [last_s] if only_last else list(np.arange(last_s, max(here.start_s, 0.0) - 1e-9, -EVERY_S))
            for at_s in moments:
                proposals = proposed(here, at_s, grounds[here.view], views, end_s)
                window = next(p.window for p in proposals if p.camera_id == there.view)
                held += window is not None and window.start_us <= there.start_s * SECOND_US <= window.end_us
                pins += 1
                total = sum(p.window.length_us for p in proposals if p.window) / SECOND_US
                shares.append(total / (len(views) * end_s))
                rests.append(total / ((len(views) - 1) * max(end_s - at_s, 1.0)))
    return held, pins, float(np.mean(shares)), float(np.mean(rests))


def proposed(here: Appearance, at_s: float, ground: Ground, views: list[View], end_s: float) -> list[Proposal]:
    rows = [row for row in here.rows if at_s - BEFORE_S <= row.at_s <= at_s + 1e-6] or [here.rows[0]]
    (before, _), (place, doubt_m) = (placed(ground, row.foot, REACH_M) for row in (rows[0], rows[-1]))
    gap_s = rows[-1].at_s - rows[0].at_s
    velocity = ((place[0] - before[0]) / gap_s, (place[1] - before[1]) / gap_s) if gap_s > 0 else None
    trace = Trace(here.view, round(at_s * SECOND_US), place, doubt_m, SECOND_US, velocity)
    return propose(trace, views, TRAVELS["walking"], round(end_s * SECOND_US))


def transitions(found: list[Appearance]) -> list[tuple[Appearance, Appearance]]:
    """Each appearance with the next in another view; what begins with the recording begins with it everywhere."""
    ordered = sorted(found, key=lambda a: (a.start_s, a.view))
    return [(here, there) for here, there in pairwise(ordered) if here.view != there.view and there.start_s > 0]


def appearances(folder: Path) -> dict[int, list[Appearance]]:
    seen: dict[int, list[Appearance]] = defaultdict(list)
    for path in sorted(folder.glob("view-*.csv")):
        rows: dict[int, list[Row]] = defaultdict(list)
        with path.open() as file:
            for line in csv.DictReader(file):
                middle = (float(line["xmin"]) + float(line["xmax"])) / 2 / WIDTH
                rows[int(line["track_id"])].append(
                    Row(int(line["frame_30fps"]) / FPS, (middle, float(line["ymax"]) / HEIGHT))
                )
        for who, own in rows.items():
            cuts = [i for i, (a, b) in enumerate(pairwise(own), 1) if b.at_s - a.at_s > APART_S]
            for start, stop in pairwise([0, *cuts, len(own)]):
                seen[who].append(Appearance(path.stem.removeprefix("view-"), tuple(own[start:stop])))
    return dict(seen)


def cameras(folder: Path) -> dict[str, Ground]:
    """The set's own metres; azimuth counts from the y axis against the clock, as its calibrated pair shows."""
    focal = {
        c["name"]: float(c["K"][0][0]) for c in loadmat(folder / "cam_param.mat", simplify_cells=True)["cam_param"]
    }
    grounds = {}
    for node in ElementTree.parse(folder / "scene_metadata.xml").getroot():
        if not node.tag.startswith("view-"):
            continue
        said = {leaf.tag: float(leaf.text or 0) for leaf in node.iter() if leaf.text and leaf.text.strip()}
        grounds[node.tag.removeprefix("view-")] = pinhole(said, focal.get(node.tag, float(WIDTH)))
    return grounds


def pinhole(said: dict[str, float], focal_px: float) -> Ground:
    turn, tilt = math.radians(said["Azimuth"] + 90), math.radians(said["Elevation"])
    ahead = np.array([math.cos(turn) * math.cos(tilt), math.sin(turn) * math.cos(tilt), math.sin(tilt)])
    right = np.array([math.sin(turn), -math.cos(turn), 0.0])
    down = np.cross(ahead, right)
    rotation = np.stack([right, down, ahead])
    centre = np.array([said["x"], said["y"], said["z"]])
    lens = np.array([[focal_px / WIDTH, 0, 0.5], [0, focal_px / HEIGHT, 0.5], [0, 0, 1]])
    matrix = lens @ np.column_stack([rotation, -rotation @ centre])
    return Ground(tuple(float(v) for v in matrix.reshape(-1)))


if __name__ == "__main__":
    main()
