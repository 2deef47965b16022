"""Crowds in danger, in metres: what is told, and the ordinary life that is not."""

import numpy as np

from tests.analytics.plaza import CAMERA, Way, on_ground, walking
from tests.analytics.scenes import T0, setting, told
from vitrail.analytics.crowd import CrowdMotion
from vitrail.domain.events import Event, Phase, Reading
from vitrail.domain.streams import AnalyticSetting
from vitrail.domain.time import SECOND_US


def crowd(**parameters: float) -> CrowdMotion:
    asked = setting("crowd", **parameters)
    return CrowdMotion(CAMERA, "gate-main", AnalyticSetting("crowd", asked.purpose, ("plaza",), parameters=parameters))


def grid(n: int, apart: float, x0: float = -2.0, y0: float = 12.0) -> list[tuple[float, float]]:
    side = int(np.ceil(np.sqrt(n)))
    return [(x0 + apart * (i % side), y0 + apart * (i // side)) for i in range(n)]


def kinds(found: list[Event | Reading]) -> list[str]:
    return [event.kind for event in told(found)]


def scatter(n: int, at: float, pace: float, apart: bool = True) -> list[Way]:
    """Stand, then run: away from their middle or all one way."""
    places = grid(n, 1.2)
    middle = np.mean(places, axis=0)

    def way(place: tuple[float, float]) -> Way:
        away = np.array(place) - middle + (0.01, 0.02)
        sense = away / np.hypot(*away) if apart else np.array([1.0, 0.0])

        def where(t: float) -> tuple[float, float]:
            x, y = np.array(place) + sense * pace * max(0.0, t - at)
            return float(x), float(y)

        return where

    return [way(place) for place in places]


def test_too_close_is_told_after_it_has_lasted_and_ends_when_there_is_room_again() -> None:
    packed = [walking(x, y, end=20) for x, y in grid(25, 0.45)]
    found = on_ground(crowd(), packed, 40)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert opened.kind == "crowding"
    assert opened.measures[0].value > 2.0 == opened.measures[0].threshold
    assert opened.interval.end_us - opened.interval.start_us >= 3 * SECOND_US
    assert abs(closed.interval.end_us - T0 - 20 * SECOND_US) < SECOND_US


def test_people_at_arms_length_are_not_too_close() -> None:
    assert not kinds(on_ground(crowd(), [walking(x, y) for x, y in grid(25, 0.9)], 20))


def test_a_calm_group_that_suddenly_runs_is_told_whichever_way_it_runs() -> None:
    for apart in (True, False):
        assert kinds(on_ground(crowd(), scatter(9, 10, 4.0, apart), 14)) == ["dispersal"]


def test_two_who_run_for_a_bus_are_no_dispersal() -> None:
    waiting = [walking(x, y) for x, y in grid(8, 1.2)]
    assert not kinds(on_ground(crowd(), [*waiting, *scatter(2, 10, 4.0, apart=False)], 14))


def test_joggers_who_come_in_running_are_no_dispersal() -> None:
    joggers = [walking(-4 + 0.3 * n, 12 + 0.4 * n, east=3.0, start=5 + 0.2 * n, end=9) for n in range(8)]
    assert not kinds(on_ground(crowd(), joggers, 14))


def test_a_group_that_walks_off_is_no_dispersal() -> None:
    assert not kinds(on_ground(crowd(), scatter(9, 10, 1.4), 14))


def streams(apart: float, every_s: float, pace: float = 0.8) -> list[Way]:
    """Two streams that pass through each other in rows so far apart, one after the other so often."""
    return [
        walking(-4 * sense, 9 + apart * (2 * row + (sense > 0)), sense * pace, start=every_s * n, end=every_s * n + 10)
        for sense in (1, -1)
        for row in range(3)
        for n in range(20)
    ]


def test_two_streams_without_room_are_told_and_with_room_they_are_not() -> None:
    assert "counter_flow" in kinds(on_ground(crowd(), streams(0.4, 0.9), 16))
    assert "counter_flow" not in kinds(on_ground(crowd(), streams(1.8, 2.5), 16))


def test_one_stream_is_no_counter_flow() -> None:
    one = [walking(-4, 12 + 0.5 * (n % 4), east=0.8, start=0.25 * n, end=0.25 * n + 10) for n in range(60)]
    assert "counter_flow" not in kinds(on_ground(crowd(), one, 16))


def jolted(amplitude_m: float) -> list[Way]:
    """Packed people, through whom a wave runs from the front to the back and home again each two seconds."""

    def way(x: float, y: float) -> Way:
        return lambda t: (x, y + amplitude_m * np.sin(np.pi * t - 1.5 * y))

    return [way(x, y) for x, y in grid(36, 0.55)]


def test_jolts_through_a_packed_crowd_are_told_and_sway_is_not() -> None:
    assert "crowd_wave" in kinds(on_ground(crowd(density=8), jolted(0.25), 12))
    assert not kinds(on_ground(crowd(density=8), jolted(0.01), 12))


def arriving(every_s: float, until: float) -> list[Way]:
    """People who come and wait before a narrow door, a metre apart at most."""
    places = grid(40, 0.7)
    return [walking(x, y, start=every_s * n) for n, (x, y) in enumerate(places) if every_s * n < until]


def test_more_arriving_than_passing_is_a_bottleneck_and_a_full_place_that_stays_full_is_none() -> None:
    assert "bottleneck" in kinds(on_ground(crowd(tight=0.8), arriving(1.0, 40), 45))
    assert "bottleneck" not in kinds(on_ground(crowd(tight=0.8), [walking(x, y) for x, y in grid(30, 0.7)], 45))


def test_a_place_that_fills_without_being_tight_is_no_bottleneck() -> None:
    wide = [walking(-4 + 1.6 * (n % 6), 8.5 + 2 * (n // 6), start=float(n)) for n in range(30)]
    assert not kinds(on_ground(crowd(), wide, 45))


def test_readings_tell_people_density_and_walking_speed() -> None:
    found = on_ground(crowd(every=5), [walking(-3, 10 + n, east=0.5) for n in range(4)], 10)
    readings = {r.name: r for r in found if isinstance(r, Reading)}
    assert readings["people"].value == 4.0
    assert readings["density"].value == 4 / 96
    assert abs(readings["walking_speed"].value - 0.5) < 0.05


def test_the_end_of_the_stream_closes_what_is_open() -> None:
    analytic = crowd()
    (opened,) = told(on_ground(analytic, [walking(x, y) for x, y in grid(25, 0.45)], 10))
    (closed,) = analytic.finish(T0 + 60 * SECOND_US).events
    assert closed.key == opened.key and closed.interval.end_us == T0 + 10 * SECOND_US
