"""Keeps every stream's loop running: starts it, waits longer after each failure, says what is wrong."""

__all__ = ["Supervisor", "Task", "backoff_s"]

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from vitrail.domain.errors import Invalid, NotFound, Refused, Unavailable, VitrailError
from vitrail.ports.clock import Clock
from vitrail.runtime.garbage import settle_heap
from vitrail.runtime.health import Counters, HealthBoard, StreamHealth, StreamState

_FIRST_WAIT_S = 1.0
_LONGEST_WAIT_S = 30.0
_SETTLED_US = 60_000_000
"""A loop that ran this long starts again at the shortest wait."""
_STATES: dict[type[VitrailError], StreamState] = {
    Refused: StreamState.REFUSED,
    Unavailable: StreamState.LOST,
    Invalid: StreamState.FAILED,
    NotFound: StreamState.FAILED,
}
_log = structlog.get_logger("vitrail.supervisor")


def backoff_s(failures: int) -> float:
    """1, 2, 4 ... 30 seconds."""
    return min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(failures, 10))


@dataclass(frozen=True, slots=True)
class Task:
    """``run`` returns when the stream ended for good (a file) or ``stop`` was set, and raises otherwise."""

    stream_id: str
    camera_id: str
    run: Callable[[threading.Event], None]


class Supervisor:
    """One thread a task. Use as a context manager; ``stop`` waits for every loop to close its files."""

    def __init__(self, tasks: Sequence[Task], board: HealthBoard, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._keep, args=(task,), name=f"stream-{task.stream_id}", daemon=True)
            for task in tasks
        ]

    def start(self) -> None:
        settle_heap()
        for thread in self._threads:
            thread.start()

    def stop(self, timeout_s: float = 15.0) -> None:
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)

    def wait(self) -> None:
        """Until every task has ended by itself."""
        for thread in self._threads:
            thread.join()

    @property
    def running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def __enter__(self) -> "Supervisor":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _keep(self, task: Task) -> None:
        failures = 0
        while not self._stop.is_set():
            started_us = self._clock.monotonic_us()
            try:
                task.run(self._stop)
                self._tell(task, StreamState.ENDED, "")
                return
            except VitrailError as error:
                self._tell(task, _STATES.get(type(error), StreamState.FAILED), str(error))
            except Exception as error:
                _log.exception("stream loop failed", stream=task.stream_id)
                self._tell(task, StreamState.FAILED, f"internal error: {type(error).__name__}")
            if self._clock.monotonic_us() - started_us > _SETTLED_US:
                failures = 0
            self._stop.wait(backoff_s(failures))
            failures += 1

    def _tell(self, task: Task, state: StreamState, problem: str) -> None:
        if problem:
            _log.warning("stream stopped", stream=task.stream_id, state=state.value, problem=problem)
        before = self._board.get(task.stream_id)
        counters = before.counters if before else Counters()
        now_us = self._clock.now_us()
        self._board.put(StreamHealth(task.stream_id, task.camera_id, state, now_us, problem=problem, counters=counters))
