"""One stream, watched: in which order things happen, how often it looks, and how it ends."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeDetector, FakeOpener, person, pictures
from tests.guard.world import World
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Detections
from vitrail.domain.errors import Refused
from vitrail.domain.events import Event, Findings, Phase
from vitrail.domain.frames import Frame, Packet, Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.health import Ailment
from vitrail.domain.stirs import FlowPicture, Stir
from vitrail.domain.time import DAY_US, SECOND_US, Interval
from vitrail.guard.live import LiveHub
from vitrail.pipeline.camera_health import CameraHealth
from vitrail.pipeline.motion import MotionGate
from vitrail.pipeline.scene_memory import SceneMemory
from vitrail.pipeline.speeds import SpeedControl
from vitrail.pipeline.stirring import Stirring
from vitrail.pipeline.tracking import Tracker
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard, StreamHealth, StreamState
from vitrail.runtime.inference import InferenceEngine
from vitrail.runtime.stream_loop import Stages, Step, StreamLoop


class Presence:
    """Somebody is there: opened at the first track, closed when nobody is followed, or at the end."""

    def __init__(self) -> None:
        self.scenes: list[Scene] = []
        self.told: list[str] = []
        self._since_us: int | None = None

    def update(self, scene: Scene) -> Findings:
        self.scenes.append(scene)
        if len(scene.tracks) and self._since_us is None:
            self._since_us = scene.wall_us
            return Findings((self._event(Phase.OPENED, scene.wall_us),))
        return self.finish(scene.wall_us) if not len(scene.tracks) else Findings()

    def reset(self) -> None:
        self.told.append("reset")
        self._since_us = None

    def finish(self, wall_us: int) -> Findings:
        if self._since_us is None:
            return Findings()
        event = self._event(Phase.CLOSED, wall_us)
        self._since_us = None
        return Findings((event,))

    def _event(self, phase: Phase, wall_us: int) -> Event:
        assert self._since_us is not None
        self.told.append(phase.value)
        return b.event(phase=phase, key=f"presence:{self._since_us}", interval=Interval(self._since_us, wall_us))


class Board(HealthBoard):
    def __init__(self) -> None:
        super().__init__(Bus())
        self.put_rows: list[StreamHealth] = []

    def put(self, row: StreamHealth) -> None:
        self.put_rows.append(row)
        super().put(row)


class Forgetful:
    """An engine that drops the pictures of these running numbers."""

    period_us = SECOND_US // 10

    def __init__(self, dropped: frozenset[int] = frozenset()) -> None:
        self._dropped = dropped
        self._numbers = count()
        self._eyes = FakeDetector()
        self.asked: list[int] = []
        self.widths: list[int] = []

    def ask(
        self, shown: Sequence[Picture], shares: Sequence[float] | None = None
    ) -> Callable[[], list[Detections | None]]:
        answers = self._answers(shown)
        return lambda: answers

    def _answers(self, shown: Sequence[Picture]) -> list[Detections | None]:
        self.asked.append(len(shown))
        self.widths += [picture.width for picture in shown]
        return [
            None if n in self._dropped else found
            for found, n in zip(self._eyes.detect(shown, 0.2), self._numbers, strict=False)
        ]


class Showing(LiveHub):
    """Keeps what was published."""

    def __init__(self) -> None:
        super().__init__(lambda picture, width: b"")
        self.published: list[tuple[str, int, Boxes]] = []

    def publish(self, camera_id: str, frame: Frame, people: Boxes | None, spared: Boxes | None = None) -> None:
        self.published.append((camera_id, frame.wall_us, people))


@dataclass
class Run:
    """A loop over a world; ``live`` False reads the same as a recording."""

    folder: Path
    shown: list[Picture]
    fps: float = 10.0
    live: bool = True
    speeds: SpeedControl = field(default_factory=lambda: SpeedControl(settle_s=3600))
    law: dict[str, Any] = field(default_factory=dict)
    engine: Any = field(default_factory=Forgetful)
    packets: Callable[[Packet], Packet] = lambda packet: packet
    from_us: int = 0

    def __post_init__(self) -> None:
        opener = FakeOpener(self.shown, NOW_US, self.fps, 10)
        self.world = World(self.folder, mandates=[b.mandate(**({"retention_us": DAY_US} | self.law))], opener=opener)
        self.presence = Presence()
        self.board = Board()
        self.hub = Showing()
        self.stop = threading.Event()
        self.order: list[str] = []
        ids = count(1)
        self.stages = Stages(self.speeds, MotionGate(), Tracker(lambda: next(ids)), [self.presence])

    def steps(self) -> Iterator[Step]:
        world = self.world
        with world.open(None if self.live else NOW_US) as opened:
            self._listen(opened)
            hub = self.hub if self.live else None
            loop = StreamLoop(
                world.camera, world.stream, opened, self.stages, self.engine, self.board, world.clock, hub, self.from_us
            )
            yield from loop.steps(self.stop)

    def lag(self, behind_s: float, until_s: float = 1e9) -> None:
        """Every packet comes that late; none any more from ``until_s`` on."""

        def late(packet: Packet) -> Packet:
            clock, behind = self.world.clock, behind_s if packet.media_us < until_s * SECOND_US else 0.0
            clock.advance((packet.wall_us - clock.now_us()) / SECOND_US + behind)
            return packet

        self.packets = late

    def all(self) -> "Run":
        self.made = list(self.steps())
        return self

    def _listen(self, opened: Any) -> None:
        source, record, decode, packets = opened.source, opened.record, opened.source.decode, opened.source.packets
        opened.record = lambda packet: self.order.append("record") or record(packet)
        source.decode = lambda packet: self.order.append("decode") or decode(packet)
        source.packets = lambda: (self.packets(packet) for packet in packets())

    @property
    def looked_s(self) -> list[float]:
        """When it looked, in seconds from the start."""
        return [(scene.wall_us - NOW_US) / SECOND_US for scene in self.presence.scenes]

    @property
    def events(self) -> list[tuple[str, int, int]]:
        """(phase, start, end) of every finding, in order."""
        found = [event for step in self.made for part in step.findings for event in part.events]
        return [(event.phase.value, event.interval.start_us, event.interval.end_us) for event in found]

    @property
    def counters(self) -> Any:
        return self.board.put_rows[-1].counters


def test_every_packet_is_recorded_before_it_is_decoded(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(20)).all()
    assert run.order == ["record", "decode"] * 20
    assert [segment.sealed for segment in run.world.records.segments.rows.values()] == [True]
    assert run.counters.bytes_recorded > 0


def test_somebody_in_the_yard_becomes_one_alert_that_ends_with_the_stream(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(30)).all()
    assert [phase for phase, _, _ in run.events] == ["opened", "closed"]
    (new,) = [alert for step in run.made for alert in step.alerts]
    stored = run.world.records.alerts.rows[new.id]
    assert not stored.ongoing
    assert stored.interval.end_us == NOW_US + 2_900_000
    assert len(run.made) == 31  # one step a packet, and the end
    assert sum(step.frames for step in run.made) == 30


def test_a_mandate_that_ends_ends_the_watching_at_once(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(60), law={"valid": Interval(NOW_US - DAY_US, NOW_US + 3 * SECOND_US)})
    seen = 0

    def watch() -> None:
        nonlocal seen
        for _ in run.steps():
            seen += 1
            run.world.clock.advance(0.1)

    with pytest.raises(Refused) as refused:
        watch()
    assert refused.value.rule
    assert seen == 30
    assert run.order.count("record") == run.order.count("decode") == 30
    assert run.world.opener.sources[0].closed
    assert all(segment.sealed for segment in run.world.records.segments.rows.values())


@pytest.mark.parametrize("live", [True, False])
def test_a_camera_that_comes_back_ends_what_was_open_and_begins_afresh(tmp_path: Path, live: bool) -> None:
    back_us = NOW_US + 2 * SECOND_US

    def reopened(packet: Packet) -> Packet:
        return replace(packet, session=1) if packet.wall_us >= back_us else packet

    run = Run(tmp_path, [person(0.5)] * 40, live=live, packets=reopened).all()
    assert run.presence.told == ["opened", "closed", "reset", "opened", "closed"]
    (_, first_us, _), (_, _, closed_us), (_, second_us, _), _ = run.events
    assert first_us < closed_us == back_us - 100_000 < back_us <= second_us
    assert len(run.world.records.alerts.rows) == 2
    before = {i for s in run.presence.scenes if s.wall_us < back_us for i in s.tracks.ids.tolist()}
    after = {i for s in run.presence.scenes if s.wall_us >= back_us for i in s.tracks.ids.tolist()}
    assert before
    assert after
    assert not before & after  # nobody is followed across


def test_a_clock_that_was_set_back_between_two_sessions_stops_nothing(tmp_path: Path) -> None:
    def earlier(packet: Packet) -> Packet:
        if packet.media_us < 2 * SECOND_US:
            return packet
        if packet.media_us == 2 * SECOND_US:
            run.world.clock.set_back(600)
        return replace(packet, session=1, wall_us=packet.wall_us - 600 * SECOND_US)

    run = Run(tmp_path, [person(0.5)] * 40, packets=earlier)
    run.all()
    assert len(run.presence.scenes) == 40
    assert [phase for phase, _, _ in run.events] == ["opened", "closed"] * 2
    assert run.events[-1][2] == NOW_US + 3_900_000 - 600 * SECOND_US
    assert max(row.detector_fps for row in run.board.put_rows) <= 12


@pytest.mark.parametrize(("fps", "least"), [(25.0, 98), (12.5, 90), (30.0, 98)])
@pytest.mark.parametrize("live", [True, False])
def test_fast_cameras_are_looked_at_ten_times_a_second_at_most(
    tmp_path: Path, fps: float, least: int, live: bool
) -> None:
    run = Run(tmp_path, pictures(round(10 * fps)), fps, live).all()
    assert least <= len(run.looked_s) <= 101
    for start in range(10):
        assert sum(start <= at < start + 1 for at in run.looked_s) <= 11
    assert run.counters.frames_dropped == 0  # not due is not dropped


@pytest.mark.parametrize("fps", [5.0, 8.0, 10.0])
def test_of_slow_cameras_every_frame_is_looked_at(tmp_path: Path, fps: float) -> None:
    run = Run(tmp_path, pictures(round(10 * fps)), fps).all()
    assert len(run.looked_s) == round(10 * fps)


@pytest.mark.parametrize("fps", [10.0, 25.0])
def test_a_live_stream_that_lags_looks_once_a_second_and_counts_what_it_skips(tmp_path: Path, fps: float) -> None:
    run = Run(tmp_path, pictures(round(4 * fps)), fps)
    run.lag(2.0)
    run.all()
    assert len(run.looked_s) == 4
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(run.looked_s))
    assert 26 <= run.counters.frames_dropped <= 28  # of the thirty that were due in three seconds, when last told


def test_a_live_stream_that_has_caught_up_skips_nothing_more(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(40))
    run.world.clock.advance(3)
    run.all()
    assert [at for at in run.looked_s if at < 2] == [0.0, 1.0]
    assert [at for at in run.looked_s if at >= 2] == [2 + i / 10 for i in range(20)]


def test_a_live_stream_far_behind_decodes_one_frame_of_each_group_and_counts_what_it_misses(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(100))
    run.lag(60.0)
    run.all()
    assert run.counters.frames_decoded <= 10 + 1
    assert 1 <= len(run.looked_s) <= 10
    assert run.counters.frames_dropped >= 60
    assert "does not keep up" in run.board.put_rows[-1].detail


def test_a_strained_stream_wakes_again_when_it_has_caught_up(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(100), speeds=SpeedControl())
    run.lag(60.0, until_s=5.0)
    run.all()
    assert len([at for at in run.looked_s if at < 4]) <= 5
    assert len([at for at in run.looked_s if at >= 6]) >= 35


def test_between_looks_at_the_whole_picture_only_the_part_that_moves_is_looked_at(tmp_path: Path) -> None:
    """And who is found there is followed as if all of it were."""
    run = Run(tmp_path, pictures(60)).all()
    parts = [width for width in run.engine.widths if width < 64]
    assert len(run.looked_s) == 60 and 5 <= len(parts) <= 54
    ids = {int(one) for scene in run.presence.scenes[5:] for one in scene.tracks.ids}
    assert len(ids) == 1
    assert all(len(scene.tracks) == 1 for scene in run.presence.scenes[5:])


class Watched(Showing):
    def watched(self, camera_id: str) -> bool:
        return True


@pytest.mark.parametrize(("somebody", "every_s"), [(None, 10.0), (0.5, 4.0)])
def test_while_nothing_moves_the_last_answer_stands(tmp_path: Path, somebody: float | None, every_s: float) -> None:
    """Tracks and analytics go on; the detector is asked now and then, sooner where somebody stands."""
    run = Run(tmp_path, [person(somebody)] * 400, speeds=SpeedControl()).all()
    assert len(run.looked_s) >= 38, "each second is told to tracker and analytics"
    assert 40 / every_s - 1 <= sum(run.engine.asked) <= 40 / every_s + 2
    if somebody is not None:
        assert all(len(scene.tracks) == 1 for scene in run.presence.scenes[4:])


def test_while_somebody_watches_every_opening_is_looked_at(tmp_path: Path) -> None:
    run = Run(tmp_path, [person(0.5)] * 200, speeds=SpeedControl())
    run.hub = Watched()
    run.all()
    assert sum(run.engine.asked) == len(run.looked_s) >= 19


def test_a_recording_is_never_late(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(40), live=False)
    run.world.clock.advance(3600)
    run.all()
    assert len(run.looked_s) == 40
    assert run.counters.frames_dropped == 0


def test_pictures_that_the_engine_dropped_are_counted_and_not_judged(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(20), engine=Forgetful(frozenset({3, 4, 9}))).all()
    assert len(run.looked_s) == 17
    assert not {0.3, 0.4, 0.9} & set(run.looked_s)
    assert (run.counters.frames_detected, run.counters.frames_dropped) == (8, 3)
    assert len(run.hub.published) == 17  # a picture that nobody looked at is not shown


def test_health_is_told_once_a_second(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(50)).all()
    assert [(row.since_us - NOW_US) // SECOND_US for row in run.board.put_rows] == [0, 1, 2, 3, 4]
    assert [row.detector_fps for row in run.board.put_rows] == [0.0] + [pytest.approx(10.0)] * 4
    assert {row.state for row in run.board.put_rows} == {StreamState.AWAKE}
    assert all(row.recording and not row.problem for row in run.board.put_rows)
    assert [row.counters.packets for row in run.board.put_rows] == [1, 11, 21, 31, 41]


def test_a_full_disk_is_told_and_watching_goes_on(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(30))
    run.world.archive.full = True
    run.all()
    assert len(run.looked_s) == 30
    assert run.board.put_rows[-1].problem
    assert not run.board.put_rows[-1].recording
    assert run.counters.bytes_recorded == 0


def test_a_still_scene_falls_quiet_and_is_said_to(tmp_path: Path) -> None:
    run = Run(tmp_path, [person(None)] * 150, speeds=SpeedControl(settle_s=4.0)).all()
    assert run.board.put_rows[0].state is StreamState.AWAKE
    assert run.board.put_rows[-1].state is StreamState.QUIET
    assert run.board.put_rows[-1].detail == "nothing moves"
    assert len(run.looked_s) < 100
    assert run.order.count("record") == 150  # all of it is kept


def walk(there: int, away: int) -> list[Picture]:
    return [*pictures(there), *[person(None)] * away, *pictures(there), *[person(None)] * away]


@pytest.mark.parametrize("speeds", [lambda: SpeedControl(settle_s=3600), SpeedControl], ids=["awake", "two speeds"])
def test_a_recording_read_in_batches_gives_the_findings_of_the_live_pace(
    tmp_path: Path, speeds: Callable[[], SpeedControl]
) -> None:
    shown = walk(60, 120)
    live = Run(tmp_path / "live", shown, speeds=speeds()).all()
    offline = Run(tmp_path / "offline", shown, live=False, speeds=speeds()).all()
    assert len(live.events) >= 4
    assert offline.events == live.events
    assert max(live.engine.asked) < max(offline.engine.asked)


def test_the_engine_of_the_product_gives_the_same(tmp_path: Path) -> None:
    engine = InferenceEngine(FakeDetector(), 0.2)
    real = Run(tmp_path / "real", pictures(30), live=False, engine=engine).all()
    engine.close()
    assert real.events == Run(tmp_path / "fake", pictures(30), live=False).all().events


@pytest.mark.parametrize("live", [True, False])
def test_told_to_stop_it_takes_no_more_packets_and_closes_what_is_open(tmp_path: Path, live: bool) -> None:
    run = Run(tmp_path, pictures(200), live=live)
    run.made = []
    for step in run.steps():
        run.made.append(step)
        if len(run.made) == 30:
            run.stop.set()
    assert len(run.made) == 31
    assert run.order.count("record") == 30
    assert [phase for phase, _, _ in run.events] == ["opened", "closed"]
    assert not any(alert.ongoing for alert in run.world.records.alerts.rows.values())
    assert run.world.opener.sources[0].closed


def test_every_picture_that_is_shown_live_comes_with_where_people_are(tmp_path: Path) -> None:
    run = Run(tmp_path, [person(0.5)] * 10 + [person(None)] * 3).all()
    assert [(camera, at_us) for camera, at_us, _ in run.hub.published] == [
        ("gate", NOW_US + i * 100_000) for i in range(13)
    ]
    for _, _, boxes in run.hub.published:  # those just lost are followed on, and masked on
        assert len(boxes) > 0
        assert boxes.shape[1] == 4


def test_a_recording_that_is_analysed_is_not_shown(tmp_path: Path) -> None:
    assert Run(tmp_path, pictures(20), live=False).all().hub.published == []


def test_analytics_see_what_the_scene_memory_knows_and_people_are_not_in_it(tmp_path: Path) -> None:
    run = Run(tmp_path, [person(None)] * 20 + [person(0.5)] * 40)
    run.stages = replace(run.stages, memory=SceneMemory())
    list(run.steps())
    views = [scene.place for scene in run.presence.scenes if scene.place is not None]
    assert len(views) == len(run.presence.scenes)
    covered = [view for view in views if view.whole.covered.any()]
    assert covered and not covered[-1].whole.changes


def test_analytics_see_what_a_network_made_of_the_motion_where_two_are_close(tmp_path: Path) -> None:
    class Calls(Stirring):
        def look(self, picture: Picture, people: Boxes, wall_us: int) -> Stir | None:
            return Stir(np.full(1280, len(people), np.float32))

    run = Run(tmp_path, [person(0.5)] * 40)
    run.stages = replace(run.stages, stirring=Calls(NoReader(), []))
    list(run.steps())
    stirs = [scene.stir for scene in run.presence.scenes if not scene.still]
    assert stirs and all(stir is not None for stir in stirs)
    assert {scene.stir for scene in run.presence.scenes if scene.still} <= {None}, "where nothing moves it rests"


class NoReader:
    def stir(self, motions: Sequence[FlowPicture]) -> Stir:
        raise AssertionError("nobody is close")


def test_without_a_scene_memory_nothing_is_known_of_the_place(tmp_path: Path) -> None:
    run = Run(tmp_path, [person(None)] * 20)
    list(run.steps())
    assert {scene.place for scene in run.presence.scenes} == {None}


def test_an_analysis_that_goes_on_looks_at_nothing_before_its_key_packet(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(40), live=False, from_us=round(1.35 * SECOND_US)).all()
    assert run.looked_s == [pytest.approx(n / 10) for n in range(10, 40)]


def test_a_recording_says_up_to_when_it_is_judged_and_when_nothing_was_going_on(tmp_path: Path) -> None:
    empty, there = [person(None)], [person(0.5)]
    run = Run(tmp_path, empty * 30 + there * 30, live=False, speeds=SpeedControl()).all()
    end = run.made[-1]
    assert end.judged_us == NOW_US + round(5.9 * SECOND_US)
    assert 0 < end.settled_us <= 3 * SECOND_US
    assert [step.settled_us for step in run.made] == sorted(step.settled_us for step in run.made)


def test_from_a_recording_the_next_frames_are_decoded_before_the_answers_are_needed(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(32), live=False)
    order: list[str] = []
    ask = run.engine.ask

    def asked(shown: Any, shares: Any = None) -> Any:
        order.append("asked")
        answers = ask(shown, shares)
        return lambda: order.append("answered") or answers()

    run.engine.ask = asked
    run.all()
    assert order[:3] == ["asked", "asked", "answered"]
    assert run.looked_s == [n / 10 for n in range(32)]


def test_a_camera_whose_packets_say_nothing_says_so(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(40), packets=lambda packet: replace(packet, key=True)).all()
    assert "every packet is a key packet" in run.board.put_rows[-1].mute
    other = Run(tmp_path / "other", pictures(40)).all()
    assert "key packet" not in other.board.put_rows[-1].mute


class Turned(CameraHealth):
    """Says from the twentieth picture on that the camera was turned."""

    shown = 0

    def update(self, picture: Picture, wall_us: int) -> frozenset[Ailment]:
        self.shown += 1
        self.ailments = frozenset({Ailment.MOVED}) if self.shown >= 20 else frozenset()
        return self.ailments


def test_a_camera_that_moved_is_told_to_the_guard_once_and_shown_as_health(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(60))
    run.stages = replace(run.stages, health=Turned())
    run.all()
    assert list(run.world.poses.moved()) == [run.world.camera.id]
    assert run.board.put_rows[-1].ailments == (Ailment.MOVED,)
    entries = [stored.entry for stored in run.world.ledger.entries(0, run.world.ledger.size)]
    assert [e.rule for e in entries if e.target == f"camera:{run.world.camera.id}"] == ["L17"]


def test_a_recording_that_is_read_again_says_nothing_of_the_camera(tmp_path: Path) -> None:
    run = Run(tmp_path, pictures(60), live=False)
    run.stages = replace(run.stages, health=Turned())
    assert run.all().world.poses.moved() == {}
