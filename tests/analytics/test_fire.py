"""Fire is told when the heads say so for long enough, above what the camera usually makes them say, and it flickers."""

from collections.abc import Callable

import numpy as np

from tests.builders import NOW_US, camera
from vitrail.analytics.burning import Forest, Heads, Linear, flame_features, shipped
from vitrail.analytics.fire import Fire
from vitrail.analytics.flicker import Flicker
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.events import Event, Phase
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.looks import PlaceLook
from vitrail.domain.streams import AnalyticSetting
from vitrail.domain.time import SECOND_US

NOBODY = np.zeros((0, 4), np.float32)
_ONE = np.ones(1, np.float32)


def heads() -> Heads:
    """Flames: warm parts. Smoke and either: the first number of what the network sees."""
    features = flame_features(picture(0)).shape[1]
    forest = Forest(
        np.full((1, 7), 11, np.int16), np.full((1, 7), 40.0, np.float32), np.array([[0] * 7 + [100]], np.float32), 0.0
    )
    assert features > 11
    said = Linear(np.zeros(1, np.float32), _ONE, _ONE, 0.0)
    return Heads(forest, said, said, np.tile(np.float32([0, 1]), (3, 1)), np.float32([2.0, 2.0, 0.5]))


def picture(flame: float, seed: int = 0) -> Picture:
    """``flame`` 0..1: how much of a warm patch there is; it flickers with the seed."""
    y, u, v = np.full((108, 192), 90, np.uint8), np.full((54, 96), 126, np.uint8), np.full((54, 96), 130, np.uint8)
    if flame:
        rows = round(60 * flame)
        y[20 : 20 + rows, 60:110] = np.random.default_rng(seed).integers(120, 250, (rows, 50))
        u[10 : 10 + rows // 2, 30:55], v[10 : 10 + rows // 2, 30:55] = 80, 190
    return Picture(y, u, v, True)


def told(draw: Callable[[int], Picture], seen: Callable[[float], float], seconds: int, start: int = 0) -> list[Event]:
    analytic = Fire(camera(), "gate-main", AnalyticSetting("fire", "p"), heads())
    found: list[Event] = []
    for step in range(start, seconds * 5):
        look = None
        if step % 10 == 0:
            value = np.array([seen(step / 5)], np.float32)
            look = PlaceLook(value, value[None])
        wall_us = NOW_US + step * SECOND_US // 5
        scene = Scene("gate-main", "gate", wall_us, Tracks.none(), draw(step), NOBODY, look=look)
        found += analytic.update(scene).events
    return found + list(analytic.finish(NOW_US + seconds * SECOND_US).events)


def test_a_flickering_fire_is_told_once_and_over_when_it_is_out() -> None:
    burns = lambda step: picture(1.0, step) if 100 <= step < 300 else picture(0)  # noqa: E731
    opened, closed = told(burns, lambda t: 1.0 if 20 <= t < 60 else 0.0, 120)
    assert (opened.kind, opened.phase, closed.phase) == ("fire", Phase.OPENED, Phase.CLOSED)
    assert 20 <= (opened.interval.end_us - NOW_US) / SECOND_US < 36
    assert (closed.interval.end_us - NOW_US) / SECOND_US < 66
    assert [measure.name for measure in opened.measures] == [
        "seconds it looks so",
        "above what is usual here",
        "flickers",
    ]


def test_a_steady_lamp_is_no_fire() -> None:
    assert told(lambda step: picture(1.0, 7 if step >= 100 else 0), lambda t: 1.0 if t >= 20 else 0.0, 90) == []


def test_what_the_camera_always_shows_is_its_usual() -> None:
    """It says so from the start, before anything could be compared: then it is learnt, not told."""
    found = told(lambda step: picture(0), lambda t: 2.2, 60)
    assert found == []


def test_smoke_is_told_without_flicker_but_later_than_fire() -> None:
    (opened, _) = told(lambda step: picture(0), lambda t: 4.0 if t >= 20 else 0.0, 80)
    assert opened.kind == "smoke"
    assert (opened.interval.end_us - opened.interval.start_us) / SECOND_US >= 12


def test_without_a_look_of_the_network_nothing_is_told() -> None:
    analytic = Fire(camera(), "gate-main", AnalyticSetting("fire", "p"), heads())
    scene = Scene("gate-main", "gate", NOW_US, Tracks.none(), picture(1.0))
    assert analytic.update(scene).events == ()


def flickering(draw: Callable[[int], Picture], people: Boxes = NOBODY) -> float:
    flicker = Flicker()
    for step in range(20):
        flicker.see(draw(step), people, NOW_US + step * SECOND_US // 10)
    return flicker.share


def test_flames_flicker_and_a_moving_lamp_does_not() -> None:
    assert flickering(lambda step: picture(1.0, step)) > 0.02

    def passing(step: int) -> Picture:
        lamp = picture(0).copy()
        lamp.y[40:60, step * 8 : step * 8 + 20] = 250
        return lamp

    assert flickering(passing) < 0.005


def test_people_do_not_flicker() -> None:
    everywhere = np.array([[0.0, 0.0, 1.0, 1.0]], np.float32)
    assert flickering(lambda step: picture(1.0, step), everywhere) == 0.0


def test_the_shipped_heads_are_whole_and_small() -> None:
    ours = shipped()
    assert ours.flames.feature.shape[1] == 7 and ours.flames.leaf.shape[1] == 8
    assert (ours.smoke.weights.shape, ours.either.weights.shape) == ((120,), (1280,))
    said = ours.judge(picture(0), PlaceLook(np.zeros(1280, np.float32), np.zeros((153, 120), np.float32)))
    assert np.isfinite([said.fire, said.smoke, said.either]).all()


def test_strong_flicker_makes_up_for_an_unsure_look() -> None:
    """The heads stay below their threshold: a small warm patch that does not flicker is nothing, one that does is."""
    steady = told(lambda step: picture(0.6, 7 if step >= 100 else 0), lambda t: 0.0, 90)
    lively = told(lambda step: picture(0.6, step) if step >= 100 else picture(0), lambda t: 0.0, 90)
    assert steady == []
    assert [event.kind for event in lively] == ["fire", "fire"]
