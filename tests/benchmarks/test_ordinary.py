"""The benchmark of ordinary footage takes whatever a folder of recordings holds, and counts what was told."""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path[:0] = [str(BENCHMARKS), str(BENCHMARKS / "behaviour")]

from _alarms import Alarm, Film, by_place, curve, figures, interval  # noqa: E402 - on no path before
from _ordinary import FPS, LENGTH_S, Form, Source, film_of, found, shown  # noqa: E402
from ordinary import turns  # noqa: E402

from composite.reel import write_reel  # noqa: E402


def clip(path: Path, count: int, width: int = 64, height: int = 48) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    images = (np.full((height, width, 3), 10 * (n % 20), np.uint8) for n in range(count))
    return write_reel(path, images, FPS)


def test_a_folder_without_labels_is_recordings_of_which_nothing_is_known(tmp_path: Path) -> None:
    clip(tmp_path / "yard.mp4", 12)
    (source,) = found(tmp_path, tmp_path / "cache")
    assert (source.name, source.nobody, source.no_vehicle, source.shows) == ("yard", False, False, frozenset())


def test_labels_say_who_is_absent_and_which_alarm_may_be_right(tmp_path: Path) -> None:
    fixed = tmp_path / "fixed-camera-video"
    for name in ("road", "room", "hall"):
        clip(fixed / f"{name}.mp4", 12)
    said = {
        "road.mp4": {"persons_total": 0, "vehicles_total": 2, "events": [{"type": "vehicle_pass"}]},
        "room.mp4": {"visits_total": 1, "max_simultaneous_persons": 1, "events": [{"visible": [1, 2]}]},
        "hall.mp4": {"note": "negative for fight", "events": [{"type": "bag_put_down", "t": 1.0}]},
    }
    (fixed / "labels.json").write_text(json.dumps(said), encoding="utf-8")
    hall, road, room = found(tmp_path, tmp_path / "cache")
    assert (road.nobody, road.no_vehicle) == (True, False)
    assert (room.nobody, room.no_vehicle) == (False, True)
    assert hall.shows == {"left_object", "removed_object"}


def test_a_row_of_a_clip_that_is_not_there_is_left_out(tmp_path: Path) -> None:
    clip(tmp_path / "fight-surveillance" / "nofight" / "a.mp4", 12)
    rows = "file,label,source_video_id\nnofight/a.mp4,nofight,x\nnofight/b.mp4,nofight,y\nfight/c.mp4,fight,x\n"
    (tmp_path / "fight-surveillance" / "labels.csv").write_text(rows, encoding="utf-8")
    (source,) = found(tmp_path, tmp_path / "cache")
    assert source.short
    assert [path.name for path in source.clips] == ["a.mp4"]


def test_a_film_lasts_as_long_whatever_the_clip(tmp_path: Path) -> None:
    tall = Source("tall", (clip(tmp_path / "tall.mp4", 15, 48, 96),))
    for number in (0, 1, 2):
        pictures = shown(tall, Form.of("tall", number))
        assert max(pictures[0].shape) == 640
        assert len(list(film_of(pictures))) == LENGTH_S * FPS


def test_clips_of_one_place_with_other_sizes_make_one_film(tmp_path: Path) -> None:
    both = Source("both", (clip(tmp_path / "a.mp4", 12), clip(tmp_path / "b.mp4", 12, 96, 48)))
    assert len({image.shape for image in shown(both, Form.of("both", 0))}) == 1


def test_a_clip_of_a_few_pictures_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only 3 pictures"):
        shown(Source("tiny", (clip(tmp_path / "tiny.mp4", 3),)), Form.of("tiny", 0))


def test_long_and_short_take_turns_and_come_again_in_another_form() -> None:
    long, first, second = Source("l", ()), Source("a", (), short=True), Source("b", (), short=True)
    row = [(source.name, form) for source, form in itertools.islice(turns([long, first, second]), 6)]
    assert row == [("l", 0), ("a", 0), ("l", 1), ("b", 0), ("l", 2), ("a", 1)]
    assert not list(turns([]))


def test_the_interval_of_a_count_is_the_one_in_the_tables() -> None:
    assert interval(0, 1.0) == [0.0, 3.69]
    assert interval(3, 2.0) == [0.31, 4.38]


def film(form: int, peaks: tuple[float, ...], told: bool = False) -> Film:
    alarms = (Alarm("fight", "fight", 5.0, 0.9),) if told else ()
    return Film(
        "yard",
        False,
        form,
        ("fight",),
        alarms,
        tuple(Alarm("fight", "fight", 70.0 * n, p) for n, p in enumerate(peaks)),
    )


def test_alarms_are_counted_for_each_analytic_and_place() -> None:
    films = [film(0, (), told=True), film(1, ())]
    assert figures(films)["fight_alarms"] == 1
    assert figures(films)["fight_an_hour"] == 15.0
    assert by_place(films) == {"yard": {"hours": 0.07, "fight": 1}}


def test_what_a_place_showed_before_raises_its_threshold() -> None:
    rows = {row["threshold"]: row for row in curve([film(0, (0.9, 0.6)), film(1, (0.7, 0.65))])}
    assert rows[0.5]["an_hour"] == 60.0
    assert rows[0.5]["calibrated_an_hour"] == 45.0
    assert rows[0.8]["an_hour"] == 15.0
