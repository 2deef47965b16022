"""Who is close to whom is told by the heights of people, not by the picture."""

import numpy as np

from vitrail.domain.closeness import Heights, pairs


def people(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)


NEAR = people((0.40, 0.4, 0.46, 0.8), (0.50, 0.4, 0.56, 0.8))


def test_two_near_each_other_are_a_pair_around_both() -> None:
    assert np.allclose(pairs(NEAR, 16 / 9), [[0.40, 0.4, 0.56, 0.8]])


def test_two_as_far_apart_who_are_smaller_are_none() -> None:
    far = people((0.40, 0.7, 0.42, 0.8), (0.50, 0.7, 0.52, 0.8))
    assert len(pairs(far, 16 / 9)) == 0


def test_one_alone_and_one_seen_twice_are_none() -> None:
    assert len(pairs(NEAR[:1], 1.5)) == len(pairs(NEAR[[0, 0]], 1.5)) == 0


def test_three_together_are_three_pairs() -> None:
    third = people((0.44, 0.42, 0.50, 0.8))
    assert len(pairs(np.concatenate([NEAR, third]), 16 / 9)) == 3


def test_heights_follow_the_middle_of_what_was_seen_lately_and_stay_in_bounds() -> None:
    heights = Heights()
    assert heights.height == 0.4
    heights.see(people((0, 0.0, 0.1, 0.05)))
    assert heights.height == 0.12, "never smaller"
    for _ in range(60):
        heights.see(NEAR)
    assert abs(heights.height - 0.4) < 1e-5
    heights.see(NEAR[:0])
    heights.reset()
    assert heights.height == 0.4
