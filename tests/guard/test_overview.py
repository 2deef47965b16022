"""The pictures' numbers are those of the follow-up register, each alert counted once, on the site's own calendar."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.events import AlertState
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US
from vitrail.guard.followup import FollowUp
from vitrail.guard.overview import TABLES, csv_of, overview

SINCE_US = round(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * SECOND_US
NOW_US = SINCE_US + 31 * DAY_US
ZONE = "Europe/Paris"


def row(at_us: int = SINCE_US, **more: Any) -> FollowUp:
    given_: dict[str, Any] = {"alert_id": "a", "camera_id": "gate", "kind": "presence", "mandate_id": "m"}
    return FollowUp(**(given_ | {"at_us": at_us, "outcome": AlertState.OPEN} | more))


def judged(at_us: int, outcome: AlertState, after_s: float, spent_s: float = 30.0) -> FollowUp:
    told_us = at_us + round(after_s * SECOND_US)
    return row(at_us, outcome=outcome, judged_by="anna", judged_us=told_us, spent_s=spent_s)


rows = st.lists(
    st.builds(
        row,
        at_us=st.integers(SINCE_US, NOW_US - 1),
        camera_id=st.sampled_from(["gate", "quay"]),
        kind=st.sampled_from(["presence", "dwell"]),
        outcome=st.sampled_from(list(AlertState)),
        spent_s=st.floats(0, 600),
    ),
    max_size=60,
)


@given(rows)
def test_every_alert_is_in_every_picture_once(given_rows: list[FollowUp]) -> None:
    seen = overview(given_rows, ZONE, SINCE_US, NOW_US)
    assert sum(right.alerts for right in seen.right) == len(given_rows)
    assert sum(map(sum, seen.hours)) == len(given_rows)
    assert sum(day.alerts for day in seen.days) == len(given_rows)


def test_days_without_alerts_have_their_place() -> None:
    seen = overview([], ZONE, SINCE_US, SINCE_US + 7 * DAY_US)
    assert len(seen.days) == 8
    assert (seen.waited_s, seen.most_an_hour, seen.most_minutes) == (None, 0, 0.0)


def test_hours_and_days_are_the_sites_own_across_a_change_of_clocks() -> None:
    before = round(datetime(2026, 3, 28, 22, 30, tzinfo=UTC).timestamp()) * SECOND_US  # 23:30 on Saturday in Paris
    after = round(datetime(2026, 3, 29, 22, 30, tzinfo=UTC).timestamp()) * SECOND_US  # 00:30 on Monday, one hour on
    seen = overview([row(before), row(after)], ZONE, SINCE_US, NOW_US)
    assert seen.hours[5][23] == 1
    assert seen.hours[0][0] == 1
    assert {day.day for day in seen.days if day.alerts} == {date(2026, 3, 28), date(2026, 3, 30)}


def test_few_verdicts_give_no_interval_and_enough_give_one() -> None:
    few = [judged(SINCE_US, AlertState.CONFIRMED, 10) for _ in range(4)]
    assert overview(few, ZONE, SINCE_US, NOW_US).right[0].precision.low is None
    enough = overview([*few, judged(SINCE_US, AlertState.DISMISSED, 10)], ZONE, SINCE_US, NOW_US).right[0].precision
    assert enough.low is not None
    assert enough.high is not None
    assert enough.low < 0.8 < enough.high


def test_waiting_and_minutes_are_those_of_the_verdicts() -> None:
    told = [judged(SINCE_US + n * HOUR_US, AlertState.CONFIRMED, after) for n, after in enumerate([10, 20, 30, 400])]
    seen = overview(told, ZONE, SINCE_US, NOW_US)
    assert seen.waited_s == (25.0, 400.0)
    assert sum(day.minutes for day in seen.days) == 2.0


def test_each_table_can_be_read_back() -> None:
    seen = overview([judged(SINCE_US, AlertState.CONFIRMED, 10)], ZONE, SINCE_US, NOW_US)
    read = {name: list(csv.reader(io.StringIO(csv_of(seen, name)))) for name in TABLES}
    assert read["precision"][1] == ["gate", "presence", "1", "1", "0", "", ""]
    assert read["hours"][7][2] == "1"  # 01:00 in Paris on Sunday, 1 March
    assert read["days"][1] == ["2026-03-01", "1", "1", "0", "0", "0.5"]
