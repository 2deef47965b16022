"""Falls made of real people on a real camera's ground, through detector, tracker and analytic, with exact truth.

People of the campus recording that the demonstration uses are cut out by what changed against the empty ground (the
median of the recording), and put on that ground at the size that the calibrated ground asks for: they walk, then fall
sideways within 0.6 s and stay down; or they walk on, sit down, lie down slowly, or leave a bag. The recording itself,
in which nobody falls, is ordinary footage. Disparities: falls by the height of the person in pixels and by their own
contrast with the ground, and others made in the dark, in clothes like the ground, and among people. Composites: a body
that falls bends and turns, a picture that is turned does not; so the figures say whether rules and detector go
together, not how many real falls are found.
"""

import argparse
import itertools
import math
import multiprocessing
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import cv2
import numpy as np

from _data import say_json
from vitrail import compose
from vitrail.adapters.openvino import NanodetDetector, load_nanodet
from vitrail.analytics.fall import MANIFEST, Fall
from vitrail.cli.places import cache_folder
from vitrail.domain.analytics import Scene
from vitrail.domain.calibration import KnownHeight, calibrate
from vitrail.domain.detections import Label
from vitrail.domain.events import Phase
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Polygon
from vitrail.domain.ground import Ground
from vitrail.domain.streams import AnalyticSetting, Camera, DwellingMasks, Zone
from vitrail.domain.time import SECOND_US
from vitrail.guard.masking import MASK_FLOOR
from vitrail.pipeline.tracking import Tracker

LOOKS_A_S, LENGTH_S, ACTS_S, PEOPLE = 10, 17.0, 5.0, 8
TIMES = {"falls": 3, "lies_down_slowly": 2}
"""How often each of the people does it, at different places and ways; once where it is not said."""
_APART_S = 5
"""People are cut out so long after each other, so that they are not one and the same."""
_TALL_M, _WALK_M_S = 1.7, 0.7
Image = np.ndarray
Look = tuple[float, Image]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder that holds vtest.avi; the cache when left out")
    parser.add_argument("--cache", type=Path, help="where models and the demonstration's recording are kept")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args()
    folder = cache_folder(given.cache)
    recordings = [p / "vtest.avi" for p in (given.data, folder) if p and (p / "vtest.avi").exists()]
    if not recordings:
        print("skipped: there is no vtest.avi; `vitrail demo` fetches it")
        say_json(benchmark="falls", skipped=True)
        return
    compose.ensure_models(folder, print)
    images = list(images_of(recordings[0]))
    empty = np.median(np.stack([image for _, image in images[::20]]), axis=0).astype(np.uint8)
    ground, cuts = learn(images, empty, _detector(folder))
    zone = _zone(ground)
    figures: dict[str, object] = {"people": len(cuts), "tilt_checked_deg": round(ground.steepest_deg(zone.polygon), 1)}
    with ProcessPoolExecutor(max(1, given.workers), multiprocessing.get_context("spawn")) as pool:
        for name in ACTS:
            made = [Staging(name, cut, n) for n, cut in enumerate(cuts * TIMES.get(name, 1))]
            told = list(pool.map(partial(_played, empty, ground, zone, folder), made))
            late = [round(one.told_s - ACTS_S, 1) for one in told if one.told_s is not None]
            print(f"{name}: told in {len(late)} of {len(made)}; {late} s after it began", flush=True)
            figures |= {f"{name}_made": len(made), f"{name}_told": len(late)}
            figures |= _halves(told) if name == "falls" else {}
    ordinary = _told(((at_s, image) for at_s, image in images), ground, zone, _detector(folder))
    print(f"the recording itself: told {len(ordinary)} in {images[-1][0]:.0f} s")
    say_json(benchmark="falls", **figures, ordinary_alarms=len(ordinary), ordinary_s=round(images[-1][0]))


@cache
def _detector(folder: Path) -> NanodetDetector:
    cv2.setNumThreads(1)
    return load_nanodet(folder, threads=1)


def _halves(told: "Sequence[Played]") -> dict[str, object]:
    """Shares of falls told among the lower and the upper half by what people are like in the picture."""
    found: dict[str, object] = {}
    for name in ("height_px", "contrast"):
        values = np.array([getattr(one, name) for one in told])
        said = np.array([one.told_s is not None for one in told])
        low = values <= np.median(values)
        if low.all():
            continue
        found[f"falls_told_by_{name}"] = [round(float(said[half].mean()), 2) for half in (low, ~low)]
        found[f"falls_{name}_halves_at"] = round(float(np.median(values)), 1)
    print(found, flush=True)
    return found


def images_of(path: Path) -> Iterator[Look]:
    """Ten a second; the recording is ten a second itself."""
    with av.open(str(path)) as container:
        for n, frame in enumerate(container.decode(video=0)):
            yield n / LOOKS_A_S, frame.to_ndarray(format="bgr24")


