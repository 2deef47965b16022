"""New paint on walls of the composite studio: real graffiti on real walls under made light, for many camera-days.

Cameras, walls and marks are those of the studio's test half: none was used for setting anything. Posters, parked
vehicles, bins, rain, shadows, people and nights come and go, and must stay silent. All figures are composite: they say
what happens under made light.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from _places import HOUR_S, LEARN_H, PACE, START_H, Tally, Told, box_of, days_of, judged_days, looked, shown
from composite.days import Day
from composite.decoys import bin_day, parked, poster, snow
from composite.incidents import Incident, Kind
from composite.marks import Mark, marks, painted
from composite.plates import Plate, Quad
from vitrail.analytics.graffiti import Graffiti
from vitrail.domain.geometry import Polygon
from vitrail.domain.streams import AnalyticSetting, Camera, DwellingMasks, Surface

DAYS, MADE_DAYS = 5.0, 4.0
"""Marks come in the first four, so that each can be seen by day; nothing new on the fifth but what passes."""
_SAID = {"tag": "tag", "throwup": "throw-up"}


def main() -> None:
    judged_days("graffiti", __doc__ or "", one)


def one(plate: Plate, data: Path, seed: int) -> Tally:
    paint = marks(data, plate.split)
    tally = Tally(days=DAYS)
    rng = np.random.default_rng(1000 + seed)
    wall = plate.walls[int(rng.integers(len(plate.walls)))]
    made, decoys = _marks(wall, paint, rng) if paint else [], _decoys(wall, rng, seed)
    camera = Camera(
        "c", "C", (), DwellingMasks("t", "2026-01-01"), surfaces=(Surface("wall", "Wall", _polygon(wall)),)
    )  # fmt: skip
    setting = AnalyticSetting("graffiti", "upkeep", surfaces=("wall",), parameters=PACE)
    analytic, day = Graffiti(camera, "s", setting), days_of(plate, [*made, *decoys], seed, DAYS)
    judge(day, made, looked(day, analytic, analytic.where), tally)
    return tally


def _marks(wall: Quad, paint: list[Mark], rng: np.random.Generator) -> list[Incident]:
    """Two marks in four days, apart from each other; both stay."""
    made = []
    left_first = rng.random() < 0.5
    for index in range(2):
        mark = paint[int(rng.integers(len(paint)))]
        left = (index == 0) == left_first
        at = (rng.uniform(0.2, 0.4) if left else rng.uniform(0.6, 0.8), rng.uniform(0.3, 0.7))
        size = rng.uniform(0.2, 0.5)
        start_h = START_H + LEARN_H + rng.uniform(1, 24 * MADE_DAYS / 2 - 4) + index * 24 * MADE_DAYS / 2

        def draw(place, mark=mark, at=at, size=size):
            return painted(place, wall, mark, at, size)

        made.append(Incident(Kind.GRAFFITI, start_h * HOUR_S, 1e12, draw, detail=mark.style, asset=f"{at[0]:.2f}"))
    return made


def _decoys(wall: Quad, rng: np.random.Generator, seed: int) -> list[Incident]:
    hours = LEARN_H + 24 * DAYS
    foot = max(y for _, y in wall)
    found = []
    if rng.random() < 0.5:
        at = (rng.uniform(0.45, 0.55), rng.uniform(0.3, 0.7))
        start = (START_H + LEARN_H + rng.uniform(0, 60)) * HOUR_S
        found.append(Incident(Kind.POSTER, start, 1e12, poster(wall, at, rng.uniform(0.2, 0.45), seed)))
    for _ in range(int(rng.poisson(4))):
        start = (START_H + rng.uniform(0, hours)) * HOUR_S
        paint = parked(rng.uniform(0.2, 0.8), min(foot + rng.uniform(0.03, 0.12), 0.99), rng.uniform(0.15, 0.4), seed)
        found.append(Incident(Kind.PARKED, start, start + rng.uniform(0.3, 8) * HOUR_S, paint))
    if rng.random() < 0.5:
        start = (START_H + rng.uniform(0, hours)) * HOUR_S
        paint = bin_day(rng.uniform(0.2, 0.7), min(foot + 0.06, 0.98), rng.uniform(0.1, 0.25), seed)
        found.append(Incident(Kind.PARKED, start, start + rng.uniform(2, 14) * HOUR_S, paint))
    if rng.random() < 0.25:
        start = (START_H + LEARN_H + rng.uniform(0, 48)) * HOUR_S
        found.append(Incident(Kind.PARKED, start, start + rng.uniform(6, 30) * HOUR_S, snow(seed, foot)))
    return found


def judge(day: Day, made: list[Incident], told: list[Told], tally: Tally) -> None:
    """A mark is found by the first alert after it that lies on it; every other alert is false."""
    waiting = sorted(made, key=lambda incident: incident.start_s)
    truths = {incident.asset: day.truth(incident) for incident in waiting}
    tally.happened += len(waiting)
    for alert in told:
        on = [i for i in made if i.start_s <= alert.at_s and _lies_on(alert, truths[i.asset])]
        hit = next((incident for incident in on if incident in waiting), None)
        if hit is None:
            tally.false += 1
            tally.repeated += bool(on)
            what = "again" if on else "false"
            tally.notes.append(f"{what} on {day.plate.name} at {alert.at_s / HOUR_S:.1f} h: {alert.event.measures}")
            told_box = (alert.box,) if alert.box else ()
            caption = "The same paint was told twice." if on else "Told as new paint, and was none."
            tally.failures.append(shown(day, f"graffiti-{what}", caption, alert.at_s, told=told_box))
            continue
        waiting.remove(hit)
        tally.found += 1
        tally.hours.append((alert.at_s - hit.start_s) / HOUR_S)
    for mark in waiting:
        box = box_of(truths[mark.asset])
        at_s = min(mark.start_s + 6 * HOUR_S, (START_H + LEARN_H + 24 * DAYS) * HOUR_S)
        at_s += max(0.0, 12 * HOUR_S - at_s % (24 * HOUR_S))
        caption = f"A new {_SAID[mark.detail]} was missed."
        tally.failures.append(shown(day, "graffiti-missed", caption, at_s, truth=(box,) if box else ()))
    tally.notes += [f"missed on {day.plate.name}: {i.detail} from {i.start_s / HOUR_S:.1f} h" for i in waiting]


def _lies_on(alert: Told, truth: npt.NDArray[np.bool_]) -> bool:
    """Whether a fair part of either is in the other."""
    if alert.box is None:
        return False
    rows, columns = truth.shape
    x0, y0, x1, y1 = alert.box
    part = truth[int(y0 * rows) : int(np.ceil(y1 * rows)), int(x0 * columns) : int(np.ceil(x1 * columns))]
    return bool(part.size) and float(part.sum()) >= 0.15 * min(part.size, int(truth.sum()))


def _polygon(wall: Quad) -> Polygon:
    return Polygon(tuple((float(np.clip(x, 0, 1)), float(np.clip(y, 0, 1))) for x, y in wall))


if __name__ == "__main__":
    main()
