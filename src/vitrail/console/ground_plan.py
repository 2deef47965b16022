"""A plan as numbers that a template draws: one map for every page, in metres, north up, with nothing fetched.

Letters and marks are sized in ``em`` of ``letter``, so that a small screen may make all of them larger at once.
"""

__all__ = ["PHONE", "Label", "PlanPart", "plan_part", "points"]

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vitrail.pipeline.plan import Plan

_ASPECT = 3 / 2
_EDGE = 0.1
_LEAST_M = 40.0
_LETTERS = 58.0
"""How many letters high a map is wide."""
PHONE = 2.0
"""How much larger letters are on a small screen (console.css says the same)."""
_LETTER_WIDE, _LETTER_HIGH = 0.58, 1.15
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Side = tuple[float, float, str]
"""A label's dx, dy and anchor."""


@dataclass(frozen=True, slots=True)
class Label:
    """Where a name stands by its mark: shifts in ``em`` and SVG's anchor. ``roomy``: it is written over nothing where
    letters are ``PHONE`` times as large either."""

    dx: float
    dy: float
    anchor: str
    roomy: bool


_SIDES = ((0.0, 2.1, "middle"), (0.0, -1.3, "middle"), (1.3, 0.35, "start"), (-1.3, 0.35, "end"))


@dataclass(frozen=True, slots=True)
class PlanPart:
    """SVG's ``box``; what each camera sees and where each thing stands, by its id; what is drawn below. ``scale_m`` is
    how long the bar from ``bar`` on is."""

    box: str
    letter: float
    views: Mapping[str, str]
    places: Mapping[str, tuple[float, float]]
    lines: tuple[str, ...]
    areas: tuple[str, ...]
    labels: Mapping[str, Label]
    scale_m: float
    bar: tuple[float, float]
    north: tuple[float, float]


def plan_part(
    plan: Plan,
    names: Mapping[str, str] | None = None,
    marks: Mapping[str, tuple[float, float]] | None = None,
    around: Sequence[tuple[float, float]] = (),
) -> PlanPart:
    """``marks``: what stands on it beside the cameras, metres by id. ``names`` are written where there is room, in
    their order. ``around``: what has to be in it too."""
    at = plan.places | dict(marks or {})
    spots = {key: (round(x, 1), round(-y, 1)) for key, (x, y) in at.items()}
    outlines = [view.outline for view in plan.views]
    known = np.concatenate([*outlines, np.array([*at.values(), *around], np.float64).reshape(-1, 2)]) * (1, -1)
    left, top, right, bottom = _framed(known)
    letter = (right - left) / _LETTERS
    scale_m = _round_m((right - left) / 6)
    return PlanPart(
        f"{left:.1f} {top:.1f} {right - left:.1f} {bottom - top:.1f}",
        round(letter, 2),
        {view.camera_id: points(view.outline) for view in plan.views},
        spots,
        tuple(points(line) for line in plan.lines),
        tuple(points(area) for area in plan.areas),
        _labels(spots, names or {}, letter, (left, top, right, bottom)),
        scale_m,
        (round(left + letter, 1), round(bottom - letter, 1)),
        (round(right - 0.7 * letter, 1), round(top + 2 * letter, 1)),
    )


def points(line: "np.ndarray[Any, np.dtype[np.float64]]") -> str:
    """For SVG: the picture's y goes down."""
    return " ".join(f"{x:.1f},{-y:.1f}" for x, y in line)


def _framed(known: "np.ndarray[Any, np.dtype[np.float64]]") -> Box:
    """All of it with an edge, of one and the same shape whatever it is, so that letters come out alike."""
    low, high = known.min(axis=0), known.max(axis=0)
    middle, (wide, tall) = (low + high) / 2, high - low
    width = max(wide, tall * _ASPECT, _LEAST_M) * (1 + 2 * _EDGE)
    x, y = float(middle[0]), float(middle[1])
    return x - width / 2, y - width / _ASPECT / 2, x + width / 2, y + width / _ASPECT / 2


def _labels(
    spots: Mapping[str, tuple[float, float]], names: Mapping[str, str], letter: float, frame: Box
) -> dict[str, Label]:
    """Each name below its mark, else above, right or left of it; where all of that is taken, it is not written."""
    said = {key: name for key, name in names.items() if key in spots}
    large = _fitting(spots, said, letter * PHONE, frame, {})
    all_ = _fitting(spots, said, letter, frame, large)
    return {key: Label(*side, roomy=key in large) for key, side in all_.items()}


def _fitting(
    spots: Mapping[str, tuple[float, float]],
    names: Mapping[str, str],
    letter: float,
    frame: Box,
    given: Mapping[str, Side],
) -> dict[str, Side]:
    """``given`` stay where they are."""
    taken: list[Box] = [(x - letter, y - letter, x + letter, y + letter) for x, y in spots.values()]
    taken += [_box(spots[key], names[key], side, letter) for key, side in given.items()]
    found = dict(given)
    for key, name in names.items():
        for side in _SIDES if key not in given else ():
            box = _box(spots[key], name, side, letter)
            if _inside(box, frame) and not any(_touch(box, other) for other in taken):
                taken.append(box)
                found[key] = side
                break
    return found


def _box(spot: tuple[float, float], name: str, side: Side, letter: float) -> Box:
    dx, dy, anchor = side
    wide = _LETTER_WIDE * letter * len(name)
    x, y = spot[0] + dx * letter, spot[1] + dy * letter
    left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    return left, y - _LETTER_HIGH * letter * 0.8, left + wide, y + _LETTER_HIGH * letter * 0.2


def _touch(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _inside(box: Box, frame: Box) -> bool:
    return box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]


def _round_m(metres: float) -> float:
    """1, 2 or 5 times a power of ten, no more than ``metres``."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1.0)))
    return max(step * power for step in (1, 2, 5) if step * power <= max(metres, 1.0))
