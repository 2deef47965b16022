"""When something begins, in a street as loud as it is."""

import numpy as np
import pytest

from tests.fakes.sound import RATE_HZ, bang, hiss, windows
from vitrail.pipeline.beginnings import LEAST_DB, Beginnings


def street(seconds: float, seed: int = 3) -> np.ndarray:
    """Falls by more than 4 dB an octave, as traffic does."""
    count = int(seconds * RATE_HZ)
    at = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)
    noise = np.fft.irfft(np.fft.rfft(np.random.default_rng(seed).standard_normal(count)) / at**0.7, count)
    return np.asarray(0.05 * noise / noise.std(), np.float32)


def heard(sound: np.ndarray) -> list[tuple[float, float]]:
    """(jump, when in seconds) of each tenth of a second."""
    beginnings = Beginnings()
    found = [(beginnings.update(w.samples), w.wall_us) for w in windows(sound, 0)]
    return [(began.jump_db, us / 1e6 + began.at / RATE_HZ) for began, us in found]


@pytest.mark.parametrize("at_s", [4.0, 4.037, 4.0951])
def test_a_bang_as_loud_as_the_street_is_heard_to_begin_within_some_milliseconds(at_s: float) -> None:
    sound, shot = street(8.0), bang(0.06, 1.0)
    shot = shot / np.sqrt((shot[: RATE_HZ // 5] ** 2).mean()) * np.float32(0.05)
    start = int(at_s * RATE_HZ)
    sound[start : start + len(shot)] += shot
    jump, when = max(heard(sound))
    assert jump >= LEAST_DB
    assert abs(when - at_s) <= 0.004


def test_a_street_alone_does_not_begin() -> None:
    assert max(jump for jump, _ in heard(street(60.0))[10:]) < LEAST_DB


def test_a_swell_of_traffic_is_no_beginning() -> None:
    sound = street(12.0) * np.interp(np.arange(12 * RATE_HZ), [0, 5 * RATE_HZ, 7 * RATE_HZ, 12 * RATE_HZ], [1, 1, 8, 8])
    assert max(jump for jump, _ in heard(sound.astype(np.float32))[10:]) < LEAST_DB


def test_digital_silence_and_a_first_window_are_borne() -> None:
    assert all(np.isfinite(jump) for jump, _ in heard(np.zeros(RATE_HZ, np.float32)))
    assert heard(hiss(0.1))[0][0] < LEAST_DB
