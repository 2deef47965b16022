"""False alarms per camera-hour on ordinary footage: recordings of ``--data`` on which nothing happens that an analytic
is for, through the whole product, one camera after the other.

Recordings: ``fixed-camera-video``, the demonstration's, and ``fight-surveillance``'s clips without a fight, those of
one source one after the other. Each is played there and back until it lasts two minutes, and again in other forms,
drawn from a seed: a part of the picture, mirrored, darker or lighter, slower or faster. Forms of one recording are no
new places: ``recordings`` says how many there are, and the bound (95 %, Poisson) is of hours, not of places.

``fall`` and ``crowd`` need the ground: it is fitted to the heights of the people who walk by; where too few do, they
are not judged there. ``stopped_vehicle`` and ``vehicle_in_pedestrian_zone`` run where no vehicle is labelled. What the
recordings themselves show (presence, dwelling, lines crossed) is no false alarm and is not counted here.
"""

import csv
import itertools
import multiprocessing
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import cv2
import numpy as np
from scipy.stats import chi2

from _data import options, say_json, watched
from composite.reel import picture_of, write_reel
from vitrail import compose
from vitrail.adapters.openvino import load_nanodet
from vitrail.analytics.fall import MANIFEST as FALL
from vitrail.domain.calibration import Calibration, KnownHeight, calibrate
from vitrail.domain.detections import Label
from vitrail.domain.events import Phase
from vitrail.domain.geometry import Polygon

FPS, LENGTH_S, WIDTH = 10, 120, 640
_TALL_M, _SURE, _CLUES = 1.7, 0.6, 5
_EVERYWHERE = ("fight", "fire", "left_object", "removed_object")
_VEHICLES = ("stopped_vehicle", "vehicle_in_pedestrian_zone")
_WITHOUT_VEHICLES = ("one-by-one-person-detection",)
Image = np.ndarray


@dataclass(frozen=True, slots=True)
class Source:
    """Clips of one place, in order."""

    name: str
    clips: tuple[Path, ...]


