"""Microphones that need no card: sounds that a test makes are heard as windows of a tenth of a second."""

__all__ = ["RATE_HZ", "FakeEars", "bang", "hiss", "tone", "windows"]

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from vitrail.domain.mandates import Permit
from vitrail.domain.sound import SoundWindow
from vitrail.domain.streams import SoundStream
from vitrail.ports.sound import SoundSource

RATE_HZ = 44_100
STEP = RATE_HZ // 10
Samples = npt.NDArray[np.float32]


def hiss(seconds: float, level: float = 0.003, seed: int = 1) -> Samples:
    """A quiet place."""
    return (level * np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ))).astype(np.float32)


def bang(decay_s: float = 0.06, level: float = 0.8, seed: int = 2) -> Samples:
    at = np.arange(int(0.5 * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(seed).standard_normal(len(at))
    return (level * noise / np.abs(noise).max() * np.exp(-at / decay_s)).astype(np.float32)


def tone(seconds: float, hz: float, level: float = 0.3) -> Samples:
    return (level * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def windows(sound: Samples, start_us: int, stream_id: str = "quay.sound", trouble: str = "") -> list[SoundWindow]:
    count = len(sound) // STEP
    return [
        SoundWindow(stream_id, start_us + i * 100_000, 0, sound[i * STEP : (i + 1) * STEP], trouble)
        for i in range(count)
    ]


class _Played:
    def __init__(self, heard: Sequence[SoundWindow]) -> None:
        self._heard = heard
        self.closed = False

    def windows(self) -> Iterator[SoundWindow]:
        yield from self._heard

    def close(self) -> None:
        self.closed = True


class FakeEars:
    """A ``SoundOpener``; ``opened`` counts."""

    def __init__(self, heard: Sequence[SoundWindow] = ()) -> None:
        self.heard = list(heard)
        self.opened = 0
        self.sources: list[_Played] = []

    def open(self, stream: SoundStream, permit: Permit, start_us: int | None = None) -> SoundSource:
        assert permit.microphone_id == stream.microphone_id
        self.opened += 1
        self.sources.append(_Played(self.heard))
        return self.sources[-1]
