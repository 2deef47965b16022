"""Packet gate and motion gate: what wakes a stream, and what does not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrail.domain.frames import Packet, Picture
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.gate import PacketGate, Wake
from vitrail.pipeline.motion import Motion, MotionGate


def packets(sizes: list[int], group: int = 50) -> list[Packet]:
    return [
        Packet("s", i * 40_000, i * 40_000, 40_000, size * (8 if i % group == 0 else 1), i % group == 0, 0, None)
        for i, size in enumerate(sizes)
    ]


def wakes(sizes: list[int], group: int = 50) -> list[int]:
    gate = PacketGate()
    told = [gate.update(packet) for packet in packets(sizes, group)]
    return [i for i, wake in enumerate(told) if wake]


def noisy(count: int, mean: int = 2000, spread: float = 0.06, seed: int = 1) -> list[int]:
    random = np.random.default_rng(seed)
    return [int(mean * 2 ** random.normal(0, spread)) for _ in range(count)]


def test_a_quiet_stream_wakes_nobody() -> None:
    assert wakes(noisy(500)) == []


def test_packets_that_swell_wake_within_a_second() -> None:
    told = wakes([*noisy(250), *(size * 4 for size in noisy(50, seed=2))])
    assert told and 250 <= told[0] < 275


def test_a_wake_says_how_much_and_why() -> None:
    gate = PacketGate()
    told = [gate.update(packet) for packet in packets([*noisy(250), *(s * 4 for s in noisy(50, seed=2))])]
    wake = next(one for one in told if one)
    assert isinstance(wake, Wake) and wake.excess > 0 and "times their usual size" in wake.reason


def test_packets_that_shrink_wake_nobody() -> None:
    assert wakes([*noisy(250), *noisy(100, mean=500, seed=3)]) == []


def test_constant_bit_rate_and_key_only_streams_say_that_they_are_mute() -> None:
    constant, intra = PacketGate(), PacketGate()
    for packet in packets([2000] * 300):
        constant.update(packet)
    for packet in packets(noisy(300), group=1):
        intra.update(packet)
    assert "bit rate" in constant.mute and "key packet" in intra.mute


def test_a_reset_gate_learns_before_it_speaks() -> None:
    gate = PacketGate()
    for packet in packets(noisy(200)):
        gate.update(packet)
    assert gate.mute == ""
    gate.reset()
    assert "learnt" in gate.mute


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=200))
def test_any_sizes_are_borne(sizes: list[int]) -> None:
    wakes(sizes)


NOISE = np.random.default_rng(7)


def picture(patch: tuple[int, int, int, int] | None = None, gain: float = 1.0, grain: float = 1.0) -> Picture:
    """A street of soft shades, 640 x 360, with camera grain; ``patch`` is x, y, width, height of somebody dark."""
    yy, xx = np.mgrid[0:360, 0:640]
    y = 110 + 40 * np.sin(xx / 60) + 20 * np.cos(yy / 40)
    if patch is not None:
        x0, y0, w, h = patch
        y[y0 : y0 + h, x0 : x0 + w] = 30
    y = y * gain + NOISE.normal(0, grain, y.shape)
    half = np.full((180, 320), 128, np.uint8)
    return Picture(np.clip(y, 0, 255).astype(np.uint8), half, half)


def judge(shown: list[Picture], step_us: int = SECOND_US // 10) -> list[Motion]:
    gate = MotionGate()
    return [gate.update(one, i * step_us) for i, one in enumerate(shown)]


def test_a_still_scene_does_not_move_however_grainy() -> None:
    for grain in (0.5, 2.0, 4.0):
        assert not any(motion.moving for motion in judge([picture(grain=grain) for _ in range(40)])[10:])


def test_a_walker_moves_and_is_boxed_where_he_is() -> None:
    shown = [picture() for _ in range(20)] + [picture((100 + 6 * i, 150, 30, 90)) for i in range(10)]
    motions = judge(shown)
    assert not motions[19].moving
    assert all(motion.moving for motion in motions[20:])
    box = motions[29].boxes[0]
    assert box[0] < 154 / 640 + 0.05 < box[2] + 0.1 and box[1] < 0.6 < box[3] + 0.1
    assert 0 < motions[29].share < 0.2


def test_who_stands_still_stays_visible_for_a_while() -> None:
    motions = judge([picture() for _ in range(20)] + [picture((300, 150, 30, 90)) for _ in range(20)])
    assert all(motion.moving for motion in motions[20:40])


@pytest.mark.parametrize("gain", [0.8, 1.15])
def test_a_step_of_exposure_is_no_motion(gain: float) -> None:
    motions = judge([picture() for _ in range(20)] + [picture(gain=gain) for _ in range(10)])
    assert not any(motion.moving for motion in motions)


def test_a_new_size_is_learnt_anew() -> None:
    gate = MotionGate()
    gate.update(picture(), 0)
    half = np.full((60, 80), 128, np.uint8)
    assert not gate.update(Picture(np.full((120, 160), 90, np.uint8), half, half), 100_000).moving


def test_the_first_picture_after_a_reset_never_moves() -> None:
    gate = MotionGate()
    for i in range(10):
        gate.update(picture(), i * 100_000)
    gate.reset()
    assert not gate.update(picture((100, 100, 200, 200)), 1_100_000).moving


def test_where_packets_grow_and_nothing_moves_they_are_soon_not_listened_to_until_something_does() -> None:
    gate = PacketGate()
    for one in packets(noisy(250)):
        gate.update(one)
    assert gate.mute == ""
    for _ in range(7):
        gate.judged(moved=False)
    assert "nothing moves" in gate.mute
    assert [gate.update(one) for one in packets([60_000] * 20)] == [None] * 20
    gate.judged(moved=True)
    assert gate.mute == ""


def test_after_looks_that_saw_nothing_more_is_asked_for_before_the_next() -> None:
    fresh, doubting = PacketGate(), PacketGate()
    for _ in range(4):
        doubting.judged(moved=False)
    swelling = packets([*noisy(250), *(size * 2 for size in noisy(60, seed=2))])
    first = [
        next((i for i, one in enumerate(swelling) if gate.update(one)), len(swelling)) for gate in (fresh, doubting)
    ]
    assert 250 <= first[0] < first[1]
