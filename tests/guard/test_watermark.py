"""Words across an unmasked copy, and a box that shows nothing beyond itself."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrail.domain.frames import Picture
from vitrail.guard.watermark import mark, reveal

WORDS = ("case 4711", "ines", "second olga")


def plain(value: int, width: int = 320, height: int = 180) -> Picture:
    half = ((height + 1) // 2, (width + 1) // 2)
    return Picture(
        np.full((height, width), value, np.uint8), np.full(half, value, np.uint8), np.full(half, value, np.uint8)
    )


@pytest.mark.parametrize("light", [0, 16, 127, 128, 235, 255])
def test_words_are_seen_on_any_ground(light: int) -> None:
    marked = mark(plain(light), WORDS)
    touched = marked.y != light
    assert 0.01 < touched.mean() < 0.4
    assert np.abs(marked.y[touched].astype(int) - light).min() >= 30


def test_words_cross_every_part_of_the_picture() -> None:
    marked = mark(plain(40), WORDS)
    for rows in np.array_split(marked.y, 4):
        for part in np.array_split(rows, 4, axis=1):
            assert (part != 40).any()


def test_the_original_is_left_as_it_was() -> None:
    picture = plain(40)
    mark(picture, WORDS)
    reveal(picture, plain(200), (0.1, 0.1, 0.5, 0.5))
    assert (picture.y == 40).all()


SHARE = st.floats(0, 1, allow_nan=False)


@given(SHARE, SHARE, SHARE, SHARE, st.integers(3, 65), st.integers(3, 65))
def test_a_box_shows_what_lies_inside_it_and_no_pixel_beyond(
    x0: float, y0: float, x1: float, y1: float, width: int, height: int
) -> None:
    (x0, x1), (y0, y1) = sorted((x0, x1)), sorted((y0, y1))
    shown = reveal(plain(40, width, height), plain(200, width, height), (x0, y0, x1, y1))
    rows, columns = np.nonzero(shown.y == 200)
    if len(rows):
        assert columns.min() >= x0 * width - 1e-6 and columns.max() + 1 <= x1 * width + 1e-6
        assert rows.min() >= y0 * height - 1e-6 and rows.max() + 1 <= y1 * height + 1e-6
    for plane in (shown.u, shown.v):
        rows, columns = np.nonzero(plane == 200)
        if len(rows):
            assert 2 * columns.min() >= x0 * width - 1e-6 and 2 * (columns.max() + 1) <= x1 * width + 1e-6


def test_a_box_of_a_fair_size_is_shown() -> None:
    shown = reveal(plain(40), plain(200), (0.25, 0.25, 0.5, 0.75))
    assert (shown.y == 200).mean() == pytest.approx(0.125, abs=0.01)
    assert (shown.u == 200).mean() == pytest.approx(0.125, abs=0.01)
