"""Watching: every stream gets the work of its roles, alerts are told, and a recording runs through the same loop."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeDetector, FakeOpener, person
from tests.guard.world import World
from tests.runtime.test_stream_loop import Presence
from vitrail.domain.errors import Refused
from vitrail.domain.progress import Progress
from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import DAY_US
from vitrail.guard.live import LiveHub
from vitrail.pipeline.motion import MotionGate
from vitrail.pipeline.speeds import SpeedControl
from vitrail.pipeline.tracking import Tracker
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard, StreamHealth, StreamState
from vitrail.runtime.inference import InferenceEngine
from vitrail.runtime.stream_loop import Stages
from vitrail.services.watch import Watch


class Board(HealthBoard):
    def __init__(self, bus: Bus) -> None:
        super().__init__(bus)
        self.told: list[StreamHealth] = []

    def put(self, row: StreamHealth) -> None:
        self.told.append(row)
        super().put(row)

    def last(self, stream_id: str) -> StreamHealth:
        """The last word of a stream's own loop; the supervisor's word that it ended comes after."""
        return [row for row in self.told if row.stream_id == stream_id and row.state is not StreamState.ENDED][-1]


class House:
    """One camera with a small stream that is watched and a main one that is only kept."""

    def __init__(self, folder: Path, **law: Any) -> None:
        detect = b.stream(id="gate-sub", roles=frozenset({"detect"}))
        record = b.stream(id="gate-main", roles=frozenset({"record"}))
        site = b.site(cameras=(b.camera(streams=(detect, record)),))
        opener = FakeOpener([person(0.5)] * 30, NOW_US, 10.0, 10)
        self.world = World(folder, site, [b.mandate(**({"retention_us": DAY_US} | law))], opener=opener)
        self.detect, self.record = detect, record
        self.bus = Bus()
        self.board = Board(self.bus)
        self.engine = InferenceEngine(FakeDetector(), 0.2)
        self.live = LiveHub(self.world.film.still)
        self.staged: list[str] = []
        self.watch = Watch(
            site, self.world.intake, self.engine, self._stages, self.board, self.bus, self.world.clock, self.live
        )

    def _stages(self, camera: Camera, stream: Stream) -> Stages:
        ids = count(1)
        self.staged.append(stream.id)
        tracker = Tracker(lambda: next(ids))
        presence = Presence()
        update = presence.update
        presence.update = lambda scene: _named(update(scene), stream.id)  # type: ignore[method-assign]
        finish = presence.finish
        presence.finish = lambda wall_us: _named(finish(wall_us), stream.id)  # type: ignore[method-assign]
        return Stages(SpeedControl(), MotionGate(), tracker, [presence])


def _named(found: Any, stream_id: str) -> Any:
    return replace(found, events=tuple(replace(event, stream_id=stream_id) for event in found.events))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    built: list[House] = []

    def build(**law: Any) -> House:
        built.append(House(tmp_path, **law))
        return built[-1]

    yield build
    for one in built:
        one.live.close()
        one.engine.close()


def run_to_the_end(house: House) -> None:
    with house.watch.supervisor() as supervisor:
        supervisor.wait()


def test_each_stream_gets_the_work_of_its_roles(house: Callable[..., House]) -> None:
    one = house()
    run_to_the_end(one)
    assert sorted(stream for stream, _, _ in one.world.opener.opened) == ["gate-main", "gate-sub"]
    assert one.staged == ["gate-sub"]  # the main stream is kept, and not looked at
    assert {segment.stream_id for segment in one.world.records.segments.rows.values()} == {"gate-main"}
    assert {row.state for row in one.board.rows()} == {StreamState.ENDED}
    assert all(source.closed for source in one.world.opener.sources)


def test_new_alerts_are_told_on_the_bus(house: Callable[..., House]) -> None:
    one = house()
    with one.bus.subscribe(["alert"]) as listener:
        run_to_the_end(one)
        (alert_id,) = one.world.records.alerts.rows
        assert listener.next(10) == ("alert", alert_id)


def test_the_health_of_a_stream_that_is_only_kept_says_what_is_kept(house: Callable[..., House]) -> None:
    one = house()
    run_to_the_end(one)
    told = [row for row in one.board.told if row.stream_id == "gate-main" and row.state is StreamState.QUIET]
    assert [row.counters.packets for row in told] == [1, 11, 21]
    assert all(row.recording and not row.problem for row in told)
    assert told[-1].counters.bytes_recorded == 21 * 64 * 48 * 3 // 2


def test_the_health_of_a_stream_that_cannot_be_kept_says_why(house: Callable[..., House]) -> None:
    one = house()
    one.world.archive.full = True
    run_to_the_end(one)
    last = one.board.last("gate-main")
    assert not last.recording
    assert "full" in last.problem
    assert last.counters.bytes_recorded == 0


def test_a_stream_that_may_not_be_kept_is_refused_and_never_opened(house: Callable[..., House]) -> None:
    one = house(recording=frozenset())
    with one.bus.subscribe(["health"]) as listener, one.watch.supervisor():
        heard = iter(lambda: listener.next(10), None)
        assert any(text == "gate-main" for _, text in heard)
        row = one.board.get("gate-main")
        assert row is not None
        assert (row.state, row.recording) == (StreamState.REFUSED, False)
    assert "gate-main" not in [stream for stream, _, _ in one.world.opener.opened]
    assert one.world.records.segments.rows == {}


def test_a_recording_is_analysed_at_its_own_time_and_shown_to_nobody(house: Callable[..., House]) -> None:
    one = house()
    view = one.live.watch("gate")
    start_us = NOW_US - DAY_US // 2
    steps = list(one.watch.analyse(one.world.camera, one.detect, Progress(start_us), threading.Event()))
    assert len(steps) == 31
    (alert,) = [alert for step in steps for alert in step.alerts]
    assert start_us <= alert.interval.start_us < start_us + 3_000_000
    assert one.world.film.written == 0
    view.close()
    assert list(view.frames()) == []
    assert one.world.opener.sources[0].closed


def test_analysing_is_over_when_whoever_asked_goes_away(house: Callable[..., House]) -> None:
    one = house()
    steps = one.watch.analyse(one.world.camera, one.detect, Progress(NOW_US), threading.Event())
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert one.world.opener.sources[0].closed
    assert one.world.said()[-1] == "collect done stream:gate-sub"


def test_without_a_mandate_nothing_is_opened(house: Callable[..., House]) -> None:
    one = house(matrix=frozenset(), recording=frozenset())
    with pytest.raises(Refused):
        list(one.watch.analyse(one.world.camera, one.detect, Progress(NOW_US), threading.Event()))
    assert one.world.opener.opened == []
    assert one.staged == []
