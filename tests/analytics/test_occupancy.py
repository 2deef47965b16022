"""Counts, densities and crowding."""

from dataclasses import replace

import pytest

from tests.analytics.scenes import CAMERA, Thing, play, setting, stays_at, told
from vitrail.analytics.occupancy import Occupancy
from vitrail.domain.events import Event, Phase, Reading


def crowd(n: int, start: float = 0.0, end: float = 1e9, first: int = 1) -> list[Thing]:
    return [Thing(first + i, stays_at(0.82 + 0.03 * i, 0.9), start=start, end=end, height=0.05) for i in range(n)]


def occupancy(**parameters: float) -> Occupancy:
    return Occupancy(CAMERA, "gate-main", replace(setting("occupancy", **parameters), zones=("corner",)))


def readings(found: list[Event | Reading], name: str) -> list[float]:
    return [item.value for item in found if isinstance(item, Reading) and item.name == name]


def test_people_and_density_are_read_regularly() -> None:
    found = play(occupancy(every=5), crowd(2), 20)
    assert readings(found, "people") == [2.0] * 4
    assert readings(found, "density") == [0.2] * 4


def test_an_empty_place_reads_nought() -> None:
    assert readings(play(occupancy(), [], 21), "people") == [0.0, 0.0]


def test_no_density_without_a_declared_surface() -> None:
    analytic = Occupancy(CAMERA, "gate-main", setting("occupancy"))
    assert not readings(play(analytic, [Thing(1, stays_at(0.5, 0.5))], 20), "density")


def test_one_picture_s_mistake_is_nobody() -> None:
    found = play(occupancy(), [*crowd(2), *crowd(3, start=5, end=5.4, first=10)], 15)
    assert not told(found)


def test_too_many_are_told_once_until_enough_have_gone() -> None:
    found = play(occupancy(), [*crowd(2), *crowd(2, start=5, end=15, first=10)], 60)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert opened.kind == "crowding" and opened.key == closed.key
    assert (opened.measures[0].value, opened.measures[0].threshold) == (4.0, 2.0)
    assert [measure.name for measure in closed.measures] == ["people", "density"]


def test_a_count_that_sways_around_the_limit_is_one_happening() -> None:
    swaying = [thing for k in range(6) for thing in crowd(2, start=8.0 * k, end=8.0 * k + 4, first=10 * k + 10)]
    assert len(told(play(occupancy(), [*crowd(1), *swaying], 60))) == 1


def test_the_site_may_set_another_limit_or_a_density() -> None:
    assert told(play(occupancy(most=1), crowd(2), 10))
    assert not told(play(occupancy(most=5), crowd(4), 10))
    (event,) = told(play(occupancy(most=5, density=0.3), crowd(4), 10))
    assert event.measures[1].threshold == pytest.approx(0.3)


def test_without_any_limit_nothing_is_told() -> None:
    analytic = Occupancy(CAMERA, "gate-main", setting("occupancy"))
    many = [Thing(n, stays_at(0.3 + n / 50, 0.5)) for n in range(1, 20)]
    assert not told(play(analytic, many, 10))


def test_the_end_of_the_stream_closes_crowding() -> None:
    analytic = occupancy()
    play(analytic, crowd(4), 10)
    assert len(told(analytic.finish(0), Phase.CLOSED)) == 1
    assert not analytic.finish(0).events
