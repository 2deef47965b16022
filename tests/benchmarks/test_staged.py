"""Labels in the form of the recordings at hand become events on any other recording; what has none is ordinary."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "behaviour")]

from _staged import Span, staged  # noqa: E402 - on no path before

from composite.reel import write_reel  # noqa: E402


def folder(tmp_path: Path, said: object, names: tuple[str, ...], count: int = 30) -> Path:
    fixed = tmp_path / "fixed-camera-video"
    fixed.mkdir()
    for name in names:
        write_reel(fixed / name, (np.full((48, 64, 3), 10 * (n % 20), np.uint8) for n in range(count)))
    if said is not None:
        (fixed / "labels.json").write_text(json.dumps(said), encoding="utf-8")
    return tmp_path


def test_a_stay_can_be_known_once_it_is_long_enough_and_its_place_is_in_the_note(tmp_path: Path) -> None:
    said = {
        "hall.mp4": {
            "zone_note": "roughly x 100-300, y 50-400 of 400x400",
            "events": [{"visible": [1, 20], "at_table": [2, 18]}, {"visible": [30, 36]}],
        }
    }
    (one,) = staged(folder(tmp_path, said, ("hall.mp4",)))
    assert (one.kind, one.truth) == ("visits", (Span(10.0, 18.0),))
    assert "[0.250, 0.125], [0.750, 0.125]" in one.drawn


def test_passes_to_the_right_are_told_across_an_upright_line(tmp_path: Path) -> None:
    passes = [{"t_in": 1, "t_out": 2, "direction": "right"}, {"t_in": 3, "t_out": 4, "direction": "left (leaves)"}]
    (one,) = staged(folder(tmp_path, {"street.mp4": {"events": passes}}, ("street.mp4",)))
    assert (one.kind, one.truth) == ("passes", (Span(1.0, 2.0),))
    assert "from: [0.5, 0], to: [0.5, 1]" in one.drawn
    assert "way: 1" in one.drawn


def test_passes_without_a_direction_are_all_events(tmp_path: Path) -> None:
    (one,) = staged(folder(tmp_path, {"a.mp4": {"events": [{"t_in": 1, "t_out": 2}]}}, ("a.mp4",)))
    assert one.truth == (Span(1.0, 2.0),)
    assert "way: 0" in one.drawn


@pytest.mark.parametrize("said", [None, [], {"a.mp4": "none"}, {"a.mp4": {"events": ["x", {"visible": "?"}]}}])
def test_without_labels_that_fit_a_recording_is_ordinary(tmp_path: Path, said: object) -> None:
    (one,) = staged(folder(tmp_path, said, ("a.mp4",)))
    assert (one.kind, one.truth) == ("ordinary", ())


def test_a_file_that_is_no_film_and_one_too_short_are_left_out_aloud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = folder(tmp_path, None, ("short.mp4",), count=5)
    (data / "fixed-camera-video" / "broken.mp4").write_bytes(b"no film")
    assert staged(data) == []
    said = capsys.readouterr().out
    assert "broken.mp4: cannot be read" in said
    assert "short.mp4: lasts" in said
