"""A camera that no longer sees what it is meant to see is noticed in time, and one that does is left alone."""

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from vitrail.domain.frames import Picture
from vitrail.domain.health import Ailment
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.camera_health import CameraHealth

Grey = np.ndarray
WIDTH, HEIGHT = 640, 360
STEP_S = 0.1


def place() -> Grey:
    """Walls, windows and gravel."""
    rng = np.random.default_rng(1)
    y = np.full((HEIGHT, WIDTH), 120, np.float32)
    for x in range(20, WIDTH, 90):
        cv2.rectangle(y, (x, 40), (x + 45, 130), float(rng.integers(40, 220)), -1)
    cv2.line(y, (0, 200), (WIDTH, 240), 30.0, 6)
    y[220:] += rng.normal(0, 18, (HEIGHT - 220, WIDTH))
    return cv2.GaussianBlur(y, (0, 0), 0.7)


PLACE = place()


def seen(at_s: float, passers: bool = True) -> Grey:
    """The place at a moment, with somebody who walks through, changing light and a sensor's noise."""
    y = PLACE.copy()
    if passers:
        x = int(40 * at_s) % (WIDTH + 80) - 80
        cv2.rectangle(y, (x, 150), (x + 40, 270), 60.0, -1)
    y *= 1 + 0.1 * np.sin(at_s / 9)
    return y + np.random.default_rng(round(at_s * 1000)).normal(0, 2, y.shape)


def picture(y: Grey) -> Picture:
    half = np.full((HEIGHT // 2, WIDTH // 2), 128, np.uint8)
    return Picture(np.clip(y, 0, 255).astype(np.uint8), half, half)


def told(
    health: CameraHealth, shown: Callable[[float], Grey], start_s: float, seconds: float, step_s: float = STEP_S
) -> Iterator[tuple[float, frozenset[Ailment]]]:
    for i in range(round(seconds / step_s)):
        at_s = start_s + i * step_s
        yield at_s - start_s, health.update(picture(shown(at_s)), round(at_s * SECOND_US))


def first(rows: Iterator[tuple[float, frozenset[Ailment]]], what: Ailment) -> float | None:
    return next((at_s for at_s, ailments in rows if what in ailments), None)


def well(step_s: float = STEP_S, seconds: float = 30.0) -> CameraHealth:
    health = CameraHealth()
    assert all(not ailments for _, ailments in told(health, seen, 0.0, seconds, step_s))
    return health


def turned(at_s: float) -> Grey:
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 2.0, 1.0)
    turn[:, 2] += (WIDTH / 10, -HEIGHT / 25)
    return cv2.warpAffine(seen(at_s), turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)


def dirty(at_s: float) -> Grey:
    y = seen(at_s)
    y[:, : WIDTH // 2] = cv2.GaussianBlur(y[:, : WIDTH // 2], (0, 0), 25) * 0.7 + 40
    return y


FAULTS = [
    (Ailment.FROZEN, lambda at_s: seen(30.0)),
    (Ailment.DARK, lambda at_s: np.random.default_rng(int(at_s * 10)).normal(5, 2, (HEIGHT, WIDTH))),
    (Ailment.BLINDED, lambda at_s: np.random.default_rng(int(at_s * 10)).normal(90, 2, (HEIGHT, WIDTH))),
    (Ailment.BLINDED, lambda at_s: seen(at_s) * 1.4 + 170),
    (Ailment.BLURRED, lambda at_s: cv2.GaussianBlur(seen(at_s), (0, 0), 3)),
    (Ailment.HIDDEN, dirty),
    (Ailment.MOVED, turned),
    (Ailment.LOOPED, lambda at_s: seen(24.0 + (at_s - 30.0) % 5.3)),
]


@pytest.mark.parametrize(
    ("what", "shown"), FAULTS, ids=["frozen", "black", "covered", "glare", "blurred", "dirty", "moved", "looped"]
)
def test_a_fault_is_told_by_its_name_within_ten_seconds(what: Ailment, shown: Callable[[float], Grey]) -> None:
    at_s = first(told(well(), shown, 30.0, 12.0), what)
    assert at_s is not None and at_s <= 10.0


@pytest.mark.parametrize(("what", "shown"), FAULTS[:-1], ids=[what.value for what, _ in FAULTS[:-1]])
def test_a_quiet_stream_that_shows_a_picture_every_two_seconds_is_examined_as_well(
    what: Ailment, shown: Callable[[float], Grey]
) -> None:
    at_s = first(told(well(2.0, 60.0), shown, 60.0, 14.0, 2.0), what)
    assert at_s is not None and at_s <= 10.0


def test_what_passes_soon_is_no_fault() -> None:
    health = well()
    flash = [*told(health, lambda at_s: seen(at_s) + 180, 30.0, 1.5), *told(health, seen, 31.5, 20.0)]
    assert all(not ailments for _, ailments in flash)


def test_a_fault_that_is_over_is_told_no_more() -> None:
    health = well()
    assert first(told(health, lambda at_s: PLACE * 0, 30.0, 8.0), Ailment.DARK) is not None
    after = list(told(health, seen, 38.0, 12.0))
    assert not after[-1][1]


def test_a_moved_camera_is_told_for_a_minute_and_then_its_new_view_is_the_usual_one() -> None:
    health = well()
    rows = list(told(health, turned, 30.0, 100.0, 0.5))
    assert Ailment.MOVED in rows[30][1]
    assert not rows[-1][1]


def test_a_camera_that_was_turned_while_it_was_away_is_noticed() -> None:
    health = well()
    health.reset()
    assert first(told(health, turned, 40.0, 12.0), Ailment.MOVED) is not None


def test_pictures_that_are_decoded_again_change_nothing() -> None:
    health = well()
    before = health.ailments
    for _, ailments in told(health, lambda at_s: PLACE * 0, 25.0, 4.9):
        assert ailments == before
