from datetime import UTC, datetime

import pytest

from vitrail.domain.time import Hours, Interval, iso, seconds


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000_000)


def test_an_interval_is_half_open() -> None:
    span = Interval(seconds(1), seconds(2))
    assert span.holds(seconds(1)) and not span.holds(seconds(2))
    assert not span.touches(Interval(seconds(2), seconds(3)))
    with pytest.raises(ValueError, match="ends before it starts"):
        Interval(2, 1)


def test_hours_past_midnight_belong_to_the_day_they_started() -> None:
    night = Hours(days=("fri",), start_min=22 * 60, end_min=5 * 60, zone="UTC")
    assert night.hold(at("2026-11-20T23:00"))  # a Friday
    assert night.hold(at("2026-11-21T04:59"))
    assert not night.hold(at("2026-11-21T05:00"))
    assert not night.hold(at("2026-11-20T04:00"))


def test_hours_follow_daylight_saving() -> None:
    morning = Hours(days=("mon",), start_min=8 * 60, end_min=9 * 60, zone="Europe/Paris")
    assert morning.hold(at("2026-07-06T06:30"))  # 08:30 in summer
    assert not morning.hold(at("2026-01-05T06:30"))  # 07:30 in winter
    assert morning.hold(at("2026-01-05T07:30"))


def test_instants_are_written_as_rfc_3339() -> None:
    assert iso(at("2026-11-23T10:00:00")) == "2026-11-23T10:00:00.000Z"
