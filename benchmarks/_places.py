"""Camera-days of the composite studio for walls and furniture: what happens, what is told, what was right."""

__all__ = ["PACE", "Tally", "Told", "cameras", "looked"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from composite.days import Day
from composite.incidents import Incident
from composite.plates import Plate, Split, plates
from vitrail.analytics.contract import Analytic
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.events import Event, Phase
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
    """``at_s``: seconds after midnight of the first day."""

    at_s: float
    event: Event


@dataclass(slots=True)
class Tally:
    """Over all cameras. ``days``: camera-days after learning."""

    days: float = 0.0
    happened: int = 0
    found: int = 0
    false: int = 0
    named: int = 0
    hours: list[float] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, object]:
        return {
            "composite_camera_days": round(self.days, 1),
            "happened": self.happened,
            "recall": round(self.found / max(1, self.happened), 3),
            "false_alerts": self.false,
            "false_alerts_per_camera_day": round(self.false / max(self.days, 1e-6), 3),
            "median_hours_to_alert": round(float(np.median(self.hours)), 1) if self.hours else None,
        }


def cameras(data: Path, cache: Path, split: Split, stills: int) -> list[Plate]:
    return plates(data, cache, split, stills=stills)


def looked(
    plate: Plate, incidents: Sequence[Incident], seed: int, days: float, make: Callable[[], Analytic]
) -> list[Told]:
    """One camera for ``days`` after a day of learning, a look every ten minutes; what the analytic opened."""
    analytic = make()
    day = Day(plate, seed, incidents, hours=LEARN_H + 24 * days, start_h=START_H, every_s=EVERY_S)
    found: list[Told] = []
    for look in day.looks():
        wall_us = BEGINNING_US + round(look.at_s * SECOND_US)
        scene = Scene("s", "c", wall_us, Tracks.none(), look.picture, look.covering.astype(np.float32))
        found += [Told(look.at_s, e) for e in analytic.update(scene).events if e.phase is Phase.OPENED]
    return found
