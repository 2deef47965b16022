"""The sun against published almanac values: sunrise and sunset are the moments at which its centre stands 0.833 degrees
below the horizon (half its disc, and refraction); times are given to the minute."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.streams import MapPosition
from vitrail.domain.sun import Light, elevation_deg, light_at

PARIS, LONDON, NEW_YORK, SYDNEY = (48.8566, 2.3522), (51.5074, -0.1278), (40.7128, -74.0060), (-33.8688, 151.2093)
RISES = -0.833


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("place", "utc", "elevation"),
    [
        pytest.param(PARIS, "2024-06-20T03:47", RISES, id="Paris, sunrise at the summer solstice (05:47 CEST)"),
        pytest.param(PARIS, "2024-06-20T19:58", RISES, id="Paris, sunset at the summer solstice (21:58 CEST)"),
        pytest.param(PARIS, "2024-12-21T07:41", RISES, id="Paris, sunrise at the winter solstice (08:41 CET)"),
        pytest.param(PARIS, "2024-12-21T15:56", RISES, id="Paris, sunset at the winter solstice (16:56 CET)"),
        pytest.param(LONDON, "2024-06-20T03:43", RISES, id="London, sunrise at the summer solstice (04:43 BST)"),
        pytest.param(LONDON, "2024-06-20T20:21", RISES, id="London, sunset at the summer solstice (21:21 BST)"),
        pytest.param(NEW_YORK, "2024-12-21T12:17", RISES, id="New York, sunrise at the winter solstice (07:17 EST)"),
        pytest.param(NEW_YORK, "2024-12-21T21:32", RISES, id="New York, sunset at the winter solstice (16:32 EST)"),
        pytest.param(SYDNEY, "2024-12-20T18:41", RISES, id="Sydney, sunrise at the summer solstice (05:41 AEDT)"),
        pytest.param(SYDNEY, "2024-12-21T09:05", RISES, id="Sydney, sunset at the summer solstice (20:05 AEDT)"),
        pytest.param(PARIS, "2024-06-20T11:52", 90 - 48.8566 + 23.44, id="Paris, noon at the summer solstice"),
        pytest.param(PARIS, "2024-12-21T11:49", 90 - 48.8566 - 23.44, id="Paris, noon at the winter solstice"),
        pytest.param((0.0, 0.0), "2024-03-20T12:07", 90.0, id="the equator, noon at the equinox"),
        pytest.param((90.0, 0.0), "2024-06-20T20:51", 23.44, id="the pole at the solstice"),
    ],
)
def test_it_agrees_with_the_almanac_within_half_a_degree(
    place: tuple[float, float], utc: str, elevation: float
) -> None:
    assert elevation_deg(*place, at(utc)) == pytest.approx(elevation, abs=0.5)


@pytest.mark.parametrize(
    ("utc", "light"),
    [
        ("2024-12-21T12:00", Light.DAY),
        ("2024-12-21T16:15", Light.TWILIGHT),
        ("2024-12-21T17:00", Light.NIGHT),
        ("2024-06-20T20:15", Light.TWILIGHT),
        ("2024-06-20T23:52", Light.NIGHT),
    ],
)
def test_day_twilight_and_night_over_paris(utc: str, light: Light) -> None:
    assert light_at(MapPosition(*PARIS), at(utc)) is light


def test_without_a_position_the_light_is_not_known() -> None:
    assert light_at(None, at("2024-06-20T12:00")) is Light.UNKNOWN


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(at("1970-01-01T00:00"), at("2100-01-01T00:00")))
def test_everywhere_and_always_it_is_an_angle_and_a_light(latitude: float, longitude: float, at_us: int) -> None:
    assert -90 <= elevation_deg(latitude, longitude, at_us) <= 90
    assert light_at(MapPosition(latitude, longitude), at_us) is not Light.UNKNOWN


@given(st.floats(-89, 89), st.floats(-179, 179), st.integers(at("2000-01-01T00:00"), at("2050-01-01T00:00")))
def test_the_other_side_of_the_earth_sees_the_opposite(latitude: float, longitude: float, at_us: int) -> None:
    here = elevation_deg(latitude, longitude, at_us)
    assert elevation_deg(-latitude, longitude + 180, at_us) == pytest.approx(-here, abs=1e-4)