def _picture(image: Image) -> Picture:
    height, width = image.shape[:2]
    planes = cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)
    u, v = (part.reshape(height // 2, width // 2) for part in np.split(planes[height:].reshape(-1), 2))
    return Picture(np.ascontiguousarray(planes[:height]), np.ascontiguousarray(u), np.ascontiguousarray(v))


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A person of the recording: picture and mask, 0..1."""

    image: Image
    mask: Image


def learn(images: list[Look], empty: Image, detector: NanodetDetector) -> tuple[Ground, list[Cut]]:
    """The ground, by the heights of people; and people to put on it."""
    cuts: list[Cut] = []
    clues: dict[tuple[int, int], list[tuple[float, KnownHeight]]] = {}
    last_s = -float(_APART_S)
    for at_s, image in images[::15]:
        found = detector.detect([_picture(image)], 0.6)[0].of(Label.PERSON)
        for box in found.boxes:
            if box[3] > 0.97 or box[1] < 0.02 or box[0] < 0.02 or box[2] > 0.98:
                continue
            x = float(box[0] + box[2]) / 2
            clue = KnownHeight((x, float(box[3])), (x, float(box[1])), _TALL_M)
            clues.setdefault((int(box[3] * 5), int(x * 2)), []).append((float(box[3] - box[1]), clue))
            cut = _cut(image, empty, box) if len(cuts) < PEOPLE and at_s >= last_s + _APART_S else None
            if cut:
                cuts, last_s = [*cuts, cut], at_s
    middling = [sorted(some, key=lambda pair: pair[0])[len(some) // 2][1] for some in clues.values() if len(some) >= 5]
    height, width = empty.shape[:2]
    return calibrate([], middling, width / height).ground, cuts


def _cut(image: Image, empty: Image, box: np.ndarray) -> Cut | None:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (box * [width, height, width, height]).astype(int)
    if y1 - y0 < 90:
        return None
    part, away = image[y0:y1, x0:x1], np.abs(image[y0:y1, x0:x1].astype(int) - empty[y0:y1, x0:x1]).max(axis=2)
    mask = cv2.morphologyEx((away > 28).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    body = (parts == largest).astype(np.float32)
    tall = stats[largest, cv2.CC_STAT_HEIGHT]
    if not 0.25 < body.mean() < 0.75 or tall < 0.85 * (y1 - y0):
        return None
    return Cut(part.copy(), cv2.GaussianBlur(body, (0, 0), 0.8))


def _zone(ground: Ground) -> Zone:
    """The lower part of the picture that is seen flatly enough."""
    for low in (0.98, 0.9, 0.8, 0.7, 0.6):
        polygon = Polygon(((0.02, 0.3), (0.98, 0.3), (0.98, low), (0.02, low)))
        if ground.area_m2(polygon) is not None and ground.steepest_deg(polygon) < MANIFEST.steepest_deg:
            return Zone("ground", "Ground", polygon, ground.area_m2(polygon))
    raise SystemExit("this camera looks down too steeply for falls")


@dataclass(frozen=True, slots=True, eq=False)
class Staging:
    """One act of one of the people; ``n`` decides on place and way."""

    act: str
    cut: Cut
    n: int


@dataclass(frozen=True, slots=True)
class Played:
    told_s: float | None
    height_px: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Around:
    """``gain`` of the light; ``kept`` of what tells the clothes from the ground; ``others`` who stand about."""

    gain: float = 1.0
    kept: float = 1.0
    others: int = 0


@dataclass(frozen=True, slots=True)
class Pose:
    """``turn`` degrees from upright, ``tall`` as a share of standing, ``walks`` along; ``bag``: something stays."""

    turn: float = 0.0
    tall: float = 1.0
    walks: bool = True
    bag: bool = False


def _share(t: float, takes_s: float) -> float:
    return min(1.0, max(0.0, (t - ACTS_S) / takes_s))


ACTS: dict[str, Callable[[float], Pose]] = {
    "falls": lambda t: Pose(turn=90 * _share(t, 0.6), walks=t < ACTS_S),
    "walks_on": lambda t: Pose(),
    "sits_down": lambda t: Pose(tall=1 - 0.38 * _share(t, 0.8), walks=t < ACTS_S),
    "lies_down_slowly": lambda t: Pose(turn=90 * _share(t, 4.0), walks=t < ACTS_S),
    "leaves_a_bag": lambda t: Pose(bag=t > ACTS_S),
}
AROUND = {
    "falls_in_the_dark": Around(gain=0.3),
    "falls_in_clothes_like_the_ground": Around(kept=0.4),
    "falls_among_people": Around(others=6),
}
ACTS |= dict.fromkeys(AROUND, ACTS["falls"])
_AWAY_M = 2.5
"""Who stands about is further off than this: beside somebody less is told, and that is said."""


def _played(empty: Image, ground: Ground, zone: Zone, folder: Path, one: Staging) -> Played:
    scene = Scenery(empty, ground, one.cut, one.n, AROUND.get(one.act, Around()))
    told = _told(scene.looks(ACTS[one.act]), ground, zone, _detector(folder))
    return Played(told[0] if told else None, scene.height_px, scene.contrast)


@dataclass(slots=True, eq=False)
class Scenery:
    """Where one of the people walks, and how the picture is. ``height_px``, ``contrast`` in grey levels: where it
    happens."""

    empty: Image
    ground: Ground
    cut: Cut
    n: int
    around: Around
    height_px: float = 0.0
    contrast: float = 0.0

    def looks(self, act: Callable[[float], Pose]) -> Iterator[Look]:
        rng = np.random.default_rng(self.n)
        side, low = -1 if self.n % 2 else 1, rng.uniform(0.42, 0.75)
        start = self.ground.metres([(0.5 - side * rng.uniform(0.1, 0.22), low)])[0]
        way = self.ground.metres([(0.5 + 0.25 * side, low + rng.uniform(-0.08, 0.08))])[0] - start
        way = way / np.hypot(*way) * _WALK_M_S
        stage = self._peopled(start + way * ACTS_S)
        walked_s, dropped = 0.0, start
        for look in range(round(LENGTH_S * LOOKS_A_S)):
            t = look / LOOKS_A_S
            pose = act(t)
            walked_s += pose.walks / LOOKS_A_S
            place = start + way * min(walked_s, 9.0)
            dropped = place if t <= ACTS_S else dropped
            image = stage.copy()
            if pose.bag:
                paste(image, self.ground, _BAG, dropped, 0.35, 0)
            paste(image, self.ground, self.cut, place, _TALL_M * pose.tall, side * pose.turn)
            if not look:
                self._measured(image, stage, place)
            image = stage + (image - stage) * self.around.kept
            noisy = image * self.around.gain + rng.normal(0, 2, (*image.shape[:2], 1))
            yield t, np.clip(noisy, 0, 255).astype(np.uint8)

    def _peopled(self, place: np.ndarray) -> Image:
        image = self.empty.astype(np.float32)
        rng = np.random.default_rng(self.n + 1000)
        stood = 0
        while stood < self.around.others:
            spot = self.ground.metres([(rng.uniform(0.1, 0.9), rng.uniform(0.4, 0.8))])[0]
            if np.hypot(*(spot - place)) > _AWAY_M:
                paste(image, self.ground, self.cut, spot, _TALL_M, 0)
                stood += 1
        return image

    def _measured(self, image: Image, stage: Image, place: np.ndarray) -> None:
        head, foot = self.ground.picture([place], _TALL_M)[0], self.ground.picture([place])[0]
        self.height_px = float(foot[1] - head[1]) * image.shape[0]
        away = np.abs(image - stage).mean(axis=2)
        self.contrast = float(away[away > 2].mean()) if (away > 2).any() else 0.0


_BAG = Cut(np.full((12, 12, 3), 40, np.uint8), np.ones((12, 12), np.float32))


def paste(image: Image, ground: Ground, cut: Cut, place: np.ndarray, tall_m: float, turn_deg: float) -> None:
    height, width = image.shape[:2]
    foot, head = ground.picture([place])[0] * (width, height), ground.picture([place], tall_m)[0] * (width, height)
    scale = (foot[1] - head[1]) / cut.image.shape[0]
    turn = math.radians(turn_deg)
    matrix = scale * np.array([(math.cos(turn), -math.sin(turn)), (math.sin(turn), math.cos(turn))])
    origin = np.array([cut.image.shape[1] / 2, cut.image.shape[0]])
    move = np.column_stack([matrix, np.array(foot) - matrix @ origin]).astype(np.float32)
    if abs(turn_deg) > 45:  # the side that lies on the ground
        move[1, 2] -= scale * cut.image.shape[1] * 0.3
    body = cv2.warpAffine(cut.image, move, (width, height), flags=cv2.INTER_LINEAR)
    mask = cv2.warpAffine(cut.mask, move, (width, height), flags=cv2.INTER_LINEAR)[..., None]
    image[:] = image * (1 - mask) + body * mask


def _told(looks: Iterable[Look], ground: Ground, zone: Zone, detector: NanodetDetector) -> list[float]:
    """When, in seconds."""
    camera = Camera("c", "C", (), DwellingMasks("", ""), zones=(zone,), ground=ground)
    analytic = Fall(camera, "c-main", AnalyticSetting(MANIFEST.id, "try", (zone.id,)))
    serial = itertools.count(1)
    tracker = Tracker(lambda: next(serial))
    told: list[float] = []
    for at_s, image in looks:
        picture, wall_us = _picture(image), round((at_s + 10) * SECOND_US)
        seen = detector.detect([picture], MASK_FLOOR)[0]
        tracks = tracker.update(seen, wall_us)
        people = np.concatenate([seen.of(Label.PERSON).boxes, tracks.boxes[tracks.labels == Label.PERSON]])
        scene = Scene("c-main", "c", wall_us, tracks, picture, people.astype(np.float32), seen=seen)
        events = analytic.update(scene).events
        told += [at_s for event in events if event.phase is Phase.OPENED]
    return told


if __name__ == "__main__":
    main()
