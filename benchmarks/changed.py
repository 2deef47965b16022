"""What changed here?: how long a day of recording takes, and whether every change is found, on composites.

For each of three cameras a day of 1440 minute-long segments is put together (1280x720, a key frame every two seconds)
under made light, with people in every third minute. Looking back reads key frames only, so one other picture stands
between two of them, where a camera sends more that are skipped unread. Marks, furniture and bags come and go on it, six
times a day, each inside its minute at a known second. ``changed`` looks back over the day in the box around each
thing, and in a box where nothing happens. A moment is right when the true second lies between its two key frames.

The time is that of looking back over a whole day, on one core, beside what decoding its 1440 first key frames alone
takes in the same run. A day is made of some 80 files, most of them standing for many minutes: what is read is cached by
the system, as a day just recorded is. Cameras are spread over the processors; one that is not begun within
``--minutes`` is left out.
"""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from _data import options, say_json
from composite import Day, Incident, Kind, Plate, marks, pieces, plates, write_reel
from composite.marks import painted
from composite.plates import Image
from vitrail import compose
from vitrail.adapters.av import AvFilm
from vitrail.adapters.openvino import load_nanodet
from vitrail.domain.detections import VEHICLES, Label
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.moments import Moment
from vitrail.domain.places import Box
from vitrail.domain.recordings import Segment
from vitrail.domain.time import HOUR_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard.masking import MASK_FLOOR
from vitrail.guard.roll import Roll
from vitrail.pipeline.lookback import PlaceLookback

CAMERAS, HOURS, FPS, SIZE = 3, 24, 1, (1280, 720)
AT_S = 31.4
"""Each change comes so long after the beginning of its minute."""


@dataclass(frozen=True, slots=True)
class Change:
    box: Box
    at_us: int


@dataclass(frozen=True, slots=True)
class Made:
    """A day of recording: where the file of each segment is, and what truly changed."""

    segments: tuple[Segment, ...]
    files: dict[str, Path]
    changes: tuple[Change, ...]
    quiet: Box


@dataclass(slots=True)
class Found:
    """Over all boxes. ``day_s`` and ``keys_s``: processor seconds; ``widths_s``: how far apart a moment's ends are."""

    right: int = 0
    missed: int = 0
    extra: int = 0
    day_s: list[float] = field(default_factory=list)
    keys_s: list[float] = field(default_factory=list)
    widths_s: list[float] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        self.right, self.missed, self.extra = (
            self.right + other.right, self.missed + other.missed, self.extra + other.extra,
        )  # fmt: skip
        self.day_s += other.day_s
        self.keys_s += other.keys_s
        self.widths_s += other.widths_s


def main() -> None:
    given = options(
        __doc__ or "",
        ("--cameras", {"type": int, "default": CAMERAS, "help": "so many days"}),
        ("--minutes", {"type": float, "default": 10.0, "help": "no camera is begun after so long"}),
        ("--workers", {"type": int, "default": os.cpu_count() or 1, "help": "processes"}),
    )
    until = time.monotonic() + 60 * given.more.minutes
    compose.ensure_models(given.cache, print)
    wanted = given.more.cameras
    pool = plates(given.data, given.cache, "test", stills=wanted)[:wanted]
    paint = [mark.paint for mark in marks(given.data, "test")]
    if not pool or len(paint) < 2:
        print(f"{given.data} holds no walls, or no marks to paint on them: nothing is measured")
        pool = []
    total, done = Found(), 0
    with ProcessPoolExecutor(max(1, given.more.workers), multiprocessing.get_context("spawn")) as workers:
        waiting = {
            workers.submit(
                one, plate, number, [paint[(7 * number + i) % len(paint)] for i in range(2)], given.cache, until
            ): plate
            for number, plate in enumerate(pool)
        }
        for ready in as_completed(waiting):
            found = ready.result()
            if found is None:
                print(f"{waiting[ready].name}: left out, the time is over", flush=True)
                continue
            total.add(found)
            done += 1
    say_json(
        benchmark="changed", composite=True, cameras=done, left_out=len(pool) - done, day_s=_middle(total.day_s),
        key_frames_alone_s=_middle(total.keys_s), changes=total.right + total.missed, found=total.right,
        extra=total.extra, within_s=_middle(total.widths_s), box_days=len(total.day_s),
    )  # fmt: skip


def _middle(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 1) if values else None


def one(plate: Plate, number: int, paint: list[Image], cache: Path, until: float) -> Found | None:
    """A day of one camera, looked back over in every box."""
    if time.monotonic() > until:
        return None
    cv2.setNumThreads(1)
    detector = load_nanodet(cache)

    def people(picture: Picture) -> Boxes:
        return detector.detect([picture], MASK_FLOOR)[0].of(Label.PERSON, *VEHICLES).boxes

    found = Found()
    with tempfile.TemporaryDirectory() as place:
        made = day_of(plate, number, paint, Path(place))
        film = AvFilm(lambda segment, files=made.files: files[segment.id])
        for box in [*dict.fromkeys(change.box for change in made.changes), made.quiet]:
            roll = Roll(film.keys, made.segments, Interval(0, HOURS * HOUR_US))
            began = time.process_time()
            moments = PlaceLookback().find(roll.look, people, roll.times_us(), box, lambda _: None)
            found.day_s.append(time.process_time() - began)
            right, missed, extra = judged(moments, [c for c in made.changes if c.box == box])
            found.right, found.missed, found.extra = found.right + right, found.missed + missed, found.extra + extra
            found.widths_s += [(m.since_us - m.before_us) / SECOND_US for m in moments]
            print(
                f"{plate.name} box {box}: right {right}, missed {missed}, extra {extra}, {found.day_s[-1]:.1f} s",
                flush=True,
            )
        found.keys_s.append(decoding(film, made.segments))
    return found


