"""Where and when to look next: for people pinned by hand in one view of a campus, do the proposed windows hold their
true next appearance in another view, and how much of the recordings do they leave to look at?

The views' own annotation (``multicam-campus-gt``: who appears when, in which camera) is the truth; the software is
given the pin alone: a place in the picture, a moment, the way it moved in the two seconds before, and the cameras'
positions as the set states them. Focal lengths that the set does not state are taken as the picture's width (53
degrees). Compared with looking everywhere, which holds every appearance and covers all of it. Everybody counts.

The speeds are those the product ships, from the literature; but that a place beyond the reach is known by its direction
only was added after seeing these views. So two protocols beside it choose all three of a walker's constants anew (of 60
settings the one that covers least and holds nineteen in twenty) on one part and report the other: *other people* (half
of them, both ways) and *other cameras* (each pair of cameras in turn is left out of the choosing). What they hold says
what to expect where nothing was seen before.
"""

import csv
import math
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, product
from pathlib import Path

import numpy as np
from scipy.io import loadmat

from _data import options, say_json
from vitrail.domain.ground import Ground
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.prospects import TRAVELS, Proposal, Trace, Travel, View, placed, propose

FPS, WIDTH, HEIGHT = 30, 1920, 1080
APART_S = 2.0
"""Gone for longer than this, somebody appears anew when they come back."""
REACH_M = 25.0
"""How far a camera shows people well enough to know the one that was pinned."""
BEFORE_S = 2.0
EVERY_S = 5.0
WANTED = 0.95
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


@dataclass(frozen=True, slots=True)
class Pinned:
    """One pin, and where the one who was pinned appeared next."""

    who: int
    here: Appearance
    there: Appearance
    at_s: float

    @property
    def pair(self) -> frozenset[str]:
        return frozenset({self.here.view, self.there.view})


@dataclass(frozen=True, slots=True)
class Tried:
    """Whether the window held the next appearance; the share of all camera time that the windows cover, and of what is
    left of the other cameras after the pin."""

    held: bool
    covered: float
    rest: float


@dataclass(frozen=True, slots=True)
class Campus:
    grounds: dict[str, Ground]
    views: list[View]
    end_s: float

    def tried(self, pin: Pinned, travel: Travel) -> Tried:
        proposals = proposed(pin.here, pin.at_s, self.grounds[pin.here.view], self.views, self.end_s, travel)
        window = next(p.window for p in proposals if p.camera_id == pin.there.view)
        held = window is not None and window.start_us <= pin.there.start_s * SECOND_US <= window.end_us
        total_s = sum(p.window.length_us for p in proposals if p.window) / SECOND_US
        rest_s = (len(self.views) - 1) * max(self.end_s - pin.at_s, 1.0)
        return Tried(held, total_s / (len(self.views) * self.end_s), total_s / rest_s)


WALKING = TRAVELS["walking"]
SETTINGS = [
    replace(WALKING, slowest_mps=slow, fastest_mps=fast, linger_s=linger)
    for slow, fast, linger in product((0.5, 0.7, 0.9, 1.1, 1.3), (1.8, 2.2, 3.0), (4.0, 8.0, 15.0, 30.0))
]


def main() -> None:
    given = options(__doc__ or "")
    folder = given.data / "multicam-campus-gt"
    grounds = cameras(folder) if folder.is_dir() else {}
    seen = {who: [a for a in found if a.view in grounds] for who, found in appearances(folder).items()}
    last = list(pins(seen, only_last=True))
    if len(grounds) < 2 or not last:
        print(f"left out: {folder} names no two cameras with somebody who goes from one to the other")
        say_json(left_out=True)
        return
    views = [View(name, ground.footprint(REACH_M)) for name, ground in grounds.items()]
    campus = Campus(grounds, views, max(a.end_s for found in seen.values() for a in found))
    told: dict[str, float] = {"cameras": len(views)}
    tell(told, "", "last seen", [campus.tried(pin, WALKING) for pin in last])
    every = [campus.tried(pin, WALKING) for pin in pins(seen, only_last=False)]
    tell(told, "_every_5_s", "every 5 s", every)
    known = {(pin, travel): campus.tried(pin, travel) for pin in last for travel in SETTINGS}
    half = [frozenset(pin.who for pin in last if pin.who % 2 == odd) for odd in (0, 1)]
    tell(told, "_other_people", "other people", left_out(last, known, [lambda p, h=h: p.who in h for h in half]))
    pairs = sorted({pin.pair for pin in last}, key=sorted)
    tell(told, "_other_cameras", "other cameras", left_out(last, known, [lambda p, q=q: p.pair == q for q in pairs]))
    say_json(**told)


