"""Statistics mode: no picture, nothing small, nothing early, and no difference of answers says more than they do."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeOpener, pictures
from tests.guard.world import World
from vitrail.domain.events import Findings, Place, Reading
from vitrail.domain.mandates import Mode
from vitrail.domain.time import HOUR_US, MINUTE_US
from vitrail.guard.statistics import BASE, BUCKET_US, DELAY_US, Hours, coarse

HOUR = NOW_US // BUCKET_US


def reading(value: float, at_us: int = NOW_US, zone: str = "yard", unit: str = "crossings") -> Reading:
    return Reading("crossings_forward", "gate-main", Place("gate", zone_id=zone), at_us, value, unit)


def kept(*values: float, unit: str = "crossings") -> float:
    hours = Hours("gate-main")
    for value in values:
        hours.add(reading(value, unit=unit))
    (found,) = hours.ripe((HOUR + 1) * BUCKET_US + DELAY_US)
    return found.value


@pytest.mark.parametrize(("raw", "said"), [(0, 0), (1, 0), (4, 0), (4.99, 0), (5, 5), (9, 5), (10, 10), (1_004, 1_000)])
def test_small_counts_are_nothing_and_others_are_rounded_down(raw: float, said: float) -> None:
    assert coarse(raw) == said


@given(st.floats(max_value=1e9) | st.sampled_from([float("nan"), float("inf")]))
def test_whatever_comes_in_a_multiple_of_the_base_comes_out(raw: float) -> None:
    said = coarse(raw)
    assert said >= 0
    assert said % BASE == 0


def test_crossings_add_up_and_people_are_averaged() -> None:
    assert kept(4, 4, 4) == 10
    assert kept(12, 14, 16, unit="people") == 10


def test_nothing_comes_out_before_the_hour_and_the_delay_are_over() -> None:
    hours = Hours("gate-main")
    hours.add(reading(50))
    assert hours.ripe((HOUR + 1) * BUCKET_US + DELAY_US - 1) == ()
    assert len(hours.ripe((HOUR + 1) * BUCKET_US + DELAY_US)) == 1
    assert hours.ripe((HOUR + 9) * BUCKET_US) == ()


def test_places_and_hours_are_kept_apart() -> None:
    hours = Hours("gate-main")
    for zone, at_us in (("yard", NOW_US), ("lawn", NOW_US), ("yard", NOW_US + HOUR_US)):
        hours.add(reading(7, at_us, zone))
    assert [r.value for r in hours.ripe(NOW_US + 9 * HOUR_US)] == [5, 5, 5]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=6), st.integers(0, 5))
def test_no_difference_of_answers_pins_a_small_count_down(raw: list[int], which: int) -> None:
    """An attacker who has every answer, and every sum and difference of answers, still faces ``BASE`` possible counts
    for each place: replacing one by any other with the same answer changes nothing that was ever said."""
    which %= len(raw)
    answers = [coarse(value) for value in raw]
    alike = [value for value in range(40) if coarse(value) == answers[which]]
    assert len(alike) >= BASE
    for other in alike:
        changed = [coarse(v) for v in [*raw[:which], other, *raw[which + 1 :]]]
        sums = [sum(c) for size in range(len(raw) + 1) for c in combinations(answers, size)]
        assert [sum(c) for size in range(len(raw) + 1) for c in combinations(changed, size)] == sums


def statistics_world(folder: Path) -> Any:
    mandate = b.mandate(mode=Mode.STATISTICS, recording=frozenset())
    profile = replace(b.profile(), modes=frozenset(Mode))
    opener = FakeOpener(pictures(20), NOW_US, 10.0, 20)
    return World(folder, mandates=[mandate], profile=profile, opener=opener)


def test_in_statistics_mode_readings_reach_the_store_late_and_coarse(tmp_path: Path) -> None:
    world = statistics_world(tmp_path)
    name = next(iter(b.analytic().readings))
    with world.open() as opened:
        for minute in range(30):
            one = Reading(name, "gate-main", Place("gate", zone_id="yard"), NOW_US + minute * MINUTE_US, 7.0, "people")
            opened.accept(Findings((), (one,)))
        assert not world.records.readings.rows
        world.clock.advance(2 * 3600)
        opened.accept(Findings((), (replace(one, at_us=NOW_US + 2 * HOUR_US),)))
    ((row, _),) = world.records.readings.rows
    assert (row.value, row.at_us % HOUR_US) == (5.0, 0)


def test_in_statistics_mode_no_picture_is_written(tmp_path: Path) -> None:
    world = statistics_world(tmp_path)
    with world.open() as opened:
        assert not opened.permit.may_record
        for packet in opened.source.packets():
            assert not opened.record(packet)
        assert opened.accept(Findings((b.event(),), ())) == []
    assert not list(world.archive.root.glob("*.raw"))
    assert not world.records.alerts.rows
