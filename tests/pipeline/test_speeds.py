"""Quiet and awake: what is decoded, what is handed on, and that nothing is lost on waking."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrail.domain.frames import Frame, Packet, Picture
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.motion import Motion, MotionGate
from vitrail.pipeline.speeds import Plan, SpeedControl

FPS, GROUP = 25, 50
_HALF = np.zeros((1, 1), np.uint8)
PICTURE = Picture(np.zeros((2, 2), np.uint8), _HALF, _HALF)
Moves = Callable[[float], bool]


class ScriptedGate(MotionGate):
    """Sees what the script says moves at that second."""

    def __init__(self, moves: Moves) -> None:
        super().__init__()
        self._moves = moves

    def update(self, picture: Picture, wall_us: int | None = None) -> Motion:
        moving = self._moves((wall_us or 0) / SECOND_US)
        return Motion(0.05 if moving else 0.0, np.zeros((0, 4), np.float32), moving)


@dataclass
class Run:
    """Seconds of what was decoded and what was handed on."""

    decoded: list[float] = field(default_factory=list)
    handed: list[float] = field(default_factory=list)
    awake: list[bool] = field(default_factory=list)


def stream(seconds: float, group: int = GROUP, size: Callable[[int], int] | None = None) -> list[Packet]:
    """A camera of steady habits: packet sizes that vary a little, key packets eight times larger."""
    random = np.random.default_rng(5)
    count = round(seconds * FPS)
    sizes = [size(i) if size else int(2000 * 2 ** random.normal(0, 0.06)) for i in range(count)]
    step = SECOND_US // FPS
    return [
        Packet("s", i * step, i * step, step, s * (8 if i % group == 0 else 1), i % group == 0, 0, i)
        for i, s in enumerate(sizes)
    ]


def run(packets: list[Packet], moves: Moves, live: Moves = lambda t: False) -> Run:
    """The loop of the module's docstring over a decoder that gives one frame a packet."""
    speeds, gate, told = SpeedControl(), ScriptedGate(moves), Run()

    def carry_out(plan: Plan) -> None:
        frames = [Frame("s", p.media_us, p.wall_us, p.key, p.session, PICTURE) for p in plan.decode]
        told.decoded += [frame.media_us / SECOND_US for frame in frames]
        for frame in speeds.see(frames, gate):
            told.handed.append(frame.media_us / SECOND_US)
            speeds.on_tracks(live(frame.wall_us / SECOND_US), frame.wall_us)

    for packet in packets:
        carry_out(speeds.on_packet(packet))
        told.awake.append(speeds.awake)
    for plan in speeds.finish():
        carry_out(plan)
    return told


def test_a_still_stream_falls_quiet_and_decodes_the_key_frame_of_each_group() -> None:
    told = run(stream(60), lambda t: False)
    late = [t for t in told.decoded if t >= 20]
    assert not any(told.awake[20 * FPS :])
    assert len(late) == 20
    assert all(round(t * FPS) % GROUP in (0, 1) for t in late)


def test_motion_wakes_and_nothing_since_the_last_still_opening_is_lost() -> None:
    told = run(stream(40), lambda t: t >= 25.3)
    every = {round(t * FPS) for t in told.handed}
    assert set(range(round(25.3 * FPS), 40 * FPS)) <= every


def test_a_stream_falls_quiet_again_after_motion_has_ended() -> None:
    told = run(stream(60), lambda t: 20 <= t < 25)
    assert told.awake[23 * FPS]
    assert not any(told.awake[40 * FPS :])


def test_swelling_packets_wake_before_the_next_opening() -> None:
    random = np.random.default_rng(5)

    def size(i: int) -> int:
        return int((9000 if i >= 26 * FPS + 10 else 2000) * 2 ** random.normal(0, 0.06))

    told = run(stream(40, size=size), lambda t: False)
    assert any(told.awake[26 * FPS + 10 : 28 * FPS - 10])


def test_somebody_who_is_followed_keeps_the_stream_awake_though_he_stands_still() -> None:
    told = run(stream(60), lambda t: 10 <= t < 12, live=lambda t: t >= 10)
    assert all(told.awake[14 * FPS : 50 * FPS])


def test_a_track_without_any_motion_keeps_nobody_awake_for_ever() -> None:
    told = run(stream(150), lambda t: 10 <= t < 12, live=lambda t: t >= 10)
    assert not any(told.awake[100 * FPS :])


def test_groups_too_long_to_wait_for_keep_the_stream_awake() -> None:
    told = run(stream(40, group=10 * FPS), lambda t: False)
    assert all(told.awake[6 * FPS :])
    assert len(told.handed) == 40 * FPS, "what came before it woke is replayed"


def test_a_stream_of_key_packets_is_looked_at_twice_a_second() -> None:
    told = run(stream(40, group=1), lambda t: False)
    late = [t for t in told.decoded if t >= 20]
    assert not any(told.awake[20 * FPS :])
    assert 35 <= len(late) <= 41


def test_a_new_session_starts_anew() -> None:
    speeds = SpeedControl(settle_s=1.0)
    packets = stream(30)
    for packet in packets:
        speeds.on_packet(packet)
        speeds.see([], MotionGate())
    assert not speeds.awake
    again = Packet("s", 0, 31 * SECOND_US, 40_000, 16_000, True, 1, None)
    assert speeds.on_packet(again).decode == (again,)
    assert speeds.awake


@settings(max_examples=25, deadline=None)
@given(
    st.integers(5, 120),
    st.lists(st.tuples(st.floats(0, 30), st.floats(0.05, 4)), max_size=4),
)
def test_frames_are_handed_on_once_in_order_and_moving_ones_after_a_wake_are_not_lost(
    group: int, motions: list[tuple[float, float]]
) -> None:
    def moves(t: float) -> bool:
        return any(a <= t < a + d for a, d in motions)

    told = run(stream(30, group=group), moves)
    assert told.handed == sorted(set(told.handed))
    assert set(told.handed) <= set(told.decoded)
    begun = [a for a, d in motions if a + d > a + 2 * max(group, 13) / FPS + 0.1]
    for start in begun:
        until = min(30.0, start + 2 * group / FPS)
        wanted = {i for i in range(int(np.ceil(start * FPS)), int(until * FPS)) if moves(i / FPS)}
        assert wanted <= {round(t * FPS) for t in told.handed}
