"""The composite studio: seeds, exact truth, and pictures that were really encoded. Nothing shared is needed."""

import sys
from pathlib import Path

import numpy as np
import pytest

from tests.builders import NOW_US

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from composite import Day, Incident, Kind, Plate, pieces, write_reel
from composite.marks import Mark, painted
from composite.plates import split_of

WALL = ((0.1, 0.1), (0.9, 0.2), (0.9, 0.7), (0.1, 0.8))
GROUND = ((0.0, 0.7), (1.0, 0.7), (1.0, 1.0), (0.0, 1.0))


def plate() -> Plate:
    rng = np.random.default_rng(3)
    clean = np.clip(rng.normal(120, 4, (240, 320, 3)), 0, 255).astype(np.uint8)
    return Plate("made", "test", "ours", clean, (), (), (), (WALL,), GROUND)


def mark() -> Mark:
    paint = np.zeros((80, 120, 4), np.uint8)
    paint[20:60, 20:100] = (20, 20, 200, 255)
    return Mark(paint, "tag", "made.jpg")


def graffiti(start_s: float = 12 * 3600.0) -> Incident:
    return Incident(Kind.GRAFFITI, start_s, 1e9, lambda place: painted(place, WALL, mark(), (0.5, 0.5), 0.4))


def test_the_same_seed_makes_the_same_day_and_another_one_does_not() -> None:
    first, again, other = (
        [look.picture.y for look in Day(plate(), seed, hours=2, every_s=1200).looks()] for seed in (5, 5, 6)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_a_mark_is_there_from_its_moment_on_and_exactly_where_the_truth_says() -> None:
    day = Day(plate(), 1, [graffiti()], shake_px=0.0)
    truth = day.truth(graffiti())
    before, after = day.place(12 * 3600 - 1).astype(int), day.place(12 * 3600 + 1).astype(int)
    changed = np.abs(after - before).max(axis=2) > 12
    assert 0.01 < truth.mean() < 0.3 and np.array_equal(changed, truth)


def test_a_mark_stays_on_its_wall() -> None:
    day = Day(plate(), 1)
    rows, columns = np.nonzero(day.truth(graffiti()))
    assert columns.min() > 0.1 * 320 and columns.max() < 0.9 * 320
    assert rows.min() > 0.1 * 240 and rows.max() < 0.8 * 240


def test_night_is_darker_than_noon_before_the_camera_brightens_it() -> None:
    day = Day(plate(), 4, hours=24, every_s=3600, start_h=0, crowd=0.0)
    hours = {round(look.at_s / 3600): look.picture for look in day.looks()}
    assert hours[2].y.mean() < hours[13].y.mean()
    assert hours[2].y[::8, ::8].std() > 0


@pytest.mark.parametrize("state", pieces.STATES)
def test_every_state_of_furniture_looks_other_than_the_whole_piece(state: str) -> None:
    place = plate().clean
    for kind in pieces.FURNITURE:
        whole = pieces.piece(kind, 1)
        after = pieces.changed(whole, state, 2)
        foot = (0.6, 0.9) if state == "moved" else (0.4, 0.9)
        shown = place if after is None else pieces.put(place, after, foot, 0.3)[0]
        stood = pieces.put(place, whole, (0.4, 0.9), 0.3)[0]
        assert np.abs(shown.astype(int) - stood).max() > 40, kind


def test_a_dark_bag_has_the_level_that_was_asked_for() -> None:
    for seed in range(6):
        bag = pieces.bag(seed, level=40.0)
        assert abs(float(bag[..., :3][bag[..., 3] > 200].mean()) - 40.0) < 4.0


def test_pictures_are_divided_for_good() -> None:
    assert {split_of(f"wall-{i}.jpg") for i in range(20)} == {"learn", "test"}
    assert split_of("wall-1.jpg") == split_of("wall-1.jpg")


def test_a_reel_is_read_by_the_product(tmp_path: Path) -> None:
    from tests.builders import camera, permit, stream
    from tests.fakes.clock import FakeClock
    from vitrail.adapters.av import AvOpener

    shown = (look.image for look in Day(plate(), 2, hours=0.01, every_s=0.1, start_h=12).looks())
    path = write_reel(tmp_path / "reel.mp4", shown)
    feed = stream(address=str(path), label="reel")
    source = AvOpener(FakeClock()).open(feed, (), permit(camera(), feed), start_us=NOW_US)
    frames = [frame for packet in source.packets() for frame in source.decode(packet)] + source.drain()
    source.close()
    assert 355 <= len(frames) <= 361 and frames[0].picture.width == 320
