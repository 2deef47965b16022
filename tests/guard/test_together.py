"""Group commit: who comes while others write is written with them, and everybody gets their own answer."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.clock import FakeClock
from tests.fakes.records import MemoryLedger
from tests.guard.world import KEY
from vitrail.domain.errors import Refused, Unavailable
from vitrail.domain.ledger import Entry, Operation, Outcome
from vitrail.guard.ledger import Ledger
from vitrail.guard.together import Together, Waiting

PATIENCE_S = 30


def entry(name: str = "x") -> Waiting:
    return Waiting(Entry(0, Operation.CONSULT, Outcome.DONE, "marie", name, "a test"))


class Slow:
    """Writes when told; says what came together."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.began = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.error: BaseException | None = None

    def __call__(self, together: Sequence[Waiting]) -> None:
        self.began.release()
        assert self.go.acquire(timeout=PATIENCE_S)
        first = sum(map(len, self.batches))
        self.batches.append([w.entry.target for w in together])
        if self.error:
            raise self.error
        for index, waiting in enumerate(together, first):
            waiting.index = index


def waiting_for(together: Together, count: int) -> None:
    """Until so many are in the queue."""
    for _ in range(PATIENCE_S * 1000):
        with together._lock:
            if len(together._queue) == count:
                return
        threading.Event().wait(0.001)
    raise AssertionError("nobody came")


def test_who_comes_while_one_is_written_is_written_together() -> None:
    slow = Slow()
    together = Together(slow)
    mine = [entry(f"{i}") for i in range(9)]
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(together.put, mine[0])
        assert slow.began.acquire(timeout=PATIENCE_S)
        rest = [pool.submit(together.put, each) for each in mine[1:]]
        waiting_for(together, 8)
        slow.go.release(2)
        for done in (first, *rest):
            done.result(PATIENCE_S)
    assert [len(batch) for batch in slow.batches] == [1, 8]
    assert sorted(each.index for each in mine if each.index is not None) == list(range(9))
    targets = [target for batch in slow.batches for target in batch]
    assert [targets[each.index or 0] for each in mine] == [each.entry.target for each in mine]


@pytest.mark.parametrize("error", [Unavailable("the disk is full"), KeyboardInterrupt()])
def test_when_writing_fails_everybody_is_told_and_the_next_can_write(error: BaseException) -> None:
    slow = Slow()
    together = Together(slow)
    mine = [entry(f"{i}") for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(together.put, mine[0])
        assert slow.began.acquire(timeout=PATIENCE_S)
        rest = [pool.submit(together.put, each) for each in mine[1:]]
        waiting_for(together, 3)
        slow.error = error
        slow.go.release(2)
        stopped = [done.exception(PATIENCE_S) for done in (first, *rest)]
    assert all(isinstance(each.error, Unavailable) and each.index is None for each in mine)
    assert sum(said is not None for said in stopped) == (0 if isinstance(error, Unavailable) else 2), "who wrote"
    slow.error = None
    slow.go.release()
    again = entry()
    together.put(again)
    assert again.index is not None


class Gate(MemoryLedger):
    """Stops in the middle of the first append, so that others come in."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.go = threading.Event(), threading.Event()
        self.appends: list[int] = []
        self.full = False

    def append(self, payloads: Sequence[bytes]) -> int:
        self.reached.set()
        assert self.go.wait(PATIENCE_S)
        if self.full:
            raise Unavailable("ledger.db cannot grow: the disk is full")
        self.appends.append(len(payloads))
        return super().append(payloads)


def ledger(records: MemoryLedger) -> Ledger:
    return Ledger(records, FakeClock(), KEY)


def noted(opened: Ledger, who: str) -> int:
    return opened.note(Operation.CONSULT, Outcome.DONE, who, f"alert:{who[:5]}", "a test")


def test_each_of_many_gets_the_index_of_their_own_entry() -> None:
    records = Gate()
    opened = ledger(records)
    with ThreadPoolExecutor(16) as pool:
        asked = {f"who{i:02}": pool.submit(noted, opened, f"who{i:02}") for i in range(16)}
        assert records.reached.wait(PATIENCE_S)
        records.go.set()
        for who, done in asked.items():
            assert opened.entry(done.result(PATIENCE_S)).entry.actor == who
    assert len(records.appends) < 16, "some were written together"
    assert opened.verify().problems == ()


def test_a_full_disk_refuses_all_that_were_written_together() -> None:
    records = Gate()
    opened = ledger(records)
    records.full = True
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(noted, opened, f"who{i}") for i in range(8)]
        assert records.reached.wait(PATIENCE_S)
        records.go.set()
        for done in asked:
            refused = done.exception(PATIENCE_S)
            assert isinstance(refused, Refused) and refused.rule == "L13"
    records.full = False
    assert noted(opened, "later") == 0


def test_words_that_cannot_be_written_are_told_to_whoever_brought_them_and_nobody_else() -> None:
    records = Gate()
    opened = ledger(records)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(noted, opened, "first")
        assert records.reached.wait(PATIENCE_S)
        bad, good = pool.submit(noted, opened, "half a \ud800"), pool.submit(noted, opened, "good")
        waiting_for(opened._together, 2)
        records.go.set()
        assert isinstance(bad.exception(PATIENCE_S), UnicodeEncodeError)
        assert {first.result(PATIENCE_S), good.result(PATIENCE_S)} == {0, 1}
    assert opened.verify().problems == ()


def test_who_is_interrupted_while_waiting_leaves_nobody_behind() -> None:
    class Interrupted(Waiting):
        def wait(self) -> None:
            raise KeyboardInterrupt

    slow = Slow()
    together = Together(slow)
    first, gone, last = entry("first"), Interrupted(entry("gone").entry), entry("last")
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(together.put, first)
        assert slow.began.acquire(timeout=PATIENCE_S)
        with pytest.raises(KeyboardInterrupt):
            together.put(gone)
        two = pool.submit(together.put, last)
        waiting_for(together, 1)
        slow.go.release(2)
        one.result(PATIENCE_S)
        two.result(PATIENCE_S)
    assert (first.index, gone.index, last.index) == (0, None, 1)
