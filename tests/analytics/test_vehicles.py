"""Vehicles that stand where nothing may stand, and vehicles where people walk."""

from collections.abc import Callable

import pytest

from tests.analytics.scenes import CAMERA, T0, Thing, play, setting, stays_at, told
from vitrail.analytics.pedestrian_zone import PedestrianZone
from vitrail.analytics.stopped_vehicle import StoppedVehicle
from vitrail.domain.detections import Label
from vitrail.domain.events import Phase
from vitrail.domain.time import SECOND_US


def stopped(**parameters: float) -> StoppedVehicle:
    return StoppedVehicle(CAMERA, "gate-main", setting("stopped_vehicle", **({"seconds": 10.0} | parameters)))


def on_foot(**parameters: float) -> PedestrianZone:
    return PedestrianZone(CAMERA, "gate-main", setting("vehicle_in_pedestrian_zone", **parameters))


Path = Callable[[float], tuple[float, float] | None]


def van(feet: Path | None = None, label: Label = Label.TRUCK, end: float = 1e9) -> Thing:
    return Thing(1, feet or stays_at(0.5, 0.5), label=label, end=end)


def test_a_vehicle_that_stands_is_told_once_and_closed_when_it_drives_off() -> None:
    drives_off = van(lambda t: (0.5, 0.5) if t < 20 else (0.5, min(0.75, 0.5 + 0.05 * (t - 20))))
    found = play(stopped(), [drives_off], 40)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert opened.interval.start_us == T0
    assert opened.interval.end_us - T0 == 10 * SECOND_US
    assert closed.key == opened.key
    assert 20.0 <= closed.measures[0].value <= 22.0


def test_a_stop_begins_where_the_vehicle_came_to_rest() -> None:
    arrives = van(lambda t: (0.3 + 0.04 * min(t, 5), 0.5))
    (opened,) = told(play(stopped(), [arrives], 20))
    assert 3 * SECOND_US < opened.interval.start_us - T0 <= 5 * SECOND_US


def test_a_queue_that_creeps_on_has_not_stopped() -> None:
    creeps = van(lambda t: (0.3 + 0.06 * (t // 8), 0.5))
    assert not told(play(stopped(), [creeps], 40))


def test_a_vehicle_hidden_by_traffic_goes_on_standing() -> None:
    hidden = van(lambda t: None if 4 < t < 7 else (0.5, 0.5))
    assert len(told(play(stopped(), [hidden], 15))) == 1


def test_a_box_that_sways_is_still_a_vehicle_at_rest() -> None:
    sways = van(lambda t: (0.5 + 0.01 * ((round(t * 10) % 3) - 1), 0.5))
    assert len(told(play(stopped(), [sways], 15))) == 1


@pytest.mark.parametrize("label", [Label.PERSON, Label.BENCH])
def test_what_is_no_vehicle_does_not_count(label: Label) -> None:
    assert not told(play(stopped(), [van(label=label)], 30))
    assert not told(play(on_foot(), [van(label=label)], 30))


def test_bicycles_count_where_the_site_says_so() -> None:
    bicycle = van(label=Label.BICYCLE)
    assert not told(play(stopped(), [bicycle], 20)) and told(play(stopped(bicycles=1), [bicycle], 20))
    assert not told(play(on_foot(), [bicycle], 20)) and told(play(on_foot(bicycles=1), [bicycle], 20))


def test_outside_the_zone_nothing_is_told() -> None:
    assert not told(play(stopped(), [van(stays_at(0.1, 0.1))], 30))
    assert not told(play(on_foot(), [van(stays_at(0.1, 0.1))], 30))


def test_a_vehicle_where_people_walk_is_one_happening_however_many_follow() -> None:
    things = [Thing(n, stays_at(0.3 + 0.1 * n, 0.5), start=2.0 * n, end=2.0 * n + 8, label=Label.CAR) for n in range(4)]
    found = play(on_foot(), things, 40)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert opened.interval.start_us == T0
    assert closed.interval.end_us == T0 + 14 * SECOND_US
    assert closed.measures[1].value == 4.0


def test_one_that_only_stands_there_is_let_be_where_moving_is_asked() -> None:
    parked, passing = van(), van(lambda t: (0.3 + 0.03 * t, 0.5), end=12)
    assert told(play(on_foot(), [parked], 10)) and not told(play(on_foot(moving=1), [parked], 30))
    assert told(play(on_foot(moving=1), [passing], 12))


def test_the_end_of_the_stream_closes_what_is_open() -> None:
    for analytic in (stopped(), on_foot()):
        (opened,) = told(play(analytic, [van()], 15))
        (closed,) = analytic.finish(T0 + 60 * SECOND_US).events
        assert closed.key == opened.key and closed.interval.end_us == T0 + 15 * SECOND_US
        assert not analytic.finish(T0 + 61 * SECOND_US).events


def test_after_a_reset_nothing_is_remembered() -> None:
    analytic = stopped()
    play(analytic, [van()], 9)
    analytic.reset()
    assert not told(play(analytic, [van()], 9, start=9))
