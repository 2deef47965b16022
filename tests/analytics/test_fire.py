"""Fire is told when the heads say so for long enough, above what the camera usually makes them say, and it flickers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.builders import NOW_US, camera
from vitrail.analytics.burning import Forest, Heads, Linear, flame_features, shipped
from vitrail.analytics.fire import Fire
from vitrail.analytics.flicker import Flicker
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Detections, Label, Tracks
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
    return Heads(forest, said, said, said, np.tile(np.float32([0, 1]), (5, 1)), np.float32([2.0, 2.0, 0.5]))


def picture(flame: float, seed: int = 0, warm: bool = True) -> Picture:
    """``flame`` 0..1: how much of a warm patch there is; it flickers with the seed."""
    y, u, v = np.full((108, 192), 90, np.uint8), np.full((54, 96), 126, np.uint8), np.full((54, 96), 130, np.uint8)
    if flame:
        rows = round(60 * flame)
        levels = np.random.default_rng(seed).integers(110, 250, (-(-rows // 6), 9))
        y[20 : 20 + rows, 60:114] = np.kron(levels, np.ones((6, 6)))[:rows]
        if warm:
            u[10 : 10 + rows // 2, 30:57], v[10 : 10 + rows // 2, 30:57] = 80, 190
    return Picture(y, u, v, True)


def told(
    draw: Callable[[int], Picture],
    seen: Callable[[float], float],
    seconds: int,
    people: Boxes = NOBODY,
    vehicles: Boxes = NOBODY,
    a_second: int = 10,
    judge: Heads | None = None,
) -> list[Event]:
    analytic = Fire(camera(), "gate-main", AnalyticSetting("fire", "p"), judge or heads())
    found: list[Event] = []
    labels = np.full(len(vehicles), Label.CAR, np.int8)
    cars = Detections(vehicles, labels, np.full(len(vehicles), 0.3, np.float32))
    for step in range(seconds * a_second):
        look = None
        if step % (2 * a_second) == 0:
            value = np.array([seen(step / a_second)], np.float32)
            look = PlaceLook(value, value[None], value[None])
        wall_us = NOW_US + step * SECOND_US // a_second
        scene = Scene("gate-main", "gate", wall_us, Tracks.none(), draw(step), people, seen=cars, look=look)
        found += analytic.update(scene).events
    return found + list(analytic.finish(NOW_US + seconds * SECOND_US).events)


def quiet(at_s: float) -> float:
    return 0.0


def burning(step: int) -> Picture:
    """A patch that flickers between the tenth and the fortieth second."""
    return picture(0.4, step) if 100 <= step < 400 else picture(0)


def test_a_flickering_fire_is_told_once_within_ten_seconds_and_over_when_it_is_out() -> None:
    opened, closed = told(burning, quiet, 90)
    assert (opened.kind, opened.phase, closed.phase) == ("fire", Phase.OPENED, Phase.CLOSED)
    assert 15 <= (opened.interval.end_us - NOW_US) / SECOND_US < 20
    assert 38 <= (closed.interval.end_us - NOW_US) / SECOND_US < 45
    assert [measure.name for measure in opened.measures] == ["seconds it flickers like fire", "parts that flicker"]


def test_whatever_the_look_says_what_stands_still_is_no_fire() -> None:
    assert [e for e in told(lambda step: picture(1.0, 7), lambda t: 9.0, 60) if e.kind == "fire"] == []


def test_what_flickers_without_being_warm_is_no_fire() -> None:
    assert told(lambda step: picture(0.4, step, warm=False), quiet, 60) == []


def test_a_warm_lamp_that_blinks_once_a_second_is_no_fire() -> None:
    assert told(lambda step: picture(0.4, 7) if step % 10 < 5 else picture(0), quiet, 60) == []


def test_what_flickers_for_two_seconds_is_no_fire() -> None:
    assert told(lambda step: picture(0.4, step) if 200 <= step < 220 else picture(0), quiet, 60) == []


def test_the_whole_picture_going_up_and_down_is_no_fire() -> None:
    def exposed(step: int) -> Picture:
        shown = picture(0.6, 7)
        return Picture(np.clip(shown.y * (1.0 if step % 2 else 0.7), 0, 255).astype(np.uint8), shown.u, shown.v, True)

    assert told(exposed, quiet, 60) == []


def test_a_burning_vehicle_is_told_later_than_a_fire_in_the_open() -> None:
    everywhere = np.array([[0.0, 0.0, 1.0, 1.0]], np.float32)
    open_us = told(burning, quiet, 50)[0].interval.end_us
    assert told(burning, quiet, 50, vehicles=everywhere)[0].interval.end_us > open_us + SECOND_US


def test_a_warm_moving_thing_that_may_be_a_person_is_no_fire() -> None:
    """Not as hot as flames: it counts in the open and not within a box."""

    def coat(step: int) -> Picture:
        shown = picture(0.4, step)
        shown.u[shown.u == 80], shown.v[shown.v == 190] = 112, 140
        return shown

    everywhere = np.array([[0.0, 0.0, 1.0, 1.0]], np.float32)
    assert told(coat, quiet, 40, people=everywhere) == []
    assert [event.kind for event in told(coat, quiet, 40)][:1] == ["fire"]


def test_too_few_looks_a_second_tell_no_fire() -> None:
    assert told(lambda step: picture(0.4, step), quiet, 60, a_second=3) == []


def test_what_the_camera_always_shows_is_its_usual() -> None:
    """It says so from the start, before anything could be compared: then it is learnt, not told."""
    assert told(lambda step: picture(0), lambda t: 9.0, 60) == []


def test_smoke_that_comes_is_told_after_it_has_lasted() -> None:
    (opened, _) = told(lambda step: picture(0), lambda t: 6.0 if t >= 20 else 0.0, 80)
    assert opened.kind == "smoke"
    assert (opened.interval.end_us - opened.interval.start_us) / SECOND_US >= 10


def test_what_looks_like_smoke_and_not_like_burning_is_not_told() -> None:
    calm = replace(heads(), zeros=np.float32([2.0, 2.0, 100.0]))
    assert told(lambda step: picture(0), lambda t: 6.0 if t >= 20 else 0.0, 80, judge=calm) == []


def test_without_a_look_of_the_network_no_smoke_is_told() -> None:
    analytic = Fire(camera(), "gate-main", AnalyticSetting("fire", "p"), heads())
    scene = Scene("gate-main", "gate", NOW_US, Tracks.none(), picture(1.0))
    assert analytic.update(scene).events == ()


def test_flames_flicker_and_a_passing_lamp_does_not() -> None:
    def passing(step: int) -> Picture:
        lamp = picture(0).copy()
        lamp.y[40:60, step * 8 : step * 8 + 20] = 250
        lamp.v[20:30, step * 4 : step * 4 + 10] = 200
        return lamp

    for draw, flickers in ((lambda step: picture(0.4, step), True), (passing, False)):
        flicker = Flicker()
        for step in range(40):
            flicker.see(draw(step % 20) if not flickers else draw(step), NOBODY, NOW_US + step * SECOND_US // 10)
        assert (flicker.since_us is not None) is flickers


def test_the_shipped_heads_are_whole_and_small() -> None:
    ours = shipped()
    assert ours.flames.feature.shape[1] == 7 and ours.flames.leaf.shape[1] == 8
    assert [len(head.weights) for head in (ours.smoke, ours.plume, ours.either)] == [120, 208, 1280]
    look = PlaceLook(np.zeros(1280, np.float32), np.zeros((153, 120), np.float32), np.zeros((45, 208), np.float32))
    said = ours.judge(picture(0), look)
    assert np.isfinite([said.fire, said.smoke, said.either]).all()


def test_one_sign_of_burning_is_enough_for_either_and_flames_speak_against_smoke() -> None:
    ours = heads()
    nothing, flames, smoke, whole = (
        ours.joined(np.float32(raw)) for raw in ([0, 0, 0, 0, 0], [9, 9, 0, 0, -4], [0, 0, 9, 9, 0], [-4, -9, 0, 4, 5])
    )
    assert min(flames.either, smoke.either, whole.either) > 0 > nothing.either
    assert smoke.smoke > 0 > flames.smoke and flames.fire > 0 > smoke.fire
