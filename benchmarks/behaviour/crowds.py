"""Crowds with exact truth through a camera, a spoilt detector, tracker and analytic; ordinary people beside them.

Made crowds walk on a flat square of 10 by 12 metres before a camera 9 metres high: each person is given a way, keeps
apart from others as people do, and is seen, five looks a second unless ``--looks`` says more, as a box whose edges
tremble (2 % of its height), which is missed one time in ten and whenever somebody nearer hides more than 70 % of it.
Five dangers, eight times each with other people, sizes and moments; and four ordinary scenes, as often. No picture is
made: these figures speak of what happens after a detector that behaves like this one. The rules' thresholds were set
while looking at these films.

With ``--data``, the annotated people of four real campus views (3 minutes each, spoilt in the same way) are ordinary
footage: whatever is told there is a false alarm. Their ground is calibrated by the heights of people who stand upright.
"""

import argparse
import csv
import itertools
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from _data import say_json
from vitrail.analytics.crowd import MANIFEST, CrowdMotion
from vitrail.domain.analytics import Scene
from vitrail.domain.calibration import KnownHeight, calibrate
from vitrail.domain.detections import Detections, Label
from vitrail.domain.events import Phase
from vitrail.domain.geometry import Polygon, box_area
from vitrail.domain.ground import Ground
from vitrail.domain.streams import AnalyticSetting, Camera, DwellingMasks, Zone
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

TIMES, LENGTH_S, STARTS_S = 8, 40.0, 16.0
LOOKS_A_S = [5]
"""As ``--looks`` says."""
MISSED, HIDDEN, JITTER = 0.10, 0.70, 0.04
NEAR, FAR, HALF = 9.0, 21.0, 5.0
_BODY_M, _WIDE = 1.7, 0.34
SLACK_S = 10.0
Film = Callable[[np.random.Generator], Iterator[tuple[float, np.ndarray, np.ndarray]]]
"""Ids and places in metres, look by look."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with multicam-campus-gt: ordinary people")
    parser.add_argument("--looks", type=int, default=5, help="looks a second at the made crowds")
    given = parser.parse_args()
    LOOKS_A_S[0] = given.looks
    ground = _ground()
    found, false_s, ordinary_s = {}, 0, 0.0
    for kind, film in DANGERS.items():
        told = [_told(ground, film, seed) for seed in range(TIMES)]
        right = sum(any(k == kind and STARTS_S - 1 <= t <= STARTS_S + 20 + SLACK_S for k, t in one) for one in told)
        early = sum(t < STARTS_S - 1 for one in told for _, t in one)
        others = sorted({k for one in told for k, _ in one if k != kind})
        print(f"{kind}: {right} of {TIMES}; told before it began: {early}; also told: {', '.join(others) or 'nothing'}")
        found[kind], false_s, ordinary_s = right, false_s + early, ordinary_s + TIMES * STARTS_S
    for name, film in ORDINARY.items():
        told = [_told(ground, film, seed) for seed in range(TIMES)]
        print(f"ordinary, {name}: told {sum(map(len, told))} {sorted({k for one in told for k, _ in one})}", flush=True)
        false_s, ordinary_s = false_s + sum(map(len, told)), ordinary_s + TIMES * LENGTH_S
    figures: dict[str, object] = {f"{kind}_found_of_{TIMES}": n for kind, n in found.items()}
    figures |= {"made_ordinary_alarms": false_s, "made_ordinary_hours": round(ordinary_s / 3600, 2)}
    if given.data:
        figures |= campus(
            given.data / "multicam-campus-gt" if (given.data / "multicam-campus-gt").exists() else given.data
        )
    say_json(benchmark="crowds", looks_a_second=given.looks, **figures)


def _ground(height_m: float = 9.0, down_deg: float = 32.0, aspect: float = 16 / 9) -> Ground:
    down = math.radians(down_deg)
    turn = np.array([(1, 0, 0), (0, -math.sin(down), -math.cos(down)), (0, math.cos(down), -math.sin(down))])
    lens = np.array([(0.8, 0, 0.5), (0, 0.8 * aspect, 0.5), (0, 0, 1)])
    matrix = lens @ np.column_stack([turn, -turn @ (0, 0, height_m)])
    return Ground(tuple(float(v) for v in matrix.ravel()))


def _told(ground: Ground, film: Film, seed: int) -> list[tuple[str, float]]:
    """Kinds and seconds."""
    rng = np.random.default_rng(seed)
    corners = ground.picture([(-HALF, NEAR), (HALF, NEAR), (HALF, FAR), (-HALF, FAR)])
    zone = Zone("square", "Square", Polygon(tuple((float(x), float(y)) for x, y in np.clip(corners, 0, 1))))
    seen = ((t, *_boxes(ground, places, rng)) for t, _, places in film(rng))
    return _run(ground, zone, seen)


def _run(ground: Ground, zone: Zone, seen: Iterator[tuple[float, np.ndarray, np.ndarray]]) -> list[tuple[str, float]]:
    area = ground.area_m2(zone.polygon)
    zone = Zone(zone.id, zone.name, zone.polygon, area)
    camera = Camera("c", "C", (), DwellingMasks("", ""), zones=(zone,), ground=ground)
    analytic = CrowdMotion(camera, "c-main", AnalyticSetting(MANIFEST.id, "try", (zone.id,)))
    serial = itertools.count(1)
    tracker = Tracker(lambda: next(serial))
    told = []
    for at_s, boxes, scores in seen:
        wall_us = round((at_s + 10) * SECOND_US)
        labels = np.full(len(boxes), Label.PERSON, np.int8)
        tracks = tracker.update(Detections(boxes, labels, scores), wall_us)
        events = analytic.update(Scene("c-main", "c", wall_us, tracks)).events
        told += [(event.kind, at_s) for event in events if event.phase is Phase.OPENED]
    return told


def _boxes(ground: Ground, places: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What a detector says of people at these places."""
    if not len(places):
        return np.zeros((0, 4), np.float32), np.zeros(0, np.float32)
    feet, heads = ground.picture(places), ground.picture(places, _BODY_M)
    tall = feet[:, 1] - heads[:, 1]
    half = tall * _WIDE / 2
    boxes = np.stack([feet[:, 0] - half, heads[:, 1], feet[:, 0] + half, feet[:, 1]], axis=1)
    return _spoilt(boxes, rng)


