"""What walls and furniture keep: why they are not judged, a new look after a repair, and what outlives a restart."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from tests.analytics.test_furniture import BARE, CAMERA, WHOLE, broken
from tests.analytics.walls import Image, look_at, place, scribble
from tests.builders import NOW_US, camera, square
from vitrail.analytics.contract import Remembers
from vitrail.analytics.furniture import Furniture
from vitrail.analytics.graffiti import Graffiti
from vitrail.domain.analytics import Scene
from vitrail.domain.events import Event, Phase, Place
from vitrail.domain.health import Unsure
from vitrail.domain.streams import AnalyticSetting, Surface
from vitrail.domain.time import HOUR_US

BENCH = Place("gate", asset_id="bench-1")
WALL = Place("gate", surface_id="wall")
WALLS = camera(surfaces=(Surface("wall", "Wall", square(0.05, 0.05, 0.95, 0.7)),))
PLASTER = place(1)
QUICK = {"every": 30.0, "looks": 8.0, "learn": 0.6, "hours": 0.2}


def furniture() -> Furniture:
    return Furniture(CAMERA, "gate-main", AnalyticSetting("furniture", "upkeep", assets=("bench-1",), parameters=QUICK))


def graffiti() -> Graffiti:
    return Graffiti(WALLS, "gate-main", AnalyticSetting("graffiti", "upkeep", surfaces=("wall",), parameters=QUICK))


def later(scenes: Iterator[Scene], hours: float) -> Iterator[Scene]:
    return (replace(scene, wall_us=scene.wall_us + round(hours * HOUR_US)) for scene in scenes)


def run(analytic: Any, draw: Callable[[float], Image], hours: float, begin: float = 0.0, **how: Any) -> list[Event]:
    return [e for scene in later(look_at(draw, hours, **how), begin) for e in analytic.update(scene).events]


@cache
def _learnt(made: Callable[[], Any]) -> Any:
    analytic = made()
    run(analytic, lambda h: WHOLE if made is furniture else PLASTER, 1.2)
    return analytic


def learnt(made: Callable[[], Any]) -> Any:
    """One that knows its place by day."""
    return deepcopy(_learnt(made))


def doubts(analytic: Any) -> list[Unsure]:
    return [one.why for one in analytic.unjudged(NOW_US + 100 * HOUR_US)]


@pytest.mark.parametrize("made", [furniture, graffiti])
def test_those_that_know_places_can_be_asked(made: Callable[[], Any]) -> None:
    assert isinstance(made(), Remembers)


def test_what_is_still_learnt_is_said_and_then_no_longer() -> None:
    bench = furniture()
    assert doubts(bench) == [Unsure.LEARNING]
    run(bench, lambda h: WHOLE, 0.4)
    assert doubts(bench) == [Unsure.LEARNING]
    run(bench, lambda h: WHOLE, 1.0, 0.4)
    assert doubts(bench) == []


def test_a_thing_hidden_for_long_is_said_with_since_when_and_never_alarmed() -> None:
    bench = learnt(furniture)
    crowd = [[0.3, 0.4, 0.7, 0.95]]
    assert run(bench, lambda h: BARE, 1.0, 1.2, people=lambda h: crowd) == []
    (told,) = bench.unjudged(NOW_US + 3 * HOUR_US)
    assert (told.why, told.place) == (Unsure.COVERED, BENCH)
    assert 1.2 <= (told.since_us - NOW_US) / HOUR_US < 1.4


def test_a_nudged_camera_is_said_and_never_alarmed() -> None:
    bench = learnt(furniture)
    nudged = np.roll(WHOLE, (5, 7), axis=(0, 1))
    nudged[::7] *= 0.8
    assert run(bench, lambda h: nudged, 0.6, 1.2) == []
    assert doubts(bench) == [Unsure.SURROUNDINGS]


def test_by_day_what_is_known_by_night_only_is_said() -> None:
    bench = furniture()
    run(bench, lambda h: WHOLE, 1.2, dark=True)
    assert doubts(bench) == []
    assert run(bench, lambda h: BARE, 0.3, 1.2) == []
    assert doubts(bench) == [Unsure.DAY]


def test_after_a_repair_the_new_look_is_the_normal_one() -> None:
    bench = learnt(furniture)
    assert [e.phase for e in run(bench, lambda h: broken(), 0.8, 1.2)] == [Phase.OPENED]
    bench.renew(Place("gate", asset_id="another"))
    assert doubts(bench) == []
    bench.renew(BENCH)
    over = run(bench, lambda h: broken(), 0.1, 2.0)
    assert [e.phase for e in over] == [Phase.CLOSED] and doubts(bench) == [Unsure.RENEWED]
    renewed = [p for s in later(look_at(lambda h: broken(), 1.0), 2.1) for p in bench.update(s).renewed]
    assert renewed == [BENCH] and doubts(bench) == []
    assert [e.measures[0].name for e in run(bench, lambda h: BARE, 0.8, 3.1)] == ["missing"]


def test_after_cleaning_the_next_mark_is_told_again() -> None:
    wall, bare = learnt(graffiti), PLASTER
    assert [e.kind for e in run(wall, lambda h: scribble(bare), 0.8, 1.2)] == ["graffiti"]
    wall.renew(WALL)
    assert [e.phase for e in run(wall, lambda h: bare, 1.0, 2.0)] == [Phase.CLOSED]
    assert [e.phase for e in run(wall, lambda h: scribble(bare), 0.8, 3.0)] == [Phase.OPENED]


@pytest.mark.parametrize(
    ("made", "whole", "spoilt"), [(furniture, WHOLE, broken()), (graffiti, PLASTER, scribble(PLASTER))]
)
def test_a_restart_goes_on_where_it_was(made: Callable[[], Any], whole: Image, spoilt: Image) -> None:
    after = made()
    after.recall(learnt(made).remembered())
    assert len(run(after, lambda h: spoilt, 0.8, 1.3)) == 1


@pytest.mark.parametrize(
    ("made", "whole", "spoilt"), [(furniture, WHOLE, broken()), (graffiti, PLASTER, scribble(PLASTER))]
)
def test_what_was_told_before_a_restart_is_not_told_again(made: Callable[[], Any], whole: Image, spoilt: Image) -> None:
    before = learnt(made)
    assert len(run(before, lambda h: spoilt, 0.8, 1.2)) == 1
    after = made()
    after.recall(before.remembered())
    assert run(after, lambda h: spoilt, 0.8, 2.1) == []
    assert [e.phase for e in run(after, lambda h: whole, 0.8, 2.9)] == [Phase.CLOSED]


@pytest.mark.parametrize("made", [furniture, graffiti])
def test_nothing_is_remembered_before_it_is_learnt(made: Callable[[], Any]) -> None:
    fresh = made()
    run(fresh, lambda h: WHOLE, 0.1)
    assert not [name for name in fresh.remembered() if "picture" in name]


@pytest.mark.parametrize("made", [furniture, graffiti])
def test_what_does_not_fit_is_left_aside(made: Callable[[], Any]) -> None:
    whole = dict(learnt(made).remembered())
    spoilt = made()
    for name, array in whole.items():
        spoilt.recall({**whole, name: np.zeros((3, 2, 1), np.float32)})
        spoilt.recall({key: a for key, a in whole.items() if key != name})
        if array.dtype == np.float32:
            spoilt.recall({**whole, name: np.full_like(array, np.nan)})
    run(spoilt, lambda h: WHOLE, 0.1, 1.3)


def test_a_camera_that_looks_elsewhere_is_learnt_anew_without_a_word() -> None:
    bench = learnt(furniture)
    bench.forget()
    assert run(bench, lambda h: broken(), 0.2, 1.2) == [] and doubts(bench) == [Unsure.LEARNING]
    assert bench.places == (BENCH,) and graffiti().places == (WALL,)


@pytest.mark.parametrize(("made", "whole"), [(furniture, WHOLE), (graffiti, scribble(PLASTER))])
def test_a_dirty_lens_is_said_and_never_alarmed(made: Callable[[], Any], whole: Image) -> None:
    """Everything is soft and pale, and a faint smear runs across."""
    known = made()
    run(known, lambda h: whole, 1.2)
    soft = cv2.GaussianBlur(whole, (0, 0), 4) * 0.5 + 70
    cv2.line(smear := np.zeros_like(soft), (20, 10), (150, 110), 8.0, 14)
    dirty = np.asarray(soft + cv2.GaussianBlur(smear, (0, 0), 3), np.float32)
    assert run(known, lambda h: dirty, 1.0, 1.2) == []
    assert doubts(known) == [Unsure.SURROUNDINGS]


def tinted(scenes: Iterator[Scene]) -> Iterator[Scene]:
    """As bright as by day, under a yellow lamp."""
    for scene in scenes:
        assert scene.picture is not None
        picture = replace(scene.picture, u=scene.picture.u - 20, v=scene.picture.v + 12)
        yield replace(scene, picture=picture)


def test_a_night_under_a_lamp_is_learnt_apart_from_the_day() -> None:
    wall = learnt(graffiti)
    lamp = tinted(later(look_at(lambda h: PLASTER, 0.3), 1.2))
    assert [e for scene in lamp for e in wall.update(scene).events] == []
    assert doubts(wall) == [Unsure.NIGHT]
    rest = tinted(later(look_at(lambda h: PLASTER, 1.0), 1.5))
    assert [e for scene in rest for e in wall.update(scene).events] == [] and doubts(wall) == []
    painted = tinted(later(look_at(lambda h: scribble(PLASTER), 0.8), 2.5))
    assert [e.phase for scene in painted for e in wall.update(scene).events] == [Phase.OPENED]
