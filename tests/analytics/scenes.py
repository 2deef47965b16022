"""Made tracks: walkers and cars on a camera with a zone and a line, ten pictures a second."""

__all__ = ["CAMERA", "T0", "Thing", "crossings", "play", "setting", "stays_at", "told"]

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.builders import NOW_US, camera, square, zone
from vitrail.analytics.contract import Analytic
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.events import Event, Findings, Phase, Reading
from vitrail.domain.geometry import DirectedLine
from vitrail.domain.sightings import Draft
from vitrail.domain.streams import AnalyticSetting, Line
from vitrail.domain.time import SECOND_US

T0 = NOW_US
STEP_US = SECOND_US // 10
CAMERA = camera(
    zones=(zone(), zone(id="corner", polygon=square(0.8, 0.8, 1.0, 1.0), area_m2=10.0, max_people=2)),
    lines=(Line("kerb", "Kerb", DirectedLine((0.0, 0.5), (1.0, 0.5))),),
)


@dataclass(frozen=True, slots=True)
class Thing:
    """One track: its feet at each second since T0; None while the detector does not see it (the track coasts), and
    gone outside ``start``..``end``."""

    id: int
    feet: Callable[[float], tuple[float, float] | None]
    start: float = 0.0
    end: float = 1e9
    label: Label = Label.PERSON
    height: float = 0.2
    score: float = 0.8


def stays_at(x: float, y: float) -> Callable[[float], tuple[float, float] | None]:
    return lambda t: (x, y)


def setting(analytic: str, **parameters: float) -> AnalyticSetting:
    lines = ("kerb",) if analytic == "line" else ()
    zones = () if analytic == "line" else ("yard",)
    return AnalyticSetting(analytic, "closed-yard", zones=zones, lines=lines, parameters=parameters)


def play(
    analytic: Analytic, things: Sequence[Thing], seconds: float, start: float = 0.0
) -> list[Event | Reading | Draft]:
    """Everything that was found, in order; the stream does not end."""
    found: list[Event | Reading | Draft] = []
    for step in range(round(start * 10), round((start + seconds) * 10) + 1):
        findings = analytic.update(scene(things, step / 10))
        found += [*findings.events, *findings.readings, *findings.sightings]
    return found


def scene(things: Sequence[Thing], t: float) -> Scene:
    wall_us = T0 + round(t * SECOND_US)
    rows: list[tuple[Any, ...]] = []
    for thing in things:
        if not thing.start <= t <= thing.end:
            continue
        seen_t = t
        while thing.feet(seen_t) is None and seen_t > thing.start:
            seen_t -= 0.1
        x, y = thing.feet(seen_t) or (0.0, 0.0)
        box = (x - thing.height / 6, y - thing.height, x + thing.height / 6, y)
        rows.append((thing.id, box, thing.label, thing.score, thing.start, seen_t))
    ended = tuple(thing.id for thing in things if thing.end < t <= thing.end + 0.1)
    return Scene("gate-main", "gate", wall_us, _tracks(rows, ended))


def _tracks(rows: list[tuple[Any, ...]], ended: tuple[int, ...]) -> Tracks:
    if not rows:
        return Tracks.none(ended)
    ids, boxes, labels, scores, since, seen = zip(*rows, strict=True)
    return Tracks(
        np.array(ids, np.int64),
        np.array(boxes, np.float32),
        np.array(labels, np.int8),
        np.array(scores, np.float32),
        np.array([T0 + round(t * SECOND_US) for t in since], np.int64),
        np.array([T0 + round(t * SECOND_US) for t in seen], np.int64),
        ended,
    )


def told(found: Iterable[Event | Reading | Draft] | Findings, phase: Phase = Phase.OPENED) -> list[Event]:
    items = found.events if isinstance(found, Findings) else found
    return [item for item in items if isinstance(item, Event) and item.phase is phase]


def crossings(found: Iterable[Event | Reading | Draft]) -> list[tuple[str, str]]:
    return [(event.kind, event.measures[0].name) for event in told(found)]