def judged(moments: Sequence[Moment], changes: Sequence[Change]) -> tuple[int, int, int]:
    """Right, missed, extra. Moments that say that only light or the whole view changed are extra too."""
    rest = list(moments)
    right = 0
    for change in changes:
        hit = next((m for m in rest if m.before_us <= change.at_us <= m.since_us), None)
        if hit is not None:
            right += 1
            rest.remove(hit)
    return right, len(changes) - right, len(rest)


def decoding(film: AvFilm, segments: Sequence[Segment]) -> float:
    """Seconds for the first key frame of every segment, and nothing else."""
    began = time.process_time()
    for segment in segments:
        next(film.keys([segment], Interval(segment.interval.start_us, segment.interval.start_us + 1)))
    return time.process_time() - began


def day_of(plate: Plate, seed: int, paints: Sequence[Image], folder: Path) -> Made:
    """Two marks, a bin and a bag: each comes, and the bin and the bag go again."""
    from composite.marks import Mark

    rng = np.random.default_rng(seed)
    wall, ground = plate.walls[0], np.array(plate.ground)
    first, second = (Mark(paint, "tag", "") for paint in paints)
    left, right = (float(np.percentile(ground[:, 0], q)) for q in (20, 80))
    foot_y = float(ground[:, 1].max()) - 0.03
    hours = sorted(rng.choice(np.arange(1, HOURS - 1), 6, replace=False).tolist())
    spans = [(hours[0], HOURS), (hours[1], hours[3]), (hours[2], HOURS), (hours[4], hours[5])]
    painters = [
        lambda place: painted(place, wall, first, (0.28, 0.5), 0.5),
        lambda place: pieces.put(place, pieces.piece("bin", seed), (left, foot_y), plate.tall[0] * 0.5),
        lambda place: painted(place, wall, second, (0.74, 0.5), 0.4),
        lambda place: pieces.put(place, pieces.bag(seed), (right, foot_y), plate.tall[0] * 0.3),
    ]
    incidents = [
        Incident(Kind.GRAFFITI, start * 3600 + AT_S, end * 3600 + AT_S if end < HOURS else 1e9, painter)
        for (start, end), painter in zip(spans, painters, strict=True)
    ]
    day = Day(plate, seed, incidents, hours=HOURS, start_h=0, crowd=0.33)
    changes = []
    for incident in incidents:
        box = box_of(day.truth(incident))
        times = [incident.start_s] + ([incident.end_s] if incident.end_s < 1e8 else [])
        changes += [Change(box, round(at_s * SECOND_US)) for at_s in times]
    segments, files = filed(day, changes, folder)
    return Made(segments, files, tuple(changes), (0.42, 0.02, 0.58, 0.1))


def box_of(truth: np.ndarray) -> Box:
    """What somebody would draw around it: a tenth larger on every side."""
    rows, columns = np.nonzero(truth)
    h, w = truth.shape
    x0, y0, x1, y1 = columns.min() / w, rows.min() / h, (columns.max() + 1) / w, (rows.max() + 1) / h
    dx, dy = max(0.02, (x1 - x0) * 0.1), max(0.02, (y1 - y0) * 0.1)
    left, top, right, low = max(0.0, x0 - dx), max(0.0, y0 - dy), min(1.0, x1 + dx), min(1.0, y1 + dy)
    return round(float(left), 3), round(float(top), 3), round(float(right), 3), round(float(low), 3)


def filed(day: Day, changes: Sequence[Change], folder: Path) -> tuple[tuple[Segment, ...], dict[str, Path]]:
    """One file an hour, one for each minute with a change, and one with people every third minute of an hour."""
    special = {change.at_us // MINUTE_US for change in changes}
    segments, files, made = [], {}, {}
    for minute in range(HOURS * 60):
        start_us = minute * MINUTE_US
        peopled = minute % 3 == 1
        changed = tuple(change.at_us <= start_us for change in changes)
        key = (minute,) if minute in special else (minute // 60, peopled, changed)
        if key not in made:
            path = folder / f"{len(made)}.mp4"
            made[key] = write_reel(path, pictures(day, minute * 60.0, peopled), FPS, crf=27)
        name = f"{minute:04d}"
        files[name] = made[key]
        span = Interval(start_us, start_us + MINUTE_US)
        segments.append(Segment(name, "m", "c", "c.main", span, name, 1, "0", "h264", SIZE[0], SIZE[1], 2**60, True))
    return tuple(segments), files


def pictures(day: Day, from_s: float, peopled: bool) -> Iterator[Image]:
    """A minute; the light stands still inside it, and a change comes in its second."""
    day.crowd = 1.0 if peopled else 0.0
    shown: dict[bytes, Image] = {}
    for count in range(60 * FPS):
        at_s = from_s + count / FPS
        place = day.place(at_s)
        key = place[::16, ::16].tobytes()
        if key not in shown:
            shown[key] = cv2.resize(day.look(at_s).image, SIZE, interpolation=cv2.INTER_LINEAR)
        yield shown[key]


if __name__ == "__main__":
    main()
