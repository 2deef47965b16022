"""Where masks go and what they leave."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.frames import Picture, Plane
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US
from vitrail.guard.masking import HOLD_US, apply, plan

STEP_US = SECOND_US // 10
NOBODY = np.zeros((0, 4), np.float32)


def boxes(*rows: tuple[float, float, float, float]) -> Boxes:
    return np.array(rows, np.float32).reshape(-1, 4)


def picture(width: int = 320, height: int = 240, seed: int = 1) -> Picture:
    rng = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = (rng.integers(0, 256, size, np.uint8) for size in ((height, width), half, half))
    for plane in (y, u, v):
        plane.flags.writeable = False
    return Picture(y, u, v)


def covers(masks: Boxes, x: float, y: float) -> bool:
    return bool(((masks[:, 0] <= x) & (x <= masks[:, 2]) & (masks[:, 1] <= y) & (y <= masks[:, 3])).any())


def encloses(masks: Boxes, box: Boxes) -> bool:
    return bool(((masks[:, :2] <= box[:2]).all(axis=1) & (masks[:, 2:] >= box[2:]).all(axis=1)).any())


def flats(plane: Plane, axis: int) -> int:
    """How many runs of equal rows or columns there are along ``axis``."""
    return 1 + int((np.diff(plane.astype(int), axis=axis) != 0).any(axis=1 - axis).sum())


def test_a_person_is_masked_a_second_before_and_after_being_seen() -> None:
    times = [i * STEP_US for i in range(41)]
    people: list[Boxes | None] = [NOBODY] * 41
    people[20] = boxes((0.4, 0.4, 0.5, 0.7))
    held = [bool(len(masks)) for masks in plan(times, people)]
    assert held == [10 <= i <= 30 for i in range(41)]


def test_the_mask_is_larger_than_the_box_by_the_margin() -> None:
    (masks,) = plan([0], [boxes((0.4, 0.4, 0.5, 0.6))])
    assert masks[0, 0] <= 0.4 - 0.15 * 0.1 and masks[0, 2] >= 0.5 + 0.15 * 0.1
    assert masks[0, 1] <= 0.4 - 0.15 * 0.2 and masks[0, 3] >= 0.6 + 0.15 * 0.2
    assert masks[0, 0] > 0.37 and masks[0, 3] < 0.65


def test_somebody_missed_while_walking_is_masked_on_the_way() -> None:
    times = [i * STEP_US for i in range(26)]
    people: list[Boxes | None] = [NOBODY] * 26
    people[0], people[25] = boxes((0.1, 0.4, 0.2, 0.7)), boxes((0.6, 0.4, 0.7, 0.7))
    masks = plan(times, people)
    assert covers(masks[12], 0.15 + 0.5 * 12 / 25, 0.55)
    assert not covers(masks[12], 0.15, 0.55)


def test_two_people_far_apart_are_not_joined_by_a_mask() -> None:
    times = [i * STEP_US for i in range(26)]
    people: list[Boxes | None] = [NOBODY] * 26
    people[0], people[25] = boxes((0.0, 0.1, 0.02, 0.15)), boxes((0.9, 0.9, 0.92, 0.95))
    assert not len(plan(times, people)[12])


def test_frames_nobody_looked_at_keep_the_masks_of_the_looks_around_them() -> None:
    times = [0, 4 * SECOND_US, 8 * SECOND_US]
    masks = plan(times, [boxes((0.1, 0.1, 0.2, 0.4)), None, boxes((0.8, 0.5, 0.9, 0.8))])
    assert covers(masks[1], 0.15, 0.25) and covers(masks[1], 0.85, 0.65)


def test_an_old_mask_ends_when_a_newer_look_finds_nobody() -> None:
    masks = plan([0, 4 * SECOND_US, 8 * SECOND_US], [boxes((0.1, 0.1, 0.2, 0.4)), NOBODY, None])
    assert len(masks[0]) == 1 and not len(masks[1]) and not len(masks[2])


def test_a_box_near_the_edge_reaches_it() -> None:
    (masks,) = plan([0], [boxes((0.015, 0.3, 0.2, 0.985))])
    assert masks[0, 0] == 0.0 and masks[0, 3] == 1.0 and masks[0, 2] < 0.25


def test_somebody_standing_still_is_few_masks_however_many_frames() -> None:
    rng = np.random.default_rng(3)
    times = [i * STEP_US // 3 for i in range(61)]
    people = [boxes((0.4, 0.4, 0.5, 0.7)) + rng.normal(0, 1e-4, (1, 4)).astype(np.float32) for _ in times]
    assert len(plan(times, people)[30]) < 10


@given(st.lists(st.tuples(st.integers(0, 900_000), st.integers(0, 3)), min_size=1, max_size=30), st.integers(0, 99))
def test_every_box_stays_covered_in_every_frame_within_the_hold(run: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = np.cumsum([gap for gap, _ in run]).tolist()
    people = []
    for _, count in run:
        corner = rng.uniform(0, 0.8, (count, 2))
        people.append(np.hstack([corner, corner + rng.uniform(0.02, 0.2, (count, 2))]).astype(np.float32))
    masks = plan(times, people)
    for i, at_us in enumerate(times):
        for j, other_us in enumerate(times):
            if abs(at_us - other_us) <= HOLD_US:
                assert all(
                    ((masks[i][:, :2] <= b[:2]).all(1) & (masks[i][:, 2:] >= b[2:]).all(1)).any() for b in people[j]
                )


def test_times_and_people_must_fit() -> None:
    with pytest.raises(ValueError, match="1 times"):
        plan([0], [])
    with pytest.raises(ValueError, match="ascend"):
        plan([1, 0], [NOBODY, NOBODY])
    assert plan([], []) == []


def test_the_original_is_never_touched() -> None:
    original = picture()
    before = original.y.tobytes(), original.u.tobytes(), original.v.tobytes()
    masked = apply(original, boxes((0.2, 0.2, 0.6, 0.9)), 7)
    assert before == (original.y.tobytes(), original.u.tobytes(), original.v.tobytes())
    assert masked.y.tobytes() != before[0]
    assert not np.shares_memory(masked.u, original.u)
    assert not np.shares_memory(apply(original, NOBODY, 7).y, original.y)


@pytest.mark.parametrize(("width", "height"), [(320, 240), (321, 243), (1920, 1080), (64, 48)])
@pytest.mark.parametrize(
    "box", [(0.3, 0.2, 0.5, 0.8), (0.0, 0.0, 1.0, 1.0), (0.9, 0.9, 1.0, 1.0), (0.5, 0.5, 0.505, 0.51)]
)
def test_inside_a_mask_nothing_is_finer_than_a_block(
    width: int, height: int, box: tuple[float, float, float, float]
) -> None:
    masked = apply(picture(width, height), boxes(box), 7)
    least_px = max(8, (box[2] - box[0]) * width / 8)
    for plane, scale in ((masked.y, 1), (masked.u, 2), (masked.v, 2)):
        h, w = plane.shape
        part = plane[int(box[1] * h) : max(int(box[3] * h), 1), int(box[0] * w) : max(int(box[2] * w), 1)]
        assert (
            1 + np.count_nonzero((np.diff(part.astype(int), axis=1) != 0).any(axis=0))
            <= part.shape[1] * scale / least_px + 2
        )
        assert (
            1 + np.count_nonzero((np.diff(part.astype(int), axis=0) != 0).any(axis=1)) <= part.shape[0] * scale / 8 + 2
        )


def test_at_most_ten_blocks_lie_across_a_box() -> None:
    for width_px in range(20, 640, 7):
        masked = apply(picture(640, 480), boxes((0.0, 0.1, width_px / 640, 0.9)), 7)
        row = masked.y[200, :width_px].astype(int)
        assert 1 + np.count_nonzero(np.diff(row)) <= 10


def test_outside_the_touched_blocks_the_picture_is_unchanged() -> None:
    original = picture()
    masked = apply(original, boxes((0.25, 0.25, 0.5, 0.5)), 7)
    changed = np.argwhere(masked.y != original.y)
    assert changed.min() >= 0.25 * 240 - 16 and changed[:, 0].max() < 0.5 * 240 + 16
    assert changed[:, 1].min() >= 0.25 * 320 - 16 and changed[:, 1].max() < 0.5 * 320 + 16


def test_noise_is_fresh_with_every_seed_and_the_same_with_the_same() -> None:
    original, box = picture(), boxes((0.2, 0.2, 0.6, 0.9))
    assert (apply(original, box, 1).y != apply(original, box, 2).y).any()
    assert (apply(original, box, 1).y == apply(original, box, 1).y).all()


def test_boxes_without_area_or_outside_are_harmless() -> None:
    original = picture()
    masked = apply(original, boxes((1.0, 1.0, 1.0, 1.0), (0.3, 0.3, 0.3, 0.9), (-0.5, -0.5, 1.5, 0.1)), 7)
    assert (masked.y[100:] == original.y[100:]).all() and (masked.y[:20] != original.y[:20]).any()
