"""Which key frames are looked at over a recording."""

from collections.abc import Iterator, Sequence

from tests.builders import segment
from vitrail.domain.frames import Frame
from vitrail.domain.recordings import Segment
from vitrail.domain.time import DAY_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard.roll import Roll


class Film:
    def __init__(self) -> None:
        self.asked: list[tuple[str, Interval]] = []

    def keys(self, segments: Sequence[Segment], interval: Interval) -> Iterator[Frame]:
        self.asked += [(one.id, interval) for one in segments]
        return iter(())


def minutes(count: int, start_us: int = 0) -> list[Segment]:
    spans = [Interval(start_us + i * MINUTE_US, start_us + (i + 1) * MINUTE_US) for i in range(count)]
    return [segment(id=f"s{i}", interval=span) for i, span in enumerate(spans)]


def roll(segments: Sequence[Segment], interval: Interval) -> tuple[Roll, Film]:
    film = Film()
    return Roll(film.keys, segments, interval), film


def test_a_day_is_looked_at_once_a_minute_and_a_short_span_every_two_seconds() -> None:
    day, _ = roll(minutes(1440), Interval(0, DAY_US))
    assert len(day.times_us()) == 1441
    short, _ = roll(minutes(3), Interval(0, 3 * MINUTE_US))
    assert len(short.times_us()) == 91


def test_times_lie_where_something_is_recorded_and_inside_what_was_asked() -> None:
    segments = [*minutes(2), *minutes(2, 10 * MINUTE_US)]
    made, _ = roll(segments, Interval(30 * SECOND_US, 11 * MINUTE_US))
    times = made.times_us()
    assert times == sorted(times)
    assert all(30 * SECOND_US <= t < 11 * MINUTE_US for t in times)
    assert not [t for t in times if 2 * MINUTE_US <= t < 10 * MINUTE_US]


def test_a_look_asks_the_segment_that_holds_the_moment() -> None:
    made, film = roll(minutes(3), Interval(0, 3 * MINUTE_US))
    assert made.look(90 * SECOND_US) is None
    assert film.asked == [("s1", Interval(90 * SECOND_US, 90 * SECOND_US + 1))]
    assert made.look(-1) is None
