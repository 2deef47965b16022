"""Speeds on the calibrated ground."""

import math

import numpy as np
import pytest

from tests.analytics.plaza import CAMERA, Way, on_ground, walking
from tests.analytics.scenes import told
from vitrail.analytics.speed import Speed
from vitrail.domain.detections import Label
from vitrail.domain.events import Event, Phase, Reading
from vitrail.domain.streams import AnalyticSetting


def speed(**parameters: float) -> Speed:
    return Speed(CAMERA, "gate-main", AnalyticSetting("speed", "closed-yard", ("plaza",), parameters=parameters))


def passes(kmh: float, angle_deg: float = 90.0, start: float = 1.0) -> Way:
    """Along the zone from its near end, or across it."""
    east, north = kmh / 3.6 * math.cos(math.radians(angle_deg)), kmh / 3.6 * math.sin(math.radians(angle_deg))
    return walking(-3.5 if east > 1 else 0.0, 8.5, east, north, start=start, end=start + 12 / (kmh / 3.6))


def read(found: list[Event | Reading]) -> dict[str, float]:
    return {item.name: item.value for item in found if isinstance(item, Reading)}


@pytest.mark.parametrize("kmh", [15.0, 30.0])
@pytest.mark.parametrize("angle", [90.0, 60.0])
def test_the_speed_on_the_ground_is_read_whichever_way_it_goes(kmh: float, angle: float) -> None:
    readings = read(on_ground(speed(every=10), [passes(kmh, angle)], 12, label=Label.CAR))
    assert readings["vehicles"] == 1.0
    assert readings["vehicle_speed"] == pytest.approx(kmh, rel=0.02)


def test_only_beyond_limit_and_margin_one_is_told_once() -> None:
    found = on_ground(speed(limit=20), [passes(30)], 12, label=Label.CAR)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert (opened.kind, closed.key) == ("speeding", opened.key)
    assert opened.measures[0].threshold == 20.0
    assert not told(on_ground(speed(limit=26), [passes(30)], 12, label=Label.CAR))
    assert not told(on_ground(speed(), [passes(30)], 12, label=Label.CAR))


def test_people_and_bicycles_have_no_speed_here() -> None:
    for label in (Label.PERSON, Label.BICYCLE):
        assert read(on_ground(speed(every=10), [passes(20)], 12, label=label)) == {"vehicles": 0.0}


def test_a_track_that_jumps_from_one_vehicle_to_another_has_no_speed() -> None:
    rng = np.random.default_rng(3)
    jumps = {step: (float(rng.uniform(-3, 3)), float(rng.uniform(9, 19))) for step in range(200)}
    found = on_ground(
        speed(every=10, limit=10), [lambda t: jumps[round(t * 10)] if t < 4 else None], 12, label=Label.CAR
    )
    assert read(found) == {"vehicles": 0.0} and not told(found)


def test_a_vehicle_that_stands_has_no_speed() -> None:
    found = on_ground(speed(every=10, limit=10), [walking(0, 12, end=5)], 12, label=Label.CAR)
    assert read(found) == {"vehicles": 0.0} and not told(found)


def test_the_mean_is_taken_over_those_who_passed() -> None:
    found = on_ground(speed(every=20), [passes(15), passes(30, start=5)], 22, label=Label.CAR)
    assert read(found)["vehicle_speed"] == pytest.approx(22.5, rel=0.03)
    assert read(found)["vehicles"] == 2.0
