"""What is not known to be background is found, whatever it is."""

import numpy as np

from tests.fakes.media import person
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import MINUTE_US, SECOND_US
from vitrail.guard.backdrop import GLIMPSE_WIDTH, Backdrop, GrowingBackdrop, glimpse_of
from vitrail.guard.masking import Mask
from vitrail.guard.ways import Glimpse

NOBODY = np.zeros((0, 4), np.float32)
ROWS, COLUMNS = 135, GLIMPSE_WIDTH


def place(seed: int, light: float = 0.0) -> Glimpse:
    """A textured place, with a little noise that differs each time."""
    texture = np.random.default_rng(0).normal(120, 30, (ROWS, COLUMNS))
    return np.clip(texture + light + np.random.default_rng(seed).normal(0, 2, texture.shape), 0, 255).astype(np.uint8)


def somebody(glimpse: Glimpse, x: int, y: int, width: int = 1, height: int = 3) -> Glimpse:
    """24 pixels tall in 1080p: three cells, one wide."""
    changed = glimpse.copy()
    part = changed[y : y + height, x : x + width].astype(int)
    darker = np.random.default_rng(0).normal(120, 30, (ROWS, COLUMNS))[y : y + height, x : x + width] > 128
    changed[y : y + height, x : x + width] = np.clip(np.where(darker, part - 60, part + 60), 0, 255)
    return changed


def touches(mask: Mask, x: int, y: int) -> bool:
    boxes = mask.boxes * (COLUMNS, ROWS, COLUMNS, ROWS)
    return bool(((boxes[:, 0] <= x) & (x < boxes[:, 2]) & (boxes[:, 1] <= y) & (y < boxes[:, 3])).any())


def box(x: int, y: int, width: int, height: int) -> Boxes:
    return np.array([[x / COLUMNS, y / ROWS, (x + width) / COLUMNS, (y + height) / ROWS]], np.float32)


def known() -> Backdrop:
    return Backdrop.of([place(seed) for seed in range(20)], [NOBODY] * 20)


def test_a_place_as_it_is_known_is_not_strange() -> None:
    assert not len(known().strange(place(99), NOBODY))
    assert not len(known().strange(place(99, light=25), NOBODY)), "another exposure is no change"


def test_somebody_three_cells_tall_is_strange() -> None:
    mask = known().strange(somebody(place(99), 100, 60), NOBODY)
    assert all(touches(mask, 100, y) for y in (60, 61, 62))
    assert len(mask) == 1


def test_vehicles_and_things_are_spared() -> None:
    car = somebody(place(99), 100, 60, 40, 20)
    assert not len(known().strange(car, box(98, 58, 44, 24)))
    beside = somebody(car, 30, 60)
    assert touches(known().strange(beside, box(98, 58, 44, 24)), 30, 61)


def test_where_somebody_was_all_the_time_nothing_is_known() -> None:
    there = box(100, 60, 10, 30)
    glimpses = [somebody(place(seed), 102, 62, 6, 26) for seed in range(20)]
    backdrop = Backdrop.of(glimpses, [there] * 20)
    assert touches(backdrop.strange(place(99), NOBODY), 105, 75)
    assert touches(backdrop.strange(glimpses[0], NOBODY), 105, 75)


def test_what_moved_away_does_not_count_as_background() -> None:
    glimpses = [somebody(place(seed), 10 * seed, 60, 8, 20) for seed in range(20)]
    backdrop = Backdrop.of(glimpses, [box(10 * seed, 60, 8, 20) for seed in range(20)])
    assert not len(backdrop.strange(place(99), NOBODY))


def test_who_comes_and_stands_still_longer_than_away_is_hidden_and_so_is_the_place_before() -> None:
    glimpses = [place(seed) for seed in range(10)] + [somebody(place(seed), 100, 60) for seed in range(10, 40)]
    backdrop = Backdrop.of(glimpses, [NOBODY] * 40)
    for glimpse in (glimpses[30], glimpses[5]):
        assert all(touches(backdrop.strange(glimpse, NOBODY), 100, y) for y in (59, 60, 61, 62))


