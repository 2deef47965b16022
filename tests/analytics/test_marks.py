"""What stands on a wall is followed through day and night, and paint is told from what stood beside it before."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.analytics.walls import HEIGHT, WIDTH, scribble
from tests.builders import NOW_US
from vitrail.analytics.marks import Mark, Marks
from vitrail.analytics.pasts import Compared
from vitrail.analytics.voice import Voice
from vitrail.domain.events import Event
from vitrail.domain.time import HOUR_US, MINUTE_US, Interval

Cells = npt.NDArray[np.bool_]
STANDS_US = 2 * HOUR_US
PLAIN = np.full((HEIGHT, WIDTH), 120, np.float32)
STROKES = scribble(PLAIN) != PLAIN
NOTHING = np.zeros_like(STROKES)


def compared(new: Cells, night: bool, at_us: int, seen: float = 1.0) -> Compared:
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    before = np.full((HEIGHT, WIDTH, 3), 120, np.float32)
    after = before.copy()
    after[new] = (40, 128, 128)
    differs = np.where(new, np.float32(2.0), np.float32(0.0))
    inside = np.ones((HEIGHT, WIDTH), np.bool_)
    view = np.full((HEIGHT, WIDTH), seen, np.float32)
    return Compared((0.0, 0.0, 1.0, 1.0), at_us, night, differs, none, none, none, before, after, inside, view)


class Wall:
    def __init__(self) -> None:
        self.marks, self.at_us = Marks(STANDS_US), NOW_US

    def look(self, new: Cells, hours: float, night: bool = False, seen: float = 1.0) -> list[Mark]:
        """What was over meanwhile, a look every ten minutes."""
        over: list[Mark] = []
        for _ in range(round(hours * 6)):
            self.at_us += 10 * MINUTE_US
            self.marks.update(compared(new, night, self.at_us, seen), self.at_us)
            over += self.marks.over()
        return over

    def tell(self) -> Mark:
        (mark,) = self.marks.now
        mark.tell(told(), self.at_us)
        return mark


def told() -> Event:
    from tests.builders import camera, square
    from vitrail.analytics.graffiti import MANIFEST
    from vitrail.domain.streams import AnalyticSetting, Surface

    place = camera(surfaces=(Surface("wall", "Wall", square(0.1, 0.1, 0.9, 0.9)),))
    voice = Voice(MANIFEST, place, "gate-main", AnalyticSetting("graffiti", "upkeep", surfaces=("wall",)))
    return voice.opened("graffiti", voice.on_surface("wall"), Interval(NOW_US, NOW_US), 1.0, ())


def test_paint_that_a_day_hides_is_not_over_and_not_told_again_the_next_night() -> None:
    wall = Wall()
    wall.look(STROKES, 9, night=True)
    mark = wall.tell()
    wall.look(STROKES, 0.4)
    assert wall.look(NOTHING, 11) == []
    wall.look(STROKES, 9, night=True)
    assert wall.marks.now == [mark]


def test_paint_that_was_cleaned_off_is_over_in_the_light_it_was_seen_in() -> None:
    wall = Wall()
    wall.look(STROKES, 9, night=True)
    mark = wall.tell()
    assert wall.look(NOTHING, 11) == []
    assert wall.look(NOTHING, 8, night=True) == [mark]


def test_paint_behind_a_parked_van_is_not_over() -> None:
    wall = Wall()
    wall.look(STROKES, 4)
    wall.tell()
    assert wall.look(NOTHING, 12, seen=0.2) == []
    assert len(wall.look(NOTHING, 8)) == 1


@pytest.mark.parametrize("gap", [7, 30], ids=["touching", "apart"])
def test_paint_beside_what_stood_there_before_is_a_mark_of_its_own(gap: int) -> None:
    """Bins that were put away hours ago changed the wall too; what comes beside them is not lost in that change."""
    rows, columns = np.nonzero(STROKES)
    bins = NOTHING.copy()
    bins[int(rows.max()) + gap :, int(columns.min()) : int(columns.max())] = True
    wall = Wall()
    wall.look(bins, 4)
    wall.look(bins | STROKES, 3)
    (mark,) = [one for one in wall.marks.now if one.chance >= 0.5]
    assert mark.last_us - mark.first_us > 2 * HOUR_US
    assert mark.patch.mask[STROKES].mean() > 0.5 and not mark.patch.mask[bins].any()


def test_what_is_left_of_a_van_is_no_paint_when_a_part_of_it_changes() -> None:
    van = NOTHING.copy()
    van[70:, 30:130] = True
    window = van.copy()
    window[80:95, 50:90] = False
    cv2.circle(part := window.astype(np.uint8), (70, 87), 4, 1, -1)
    wall = Wall()
    wall.look(van, 4)
    wall.look(part.astype(np.bool_), 4)
    assert [one for one in wall.marks.now if one.chance >= 0.5] == []
