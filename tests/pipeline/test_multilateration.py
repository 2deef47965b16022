"""Finding where a sound came from, and knowing when that cannot be known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.streams import MapPosition, Microphone, SoundStream
from vitrail.pipeline.multilateration import Arrival, NoPlace, Spot, speed_of_sound, spot_of
from vitrail.pipeline.whereabouts import Whereabouts

SQUARE = [("a", 0.0, 0.0), ("b", 300.0, 0.0), ("c", 300.0, 300.0), ("d", 0.0, 300.0), ("e", 150.0, 150.0)]


def heard(
    east: float, north: float, ears: list[tuple[str, float, float]], late: dict[str, float] | None = None
) -> list[Arrival]:
    speed = speed_of_sound(15.0)
    return [Arrival(n, x, y, math.hypot(x - east, y - north) / speed + (late or {}).get(n, 0.0)) for n, x, y in ears]


@given(st.floats(10, 290), st.floats(10, 290))
def test_true_times_give_the_true_place(east: float, north: float) -> None:
    found = spot_of(heard(east, north, SQUARE), 0.001)
    assert isinstance(found, Spot)
    assert math.hypot(found.east_m - east, found.north_m - north) < 0.5


def test_the_ellipse_holds_the_place_about_nineteen_times_of_twenty() -> None:
    dice = np.random.default_rng(7)
    inside, tried = 0, 300
    for _ in range(tried):
        east, north = dice.uniform(20, 280, 2)
        late = {name: float(dice.normal(0, math.hypot(0.001, 0.002))) for name, _, _ in SQUARE}
        found = spot_of(heard(east, north, SQUARE, late), 0.001)
        assert isinstance(found, Spot)
        turn = math.radians(found.bearing_deg)
        along = (east - found.east_m) * math.sin(turn) + (north - found.north_m) * math.cos(turn)
        across = (east - found.east_m) * math.cos(turn) - (north - found.north_m) * math.sin(turn)
        inside += (along / found.major_m) ** 2 + (across / found.minor_m) ** 2 <= 1
    assert 0.90 <= inside / tried <= 1.0


def test_an_echo_at_one_microphone_is_left_out() -> None:
    found = spot_of(heard(80, 200, SQUARE, {"b": 0.12}), 0.001)
    assert isinstance(found, Spot)
    assert "b" not in found.heard_by and len(found.heard_by) == 4
    assert math.hypot(found.east_m - 80, found.north_m - 200) < 3


def test_a_missing_microphone_is_borne() -> None:
    found = spot_of(heard(80, 200, SQUARE[:3]), 0.001)
    assert isinstance(found, Spot) and math.hypot(found.east_m - 80, found.north_m - 200) < 1


@pytest.mark.parametrize(
    ("arrivals", "why"),
    [
        (heard(80, 200, SQUARE[:2]), "three are needed"),
        (heard(2000, 2000, SQUARE), "outside"),
        (heard(80, 200, SQUARE, {"a": 0.4, "b": -0.3, "c": 0.2}), "contradict"),
        (heard(50, 100, [("a", 0, 0), ("b", 1, 0.0), ("c", 0.0, 1)]), ""),
        (heard(50, 0, [("a", 0, 0), ("b", 100, 0.0), ("c", 200.0, 0)]), ""),
    ],
)
def test_no_answer_is_given_where_none_can_be(arrivals: list[Arrival], why: str) -> None:
    found = spot_of(arrivals, 0.001)
    assert isinstance(found, NoPlace) and why in found.why


def test_bad_clocks_widen_the_ellipse_until_there_is_no_answer() -> None:
    good, poor = (spot_of(heard(80, 200, SQUARE), clock_s) for clock_s in (0.001, 0.02))
    assert isinstance(good, Spot) and isinstance(poor, Spot) and poor.major_m > 3 * good.major_m
    assert isinstance(spot_of(heard(80, 200, SQUARE), 0.2), NoPlace)


def ears() -> list[Microphone]:
    degree = 111_195.0
    wide = degree * math.cos(math.radians(48.0))
    return [
        Microphone(n, n, SoundStream(f"{n}.s", n, "x", "x"), "tunnel", MapPosition(48.0 + y / degree, 2.0 + x / wide))
        for n, x, y in SQUARE
    ]


def test_beginnings_that_several_microphones_heard_become_a_place_on_the_map() -> None:
    places = Whereabouts(ears(), 0.001)
    for arrival in heard(80, 200, SQUARE):
        for _ in range(3):  # told at each look
            places.heard(arrival.microphone_id, 10_000_000 + round(arrival.at_s * 1e6), 25.0)
    found = places.locate("a", 10_000_000 + round(heard(80, 200, SQUARE)[0].at_s * 1e6))
    assert found is not None and set(found.heard_by) == {"a", "b", "c", "d", "e"}
    assert abs((found.latitude - 48.0) * 111_195.0 - 200) < 2


def test_what_nobody_else_heard_has_no_place() -> None:
    places = Whereabouts(ears(), 0.001)
    places.heard("a", 10_000_000, 25.0)
    places.heard("b", 20_000_000, 25.0)
    assert places.locate("a", 10_000_000) is None
    assert "three are needed" in places.why_not