def left_out(
    pinned: list[Pinned], known: dict[tuple[Pinned, Travel], Tried], parts: list[Callable[[Pinned], bool]]
) -> list[Tried]:
    """Each part reported with the setting that the rest chose."""
    found = []
    for part in parts:
        rest, own = [p for p in pinned if not part(p)], [p for p in pinned if part(p)]
        if rest and own:
            travel = min(SETTINGS, key=lambda t: chosen_by([known[p, t] for p in rest]))
            found += [known[p, travel] for p in own]
    return found


def chosen_by(tried: list[Tried]) -> tuple[bool, float]:
    """Nineteen in twenty first, then as little as possible to look at."""
    held = sum(t.held for t in tried) / len(tried)
    return (held < WANTED, float(np.mean([t.covered for t in tried])) if held >= WANTED else -held)


def tell(told: dict[str, float], name: str, words: str, tried: list[Tried]) -> None:
    if not tried:
        print(f"{words}: left out, too few")
        return
    held = sum(t.held for t in tried)
    covered, rest = float(np.mean([t.covered for t in tried])), float(np.mean([t.rest for t in tried]))
    print(f"{words}: {held} of {len(tried)} next appearances inside the windows; {covered:.1%} of all camera time,"
          f" {rest:.1%} of what is left of the other cameras after the pin (looking everywhere: 100 %)")  # fmt: skip
    told |= {f"pins{name}": len(tried), f"held{name}": round(held / len(tried), 4)}
    told |= {f"covered{name}": round(covered, 4), f"covered_of_rest{name}": round(rest, 4)}


def pins(seen: dict[int, list[Appearance]], only_last: bool) -> Iterator[Pinned]:
    for who, found in seen.items():
        for here, there in transitions(found):
            last_s = min(here.end_s, there.start_s)
            moments = [last_s] if only_last else list(np.arange(last_s, max(here.start_s, 0.0) - 1e-9, -EVERY_S))
            yield from (Pinned(who, here, there, float(at_s)) for at_s in moments)


def proposed(
    here: Appearance, at_s: float, ground: Ground, views: list[View], end_s: float, travel: Travel
) -> list[Proposal]:
    rows = [row for row in here.rows if at_s - BEFORE_S <= row.at_s <= at_s + 1e-6] or [here.rows[0]]
    (before, _), (place, doubt_m) = (placed(ground, row.foot, REACH_M) for row in (rows[0], rows[-1]))
    gap_s = rows[-1].at_s - rows[0].at_s
    velocity = ((place[0] - before[0]) / gap_s, (place[1] - before[1]) / gap_s) if gap_s > 0 else None
    trace = Trace(here.view, round(at_s * SECOND_US), place, doubt_m, SECOND_US, velocity)
    return propose(trace, views, travel, round(end_s * SECOND_US))


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
    """The set's own metres; azimuth counts from the y axis against the clock, as its calibrated pair shows. A view
    without a place is left out, aloud."""
    scene, lens = folder / "scene_metadata.xml", folder / "cam_param.mat"
    if not scene.is_file():
        print(f"left out: {scene.name} is not there, so no camera has a place")
        return {}
    known = np.atleast_1d(loadmat(lens, simplify_cells=True)["cam_param"]) if lens.is_file() else []
    focal = {c["name"]: float(c["K"][0][0]) for c in known}
    grounds = {}
    for node in ElementTree.parse(scene).getroot():
        if not node.tag.startswith("view-"):
            continue
        said = {leaf.tag: float(leaf.text or 0) for leaf in node.iter() if leaf.text and leaf.text.strip()}
        if {"x", "y", "z", "Azimuth", "Elevation"} <= set(said):
            grounds[node.tag.removeprefix("view-")] = pinhole(said, focal.get(node.tag, float(WIDTH)))
        else:
            print(f"left out: {node.tag}, whose place the set does not state")
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
