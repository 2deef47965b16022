"""A piece of film is looked through for people, heads, vehicles and whatever is not the place."""

from collections.abc import Iterator, Sequence

import numpy as np

from tests.fakes.media import FakeDetector, FakeHeads, person
from vitrail.domain.detections import Detections, Label
from vitrail.domain.frames import Frame, Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.masking import Mask
from vitrail.guard.sights import Seen, Sights

FRAME_US = SECOND_US // 25


def covers(mask: Mask, x: float, y: float) -> bool:
    boxes = mask.boxes
    return bool(((boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])).any())


def film(pictures: Sequence[Picture], rate_us: int = FRAME_US) -> Iterator[Frame]:
    for i, picture in enumerate(pictures):
        yield Frame("s", i * rate_us, i * rate_us, i == 0, 0, picture)


def frame(picture: Picture, number: int) -> Frame:
    return Frame("s", number * FRAME_US, number * FRAME_US, False, 0, picture)


class Told:
    """A detector that sees what it is told on whole pictures, and other things on parts."""

    manifest = FakeDetector().manifest
    batch = 4

    def __init__(self, whole: Detections, part: Detections | None = None) -> None:
        self.whole, self.part = whole, part or Detections.none()
        self.asked: list[int] = []

    def detect(self, pictures: Sequence[Picture], floor: float, shares: object = None) -> list[Detections]:
        self.asked += [picture.width for picture in pictures]
        return [self.whole if picture.width == 640 else self.part for picture in pictures]


def some(label: Label, score: float, *boxes: tuple[float, float, float, float]) -> Detections:
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4), np.full(count, label, np.int8), np.full(count, score, np.float32)
    )


def looked(detector: Told, heads: FakeHeads, pictures: Sequence[Picture]) -> Seen:
    seen = Sights(detector, heads, Interval(0, len(pictures) * FRAME_US), SECOND_US // 10).look(
        film(pictures), lambda _: None
    )
    assert seen is not None
    return seen


EMPTY = person(None, 640, 480)


def test_ten_looks_a_second_are_enough_and_every_frame_has_its_mask() -> None:
    detector, heads = Told(some(Label.PERSON, 0.3, (0.4, 0.4, 0.5, 0.7))), FakeHeads()
    seen = looked(detector, heads, [EMPTY] * 100)
    assert len([w for w in detector.asked if w == 640]) in range(33, 42)
    assert heads.looked in range(7, 10)
    assert len([w for w in detector.asked if w < 640]) in (8, 12)
    assert len(seen.masks) == 100
    assert all(covers(mask, 0.45, 0.45) for mask in seen.masks.values())


def test_a_head_that_only_the_finder_of_heads_sees_is_masked_with_its_hair() -> None:
    face: Boxes = np.array([[0.6, 0.3, 0.64, 0.36]], np.float32)
    seen = looked(Told(Detections.none()), FakeHeads(face), [EMPTY] * 50)
    assert all(covers(mask, 0.62, 0.275) and covers(mask, 0.592, 0.33) for mask in seen.masks.values())


def test_somebody_whom_only_a_closer_look_sees_is_masked_all_the_time() -> None:
    upper_left = some(Label.PERSON, 0.5, (0.5, 0.5, 0.55, 0.6))
    seen = looked(Told(Detections.none(), upper_left), FakeHeads(), [EMPTY] * 125)
    middle = 0.525 * 0.55
    assert all(covers(mask, middle, middle) for mask in seen.masks.values())


def test_what_the_edge_of_a_quarter_cuts_is_left_to_the_other_looks() -> None:
    cut = some(Label.PERSON, 0.5, (0.9, 0.5, 1.0, 0.6))
    seen = looked(Told(Detections.none(), cut), FakeHeads(), [EMPTY] * 50)
    assert not covers(seen.masks[0], 0.95 * 0.55, 0.55 * 0.55)
    assert covers(seen.masks[0], 0.45 + 0.95 * 0.55, 0.55 * 0.55), "at the picture's own edge nothing is cut"


def walker(number: int) -> Picture:
    y = EMPTY.y.copy()
    y[200:300, 4 * number : 4 * number + 40] = 140
    return Picture(y, EMPTY.u, EMPTY.v)


def test_who_moves_and_is_never_detected_is_masked() -> None:
    pictures = [walker(i) for i in range(100)]
    seen = looked(Told(Detections.none()), FakeHeads(), pictures)
    assert not len(seen.masks[50 * FRAME_US])
    mask = seen.mask(frame(pictures[50], 50))
    assert covers(mask, (200 + 20) / 640, 250 / 480)
    assert not covers(mask, 0.1, 0.1)


def test_a_car_that_moves_is_not_masked_unless_it_may_be_a_person() -> None:
    pictures = [walker(i) for i in range(60)]
    everywhere = (0.0, 0.4, 1.0, 0.65)
    seen = looked(Told(some(Label.CAR, 0.6, everywhere)), FakeHeads(), pictures)
    assert not len(seen.mask(frame(pictures[30], 30)))
    unsure = looked(Told(some(Label.CAR, 0.25, everywhere)), FakeHeads(), pictures)
    assert covers(unsure.mask(frame(pictures[30], 30)), 140 / 640, 250 / 480)


def test_a_run_without_a_frame_in_the_span_is_nothing() -> None:
    sights = Sights(Told(Detections.none()), FakeHeads(), Interval(10**9, 2 * 10**9), SECOND_US // 10)
    assert sights.look(film([EMPTY] * 3), lambda _: None) is None
