"""Where people are believed to be, also where a detector missed them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrail.domain.geometry import Boxes
from vitrail.domain.time import MINUTE_US, SECOND_US
from vitrail.guard.ways import HOLD_US, Glimpse, Ways

STEP_US = SECOND_US // 10
NOBODY = np.zeros((0, 4), np.float32)
BENCH = (0.4, 0.4, 0.5, 0.7)


def boxes(*rows: tuple[float, float, float, float]) -> Boxes:
    return np.array(rows, np.float32).reshape(-1, 4)


def covers(masks: Boxes, x: float, y: float) -> bool:
    return bool(((masks[:, 0] <= x) & (x <= masks[:, 2]) & (masks[:, 1] <= y) & (y <= masks[:, 3])).any())


def encloses(masks: Boxes, box: Boxes) -> bool:
    return bool(((masks[:, :2] <= box[:2]).all(axis=1) & (masks[:, 2:] >= box[2:]).all(axis=1)).any())


def seen(looks: dict[int, Boxes], count: int) -> Ways:
    """Ten looks a second; nobody is seen at those that are not named."""
    ways = Ways()
    for i in range(count):
        ways.look(i * STEP_US, looks.get(i, NOBODY))
    return ways


def scene(occupied: bool) -> Glimpse:
    y = np.tile(np.arange(160, dtype=np.uint8), (120, 1))
    if occupied:
        y = y.copy()
        y[48:84, 64:80] = np.random.default_rng(1).integers(0, 256, (36, 16), np.uint8)
    return y


def test_one_sight_is_masked_a_second_before_and_after() -> None:
    ways = seen({20: boxes(BENCH)}, 41)
    assert [bool(len(ways.at(i * STEP_US))) for i in range(41)] == [10 <= i <= 30 for i in range(41)]


def test_the_mask_is_larger_than_the_box() -> None:
    (mask,) = seen({0: boxes(BENCH)}, 1).at(0)
    assert mask[0] <= 0.4 - 0.13 * 0.1 and mask[2] >= 0.5 + 0.13 * 0.1
    assert mask[1] <= 0.4 - 0.14 * 0.3 and mask[3] >= 0.7 + 0.03 * 0.3
    assert mask[0] > 0.37 and mask[3] < 0.75


def test_somebody_missed_while_walking_is_masked_on_the_way() -> None:
    walked = {i: boxes((0.1 + 0.02 * i, 0.4, 0.2 + 0.02 * i, 0.7)) for i in [*range(6), *range(20, 26)]}
    ways = seen(walked, 26)
    assert covers(ways.at(12 * STEP_US), 0.15 + 0.02 * 12, 0.55)
    assert not covers(ways.at(12 * STEP_US), 0.15, 0.55)


def test_a_longer_absence_has_wider_margins() -> None:
    ways = seen({0: boxes(BENCH), 30: boxes(BENCH)}, 31)
    near, far = ways.at(0), ways.at(15 * STEP_US)
    assert far[:, 0].min() < near[:, 0].min() - 0.001


def test_two_people_far_apart_are_not_joined() -> None:
    ways = seen({0: boxes((0.0, 0.1, 0.02, 0.15)), 25: boxes((0.9, 0.9, 0.92, 0.95))}, 26)
    assert not len(ways.at(12 * STEP_US))


def test_between_looks_far_apart_both_count() -> None:
    ways = Ways()
    ways.look(0, boxes((0.1, 0.1, 0.2, 0.4)))
    ways.look(8 * SECOND_US, boxes((0.8, 0.5, 0.9, 0.8)))
    masks = ways.at(4 * SECOND_US)
    assert covers(masks, 0.15, 0.25) and covers(masks, 0.85, 0.65)


def test_a_newer_look_that_finds_nobody_ends_an_old_mask() -> None:
    ways = Ways()
    ways.look(0, boxes((0.1, 0.1, 0.2, 0.4)))
    ways.look(4 * SECOND_US, NOBODY)
    assert len(ways.at(0)) and not len(ways.at(4 * SECOND_US))


def test_a_box_near_the_edge_reaches_it() -> None:
    (mask,) = seen({0: boxes((0.015, 0.3, 0.2, 0.985))}, 1).at(0)
    assert mask[0] == 0.0 and mask[3] == 1.0 and mask[2] < 0.25


def sleeper(glimpses: bool, hours: float = 1.0, leaves_at_us: int | None = None) -> Ways:
    """Seen for three seconds on a bench, then never again; a look and a glimpse a second."""
    ways = seen({i: boxes(BENCH) for i in range(30)}, 30)
    for second in range(3, round(hours * 3600)):
        at_us = second * SECOND_US
        if second > 3:
            ways.look(at_us, NOBODY)
        if glimpses:
            ways.glimpse(at_us, scene(leaves_at_us is None or at_us < leaves_at_us))
        ways.forget(at_us - 2 * SECOND_US)
    return ways


def test_who_sleeps_on_a_bench_stays_masked_for_as_long_as_the_place_looks_the_same() -> None:
    assert encloses(sleeper(glimpses=True).at(3599 * SECOND_US), boxes(BENCH)[0])
    assert not len(sleeper(glimpses=False).at(3599 * SECOND_US))


def test_who_leaves_the_bench_takes_the_mask_along() -> None:
    ways = sleeper(glimpses=True, hours=0.1, leaves_at_us=2 * MINUTE_US)
    assert not len(ways.at(3 * MINUTE_US))


def test_who_was_there_before_being_seen_is_masked_back_to_when_they_came() -> None:
    ways = Ways()
    for i in range(400):
        ways.look(i * STEP_US, boxes(BENCH) if i >= 300 else NOBODY)
        if i % 5 == 0:
            ways.glimpse(i * STEP_US, scene(i >= 100))
    ways.reach_back()
    assert encloses(ways.at(11 * SECOND_US), boxes(BENCH)[0])
    assert not len(ways.at(8 * SECOND_US))


def test_a_passer_by_leaves_no_mask_behind() -> None:
    ways = Ways()
    for i in range(100):
        x = 0.02 * i
        ways.look(i * STEP_US, boxes((x, 0.4, x + 0.1, 0.7)) if i < 30 else NOBODY)
        ways.glimpse(i * STEP_US, scene(False))
    assert not len(ways.at(6 * SECOND_US))


def test_a_cone_that_is_taken_for_a_person_once_in_a_while_is_no_sleeper() -> None:
    ways = Ways()
    for i in range(100):
        ways.look(i * STEP_US, boxes(BENCH) if i in (2, 12, 20) else NOBODY)
        ways.glimpse(i * STEP_US, scene(True))
    assert not len(ways.at(9 * SECOND_US))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900_000), st.integers(0, 3)), min_size=1, max_size=20), st.integers(0, 99))
def test_every_box_is_covered_when_it_is_seen(run: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum([gap for gap, _ in run]).tolist()
    ways, people = Ways(), []
    for at_us, (_, count) in zip(times, run, strict=True):
        corner = rng.uniform(0, 0.8, (count, 2))
        people.append(np.hstack([corner, corner + rng.uniform(0.02, 0.2, (count, 2))]).astype(np.float32))
        ways.look(at_us, people[-1])
    for i, (at_us, shown) in enumerate(zip(times, people, strict=True)):
        if times.count(at_us) == 1:
            assert all(encloses(ways.at(at_us), box) for box in shown), i


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 99))
def test_forgetting_changes_nothing_that_may_still_be_asked_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kept, forgot = Ways(), Ways()
    for i in range(60):
        corner = rng.uniform(0, 0.8, (int(rng.integers(0, 3)), 2))
        people = np.hstack([corner, corner + 0.1]).astype(np.float32)
        for ways in (kept, forgot):
            ways.look(i * STEP_US, people)
        forgot.forget(i * STEP_US - HOLD_US)
        asked_us = max(0, i * STEP_US - HOLD_US)
        assert all(encloses(forgot.at(asked_us), box) for box in kept.at(asked_us))


def test_looks_come_by_time() -> None:
    ways = seen({}, 3)
    with pytest.raises(ValueError, match="by time"):
        ways.look(0, NOBODY)
