import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.geometry import DirectedLine, Polygon, foot_points, grow, iou_matrix

unit = st.floats(0.0, 1.0, allow_nan=False, width=32)
SQUARE = Polygon(((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)))


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_a_square_contains_its_middle_and_not_its_outside() -> None:
    points = np.array([[0.5, 0.5], [0.1, 0.5], [0.5, 0.9], [0.79, 0.21]], np.float32)
    assert SQUARE.contain(points).tolist() == [True, False, False, True]
    assert SQUARE.area == pytest.approx(0.36)


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        (((0, 0), (1, 1)), "three corners"),
        (((0, 0), (1, 0), (1, 1.2)), "inside the picture"),
        (((0, 0), (1, 1), (1, 0), (0, 1)), "must not cross"),
        (((0, 0), (0.5, 0.5), (1, 1)), "no area"),
    ],
)
def test_a_bad_polygon_says_what_is_wrong(corners: tuple[tuple[float, float], ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Polygon(corners)


def test_walking_down_across_a_line_drawn_left_to_right_is_forward() -> None:
    line = DirectedLine((0.0, 0.5), (1.0, 0.5))
    assert line.side((0.5, 0.9)) > 0  # y grows downwards: below is the right hand of somebody walking to the right
    assert line.crossing((0.5, 0.4), (0.5, 0.6)) == 1
    assert line.crossing((0.5, 0.6), (0.5, 0.4)) == -1
    assert line.crossing((0.5, 0.1), (0.5, 0.2)) == 0


def test_passing_beyond_the_end_of_a_line_does_not_cross_it() -> None:
    assert DirectedLine((0.0, 0.5), (0.4, 0.5)).crossing((0.8, 0.4), (0.8, 0.6)) == 0


@given(st.tuples(unit, unit), st.tuples(unit, unit), st.tuples(unit, unit))
def test_going_and_coming_back_always_cancel(
    a: tuple[float, float], p: tuple[float, float], q: tuple[float, float]
) -> None:
    line = DirectedLine((a[0], 0.0), (1 - a[0], 1.0))
    assert line.crossing(p, q) + line.crossing(q, p) == 0


@given(st.lists(st.tuples(unit, unit, unit, unit), min_size=1, max_size=8))
def test_iou_is_symmetric_and_between_zero_and_one(rows: list[tuple[float, float, float, float]]) -> None:
    b = boxes(*[(min(x, z), min(y, w), max(x, z), max(y, w)) for x, y, z, w in rows])
    matrix = iou_matrix(b, b)
    assert np.allclose(matrix, matrix.T)
    assert (matrix >= 0).all() and (matrix <= 1 + 1e-6).all()


def test_grown_boxes_hold_the_old_ones_and_stay_inside_the_picture() -> None:
    old = boxes((0.0, 0.1, 0.2, 0.3), (0.5, 0.5, 1.0, 1.0))
    new = grow(old, 0.15)
    assert (new[:, :2] <= old[:, :2]).all() and (new[:, 2:] >= old[:, 2:]).all()
    assert new.min() >= 0 and new.max() <= 1


def test_a_foot_point_is_the_middle_of_the_lower_edge() -> None:
    assert foot_points(boxes((0.2, 0.1, 0.4, 0.7))).tolist() == [[pytest.approx(0.3), pytest.approx(0.7)]]