def test_a_place_behind_a_car_that_drove_away_is_known() -> None:
    car = box(98, 58, 44, 24)
    glimpses = [somebody(place(seed), 100, 60, 40, 20) for seed in range(10)] + [place(seed) for seed in range(10, 20)]
    backdrop = Backdrop.of(glimpses, [NOBODY] * 20, [car] * 10 + [NOBODY] * 10)
    assert not len(backdrop.strange(glimpses[15], NOBODY))
    assert not len(backdrop.strange(glimpses[5], car))


def test_in_the_dark_less_is_strange() -> None:
    dark = [(place(seed) // 8).astype(np.uint8) for seed in range(21)]
    backdrop = Backdrop.of(dark[:20], [NOBODY] * 20)
    shape = dark[20].copy()
    shape[60:63, 100:102] += 9
    assert touches(backdrop.strange(shape, NOBODY), 100, 61)
    assert not len(backdrop.strange(dark[20], NOBODY))


def test_a_thin_shape_is_hidden_by_pieces_that_keep_the_blocks_of_the_whole() -> None:
    glimpse = place(99)
    for step in range(60):
        glimpse = somebody(glimpse, 60 + step, 40 + step, 4, 4)
    mask = known().strange(glimpse, NOBODY)
    assert len(mask) > 1
    area = np.prod(mask.boxes[:, 2:] - mask.boxes[:, :2], axis=1).sum()
    assert area < 0.5 * (63 / COLUMNS) * (63 / ROWS)
    assert (mask.wholes[:, 0] * COLUMNS > 50).all()


def test_a_glimpse_is_a_small_grey_copy() -> None:
    assert glimpse_of(person(0.5, 1920, 1080)).shape == (135, 240)
    assert glimpse_of(person(0.5, 64, 48)).shape == (48, 64)


def learnt(seconds: int) -> GrowingBackdrop:
    growing = GrowingBackdrop()
    for second in range(seconds):
        growing.learn(place(second), NOBODY, second * SECOND_US)
    return growing


def test_a_growing_backdrop_knows_nothing_at_first_and_the_place_after_some_seconds() -> None:
    early, late = learnt(2).known, learnt(15).known
    assert early is not None and late is not None
    assert touches(early.strange(place(99), NOBODY), 100, 60)
    assert not len(late.strange(place(99), NOBODY))


def test_what_is_left_standing_becomes_background_after_long_and_not_sooner() -> None:
    growing = learnt(15)
    for second in range(15, 15 + 11 * 60, 2):
        growing.learn(somebody(place(second), 100, 60, 5, 8), NOBODY, second * SECOND_US)
        if second == 15 + 8 * 60:
            assert growing.known is not None
            assert touches(growing.known.strange(somebody(place(99), 100, 60, 5, 8), NOBODY), 102, 63)
    assert growing.known is not None
    assert not len(growing.known.strange(somebody(place(99), 100, 60, 5, 8), NOBODY))


def test_under_somebody_what_was_known_stays_known() -> None:
    growing = learnt(15)
    for second in range(15, 15 + 20 * 60, 2):
        growing.learn(somebody(place(second), 100, 60, 5, 8), box(98, 58, 9, 12), second * SECOND_US)
    assert growing.known is not None
    assert touches(growing.known.strange(somebody(place(99), 100, 60, 5, 8), NOBODY), 102, 63)
    assert not len(growing.known.strange(place(98), NOBODY))


def test_another_light_all_over_is_learnt_anew() -> None:
    growing = learnt(15)
    turned = np.flipud(place(1)).copy()
    growing.learn(turned, NOBODY, MINUTE_US)
    assert growing.known is not None and np.isnan(growing.known.level).mean() > 0.6
    for second in range(1, 10):
        growing.learn(turned, NOBODY, MINUTE_US + second * SECOND_US)
    assert not len(growing.known.strange(turned, NOBODY))
