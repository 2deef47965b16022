"""Work done ahead in a thread of its own: the same things, no more than asked for, and it ends."""

import threading
from collections.abc import Iterator

import pytest

from vitrail.guard.ahead import ahead


def test_the_same_things_come_in_the_same_order() -> None:
    assert list(ahead(iter(range(100)), 3)) == list(range(100))


def test_what_is_made_is_made_in_another_thread() -> None:
    def names() -> Iterator[str]:
        yield threading.current_thread().name

    assert list(ahead(names(), 1)) != [threading.current_thread().name]


def test_no_more_is_made_than_waits_and_one() -> None:
    made: list[int] = []
    third = threading.Event()

    def making() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            if len(made) == 4:
                third.set()
            yield number

    things = ahead(making(), 2)
    assert next(things) == 0
    assert third.wait(10)  # one was taken, two wait, one is in hand
    assert len(made) == 4
    things.close()
    assert len(made) <= 5


def test_an_error_is_raised_where_things_are_taken_after_what_was_made_before_it() -> None:
    def breaking() -> Iterator[int]:
        yield 1
        raise ValueError("the disk went away")

    things = ahead(breaking(), 4)
    assert next(things) == 1
    with pytest.raises(ValueError, match="the disk went away"):
        next(things)


def test_who_stops_taking_ends_the_making_and_what_it_holds_open() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    making = endless()  # held here too: nobody else closes it
    things = ahead(making, 2)
    next(things)
    things.close()
    assert closed.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
