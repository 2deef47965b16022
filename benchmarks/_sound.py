"""What the sound benchmark needs: clips, streets, and the product's listening run over a sound in memory."""

__all__ = [
    "Bed",
    "Clip",
    "Ear",
    "Looks",
    "decoded",
    "held",
    "listeners",
    "looked",
    "looked_here",
    "scores_of",
    "windows",
]

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from vitrail.adapters.openvino import load_sound_embedder
from vitrail.adapters.openvino.yamnet import YamnetEmbedder
from vitrail.analytics.rate_guard import RateGuard
from vitrail.analytics.sound import MANIFEST, Sound
from vitrail.analytics.sound_head import KINDS, load_head
from vitrail.domain.events import Phase
from vitrail.domain.sound import Heard, Hearing, SoundWindow
from vitrail.domain.streams import AnalyticSetting, Microphone, SoundStream
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.fitness import Fitness
from vitrail.pipeline.listening import Listening
from vitrail.pipeline.soundshape import shape_of
from vitrail.pipeline.spectrum import log_mel

RATE_HZ = 44_100
STEP = RATE_HZ // 10
Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
_MICROPHONE = Microphone("m", "m", SoundStream("m.s", "m", "x", "x"), "tunnel")
_SETTING = AnalyticSetting("sound", "trial")
_A_DAY = next(p.default for p in MANIFEST.parameters if p.name == "false_a_day")


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """``learned``: its licence let the heads learn from it. ``group``: who recorded it, or with which weapon."""

    label: str
    source: str
    group: str
    learned: bool
    samples: Samples

    @property
    def begins_s(self) -> float:
        """Where it gets loud: the onset that is to be found."""
        steps = len(self.samples) // 441
        power = (np.diff(self.samples, prepend=0.0)[: steps * 441].reshape(steps, 441).astype(float) ** 2).mean(axis=1)
        levels = 10 * np.log10(power + 1e-12)
        loud = np.flatnonzero(levels > levels.max() - 12) if steps else np.zeros(0, int)
        return float(loud[0]) / 100 if len(loud) else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What the heads said at each look at one sound (rows of five log odds), and the vectors and measures they said it
    of; no row when nothing stood out. ``told``: the kinds that a microphone would have told, in order."""

    said: Floats
    inputs: Floats
    told: tuple[str, ...]

    @property
    def scores(self) -> Floats:
        """Best mean of two neighbouring looks for each kind."""
        if not len(self.said):
            return np.full(5, -30.0)
        pairs = [(a + b) / 2 for a, b in pairwise(self.said)] or [self.said[0] - 3.0]
        return np.asarray(np.max(pairs, axis=0))


def decoded(path: Path) -> Samples:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE_HZ)
        parts = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.nan_to_num(np.concatenate(parts or [np.zeros(1)])).astype(np.float32)


def windows(sound: Samples, start_us: int = 0) -> Iterator[SoundWindow]:
    for index in range(len(sound) // STEP):
        yield SoundWindow("m.s", start_us + index * 100_000, 0, sound[index * STEP : (index + 1) * STEP])


class Ear:
    """One microphone that goes on listening: the product's own stages."""

    def __init__(self, embedder: YamnetEmbedder) -> None:
        self._embedder = embedder
        self._listening = Listening()
        self._fitness = Fitness()
        self._analytic = Sound(_MICROPHONE, _SETTING)
        self._now_us = 0
        self.looks: list[Heard] = []

    def hear(self, sound: Samples) -> list[tuple[str, float, float]]:
        """(kind, onset, when it was told) of every alert, seconds after the first window of ``sound``."""
        told, began_us = [], self._now_us
        self.looks = []
        for window in windows(sound, began_us):
            for event in self._analytic.update(self._hearing(window)).events:
                if event.phase is Phase.OPENED:
                    at = (event.interval.start_us - began_us) / SECOND_US
                    told.append((event.kind, at, (self._now_us - began_us) / SECOND_US))
        return told

    @property
    def thresholds(self) -> dict[str, float]:
        """Where they stand now, after what was heard."""
        guards = {kind: RateGuard(kind, base, _A_DAY) for kind, base in zip(KINDS, load_head().thresholds, strict=True)}
        for habit in self._analytic.habits:
            guards[habit.kind].recall(habit)
        return {kind: round(guard.threshold, 2) for kind, guard in guards.items()}

    def _hearing(self, window: SoundWindow) -> Hearing:
        fit = self._fitness.update(window)
        moment = self._listening.update(window)
        heard = None
        if moment is not None:
            vector = self._embedder.embed([log_mel(moment.samples)])[0]
            shape = shape_of(moment.samples)
            heard = Heard(vector, shape, moment.onset_us, moment.rise_db, moment.bands_out, moment.trace)
            self.looks.append(heard)
        self._now_us = window.wall_us + 100_000
        level, usual = self._listening.level_db, self._listening.background_db
        return Hearing("m.s", "m", self._now_us, level, usual, heard, fit)


