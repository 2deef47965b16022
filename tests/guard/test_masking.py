"""What masks leave of a picture."""

import numpy as np
import pytest

from vitrail.domain.frames import Picture, Plane
from vitrail.guard.masking import Mask, apply, covered

NOBODY = Mask.of(np.zeros((0, 4), np.float32))


def boxes(*rows: tuple[float, float, float, float]) -> Mask:
    return Mask.of(np.array(rows, np.float32).reshape(-1, 4))


def picture(width: int = 320, height: int = 240, seed: int = 1) -> Picture:
    rng = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    y, u, v = (rng.integers(0, 256, size, np.uint8) for size in ((height, width), half, half))
    for plane in (y, u, v):
        plane.flags.writeable = False
    return Picture(y, u, v)


def flats(plane: Plane, axis: int) -> int:
    """How many runs of equal rows or columns there are along ``axis``."""
    return 1 + int((np.diff(plane.astype(int), axis=axis) != 0).any(axis=1 - axis).sum())


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
    least_px = max(8, (box[2] - box[0]) * width / 6)
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


def test_at_most_eight_blocks_lie_across_a_box() -> None:
    for width_px in range(20, 640, 7):
        masked = apply(picture(640, 480), boxes((0.0, 0.1, width_px / 640, 0.9)), 7)
        row = masked.y[200, :width_px].astype(int)
        assert 1 + np.count_nonzero(np.diff(row)) <= 8


@pytest.mark.parametrize("box", [(0.25, 0.25, 0.5, 0.5), (0.31, 0.29, 0.4, 0.83), (0.9, 0.9, 1.0, 1.0)])
@pytest.mark.parametrize(("width", "height"), [(320, 240), (321, 243)])
def test_outside_the_box_the_picture_is_unchanged(
    width: int, height: int, box: tuple[float, float, float, float]
) -> None:
    original = picture(width, height)
    masked, hidden = apply(original, boxes(box), 7), covered(original, boxes(box))
    assert (masked.y == original.y)[~hidden].all()
    assert (masked.y != original.y)[hidden].mean() > 0.95
    x0, y0, x1, y1 = box
    assert hidden[int(y0 * height) : int(np.ceil(y1 * height)), int(x0 * width) : int(np.ceil(x1 * width))].all()
    assert hidden.sum() <= ((x1 - x0) * width + 4) * ((y1 - y0) * height + 4)
    half = hidden[::2, ::2]
    assert (masked.u == original.u)[~half].all() and (masked.u != original.u)[half].mean() > 0.95


def test_a_part_gets_the_blocks_of_its_whole_and_nothing_finer_shows_beneath_a_larger_mask() -> None:
    part = Mask(np.array([[0.5, 0.5, 0.6, 0.6]], np.float32), np.array([[1.0, 1.0]], np.float32))
    masked = apply(picture(640, 480), part, 7)
    assert flats(masked.y[244:284, 324:380], 1) <= 2
    both = boxes((0.4, 0.4, 0.7, 0.8)) + boxes((0.0, 0.0, 1.0, 1.0))
    assert flats(apply(picture(640, 480), both, 7).y[200:300], 1) <= 640 / 107 + 1


def test_averaging_many_frames_of_somebody_who_stands_still_gives_back_blocks_and_no_face() -> None:
    """The attack on noise: a thousand frames of the same still head, averaged."""
    face = picture(64, 64, seed=4)
    mask = boxes((0.0, 0.0, 1.0, 1.0))
    mean = np.mean([apply(face, mask, seed).y for seed in range(1000)], axis=0)
    detail = face.y.astype(float) - mean
    within = [
        abs(np.corrcoef(mean[y : y + 8, x : x + 8].ravel(), detail[y : y + 8, x : x + 8].ravel())[0, 1])
        for y in range(0, 64, 16)
        for x in range(0, 64, 16)
        if mean[y : y + 8, x : x + 8].std() > 1e-9
    ]
    assert not within, "inside a block the average is flat"
    assert len(np.unique(mean.round(3))) <= 16


def test_shifting_and_averaging_a_head_that_moves_restores_no_more_than_a_blur() -> None:
    """The attack on the grid: a head moves by a pixel a frame under blocks that stay, and is put together again."""
    rng = np.random.default_rng(2)
    head = rng.integers(0, 256, (48, 48)).astype(np.uint8)
    total = np.zeros((48, 48))
    for step in range(96):
        y = np.full((96, 192), 128, np.uint8)
        y[24:72, step : step + 48] = head
        half = np.full((48, 96), 128, np.uint8)
        box = boxes((step / 192, 24 / 96, (step + 48) / 192, 72 / 96))
        total += apply(Picture(y, half, half), box, step).y[24:72, step : step + 48]
    restored = total / 96
    assert np.corrcoef(restored.ravel(), head.ravel().astype(float))[0, 1] < 0.35


def test_a_mask_says_for_each_box_what_it_is_part_of() -> None:
    with pytest.raises(ValueError, match="1 boxes"):
        Mask(np.zeros((1, 4), np.float32), np.zeros((0, 2), np.float32))


def test_noise_is_fresh_with_every_seed_and_the_same_with_the_same() -> None:
    original, box = picture(), boxes((0.2, 0.2, 0.6, 0.9))
    assert (apply(original, box, 1).y != apply(original, box, 2).y).any()
    assert (apply(original, box, 1).y == apply(original, box, 1).y).all()


def test_boxes_without_area_or_outside_are_harmless() -> None:
    original = picture()
    masked = apply(original, boxes((1.0, 1.0, 1.0, 1.0), (0.3, 0.3, 0.3, 0.9), (-0.5, -0.5, 1.5, 0.1)), 7)
    assert (masked.y[100:] == original.y[100:]).all() and (masked.y[:20] != original.y[:20]).any()
