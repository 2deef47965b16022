"""The network looks at the whole picture every two seconds, people painted over."""

import numpy as np

from tests.builders import NOW_US
from tests.fakes.media import pictures
from vitrail.domain.clearing import Cleared
from vitrail.domain.looks import PlaceLook
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.looking import Looking

NOBODY = np.zeros((0, 4), np.float32)
(PICTURE,) = pictures(1)


class Reader:
    def __init__(self) -> None:
        self.shown: list[Cleared] = []

    def read(self, picture: Cleared) -> PlaceLook:
        self.shown.append(picture)
        return PlaceLook(np.zeros(1280, np.float32), np.zeros((9, 120), np.float32), np.zeros((4, 208), np.float32))


def test_it_looks_every_two_seconds_and_at_once_after_a_reset() -> None:
    looking = Looking(Reader())
    looked = [looking.look(PICTURE, NOBODY, NOW_US + step * SECOND_US // 2) is not None for step in range(9)]
    assert looked == [True, False, False, False] * 2 + [True]
    looking.reset()
    assert looking.look(PICTURE, NOBODY, NOW_US + 5 * SECOND_US) is not None


def test_people_are_painted_over_before_it_looks() -> None:
    reader = Reader()
    people = np.array([[0.2, 0.2, 0.6, 0.8]], np.float32)
    Looking(reader).look(PICTURE, people, NOW_US)
    (shown,) = reader.shown
    assert shown.left < 0.8


def test_where_people_fill_the_picture_it_does_not_look() -> None:
    reader = Reader()
    assert Looking(reader).look(PICTURE, np.array([[0.0, 0.0, 1.0, 1.0]], np.float32), NOW_US) is None
    assert reader.shown == []
