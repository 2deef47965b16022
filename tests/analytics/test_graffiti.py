"""New paint on a wall is told once, with its pictures; light, people, sheets and what was always there are not."""

from collections.abc import Iterable

import numpy as np

from tests.analytics.walls import look_at, place, scribble, sheet
from tests.builders import NOW_US, camera, square
from vitrail.analytics.graffiti import Graffiti
from vitrail.domain.analytics import Scene
from vitrail.domain.events import Event, Phase
from vitrail.domain.streams import AnalyticSetting, Surface
from vitrail.domain.time import HOUR_US

WALL = place()
CAMERA = camera(surfaces=(Surface("wall", "North wall", square(0.1, 0.05, 0.9, 0.75)),))
MARKED = scribble(WALL)
AT = 1.2


def events(scenes: Iterable[Scene], **parameters: float) -> list[Event]:
    given = {"every": 30.0, "looks": 8.0, "learn": 0.6, "hours": 0.2} | parameters
    analytic = Graffiti(
        CAMERA, "gate-main", AnalyticSetting("graffiti", "upkeep", surfaces=("wall",), parameters=given)
    )
    return [event for scene in scenes for event in analytic.update(scene).events]


def test_a_mark_is_told_once_with_what_the_wall_looked_like_before_and_after() -> None:
    (told,) = events(look_at(lambda h: MARKED if h >= AT else WALL, 2.2))
    assert (told.phase, told.kind, told.place.surface_id) == (Phase.OPENED, "graffiti", "wall")
    since_h = (told.interval.start_us - NOW_US) / HOUR_US
    assert AT - 0.1 < since_h < AT + 0.1
    assert told.shown is not None
    difference = np.abs(told.shown.before.y.astype(int) - told.shown.after.y.astype(int))
    assert (difference > 40).mean() > 0.01 and (difference > 40).mean() < 0.2
    assert told.measures[0].name == "hours it has stood" and told.measures[0].value >= 0.2


def test_light_that_wanders_is_no_paint() -> None:
    assert events(look_at(lambda h: WALL, 2.5)) == []


def test_a_mural_that_was_always_there_is_no_news() -> None:
    assert events(look_at(lambda h: MARKED, 2.5)) == []


def test_a_sheet_of_paper_is_told_apart() -> None:
    posted = sheet(WALL)
    assert events(look_at(lambda h: posted if h >= AT else WALL, 2.2)) == []


def test_somebody_who_stands_before_the_wall_for_an_hour_is_no_paint() -> None:
    body = WALL.copy()
    body[30:100, 75:95] = 40

    def somebody(hour: float) -> list[list[float]]:
        return [[0.46, 0.24, 0.6, 0.85]] if hour >= AT else []

    assert events(look_at(lambda h: body if h >= AT else WALL, 2.4, somebody)) == []


def test_a_mark_that_is_cleaned_off_is_over() -> None:
    found = events(look_at(lambda h: MARKED if AT <= h < 2.0 else WALL, 3.0))
    assert [event.phase for event in found] == [Phase.OPENED, Phase.CLOSED]
    assert found[1].interval.end_us < NOW_US + 2.3 * HOUR_US


def test_a_second_mark_right_beside_the_first_is_told_too_and_neither_twice() -> None:
    strokes = scribble(WALL) != WALL
    second = MARKED.copy()
    second[np.roll(strokes, (36, -8), axis=(0, 1))] = 30.0
    found = events(look_at(lambda h: WALL if h < AT else MARKED if h < 2.2 else second, 4.0))
    assert [event.phase for event in found] == [Phase.OPENED, Phase.OPENED]
    assert (found[1].interval.start_us - NOW_US) / HOUR_US > 2.0


def test_while_the_wall_is_learnt_nothing_is_told() -> None:
    assert events(look_at(lambda h: MARKED if h >= AT else WALL, 2.2), learn=3.0) == []


def test_a_camera_that_was_turned_is_no_graffiti() -> None:
    turned = np.roll(scribble(WALL), (9, 20), axis=(0, 1)) * 0.7 + 20
    elsewhere = place(9)[:, ::-1].copy()
    elsewhere[::9] = 30
    assert events(look_at(lambda h: elsewhere if h >= AT else WALL, 2.2)) == []
    assert all(e.kind == "graffiti" for e in events(look_at(lambda h: turned if h >= AT else WALL, 1.0)))


def test_a_camera_without_a_picture_says_nothing() -> None:
    (scene, *_) = look_at(lambda h: WALL, 0.01)
    blind = Scene(scene.stream_id, scene.camera_id, scene.wall_us, scene.tracks)
    assert events([blind]) == []
