import threading

import pytest

from vitrail.domain.errors import Invalid, NotFound, Refused, Unavailable, VitrailError
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import Counters, HealthBoard, StreamHealth, StreamState
from vitrail.runtime.housekeeper import Chore, Housekeeper
from vitrail.runtime.metrics import metrics_text
from vitrail.runtime.supervisor import Supervisor, Task, backoff_s


class StillClock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.us = 1_000_000

    def now_us(self) -> int:
        return self.us

    def monotonic_us(self) -> int:
        return self.us

    def sleep(self, seconds: float) -> None:
        self.us += round(seconds * 1e6)


def wait_for_state(board: HealthBoard, state: StreamState) -> StreamHealth:
    pause = threading.Event()
    for _ in range(500):
        row = board.get("s1")
        if row is not None and row.state == state:
            return row
        pause.wait(0.01)
    raise AssertionError(f"never {state}: {board.rows()}")


def test_waiting_grows_to_half_a_minute_and_no_further() -> None:
    assert [backoff_s(n) for n in range(7)] == [1, 2, 4, 8, 16, 30, 30]
    assert backoff_s(10_000) == 30


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Refused("no mandate", rule="L01"), StreamState.REFUSED),
        (Unavailable("camera lost"), StreamState.LOST),
        (Invalid("not a video"), StreamState.FAILED),
        (NotFound("no such file"), StreamState.FAILED),
        (ZeroDivisionError("bug"), StreamState.FAILED),
    ],
)
def test_each_kind_of_failure_is_told_in_its_own_word(error: Exception, state: StreamState) -> None:
    def run(_: threading.Event) -> None:
        raise error

    board = HealthBoard(Bus())
    with Supervisor([Task("s1", "c1", run)], board, StillClock()):
        row = wait_for_state(board, state)
    assert row.problem
    if isinstance(error, VitrailError):
        assert error.what in row.problem


def test_a_failing_stream_is_started_again_and_the_others_go_on() -> None:
    tries: list[int] = []
    back = threading.Event()

    def flaky(stop: threading.Event) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise Unavailable("camera lost")
        back.set()
        stop.wait(10)

    steady_runs: list[int] = []

    def steady(stop: threading.Event) -> None:
        steady_runs.append(1)
        stop.wait(10)

    board = HealthBoard(Bus())
    with Supervisor([Task("s1", "c1", flaky), Task("s2", "c2", steady)], board, StillClock()):
        assert back.wait(10)
    assert len(tries) == 2
    assert steady_runs == [1]


def test_a_stream_that_ended_by_itself_is_not_started_again() -> None:
    runs: list[int] = []
    board = HealthBoard(Bus())
    with Supervisor([Task("s1", "c1", lambda _: runs.append(1))], board, StillClock()) as supervisor:
        supervisor.wait()
    assert runs == [1]
    assert board.rows()[0].state == StreamState.ENDED


def test_a_change_of_state_is_told_once_on_the_bus_and_keeps_its_beginning() -> None:
    bus = Bus()
    board = HealthBoard(bus)
    with bus.subscribe(["health"]) as listener:
        board.put(StreamHealth("s1", "c1", StreamState.QUIET, 10))
        board.put(StreamHealth("s1", "c1", StreamState.QUIET, 20))
        assert listener.next(0) == ("health", "s1")
        assert listener.next(0) is None
    assert board.rows()[0].since_us == 10


def test_a_failing_chore_is_named_and_forgotten_once_it_works_again() -> None:
    bus = Bus()
    broken = threading.Event()
    broken.set()
    ran = threading.Semaphore(0)

    def work() -> None:
        ran.release()
        if broken.is_set():
            raise Unavailable("disk full")

    with bus.subscribe(["health"]) as listener, Housekeeper([Chore("erase", 0.01, work)], bus) as housekeeper:
        assert listener.next(5) == ("health", "chore:erase")
        assert "disk full" in housekeeper.problems["erase"]
        assert b"vitrail_chores_failing 1.0" in metrics_text(HealthBoard(bus), housekeeper=housekeeper)
        broken.clear()
        assert listener.next(5) == ("health", "chore:erase")
        assert housekeeper.problems == {}


def test_metrics_count_every_dropped_frame_by_stream() -> None:
    board = HealthBoard(Bus())
    board.put(StreamHealth("s1", "c1", StreamState.AWAKE, 1, counters=Counters(frames_dropped=7)))
    text = metrics_text(board).decode()
    assert 'vitrail_frames_dropped_total{camera="c1",stream="s1"} 7.0' in text
    assert 'vitrail_stream_state{camera="c1",state="awake",stream="s1"} 1.0' in text
