"""What the sound benchmark needs: clips, streets, and the product's listening run over a sound in memory."""

__all__ = ["Bed", "Clip", "decoded", "run", "score_of", "windows"]

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from vitrail.adapters.openvino.aisfx import AisfxEmbedder
from vitrail.analytics.sound import Sound
from vitrail.analytics.sound_head import load_head
from vitrail.domain.events import Phase
from vitrail.domain.sound import Heard, Hearing, SoundWindow
from vitrail.domain.streams import AnalyticSetting, Microphone, SoundStream
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.listening import Listening
from vitrail.pipeline.soundshape import shape_of
from vitrail.pipeline.spectrum import log_mel

RATE_HZ = 44_100
STEP = RATE_HZ // 10
Samples = npt.NDArray[np.float32]
_MICROPHONE = Microphone("m", "m", SoundStream("m.s", "m", "x", "x"), "tunnel")
_SETTING = AnalyticSetting("sound", "trial")


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """``learned``: its licence let the heads learn from it."""

    label: str
    source: str
    learned: bool
    samples: Samples

    @property
    def begins_s(self) -> float:
        """Where it jumps most: the onset that is to be found."""
        steps = len(self.samples) // 441
        power = (np.diff(self.samples, prepend=0.0)[: steps * 441].reshape(steps, 441).astype(float) ** 2).mean(axis=1)
        levels = 10 * np.log10(power + 1e-12)
        loud = np.flatnonzero(levels > levels.max() - 12)
        return float(loud[0]) / 100 if len(loud) else 0.0


def decoded(path: Path) -> Samples:
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE_HZ)
        parts = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        parts += [out.to_ndarray()[0] for out in resampler.resample(None)]
    return np.concatenate(parts).astype(np.float32)


def windows(sound: Samples) -> Iterator[SoundWindow]:
    for index in range(len(sound) // STEP):
        yield SoundWindow("m.s", index * 100_000, 0, sound[index * STEP : (index + 1) * STEP])


def _looks(sound: Samples, embedder: AisfxEmbedder) -> Iterator[tuple[int, Hearing]]:
    listening = Listening()
    for window in windows(sound):
        moment = listening.update(window)
        heard = None
        if moment is not None:
            vector = embedder.embed([log_mel(moment.samples)])[0]
            shape = shape_of(moment.samples)
            heard = Heard(vector, shape, moment.onset_us, moment.rise_db, moment.bands_out, moment.trace)
        now_us = window.wall_us + 100_000
        yield now_us, Hearing("m.s", "m", now_us, listening.level_db, listening.background_db, heard)


def run(sound: Samples, embedder: AisfxEmbedder) -> list[tuple[str, float, float]]:
    """(kind, onset, when it was told) of every alert, seconds."""
    analytic = Sound(_MICROPHONE, _SETTING)
    told = []
    for now_us, hearing in _looks(sound, embedder):
        for event in analytic.update(hearing).events:
            if event.phase is Phase.OPENED:
                told.append((event.kind, event.interval.start_us / SECOND_US, now_us / SECOND_US))
    return told


def score_of(clip: Samples, embedder: AisfxEmbedder) -> npt.NDArray[np.float64]:
    """Best mean of two neighbouring looks for each kind, the clip lying in a quiet room."""
    dice = np.random.default_rng(1)
    quiet = max(float(np.abs(clip).max()), 1e-6) * 1e-3
    sound = np.concatenate([np.zeros(2 * RATE_HZ), clip, np.zeros(RATE_HZ)])
    sound = (sound + quiet * dice.standard_normal(len(sound))).astype(np.float32)
    head, said = load_head(), []
    for _, hearing in _looks(sound, embedder):
        if hearing.heard is not None:
            said.append(head.log_odds(hearing.heard.vector, hearing.heard.shape).astype(float))
    if not said:
        return np.full(5, -30.0)
    pairs = [(a + b) / 2 for a, b in pairwise(said)] or [said[0] - 3.0]
    return np.max(pairs, axis=0)


class Bed:
    """Street noise: it falls by 4 to 5 dB an octave, cars come and go."""

    def __init__(self, dice: np.random.Generator) -> None:
        self._dice = dice

    def street(self, seconds: float) -> Samples:
        dice, count = self._dice, int(seconds * RATE_HZ)
        at = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)
        noise = np.fft.irfft(np.fft.rfft(dice.standard_normal(count)) / at ** dice.uniform(0.6, 0.8), count)
        swell = np.interp(np.arange(count), np.linspace(0, count, int(seconds)), dice.uniform(0.4, 1.0, int(seconds)))
        noise = noise * swell
        return np.asarray(noise / noise.std(), np.float32)

    def mixed(self, clip: Samples, at_s: float, seconds: float, level_db: float) -> Samples:
        """``level_db``: power of the clip while it sounds, against the street."""
        out = self.street(seconds)
        steps = len(clip) // 441
        power = (clip[: steps * 441].reshape(steps, 441).astype(float) ** 2).mean(axis=1)
        loud = np.sqrt(power[power >= power.max() / 1000].mean()) if steps else 1.0
        start = int(at_s * RATE_HZ)
        part = clip[: len(out) - start]
        out[start : start + len(part)] += part / max(float(loud), 1e-9) * 10 ** (level_db / 20)
        return out / max(float(np.abs(out).max()), 1e-9) * np.float32(0.9)