def looked(clip: Samples, embedder: YamnetEmbedder) -> Looks:
    """The clip in a quiet room."""
    dice = np.random.default_rng(1)
    quiet = max(float(np.abs(clip).max()), 1e-6) * 1e-3
    sound = np.concatenate([np.zeros(2 * RATE_HZ), clip, np.zeros(RATE_HZ)])
    sound = (sound + quiet * dice.standard_normal(len(sound))).astype(np.float32)
    ear = Ear(embedder)
    told = tuple(kind for kind, _, _ in ear.hear(sound))
    if not ear.looks:
        return Looks(np.zeros((0, 5)), np.zeros((0, 1)), told)
    vectors, shapes = np.stack([h.vector for h in ear.looks]), np.stack([h.shape for h in ear.looks])
    bands = np.array([h.bands_out for h in ear.looks])
    rises = np.array([h.rise_db for h in ear.looks])
    said = load_head().log_odds(vectors, shapes, bands, rises).astype(float)
    return Looks(said, np.concatenate([vectors, shapes], axis=1).astype(float), told)


def listeners(cache: Path, workers: int) -> ProcessPoolExecutor:
    """Processes that each hold the embedding, of one thread each: those that take every core only wait for each
    other."""
    for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
    return ProcessPoolExecutor(workers, get_context("spawn"), _begin, (cache,))


_HELD: list[YamnetEmbedder] = []


def _begin(cache: Path) -> None:
    _HELD.append(load_sound_embedder(cache))


def held() -> YamnetEmbedder:
    """This process's own."""
    return _HELD[0]


def looked_here(clip: Samples) -> Looks:
    return looked(clip, held())


def scores_of(looks: list[Looks]) -> Floats:
    return np.array([each.scores for each in looks])


class Bed:
    """Street noise: it falls by 4 to 5 dB an octave, cars come and go."""

    def __init__(self, dice: np.random.Generator, kept: int = 0) -> None:
        """``kept``: so many minutes of noise are made once and used again from another moment on, for speed."""
        self._dice = dice
        self._kept = [self._made(60.0) for _ in range(kept)]

    def street(self, seconds: float) -> Samples:
        if not self._kept:
            return self._made(seconds)
        noise = self._kept[int(self._dice.integers(len(self._kept)))]
        return np.resize(np.roll(noise, int(self._dice.integers(len(noise)))), int(seconds * RATE_HZ))

    def _made(self, seconds: float) -> Samples:
        dice, count = self._dice, int(seconds * RATE_HZ)
        at = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)
        noise = np.fft.irfft(np.fft.rfft(dice.standard_normal(count)) / at ** dice.uniform(0.6, 0.8), count)
        swell = np.interp(np.arange(count), np.linspace(0, count, int(seconds)), dice.uniform(0.4, 1.0, int(seconds)))
        noise = noise * swell
        return np.asarray(noise / noise.std(), np.float32)

    def mixed(self, clip: Samples, at_s: float, seconds: float, level_db: float) -> Samples:
        """``level_db``: power of the clip while it sounds (down to 30 dB under its loudest 10 ms) against the street,
        both over all bands, as the event-to-background ratio of DCASE 2017 task 2."""
        out = self.street(seconds).copy()
        steps = len(clip) // 441
        power = (clip[: steps * 441].reshape(steps, 441).astype(float) ** 2).mean(axis=1)
        loud = np.sqrt(power[power >= power.max() / 1000].mean()) if steps else 1.0
        start = int(at_s * RATE_HZ)
        part = clip[: len(out) - start]
        out[start : start + len(part)] += part / max(float(loud), 1e-9) * 10 ** (level_db / 20)
        return (out * _GAIN).clip(-1, 1)


_GAIN = np.float32(0.03)
"""A street at some 30 dB under full scale: loud sounds clip, as they do in microphones."""
