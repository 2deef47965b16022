"""The benchmark of fights: no source on both sides, the same folds each time, whatever a folder lacks."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "behaviour")]

from _clips import Clip  # noqa: E402 - on no path before
from _learning import folds  # noqa: E402
from fight import Table, in_folds, of_clips  # noqa: E402

_RNG = np.random.default_rng(7)


def clip(n: int, fight: bool, source: str, looks: int = 12) -> Clip:
    """A fight moves more, and its motion says more to the network."""
    measures = np.abs(_RNG.normal(2.0 if fight else 0.5, 0.2, (looks, 17)))
    roots = np.abs(_RNG.normal(1.0 if fight else 0.3, 0.1, (looks // 2, 1280)))
    times, close = np.arange(looks) / 10, np.ones(looks, bool)
    return Clip(f"c{n}", fight, source, times, measures, close, roots, 90.0 + n, 0.3, 2.0, 30.0)


def clips(count: int = 24, sources: int = 6) -> list[Clip]:
    return [clip(n, n % 2 == 0, f"s{n // 2 % sources}") for n in range(count)]


def test_what_is_learnt_from_other_sources_tells_fights_from_the_rest() -> None:
    figures, levels = in_folds(Table.of(clips()))
    assert figures["folds_auc"] == 1.0 and figures["folds_recall_at_5_percent"] == 1.0
    assert levels.shape == (24,)


def test_a_clip_in_which_nobody_was_close_counts_as_not_told() -> None:
    empty = clip(99, True, "s0", looks=0)
    table = Table.of([empty, *clips()])
    figures, levels = in_folds(table)
    assert not table.judged[0] and levels[0] == levels.min()
    assert figures["folds_auc"] != 1.0


@pytest.mark.parametrize("sources", [1, 2])
def test_a_folder_of_one_or_two_sources_ends_all_the_same(sources: int) -> None:
    assert set(of_clips(Table.of(clips(8, sources)), None)) >= {"folds_auc", "shipped_auc", "auc_by_light"}


def test_the_same_folds_are_cut_each_time() -> None:
    """Names in a set lie otherwise in each process."""
    ask = "from _learning import folds; import numpy as np; print([f.tolist() for f in folds(np.arange(9) % 2 == 0, "
    ask += "list('abcdefghi'), 3, 1)])"
    path = str(BENCHMARKS / "behaviour")
    said = {
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {path!r}); {ask}"],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1 and "True" in said.pop()


def test_no_source_is_on_both_sides() -> None:
    table = Table.of(clips())
    for tested in folds(table.truth, table.sources, 5, 0):
        names = np.array(table.sources)
        assert not set(names[tested]) & set(names[~tested])
