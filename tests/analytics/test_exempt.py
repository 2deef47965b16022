"""Seasons, groups, and exceptions by place."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.analytics.scenes import CAMERA, Thing, play, setting, stays_at, told
from tests.builders import square, zone
from vitrail.analytics.dwell import Dwell
from vitrail.analytics.pedestrian_zone import PedestrianZone
from vitrail.analytics.presence import Presence
from vitrail.domain.detections import Label
from vitrail.domain.events import Event, Phase, Reading
from vitrail.domain.time import SECOND_US, Season

DOOR = zone(id="door", polygon=square(0.25, 0.25, 0.35, 0.75))
WITH_DOOR = replace(CAMERA, zones=(*CAMERA.zones, DOOR))


def presence(exempt: tuple[str, ...] = (), season: Season | None = None, **parameters: float) -> Presence:
    asked = replace(setting("presence", **parameters), exempt=exempt, season=season)
    return Presence(WITH_DOOR, "gate-main", asked)


def starts(found: list[Event | Reading]) -> list[str]:
    return [event.kind for event in told(found)]


def test_a_group_is_told_only_while_it_is_together() -> None:
    one = [Thing(1, stays_at(0.4, 0.5))]
    group = [*one, Thing(2, stays_at(0.6, 0.5), start=5, end=20), Thing(3, stays_at(0.7, 0.5), start=8, end=15)]
    assert not told(play(presence(group=3), one, 20)) and not told(play(presence(group=4), group, 40))
    found = play(presence(group=3, clear=5), group, 40)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert (opened.measures[1].value, opened.measures[1].threshold) == (3.0, 3.0)
    lasted_s = (closed.interval.end_us - opened.interval.start_us) / SECOND_US
    assert 6 < lasted_s < 11, "from the third's coming until one of them was gone"


def test_a_long_stay_of_a_group_is_told_when_the_last_of_it_has_stayed_as_long() -> None:
    things = [Thing(n, stays_at(0.3 + 0.1 * n, 0.5), start=2.0 * n) for n in range(3)]
    asked = setting("dwell", seconds=10, group=3)
    assert not told(play(Dwell(CAMERA, "gate-main", asked), things, 13.5))
    assert len(told(play(Dwell(CAMERA, "gate-main", asked), things, 15))) == 3


def test_what_stands_in_an_excepted_zone_does_not_count() -> None:
    by_the_door, inside = Thing(1, stays_at(0.3, 0.5)), Thing(2, stays_at(0.6, 0.5))
    assert starts(play(presence(), [by_the_door], 5)) == ["presence"]
    assert not told(play(presence(("door",)), [by_the_door], 5))
    assert told(play(presence(("door",)), [inside], 5))


def test_who_came_through_the_door_is_let_be_only_where_the_site_says_so() -> None:
    staff = Thing(1, lambda t: (0.3 + 0.05 * min(t, 6), 0.5))
    stranger = Thing(2, lambda t: (0.7 - 0.05 * min(t, 3), 0.5))
    assert told(play(presence(("door",)), [staff], 10))
    assert not told(play(presence(("door",), through=1), [staff], 10))
    assert told(play(presence(("door",), through=1), [stranger], 10))


def test_whose_track_breaks_counts_like_anybody() -> None:
    broken = [Thing(1, stays_at(0.3, 0.5), end=3), Thing(2, stays_at(0.6, 0.5), start=4)]
    assert told(play(presence(("door",), through=1), broken, 10))


def test_a_van_in_the_delivery_bay_is_let_be() -> None:
    asked = replace(setting("vehicle_in_pedestrian_zone"), exempt=("door",))
    in_the_bay = Thing(1, stays_at(0.3, 0.5), label=Label.TRUCK)
    outside = Thing(1, stays_at(0.6, 0.5), label=Label.TRUCK)
    assert not told(play(PedestrianZone(WITH_DOOR, "gate-main", asked), [in_the_bay], 10))
    assert told(play(PedestrianZone(WITH_DOOR, "gate-main", asked), [outside], 10))


def test_after_a_reset_nobody_is_remembered_to_have_come_through() -> None:
    analytic = presence(("door",), through=1)
    play(analytic, [Thing(1, stays_at(0.3, 0.5))], 2)
    analytic.reset()
    assert told(play(analytic, [Thing(1, stays_at(0.6, 0.5))], 5, start=3))


@pytest.mark.parametrize(
    ("first", "last", "told_now"),
    [((11, 1), (11, 30), True), ((11, 23), (11, 23), True), ((5, 1), (9, 30), False), ((11, 24), (2, 1), False)],
)
def test_out_of_season_nothing_is_told(first: tuple[int, int], last: tuple[int, int], told_now: bool) -> None:
    """The tests' day is the 23rd of November."""
    found = play(presence(season=Season(first, last)), [Thing(1, stays_at(0.5, 0.5))], 5)
    assert bool(told(found)) == told_now


def test_a_season_runs_past_new_year_and_follows_local_days() -> None:
    winter = Season((12, 15), (2, 29), "Europe/Paris")
    moments = {(2026, 12, 14, 22): False, (2026, 12, 14, 23): True, (2027, 1, 1, 0): True, (2027, 2, 28, 23): False}
    for (year, month, day, hour), inside in moments.items():
        at_us = round(datetime(year, month, day, hour, 30, tzinfo=UTC).timestamp()) * SECOND_US
        assert winter.holds(at_us) == inside, (year, month, day, hour)


def test_a_day_that_no_year_has_is_refused() -> None:
    with pytest.raises(ValueError, match="04-31 is no day"):
        Season((4, 31), (5, 1))
