"""Puts a sound into a street: place, distance, noise at a known level, microphone, codec. Three seconds come out."""

__all__ = ["Mixer", "street"]

import subprocess
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from tools.sound.material import Clip
from tools.sound.physics import tail

RATE_HZ = 44_100
Samples = npt.NDArray[np.float32]
Dice = np.random.Generator
_WORDS = (
    "good morning how are you today",
    "where is the station please",
    "bonjour je voudrais un cafe",
    "the bus is late again",
    "attention a la marche en descendant du train",
    "come over here and look at this",
    "on se retrouve devant la mairie a huit heures",
)


def street(dice: Dice, seconds: float) -> Samples:
    """Traffic: noise that falls by 3 to 6 dB an octave, cars that come and go, a hum, wind."""
    count = int(seconds * RATE_HZ)
    white = np.fft.rfft(dice.standard_normal(count))
    at = np.maximum(np.fft.rfftfreq(count, 1 / RATE_HZ), 20.0)
    noise = np.fft.irfft(white / at ** dice.uniform(0.3, 1.1), count)
    knots = int(seconds * 2) + 2
    swell = np.interp(np.arange(count), np.linspace(0, count, knots), dice.uniform(0.4, 1.0, knots))
    noise = noise / noise.std() * swell
    if dice.random() < 0.3:
        hum = dice.choice([50.0, 100.0, 60.0, dice.uniform(80, 300)])
        noise = noise + dice.uniform(0, 0.5) * np.sin(2 * np.pi * hum * np.arange(count) / RATE_HZ)
    return np.asarray(noise / noise.std(), np.float32)


def speech(dice: Dice) -> Samples:
    """A sentence by espeak-ng: something to be deaf to."""
    voice = dice.choice(["en", "en-us", "fr", "en+f3", "fr+f2", "en+m4", "fr+m3", "en+f5"])
    command = ["espeak-ng", "-v", str(voice), "-s", str(dice.integers(130, 220)), "-p", str(dice.integers(10, 95))]
    raw = subprocess.run([*command, "--stdout", str(dice.choice(_WORDS))], capture_output=True, check=True).stdout
    sound = np.frombuffer(raw[44:], "<i2").astype(np.float64) / 32768
    return np.asarray(resample_poly(sound, 2, 1), np.float32)


class Mixer:
    """``beds``: real recordings that may lie under a sound, beside made noise."""

    def __init__(self, beds: Sequence[Clip]) -> None:
        self._beds = [clip.samples for clip in beds if len(clip.samples) > 2 * RATE_HZ]

    def background(self, dice: Dice, seconds: float) -> Samples:
        bed = street(dice, seconds)
        if self._beds and dice.random() < 0.4:
            real = self._beds[dice.integers(len(self._beds))]
            start = dice.integers(0, len(real))
            real = np.resize(np.roll(real, -start), len(bed))
            level = float(real.std())
            if level > 1e-4:
                bed = bed * dice.uniform(0.1, 1.0) + real / level
        return bed / max(float(bed.std()), 1e-9)

    def window(
        self, dice: Dice, sound: Samples, onset_s: float, snr_db: float, wet: bool, edge_hz: float, pitch: float
    ) -> Samples:
        """Three seconds: the place alone, what came before, and the second that is judged, in which ``sound`` begins
        at ``onset_s`` (before it, when negative). ``snr_db``: its power over the time it sounds there, against the
        noise under it."""
        if wet:
            place = tail(dice, float(np.exp(dice.uniform(np.log(0.1), np.log(2.0)))), dice.uniform(1500, 12000), 800)
            sound = np.asarray(fftconvolve(sound, place), np.float32)
        sound = self._far(dice, sound, edge_hz, pitch)
        bed = self.background(dice, 3.0)
        out = np.zeros(3 * RATE_HZ, np.float32)
        start = int((2.0 + onset_s) * RATE_HZ)
        part = sound[: 3 * RATE_HZ - start]
        out[start : start + len(part)] = part
        level = _loud(out[2 * RATE_HZ :])
        mixed = out / max(level, 1e-6) * 10 ** (snr_db / 20) + bed
        return self._microphone(dice, mixed)

    def alone(self, dice: Dice) -> Samples:
        return self._microphone(dice, self.background(dice, 3.0))

    def _far(self, dice: Dice, sound: Samples, edge_hz: float, pitch: float) -> Samples:
        """Air takes the highs; a recording may be played a little faster or slower."""
        if dice.random() < 0.7:
            up = int(100 * np.exp(dice.uniform(-pitch, pitch)))
            sound = np.asarray(resample_poly(sound, 100, up), np.float32)
        if dice.random() < 0.5:
            sound = _coloured(dice, sound)
        if dice.random() < 0.6:
            edge = float(np.exp(dice.uniform(np.log(edge_hz), np.log(15000))))
            sound = np.asarray(sosfilt(butter(1, edge, fs=RATE_HZ, output="sos"), sound), np.float32)
        return sound

    def _microphone(self, dice: Dice, sound: Samples) -> Samples:
        """A response of its own, gain control, clipping, a codec's narrow band, its own noise."""
        if dice.random() < 0.5:
            low, high = np.exp(dice.uniform(np.log(40), np.log(300))), np.exp(dice.uniform(np.log(3300), np.log(18000)))
            sound = sosfilt(butter(int(dice.integers(1, 4)), (low, high), "bandpass", fs=RATE_HZ, output="sos"), sound)
        peak = max(float(np.abs(sound).max()), 1e-9)
        sound = sound / peak
        if dice.random() < 0.35:
            drive = float(np.exp(dice.uniform(np.log(1.2), np.log(12))))
            sound = np.clip(sound * drive, -1, 1) if dice.random() < 0.5 else np.tanh(sound * drive)
        if dice.random() < 0.25:
            sound = _gain_control(dice, sound)
        return (sound + 10 ** dice.uniform(-4.5, -2.5) * dice.standard_normal(len(sound))).astype(np.float32)


def _coloured(dice: Dice, sound: Samples) -> Samples:
    """A random, smooth response of up to 9 dB."""
    spectrum = np.fft.rfft(sound)
    at = np.log(np.maximum(np.fft.rfftfreq(len(sound), 1 / RATE_HZ), 30.0))
    bends = np.interp(at, np.linspace(np.log(30), np.log(22050), 8), dice.uniform(-9, 9, 8))
    return np.asarray(np.fft.irfft(spectrum * 10 ** (bends / 20), len(sound)), np.float32)


def _gain_control(dice: Dice, sound: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Loud moments are turned down and recover slowly."""
    step = 441
    level = np.abs(sound[: len(sound) // step * step]).reshape(-1, step).max(axis=1)
    held, recover = 0.0, float(dice.uniform(0.85, 0.98))
    gains = np.empty(len(level))
    for index, value in enumerate(level):
        held = max(float(value), held * recover)
        gains[index] = 1.0 / max(held, 0.05) ** dice.uniform(0.4, 0.8)
    return sound * np.interp(np.arange(len(sound)), np.arange(len(gains)) * step + step / 2, gains)


def _loud(part: Samples) -> float:
    """RMS over the time in which something sounds: down to 30 dB under the loudest 10 ms."""
    steps = len(part) // 441
    if steps == 0 or not part.any():
        return 1.0
    power = (part[: steps * 441].reshape(steps, 441) ** 2).mean(axis=1)
    return float(np.sqrt(power[power > power.max() / 1000].mean()))
