"""Camera-days of the composite studio for walls and furniture: what happens, what is told, what was right.

Only the key frames that the product would look at are made, each one really encoded; cameras are spread over the
processors. What does not fit into ``--minutes`` is left out, and the figures say of how many days they are.
"""

__all__ = ["PACE", "Shown", "Tally", "Told", "box_of", "days_of", "judged_days", "looked", "shown"]

import argparse
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from _data import say_json
from _failures import Failures, Wrong, option
from _intervals import of_rate, of_share
from composite.days import Day
from composite.incidents import Incident
from composite.plates import Image, Plate, plates
from vitrail import compose
from vitrail.analytics.contract import Analytic
from vitrail.cli.places import cache_folder
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.events import Event, Phase
from vitrail.domain.places import Box
from vitrail.domain.time import SECOND_US

HOUR_S = 3600.0
EVERY_S = 600.0
LEARN_H = 24.0
START_H = 9.0
PACE = {"every": EVERY_S - 1, "looks": 8.0, "learn": LEARN_H}
"""A quarter of the looks that a camera is given by default, so that many days can be made: windows of 80 minutes."""
BEGINNING_US = 1_700_000_000 * SECOND_US


@dataclass(frozen=True, slots=True)
class Told:
    """``at_s``: seconds after midnight of the first day. ``box``: where in the picture, when the analytic says it."""

    at_s: float
    event: Event
    box: Box | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A failure: the place before and when it was judged, in its own light, without people."""

    wrong: Wrong
    before: Image
    after: Image


@dataclass(slots=True)
class Tally:
    """Over all cameras. ``days``: camera-days after learning."""

    cameras: int = 0
    days: float = 0.0
    happened: int = 0
    found: int = 0
    false: int = 0
    repeated: int = 0
    """Alerts about what was told already; they are among the false ones too."""
    named: int | None = None
    hours: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failures: list["Shown"] = field(default_factory=list)
    """Pictures of what went wrong."""

    def add(self, other: "Tally") -> None:
        self.cameras += 1
        self.days += other.days
        self.happened += other.happened
        self.found += other.found
        self.false += other.false
        self.repeated += other.repeated
        if other.named is not None:
            self.named = (self.named or 0) + other.named
        self.hours += other.hours
        self.notes += other.notes
        self.failures += other.failures

    def figures(self) -> dict[str, object]:
        return {
            "composite_camera_days": round(self.days, 1),
            "happened": self.happened,
            "found": self.found,
            "recall": round(self.found / self.happened, 3) if self.happened else None,
            "recall_95": of_share(self.found, self.happened),
            "false_alerts": self.false,
            "repeated_alerts_among_them": self.repeated,
            "false_alerts_per_camera_day": round(self.false / self.days, 3) if self.days else None,
            "false_alerts_per_camera_day_95": of_rate(self.false, self.days),
            **({} if self.named is None else {"named_rightly": self.named}),
            "median_hours_to_alert": round(float(np.median(self.hours)), 1) if self.hours else None,
        }


One = Callable[[Plate, Path, int], Tally]
"""What happens on one camera, from its picture, the data's folder, and a seed."""


def judged_days(name: str, what: str, one: One) -> None:
    """The whole benchmark: options, cameras on all processors, one line of JSON."""
    parser = argparse.ArgumentParser(description=what)
    shared = Path(os.environ.get("VITRAIL_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data", help="folder of the labelled recordings")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"), help="where models are kept")
    parser.add_argument("--cameras", type=int, default=18, help="so many, of five days each")
    parser.add_argument("--split", choices=("learn", "test"), default="test", help="half of the studio")
    parser.add_argument("--seed", type=int, default=0, help="other incidents and weather on the same cameras")
    parser.add_argument("--minutes", type=float, default=14.0, help="no camera is begun after so long")
    parser.add_argument("--first", type=int, default=0, help="so many cameras of the half are left aside")
    option(parser)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    began = time.monotonic()
    cache = cache_folder(Path(given.cache) if given.cache else None)
    compose.ensure_models(cache, print)
    last = given.first + given.cameras
    pool = plates(given.data, cache, given.split, stills=last)[given.first : last]
    if not pool:
        print(f"{given.data} holds no camera and no picture of a wall to make days of: nothing is measured")
    jobs = [(plate, given.seed + given.first + number) for number, plate in enumerate(pool)]
    tally = _spread(one, jobs, given.data, given.workers, began + 60 * given.minutes)
    for note in tally.notes:
        print(note)
    failures = Failures(given.failures)
    for failure in tally.failures:
        failures.keep(failure.wrong, failure.before, failure.after)
    say_json(
        benchmark=name, composite=True, split=given.split, cameras=tally.cameras, left_out=len(pool) - tally.cameras,
        minutes=round((time.monotonic() - began) / 60, 1), **tally.figures(),
    )  # fmt: skip


def box_of(truth: npt.NDArray[np.bool_]) -> Box | None:
    """Around what is true; None when nothing is."""
    rows, columns = np.nonzero(truth)
    if not len(rows):
        return None
    height, width = truth.shape
    return (
        float(columns.min() / width), float(rows.min() / height),
        float((columns.max() + 1) / width), float((rows.max() + 1) / height),
    )  # fmt: skip


def _spread(one: One, jobs: Sequence[tuple[Plate, int]], data: Path, workers: int, until: float) -> Tally:
    total = Tally()
    with ProcessPoolExecutor(max(1, workers), multiprocessing.get_context("fork")) as pool:
        waiting = {pool.submit(partial(_in_time, until), one, plate, data, seed): plate for plate, seed in jobs}
        for done in as_completed(waiting):
            tally = done.result()
            if tally is None:
                print(f"{waiting[done].name}: left out, the time is over", flush=True)
                continue
            total.add(tally)
            print(f"{total.cameras}/{len(jobs)} {waiting[done].name}: {total.figures()}", flush=True)
    return total


def _in_time(until: float, one: One, plate: Plate, data: Path, seed: int) -> Tally | None:
    return one(plate, data, seed) if time.monotonic() < until else None


def days_of(plate: Plate, incidents: Sequence[Incident], seed: int, days: float) -> Day:
    """One camera for ``days`` after a day of learning, a look every ten minutes."""
    return Day(plate, seed, incidents, hours=LEARN_H + 24 * days, start_h=START_H, every_s=EVERY_S)


def looked(day: Day, analytic: Analytic, where: Callable[[Event], Box | None] = lambda _: None) -> list[Told]:
    """What the analytic opened on one camera's days."""
    found: list[Told] = []
    for look in day.looks():
        wall_us = BEGINNING_US + round(look.at_s * SECOND_US)
        scene = Scene("s", "c", wall_us, Tracks.none(), look.picture, look.covering.astype(np.float32))
        found += [Told(look.at_s, e, where(e)) for e in analytic.update(scene).events if e.phase is Phase.OPENED]
    return found


def shown(
    day: Day, name: str, caption: str, at_s: float, *, truth: tuple[Box, ...] = (), told: tuple[Box, ...] = ()
) -> Shown:
    """``at_s``: when it was missed or told; before is the same hour of the day before that, or the end of learning."""
    before_s = max(at_s - 24 * HOUR_S, (START_H + LEARN_H - 1) * HOUR_S)
    source = f"Composite on {day.plate.licence}"
    wrong = Wrong(f"{name}-{day.plate.name}-{at_s / HOUR_S:.0f}h", caption, source, truth, told)
    return Shown(wrong, day.empty(before_s), day.empty(at_s))
