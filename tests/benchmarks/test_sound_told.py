"""A clear shot is told as a shot: the embedding itself takes every shot and firework for an explosion."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from _sound import decoded, looked
from tests.models import sound_embedder
from tests.shared_data import shared


def told_first(folder: str, every: int) -> list[str]:
    files = sorted(shared(f"data/audio-events/{folder}").iterdir())[::every]
    found = [looked(decoded(file), sound_embedder()).told for file in files]
    return [told[0] if told else "nothing" for told in found]


def test_clear_shots_are_told_as_shots() -> None:
    told = told_first("gunshot", 8)
    assert told.count("gunshot") >= 0.6 * len(told)
    assert told.count("explosion") <= 1


def test_fireworks_are_hardly_ever_told_as_explosions() -> None:
    assert told_first("fireworks", 2).count("explosion") <= 1
