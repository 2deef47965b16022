"""Events counted as the field's scorer counts them: what ``sed_eval`` 0.2.1 (event-based, onsets only, half a second)
said of these made-up lists stands beside them."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from _sound_tasks import a_day_with_interval, event_score

Onsets = list[list[float]]
SCORED: list[tuple[Onsets, Onsets, float, float]] = [
    (
        [[15.78], [], [], [4.4], [27.77, 22.62], [23.23], [6.29], [16.97], [], [], [], [24.76]],
        [
            [16.48],
            [7.52, 6.8],
            [11.52, 24.97],
            [3.8],
            [23.32, 20.71, 26.71],
            [2.83],
            [6.39, 14.71, 11.19],
            [],
            [],
            [],
            [8.26],
            [24.16, 26.02, 0.58],
        ],
        0.08,
        2.875,
    ),
    (
        [[12.04, 17.54], [], [15.53], [1.23], [25.14], [], [8.79], [], [], [20.5], [], [5.37]],
        [
            [12.49, 17.64, 14.66],
            [],
            [17.7],
            [0.93, 10.93, 25.23],
            [25.84, 12.5],
            [12.69],
            [9.49, 0.58],
            [],
            [19.7],
            [19.9],
            [8.66, 17.44],
            [8.71],
        ],
        0.24,
        2.375,
    ),
    (
        [[22.4, 16.51], [19.66], [], [21.52], [27.77], [], [], [15.03], [26.7, 0.14], [13.24], [], [1.02]],
        [
            [22.5, 16.61],
            [20.36, 27.53],
            [],
            [21.62],
            [28.47],
            [],
            [],
            [15.48, 12.17],
            [16.21, 28.59],
            [13.94, 15.77],
            [3.48],
            [0.72, 16.73, 0.38],
        ],
        0.385,
        1.6,
    ),
    (
        [[8.7], [3.64], [25.74, 6.94], [16.56], [1.48], [1.45], [14.21, 2.08], [3.59], [1.25], [18.2], [6.34], [25.51]],
        [
            [9.4, 1.54, 26.48],
            [3.04, 6.4],
            [25.44],
            [16.26, 17.92],
            [],
            [0.85],
            [14.66, 2.18, 5.54],
            [4.04],
            [1.95, 18.46, 1.26],
            [18.3, 27.56, 12.13],
            [6.79],
            [26.21, 3.52],
        ],
        0.444,
        1.429,
    ),
]


@pytest.mark.parametrize(("true", "told", "f1", "error_rate"), SCORED)
def test_events_are_counted_as_sed_eval_counts_them(true: Onsets, told: Onsets, f1: float, error_rate: float) -> None:
    score = event_score(true, told)
    assert score.f1 == pytest.approx(f1, abs=0.0011)
    assert score.error_rate == pytest.approx(error_rate, abs=0.0011)


def test_nothing_told_and_nothing_there_are_borne() -> None:
    assert (event_score([[], []], [[], []]).f1, event_score([[1.0]], [[]]).error_rate) == (0.0, 1.0)


def test_a_daily_rate_comes_with_the_interval_of_its_count() -> None:
    """The limits of Garwood's table for none and for ten."""
    assert a_day_with_interval(0, 24.0) == [0.0, 0.0, 3.69]
    assert a_day_with_interval(10, 48.0) == [5.0, 2.4, 9.2]
