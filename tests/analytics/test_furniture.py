"""A piece of furniture is compared with its own past; damage is named, and what happens around it is no damage."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from tests.analytics.walls import Image, look_at, place
from tests.builders import NOW_US, camera, square
from vitrail.analytics.furniture import Furniture
from vitrail.domain.events import Event, Phase
from vitrail.domain.streams import AnalyticSetting, Asset
from vitrail.domain.time import HOUR_US

BARE = place(3)
AT = 1.2
CAMERA = camera(assets=(Asset("bench-1", "Bench", "bench", square(0.35, 0.5, 0.65, 0.8)),))


def bench(image: Image, left: int = 56, top: int = 60) -> Image:
    drawn = image.copy()
    for y in range(top, top + 25, 6):
        cv2.rectangle(drawn, (left, y), (left + 47, y + 3), 45.0, -1)
    for x in (left + 2, left + 42):
        cv2.rectangle(drawn, (x, top), (x + 3, top + 35), 30.0, -1)
    return drawn


WHOLE = bench(BARE)


def broken() -> Image:
    half = WHOLE.copy()
    half[56:98, 80:108] = BARE[56:98, 80:108]
    return half


def burnt() -> Image:
    dark = BARE.copy()
    part = WHOLE[58:97, 54:106]
    dark[58:97, 54:106] = 14 + 0.12 * part
    return dark


def defaced() -> Image:
    drawn = WHOLE.copy()
    for x in range(58, 100, 7):
        cv2.line(drawn, (x, 61), (x + 5, 84), 235.0, 2)
    return drawn


def toppled() -> Image:
    return bench(BARE, 64, 76)


def events(
    draw: Callable[[float], Image],
    hours: float,
    dark: bool = False,
    people: Callable[[float], list[list[float]]] | None = None,
) -> list[Event]:
    given = {"every": 30.0, "looks": 8.0, "learn": 0.6, "hours": 0.2}
    setting = AnalyticSetting("furniture", "upkeep", assets=("bench-1",), parameters=given)
    analytic = Furniture(CAMERA, "gate-main", setting)
    return [e for scene in look_at(draw, hours, people, dark) for e in analytic.update(scene).events]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (BARE, "missing"),
        (broken(), "broken"),
        (burnt(), "burnt"),
        (defaced(), "defaced"),
        (toppled(), "moved or toppled"),
    ],
    ids=["missing", "broken", "burnt", "defaced", "toppled"],
)
def test_damage_is_told_once_and_named(after: Image, said: str) -> None:
    (told,) = events(lambda h: after if h >= AT else WHOLE, 2.2)
    assert (told.phase, told.kind, told.place.asset_id) == (Phase.OPENED, "damage", "bench-1")
    assert told.measures[0].name == said
    assert told.shown is not None and told.measures[0].value >= told.measures[0].threshold
    assert abs((told.interval.start_us - NOW_US) / HOUR_US - AT) < 0.15


def test_a_whole_bench_in_wandering_light_is_no_damage() -> None:
    assert events(lambda h: WHOLE, 2.5) == []


def test_what_is_repaired_is_over() -> None:
    found = events(lambda h: BARE if AT <= h < 2.0 else WHOLE, 3.2)
    assert [event.phase for event in found] == [Phase.OPENED, Phase.CLOSED]


def test_a_nudged_camera_is_no_damage() -> None:
    nudged = np.roll(WHOLE, (5, 7), axis=(0, 1))
    nudged[::7] *= 0.8
    assert events(lambda h: nudged if h >= AT else WHOLE, 2.2) == []


def test_a_bench_that_is_hidden_for_hours_is_not_judged() -> None:
    hidden = WHOLE.copy()
    hidden[50:110, 45:115] = 60

    def somebody(hour: float) -> list[list[float]]:
        return [[0.28, 0.4, 0.72, 0.92]] if hour >= AT else []

    assert events(lambda h: hidden if h >= AT else WHOLE, 2.6, people=somebody) == []


def test_what_was_learnt_at_night_only_is_not_compared_by_day() -> None:
    """The first looks by day begin a memory of their own."""
    setting = AnalyticSetting(
        "furniture", "upkeep", assets=("bench-1",), parameters={"every": 30.0, "looks": 8.0, "learn": 0.5, "hours": 0.2}
    )
    analytic = Furniture(CAMERA, "gate-main", setting)
    night = [e for scene in look_at(lambda h: WHOLE, 1.5, dark=True) for e in analytic.update(scene).events]
    day = [e for scene in look_at(lambda h: BARE, 1.0) for e in analytic.update(scene).events]
    assert night + day == []


def test_damage_that_hovers_about_the_bound_is_told_once() -> None:
    """Half of the scratches show in one light and not in another; it was not repaired meanwhile."""
    scratched = WHOLE.copy()
    for x in range(58, 100, 7):
        cv2.line(scratched, (x, 61), (x + 5, 84), 235.0, 2)
    fewer = WHOLE.copy()
    for x in range(58, 76, 7):
        cv2.line(fewer, (x, 61), (x + 5, 84), 235.0, 2)
    given = {"every": 30.0, "looks": 8.0, "learn": 0.6, "hours": 0.2, "share": 20.0}
    analytic = Furniture(
        CAMERA, "gate-main", AnalyticSetting("furniture", "upkeep", assets=("bench-1",), parameters=given)
    )

    def shown(hour: float) -> Image:
        return WHOLE if hour < AT else fewer if 2.0 <= hour < 2.7 else scratched

    found = [e for scene in look_at(shown, 3.4) for e in analytic.update(scene).events]
    assert [event.phase for event in found] == [Phase.OPENED]
