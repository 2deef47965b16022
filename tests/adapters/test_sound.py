"""Microphones and sound files: every form is heard alike, and broken ones are told."""

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.clock import FakeClock
from vitrail.adapters.sound import AvEars
from vitrail.adapters.sound.times import SampleClock
from vitrail.domain.errors import Invalid, NotFound, Refused, Unavailable, VitrailError
from vitrail.domain.mandates import Mode, Permit
from vitrail.domain.streams import SoundStream
from vitrail.domain.time import Interval

RATE_HZ = 44_100


def written(path: Path, rate_hz: int = 44_100, channels: int = 1, seconds: float = 2.0, hz: float = 440.0) -> Path:
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    sound = np.zeros((len(at), channels))
    sound[:, channels - 1] = 0.5 * np.sin(2 * np.pi * hz * at)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(rate_hz)
        out.writeframes((sound * 32767).astype("<i2").tobytes())
    return path


def stream(address: Path | str, **changes: object) -> SoundStream:
    given = {"id": "quay.sound", "microphone_id": "quay", "address": str(address), "label": "quay.wav"}
    return SoundStream(**(given | changes))  # type: ignore[arg-type]


def permit(**changes: object) -> Permit:
    given = {
        "mandate_id": "m",
        "mode": Mode.LAB,
        "camera_id": "",
        "stream_id": "quay.sound",
        "analytics": frozenset({"sound"}),
        "may_record": False,
        "retention_us": 1,
        "valid": Interval(0, 1),
        "microphone_id": "quay",
    }
    return Permit(**(given | changes))  # type: ignore[arg-type]


def heard(given: SoundStream, start_us: int | None = 0) -> list[object]:
    with AvEars(FakeClock()).open(given, permit(), start_us) as source:
        return list(source.windows())


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (16_000, 2), (22_050, 1), (48_000, 4), (96_000, 1)])
def test_every_rate_and_number_of_channels_is_heard_alike(tmp_path: Path, rate_hz: int, channels: int) -> None:
    windows = heard(stream(written(tmp_path / "a.wav", rate_hz, channels), channel=channels - 1))
    assert 19 <= len(windows) <= 20
    assert [w.wall_us for w in windows[:3]] == [0, 100_000, 200_000]  # type: ignore[attr-defined]
    middle = windows[10].samples  # type: ignore[attr-defined]
    assert len(middle) == RATE_HZ // 10
    peaks = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert abs(peaks.argmax() * 10 - 440) <= 10
    assert 0.4 < np.abs(middle).max() < 0.6


def test_a_channel_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="channel 2 was asked for"):
        heard(stream(written(tmp_path / "a.wav", channels=2), channel=2))


@pytest.mark.parametrize(
    ("content", "kind"), [(None, NotFound), (b"", Invalid), (b"RIFF\x00\x00", Invalid), (b"not sound" * 99, Invalid)]
)
def test_what_cannot_be_heard_says_why(tmp_path: Path, content: bytes | None, kind: type[VitrailError]) -> None:
    path = tmp_path / "a.wav"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind) as error:
        heard(stream(path))
    assert error.value.remedy and str(tmp_path) not in str(error.value)


def test_a_recording_that_was_cut_short_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    path.write_bytes(path.read_bytes()[: 44 + 2 * 44_100])
    assert len(heard(stream(path))) == 10


def test_a_picture_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    with pytest.raises(VitrailError):
        heard(stream(path))


def test_a_sound_card_that_is_not_there_may_come_later() -> None:
    with pytest.raises(Unavailable):
        heard(stream("card:hw:9,9"))


def test_a_permit_of_a_camera_opens_no_microphone(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav")
    for wrong in (permit(microphone_id="", camera_id="gate"), permit(stream_id="gate-main")):
        with pytest.raises(Refused):
            AvEars(FakeClock()).open(stream(path), wrong, 0)


def test_a_file_that_loops_begins_a_new_session(tmp_path: Path) -> None:
    path = written(tmp_path / "a.wav", seconds=0.5)
    with AvEars(FakeClock()).open(stream(path, loop=True), permit(), 0) as source:
        windows = [window for window, _ in zip(source.windows(), range(12), strict=False)]
    assert [w.session for w in windows] == [0] * 5 + [1] * 5 + [2] * 2
    assert all(b.wall_us - a.wall_us == 100_000 for a, b in pairwise(windows))


def test_a_hole_becomes_silence_and_a_jump_of_the_clock_is_told() -> None:
    from fractions import Fraction

    times = SampleClock(FakeClock(), RATE_HZ, True, None)
    base = Fraction(1, 1000)
    assert times.arrived(0, base, 4410, RATE_HZ) == (0, "")
    hole, said = times.arrived(400, base, 4410, RATE_HZ)
    assert hole == 3 * 4410 and "300 ms" in said
    assert "jumped" in times.arrived(90_000, base, 4410, RATE_HZ)[1]
    assert "jumped" in times.arrived(10, base, 4410, RATE_HZ)[1]


def test_late_arrivals_do_not_move_the_clock_and_early_ones_correct_it() -> None:
    clock = FakeClock()
    times = SampleClock(clock, RATE_HZ, True, None)
    begins_us = clock.now_us()
    given = []
    for index, late_s in enumerate([0.02, 0.05, 0.001, 0.03, 0.002]):
        clock.advance(max(0.0, begins_us / 1e6 + (index + 1) * 0.1 + late_s - clock.now_us() / 1e6))
        times.arrived(None, None, 4410, RATE_HZ)
        given.append(times.take(4410) - begins_us - index * 100_000)
    assert max(abs(at) for at in given[2:]) <= 3_000


def test_the_senders_own_time_is_believed_where_arrival_bears_it_out() -> None:
    from fractions import Fraction

    from vitrail.adapters.sound.times import SENT_ERROR_US

    base = Fraction(1, 1000)
    for wrong_us, believed in ((0, True), (-3_600_000_000, False), (2_000_000, False)):
        clock = FakeClock()
        times = SampleClock(clock, RATE_HZ, True, None)
        begins_us = clock.now_us()
        clock.advance(0.13)  # the network takes 30 ms
        times.arrived(0, base, 4410, RATE_HZ, begins_us + wrong_us)
        given_us = times.take(4410)
        assert times.error_us == (SENT_ERROR_US if believed else None)
        assert given_us == begins_us + (0 if believed else 30_000)
