"""Chores: one that fails is named and tried again, and holds up nobody else."""

import threading
from collections.abc import Callable

import pytest

from vitrail.domain.errors import Unavailable
from vitrail.runtime.bus import Bus
from vitrail.runtime.housekeeper import Chore, Housekeeper

SOON_S = 0.001
LATER_S = 3600.0
PATIENCE_S = 10.0
"""Only reached when something is broken."""


class Work:
    """Fails with each of ``errors`` in turn, then succeeds; tells when it has run ``enough`` times."""

    def __init__(self, *errors: Exception, enough: int = 1) -> None:
        self._errors = list(errors)
        self._enough = enough
        self.runs = 0
        self.done = threading.Event()

    def __call__(self) -> None:
        self.runs += 1
        if self.runs >= self._enough:
            self.done.set()
        if self._errors:
            raise self._errors.pop(0)


def test_every_chore_is_done_at_once_and_then_again() -> None:
    work = Work(enough=5)
    with Housekeeper([Chore("erase", SOON_S, work)], Bus()) as housekeeper:
        assert work.done.wait(PATIENCE_S)
    assert housekeeper.problems == {}


def test_a_chore_that_fails_is_named_tried_again_and_cleared() -> None:
    bus = Bus()
    work = Work(Unavailable("the disk is full"), Unavailable("the disk is full"), enough=3)
    with bus.subscribe(["health"]) as listener, Housekeeper([Chore("erase", SOON_S, work)], bus) as housekeeper:
        assert work.done.wait(PATIENCE_S)
        assert listener.next(PATIENCE_S) == ("health", "chore:erase")  # it failed
        assert listener.next(PATIENCE_S) == ("health", "chore:erase")  # it works again; the same failure is told once
        assert housekeeper.problems == {}


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (Unavailable("the disk is full", where="archive"), "the disk is full | where: archive"),
        (ZeroDivisionError("secret of marie"), "internal error: ZeroDivisionError"),
    ],
)
def test_the_problem_is_told_in_words_and_a_fault_without_its_contents(error: Exception, named: str) -> None:
    bus = Bus()
    with bus.subscribe(["health"]) as listener, Housekeeper([Chore("erase", LATER_S, Work(error))], bus) as housekeeper:
        assert listener.next(PATIENCE_S) is not None
        assert housekeeper.problems == {"erase": named}


def test_a_chore_that_fails_or_hangs_holds_up_no_other() -> None:
    let_go, held = threading.Event(), threading.Event()

    def hang() -> None:
        held.set()
        let_go.wait(PATIENCE_S)

    good = Work(enough=20)
    bad = Work(*[Unavailable("the disk is full")] * 100_000, enough=20)
    chores: list[tuple[str, Callable[[], None]]] = [("hang", hang), ("bad", bad), ("good", good)]
    with Housekeeper([Chore(name, SOON_S, work) for name, work in chores], Bus()) as housekeeper:
        assert held.wait(PATIENCE_S)
        assert good.done.wait(PATIENCE_S)
        assert bad.done.wait(PATIENCE_S)
        assert housekeeper.problems == {"bad": "the disk is full"}
        let_go.set()


def test_it_stops_without_waiting_for_the_next_turn() -> None:
    works = [Work(), Work(RuntimeError("a fault"))]
    with Housekeeper([Chore(f"chore {i}", LATER_S, work) for i, work in enumerate(works)], Bus()):
        assert all(work.done.wait(PATIENCE_S) for work in works)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("chore-chore ")]
    assert [work.runs for work in works] == [1, 1]