def _spoilt(boxes: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    nearest = np.argsort(-boxes[:, 3])
    boxes = boxes[nearest]
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    size = np.maximum(high - low, 0)
    share = size[..., 0] * size[..., 1] / np.maximum(box_area(boxes.astype(np.float32))[:, None], 1e-9)
    hidden = np.tril(share, -1).max(axis=1) > HIDDEN
    kept = ~hidden & (rng.random(len(boxes)) > MISSED)
    tall = boxes[:, 3:4] - boxes[:, 1:2]
    shaken = boxes + rng.normal(0, JITTER / 2, boxes.shape) * tall
    ordered = np.sort(shaken.reshape(-1, 2, 2), axis=1).reshape(-1, 4)
    scores = rng.uniform(0.45, 0.9, len(boxes))
    seen = np.clip(ordered, 0, 1)
    kept &= (seen[:, 3] - seen[:, 1] > 0.01) & (seen[:, 2] - seen[:, 0] > 0.003)
    return seen[kept].astype(np.float32), scores[kept].astype(np.float32)


def _walked(start: np.ndarray, velocity: Callable[[float, np.ndarray], np.ndarray], apart_m: float) -> Film:
    """People who go where ``velocity`` says and push each other away when they come closer than ``apart_m``."""

    def film(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
        places = start + rng.normal(0, 0.1, start.shape)
        for look in range(round(LENGTH_S * LOOKS_A_S[0])):
            t = look / LOOKS_A_S[0]
            yield t, np.arange(len(places)), places.copy()
            away = places[:, None] - places[None, :]
            distance = np.hypot(away[..., 0], away[..., 1]) + np.eye(len(places))
            push = np.where(distance < apart_m, (apart_m - distance) / distance, 0.0)
            places = places + (velocity(t, places) + 1.5 * (away * push[..., None]).sum(axis=1)) / LOOKS_A_S[0]

    return film


def _spread(n: int, apart_m: float, seed: int, x0: float = -4.0, x1: float = 4.0) -> np.ndarray:
    """Places at about so far from each other."""
    across = max(1, int((x1 - x0) / apart_m))
    rng = np.random.default_rng(seed)
    grid = np.array([(x0 + apart_m * (i % across), 11.0 + apart_m * (i // across)) for i in range(n)])
    return grid + rng.normal(0, apart_m * 0.1, grid.shape)


def _crowding(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """A loose crowd draws together."""
    middle = np.array([0.0, 14.0])
    start = _spread(int(rng.integers(35, 50)), 1.1, int(rng.integers(1e6)))

    def velocity(t: float, places: np.ndarray) -> np.ndarray:
        return 0.35 * (middle - places) if t > STARTS_S else np.zeros_like(places)

    return _walked(start, velocity, 0.35)(rng)


def _dispersal(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """A calm group bursts apart, or runs one way."""
    start = _spread(int(rng.integers(9, 20)), 1.3, int(rng.integers(1e6)))
    apart, pace = bool(rng.random() < 0.5), rng.uniform(3.2, 4.5)
    middle = start.mean(axis=0)

    def velocity(t: float, places: np.ndarray) -> np.ndarray:
        if t < STARTS_S:
            return np.zeros_like(places)
        away = places - middle if apart else np.tile((1.0, 0.2), (len(places), 1))
        return pace * away / np.maximum(np.hypot(away[:, 0], away[:, 1])[:, None], 0.2)

    return _walked(start, velocity, 0.6)(rng)


def _two_streams(rng: np.random.Generator, apart_m: float, rows: int) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """One stream walks; from the middle of the film on a second one comes against it."""
    pace, number = rng.uniform(0.6, 0.9), 160
    sense = np.where(np.arange(number) % 2, 1.0, -1.0)
    row = rng.integers(0, rows, number) * apart_m + 11.0
    leaves = np.sort(rng.uniform(0, LENGTH_S, number))
    for look in range(round(LENGTH_S * LOOKS_A_S[0])):
        t = look / LOOKS_A_S[0]
        x = sense * (-7.0 + pace * (t - leaves + 8))
        here = (np.abs(x) < 7.0) & (t > leaves - 8) & ((sense > 0) | (leaves > STARTS_S + 8))
        yield t, np.flatnonzero(here), np.stack([x, row + 0.2 * sense], axis=1)[here]


def _wave(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """Packed people; from the middle on, jolts run through them."""
    start = _spread(int(rng.integers(36, 49)), 0.6, int(rng.integers(1e6)), -2.0, 2.0)
    period, reach = rng.uniform(1.6, 2.6), rng.uniform(0.18, 0.3)

    def velocity(t: float, places: np.ndarray) -> np.ndarray:
        jolt = np.zeros_like(places)
        if t > STARTS_S:
            turn = 2 * np.pi / period
            jolt[:, 1] = reach * turn * np.cos(turn * t - 1.5 * places[:, 1])
        return jolt

    return _walked(start, velocity, 0.3)(rng)


def _bottleneck(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """People arrive before a closed door and stand."""
    number, every_s = 60, rng.uniform(0.5, 0.8)
    arrives = STARTS_S - 12 + every_s * np.arange(number)
    queue = _spread(number, 0.75, int(rng.integers(1e6)), -2.5, 2.5)
    for look in range(round(LENGTH_S * LOOKS_A_S[0])):
        t = look / LOOKS_A_S[0]
        here = t >= arrives
        walked = np.clip((t - arrives) * 1.2, 0, None)[:, None]
        yield t, np.flatnonzero(here), (queue - np.maximum(8.0 - walked, 0.0) * np.array([[0.0, 1.0]]))[here]


def _strolling(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """A dozen people cross the square, each their own way."""
    number = 40
    leaves, angle = np.sort(rng.uniform(-8, LENGTH_S, number)), rng.uniform(0, 2 * np.pi, number)
    pace = rng.uniform(0.8, 1.6, number)
    for look in range(round(LENGTH_S * LOOKS_A_S[0])):
        t = look / LOOKS_A_S[0]
        along = pace * (t - leaves) - 7.0
        places = np.stack([along * np.cos(angle), 15 + along * np.sin(angle)], axis=1)
        here = np.abs(along) < 7
        yield t, np.flatnonzero(here), places[here]


def _waiting(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """People wait an arm's length apart; two run for a bus."""
    start = _spread(20, 1.2, int(rng.integers(1e6)))

    def velocity(t: float, places: np.ndarray) -> np.ndarray:
        moves = np.zeros_like(places)
        if t > STARTS_S:
            moves[:2] = (3.5, 0.3)
        return moves

    return _walked(start, velocity, 0.7)(rng)


def _joggers(rng: np.random.Generator) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """A club of runners passes."""
    number = 12
    leaves = STARTS_S + np.sort(rng.uniform(0, 6, number))
    for look in range(round(LENGTH_S * LOOKS_A_S[0])):
        t = look / LOOKS_A_S[0]
        x = 3.2 * (t - leaves) - 8
        here = np.abs(x) < 8
        yield t, np.flatnonzero(here), np.stack([x, 13 + 0.4 * np.arange(number)], axis=1)[here]


DANGERS: dict[str, Film] = {
    "crowding": _crowding,
    "dispersal": _dispersal,
    "counter_flow": lambda rng: _two_streams(rng, 0.7, 4),
    "crowd_wave": _wave,
    "bottleneck": _bottleneck,
}
ORDINARY: dict[str, Film] = {
    "strolling": _strolling,
    "waiting, two run for a bus": _waiting,
    "joggers pass": _joggers,
    "two streams with room": lambda rng: _thin(_two_streams(rng, 2.2, 4)),
}


def _thin(film: Iterator[tuple[float, np.ndarray, np.ndarray]]) -> Iterator[tuple[float, np.ndarray, np.ndarray]]:
    """A quarter of the people."""
    for t, ids, places in film:
        kept = (ids // 2) % 4 == 0
        yield t, ids[kept], places[kept]


def campus(folder: Path) -> dict[str, object]:
    told, length_s = 0, 0.0
    for path in sorted(folder.glob("view-*.csv")):
        try:
            moments = _annotated(path)
        except (KeyError, ValueError, OSError) as error:
            print(f"{path.stem}: cannot be read as annotated people ({type(error).__name__}: {error}); left out")
            continue
        if len(moments) < 2:
            print(f"{path.stem}: annotates {len(moments)} moments; left out")
            continue
        ground = _by_heights(np.concatenate(list(moments.values())))
        rng = np.random.default_rng(3)
        low = 0.45
        corners = ((0.02, low + 0.1), (0.98, low + 0.1), (0.98, 0.98), (0.02, 0.98))
        zone = Zone("view", "View", Polygon(corners))
        if ground is None or ground.area_m2(zone.polygon) is None:
            print(f"{path.stem}: its ground cannot be told from heights of people; left out")
            continue
        frames = sorted(moments)
        seen = ((frame / 30, *_spoilt(moments[frame], rng)) for frame in frames)
        alarms = _run(ground, zone, seen)
        seconds = (frames[-1] - frames[0]) / 30
        print(f"{path.stem}: {len(alarms)} alarms in {seconds:.0f} s {sorted({kind for kind, _ in alarms})}")
        told, length_s = told + len(alarms), length_s + seconds
    hours = length_s / 3600
    if not hours:
        print(f"no annotated views in {folder.name}: ordinary people are left out")
        return {}
    return {"campus_alarms": told, "campus_hours": round(hours, 3)}


def _annotated(path: Path) -> dict[int, np.ndarray]:
    moments: dict[int, list[list[float]]] = defaultdict(list)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            box = [float(row[k]) / s for k, s in (("xmin", 1920), ("ymin", 1080), ("xmax", 1920), ("ymax", 1080))]
            moments[int(row["frame_30fps"])].append(box)
    return {frame: np.array(boxes) for frame, boxes in moments.items()}


def _by_heights(boxes: np.ndarray) -> Ground | None:
    """People are 1.7 m tall in the mean: a few middling boxes, near and far, left and right."""
    whole = boxes[(boxes[:, 3] < 0.97) & (boxes[:, 1] > 0.01)]
    if not len(whole):
        return None
    clues = []
    for low, high in itertools.pairwise(np.quantile(whole[:, 3], (0.02, 0.25, 0.5, 0.75, 0.98))):
        for left in (True, False):
            part = whole[(whole[:, 3] >= low) & (whole[:, 3] <= high) & ((whole[:, 0] < 0.5) == left)]
            if len(part) < 20:
                continue
            tall = part[:, 3] - part[:, 1]
            box = part[np.argsort(tall)[len(tall) // 2]]
            x = float(box[0] + box[2]) / 2
            clues.append(KnownHeight((x, float(box[3])), (x, float(box[1])), 1.7))
    try:
        return calibrate([], clues, 16 / 9).ground
    except ValueError:
        return None


if __name__ == "__main__":
    main()