def main() -> None:
    given = options(
        __doc__ or "",
        ("--hours", {"type": float, "default": 1.0, "help": "camera-hours to watch"}),
        ("--minutes", {"type": float, "default": 14.0, "help": "nothing is begun after so long"}),
        ("--workers", {"type": int, "default": os.cpu_count() or 1, "help": "processes"}),
    )
    until = time.monotonic() + 60 * given.more.minutes
    compose.ensure_models(given.cache, print)
    sources = found(given.data, given.cache)
    forms = round(given.more.hours * 3600 / LENGTH_S)
    work = list(itertools.islice(itertools.product(range(1 + forms // max(1, len(sources))), sources), forms))
    hours: dict[str, float] = defaultdict(float)
    alarms: dict[str, int] = defaultdict(int)
    seen: set[str] = set()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max(1, given.more.workers), context) as pool:
        waiting = {pool.submit(judged, source, form, given.cache, until): (source, form) for form, source in work}
        for done in as_completed(waiting):
            (source, form), told = waiting[done], done.result()
            if told is None:
                continue
            seen.add(source.name)
            print(f"{source.name} form {form}: {', '.join(f'{k} {n}' for k, n in told.items() if n) or 'quiet'}")
            for name, count in told.items():
                hours[name] += LENGTH_S / 3600
                alarms[name] += count
    say(hours, alarms, len(seen))


def say(hours: dict[str, float], alarms: dict[str, int], recordings: int) -> None:
    figures: dict[str, object] = {}
    for name in sorted(hours):
        most = float(chi2.ppf(0.95, 2 * alarms[name] + 2) / 2 / hours[name])
        rate = alarms[name] / hours[name]
        print(f"{name}: {alarms[name]} in {hours[name]:.2f} h, {rate:.2f} an hour (at most {most:.1f})")
        figures |= {f"{name}_alarms": alarms[name], f"{name}_hours": round(hours[name], 2)}
        figures |= {f"{name}_an_hour": round(rate, 2), f"{name}_at_most": round(most, 1)}
    say_json(benchmark="ordinary", recordings=recordings, **figures)


def found(data: Path, cache: Path) -> list[Source]:
    fixed = data / "fixed-camera-video" if (data / "fixed-camera-video").is_dir() else data
    clips = [*sorted(fixed.glob("*.mp4")), *(p for p in (cache / "vtest.avi",) if p.exists())]
    sources = [Source(clip.stem, (clip,)) for clip in clips]
    labels = data / "fight-surveillance" / "labels.csv"
    groups: dict[str, list[Path]] = defaultdict(list)
    if labels.exists():
        with labels.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["label"] == "nofight" and (labels.parent / row["file"]).exists():
                    groups[row["source_video_id"]].append(labels.parent / row["file"])
    else:
        print("fight-surveillance is not there: left out")
    return sources + [Source(f"surveillance-{n + 1}", tuple(group)) for n, (_, group) in enumerate(groups.items())]


def judged(source: Source, form: int, cache: Path, until: float) -> dict[str, int] | None:
    """How many alarms each analytic raised on one form; None when the time is over."""
    if time.monotonic() > until:
        return None
    cv2.setNumThreads(1)
    shown = list(pictures(source, form))
    with tempfile.TemporaryDirectory() as place:
        film = write_reel(Path(place) / "film.mp4", there_and_back(shown), FPS)
        drawn, names = site(source, shown, cache)
        told = watched(film, drawn, cache)
    counts = dict.fromkeys(names, 0)
    for event in told.events:
        if event.phase is Phase.OPENED and event.analytic in counts:
            counts[event.analytic] += 1
    return counts


def pictures(source: Source, form: int) -> Iterator[Image]:
    """Ten a second; form 0 is the recording as it is."""
    rng = np.random.default_rng([form, len(source.name), sum(map(ord, source.name))])
    part = rng.uniform(0.7, 1.0) if form else 1.0
    left, top = rng.uniform(0, 1 - part, 2) if form else (0.0, 0.0)
    gain, pace, mirrored = (rng.uniform(0.6, 1.3), rng.uniform(0.8, 1.4), form % 2) if form else (1.0, 1.0, 0)
    for clip in source.clips:
        with av.open(str(clip)) as container:
            due_s = 0.0
            for frame in container.decode(video=0):
                if float(frame.time or 0.0) < due_s:
                    continue
                due_s = float(frame.time or 0.0) + pace / FPS - 1e-3
                image = frame.to_ndarray(format="bgr24")
                height, width = image.shape[:2]
                y, x = round(top * height), round(left * width)
                cut = image[y : y + round(part * height), x : x + round(part * width)]
                tall = round(WIDTH * cut.shape[0] / cut.shape[1] / 2) * 2
                small = cv2.resize(cut, (WIDTH, tall), interpolation=cv2.INTER_AREA)
                small = cv2.flip(small, 1) if mirrored else small
                yield np.clip(small.astype(np.float32) * gain, 0, 255).astype(np.uint8)


def there_and_back(shown: list[Image]) -> Iterator[Image]:
    return itertools.islice(itertools.cycle([*shown, *shown[-2:0:-1]]), LENGTH_S * FPS)


def site(source: Source, shown: list[Image], cache: Path) -> tuple[str, list[str]]:
    """What is drawn on the camera, and which analytics run."""
    names = [*_EVERYWHERE, *(_VEHICLES if source.name in _WITHOUT_VEHICLES else ())]
    known = ground(shown, cache)
    text, low = "", 0.98
    if known is not None:
        calibration, text = known
        zone = Polygon(((0.02, 0.3), (0.98, 0.3), (0.98, low), (0.02, low)))
        if calibration.ground.area_m2(zone) is not None:
            names.append("crowd")
            names += ["fall"] if calibration.ground.steepest_deg(zone) < FALL.steepest_deg else []
    high = 0.3 if known else 0.02
    text += f"    zones:\n      - {{id: part, name: Part, corners: [[0.02, {high}], [0.98, {high}], "
    text += f"[0.98, {low}], [0.02, {low}]]}}\n    analytics:\n"
    return text + "".join(f"      - {{analytic: {n}, purpose: try, zones: [part]}}\n" for n in names), names


def ground(shown: list[Image], cache: Path) -> tuple[Calibration, str] | None:
    """From the heights of those who walk by, in the middle of each part of the picture."""
    detector = load_nanodet(cache, threads=1)
    clues: dict[tuple[int, int], list[tuple[float, KnownHeight]]] = defaultdict(list)
    for image in shown[:: max(1, len(shown) // 60)]:
        for x0, y0, x1, y1 in detector.detect([picture_of(image)], _SURE)[0].of(Label.PERSON).boxes.tolist():
            if x0 > 0.02 and y0 > 0.02 and x1 < 0.98 and y1 < 0.97:
                middle = (x0 + x1) / 2
                clue = KnownHeight((middle, y1), (middle, y0), _TALL_M)
                clues[int(y1 * 5), int(middle * 2)].append((y1 - y0, clue))
    middling = [sorted(some, key=lambda pair: pair[0])[len(some) // 2][1] for some in clues.values() if len(some) >= 3]
    if len(middling) < _CLUES:
        return None
    height, width = shown[0].shape[:2]
    try:
        fitted = calibrate([], middling, width / height)
    except ValueError:
        return None
    if fitted.implausible():
        return None
    rows = "".join(
        f"        - {{foot: [{c.foot[0]:.4f}, {c.foot[1]:.4f}], head: [{c.head[0]:.4f}, {c.head[1]:.4f}], "
        f"metres: {c.metres}}}\n"
        for c in middling
    )
    return fitted, f"    ground:\n      picture: [{width}, {height}]\n      heights:\n{rows}"


if __name__ == "__main__":
    main()
