"""Somebody in a closed place."""

from dataclasses import replace

from tests.analytics.scenes import CAMERA, T0, Thing, play, setting, stays_at, told
from vitrail.analytics.presence import Presence
from vitrail.domain.detections import Label
from vitrail.domain.events import Phase
from vitrail.domain.time import SECOND_US, Hours


def presence(**parameters: float) -> Presence:
    return Presence(CAMERA, "gate-main", setting("presence", **parameters))


def test_somebody_inside_is_told_once_with_measure_and_threshold() -> None:
    events = told(play(presence(), [Thing(1, stays_at(0.5, 0.5))], 30))
    assert len(events) == 1
    event = events[0]
    assert (event.kind, event.place.camera_id, event.place.zone_id) == ("presence", "gate", "yard")
    assert event.interval.start_us == T0 and event.interval.end_us == T0 + SECOND_US
    assert event.measures[0].value >= event.measures[0].threshold == 1.0
    assert 0.79 < event.score < 0.81


def test_nobody_outside_the_zone_is_told() -> None:
    assert not told(play(presence(), [Thing(1, stays_at(0.1, 0.9))], 20))


def test_a_moment_inside_is_not_told() -> None:
    assert not told(play(presence(), [Thing(1, stays_at(0.5, 0.5), end=0.6)], 20))


def test_several_people_one_after_the_other_are_one_happening() -> None:
    analytic = presence()
    things = [Thing(n, stays_at(0.4 + n / 20, 0.5), start=n * 8.0, end=n * 8.0 + 5) for n in range(1, 5)]
    found = play(analytic, things, 60)
    opened, closed = told(found), told(found, Phase.CLOSED)
    assert len(opened) == len(closed) == 1
    assert opened[0].key == closed[0].key
    assert closed[0].interval.end_us == T0 + 37 * SECOND_US


def test_a_second_happening_has_another_key() -> None:
    things = [Thing(1, stays_at(0.5, 0.5), end=4), Thing(2, stays_at(0.5, 0.5), start=30)]
    first, second = told(play(presence(), things, 40))
    assert first.key != second.key


def test_a_dog_is_nobody_and_a_car_only_when_asked() -> None:
    dog = Thing(1, stays_at(0.5, 0.5), label=Label.DOG)
    car = Thing(2, stays_at(0.5, 0.6), label=Label.CAR)
    assert not told(play(presence(), [dog, car], 5))
    assert len(told(play(presence(vehicles=1), [dog, car], 5))) == 1


def test_hours_are_read_in_the_site_own_zone() -> None:
    """T0 is 12:00 UTC, 13:00 in Paris."""
    closed = {"UTC": False, "Europe/Paris": True}
    for zone_name, expected in closed.items():
        hours = Hours(("mon",), 13 * 60, 14 * 60, zone_name)
        analytic = Presence(CAMERA, "gate-main", replace(setting("presence"), hours=hours))
        assert bool(told(play(analytic, [Thing(1, stays_at(0.5, 0.5))], 5))) is expected


def test_the_end_of_the_hours_closes_what_is_open() -> None:
    hours = Hours(("mon",), 11 * 60, 12 * 60 + 1)
    analytic = Presence(CAMERA, "gate-main", replace(setting("presence"), hours=hours))
    found = play(analytic, [Thing(1, stays_at(0.5, 0.5))], 90)
    assert len(told(found)) == 1
    (closed,) = told(found, Phase.CLOSED)
    assert closed.interval.end_us < T0 + 60 * SECOND_US


def test_who_is_inside_when_the_hours_begin_counts_from_then() -> None:
    hours = Hours(("mon",), 12 * 60 + 1, 13 * 60)
    analytic = Presence(CAMERA, "gate-main", replace(setting("presence"), hours=hours))
    (event,) = told(play(analytic, [Thing(1, stays_at(0.5, 0.5))], 90))
    assert event.interval.start_us == T0 + 60 * SECOND_US


def test_the_end_of_the_stream_closes_what_is_open_and_reset_drops_it() -> None:
    analytic = presence()
    play(analytic, [Thing(1, stays_at(0.5, 0.5))], 5)
    (closed,) = told(analytic.finish(T0 + 6 * SECOND_US), Phase.CLOSED)
    assert closed.interval.end_us == T0 + 5 * SECOND_US
    play(analytic, [Thing(1, stays_at(0.5, 0.5), start=10)], 5, start=10)
    analytic.reset()
    assert not analytic.finish(T0 + 20 * SECOND_US).events


def test_feet_below_the_picture_stand_on_its_edge() -> None:
    """A zone that reaches the lower edge holds somebody whose box is cut there."""
    analytic = Presence(CAMERA, "gate-main", replace(setting("presence"), zones=("corner",)))
    assert told(play(analytic, [Thing(1, stays_at(0.9, 1.0))], 3))
