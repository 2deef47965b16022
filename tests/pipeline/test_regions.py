"""Looking at a part: what is chosen, and what is then known of the whole picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.detections import Detections, Label
from vitrail.domain.frames import Region
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.regions import Regions

NOTHING = np.zeros((0, 4), np.float32)


def boxes(*rows: tuple[float, float, float, float]) -> Boxes:
    return np.array(rows, np.float32).reshape(-1, 4)


def seen(*rows: tuple[float, float, float, float], label: Label = Label.PERSON) -> Detections:
    return Detections(boxes(*rows), np.full(len(rows), label, np.int8), np.full(len(rows), 0.8, np.float32))


def settled() -> Regions:
    """The whole picture was looked at just now, at 0."""
    regions = Regions()
    assert regions.choose(NOTHING, NOTHING, 0) is None
    return regions


def test_the_first_look_and_one_in_a_second_see_the_whole_picture() -> None:
    regions = settled()
    walker = boxes((0.4, 0.4, 0.45, 0.6))
    looks = [regions.choose(walker, NOTHING, tenth * SECOND_US // 10) is None for tenth in range(1, 31)]
    assert [i + 1 for i, whole in enumerate(looks) if whole] == [10, 20, 30]


def test_the_region_holds_what_moves_and_what_is_followed_with_room_around() -> None:
    region = settled().choose(boxes((0.3, 0.4, 0.35, 0.5)), boxes((0.4, 0.35, 0.45, 0.55)), 1)
    assert region
    assert region.left < 0.3 and region.top < 0.35 and region.right > 0.45 and region.bottom > 0.55
    assert region.area < 0.3


def test_much_movement_or_none_is_a_look_at_everything() -> None:
    assert settled().choose(boxes((0.0, 0.0, 0.9, 0.9)), NOTHING, 1) is None
    assert settled().choose(NOTHING, NOTHING, 1) is None


def test_a_clock_that_goes_back_looks_at_everything() -> None:
    assert settled().choose(boxes((0.4, 0.4, 0.45, 0.6)), NOTHING, -5) is None


SHARE = st.floats(0.0, 1.0, width=32)


@given(st.lists(st.tuples(SHARE, SHARE, SHARE, SHARE), min_size=1, max_size=5))
def test_every_region_lies_in_the_picture_and_around_its_boxes(rows: list[tuple[float, float, float, float]]) -> None:
    proper = boxes(*[(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in rows])
    region = settled().choose(proper, NOTHING, 1)
    if region is None:
        return
    assert 0 <= region.left < region.right <= 1 + 1e-6 and 0 <= region.top < region.bottom <= 1 + 1e-6
    assert (proper[:, :2] >= np.array([region.left, region.top]) - 1e-5).all()
    assert (proper[:, 2:] <= np.array([region.right, region.bottom]) + 1e-5).all()
    assert 0 < Regions.share(region) <= 0.8


PART = Region(0.5, 0.0, 1.0, 1.0)


def test_what_was_found_in_the_part_is_placed_in_the_picture() -> None:
    merged = Regions.merged(PART, seen((0.2, 0.2, 0.4, 0.6)), Detections.none())
    assert merged.boxes == pytest.approx(boxes((0.6, 0.2, 0.7, 0.6)))


def test_what_lies_elsewhere_stays_as_it_was_and_what_has_left_the_part_is_gone() -> None:
    merged = Regions.merged(PART, Detections.none(), seen((0.1, 0.2, 0.2, 0.5), (0.7, 0.2, 0.8, 0.5)))
    assert merged.boxes == pytest.approx(boxes((0.1, 0.2, 0.2, 0.5)))


def test_who_stands_across_the_edge_is_one_and_not_two() -> None:
    across = seen((0.45, 0.2, 0.6, 0.8))
    half = seen((0.0, 0.2, 0.2, 0.8))
    merged = Regions.merged(PART, half, across)
    assert merged.boxes == pytest.approx(across.boxes)


def test_at_the_pictures_own_edge_people_may_be_cut() -> None:
    merged = Regions.merged(PART, seen((0.8, 0.5, 1.0, 1.0)), Detections.none())
    assert len(merged) == 1


def test_the_same_thing_seen_again_replaces_what_was_seen_before() -> None:
    narrow = Region(0.5, 0.25, 1.0, 0.75)
    before = seen((0.6, 0.2, 0.7, 0.6))
    merged = Regions.merged(narrow, seen((0.2, 0.02, 0.4, 0.7)), before)
    assert len(merged) == 1
    other = Regions.merged(narrow, seen((0.2, 0.02, 0.4, 0.7), label=Label.CAR), before)
    assert len(other) == 2
