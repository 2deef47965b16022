"""Several pieces of work at once, each in a thread of its own, ended together."""

__all__ = ["all_beside", "side_by_side"]

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TypeVar

from vitrail.runtime.garbage import settle_heap

Work = TypeVar("Work")
Result = TypeVar("Result")
_AWAKE_S = 0.5


def side_by_side(
    works: Sequence[Work], do: Callable[[Work], Result], many: int, stop: threading.Event
) -> Iterator[tuple[Work, Result]]:
    """Each work with its result as soon as it is there, ``many`` at a time. The first error is raised, once all that
    runs has seen ``stop`` set and ended; so are those of whoever consumes this."""

    def tried(work: Work) -> Result:
        try:
            return do(work)
        except BaseException:
            stop.set()  # here, not where it is raised: this thread takes the next work before anybody hears of it
            raise

    settle_heap()
    with ThreadPoolExecutor(max_workers=many, thread_name_prefix="beside") as pool:
        running = {pool.submit(tried, work): work for work in works}
        try:
            while running:
                done, _ = wait(running, _AWAKE_S, FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()
        except BaseException:
            stop.set()
            for future in running:
                future.cancel()
            raise


def all_beside(works: Sequence[Callable[[], Result]]) -> list[Result]:
    """A ``Beside``: as many at a time as there are processors for this process."""
    found: dict[int, Result] = {}
    many = len(os.sched_getaffinity(0))
    found |= side_by_side(range(len(works)), lambda number: works[number](), many, threading.Event())
    return [found[number] for number in range(len(works))]
