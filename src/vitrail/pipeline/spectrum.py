"""Sound as spectra: the log-mel picture that the sound embedding looks at, and third-octave levels.

Third octaves follow IEC 61260-1 (base 10: centres at 1000 * 10^(n/10) Hz). They are the finest thing about a sound that
may be stored: a level for each band and no time inside, so that nobody can hear a word in them (law.md L19).
"""

__all__ = ["BANDS_HZ", "MEL_BANDS", "MEL_FRAMES", "RATE_HZ", "band_levels_db", "log_mel", "to_db"]

from functools import cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

RATE_HZ = 44_100
MEL_BANDS = 96
MEL_FRAMES = 44
"""One second: what is looked at together. The embedding was trained on 100 frames; its last layer takes the maximum
over time, so that fewer are as good for short sounds, and sooner."""
_FFT = 2048
_HOP = 1024
_LOG_MOST = 9.457798957824707
"""The largest log-mel value in the material that the embedding was trained on; its inputs are divided by it."""
_GAIN = 10_000.0
_SILENT = 1e-9
BANDS_HZ: tuple[float, ...] = tuple(1000.0 * 10 ** (n / 10) for n in range(-10, 12))
"""Centres of the third octaves from 100 Hz to 12.5 kHz."""


def log_mel(samples: Samples) -> npt.NDArray[np.float32]:
    """(``MEL_FRAMES``, ``MEL_BANDS``) of the last second of ``samples`` (44.1 kHz), scaled to its loudest moment; a
    shorter sound is followed by silence."""
    samples = samples[-MEL_FRAMES * _HOP :]
    loudest = float(np.abs(samples).max(initial=0.0))
    scaled = np.pad(samples / max(loudest, _SILENT), (_FFT // 2, _FFT // 2 + MEL_FRAMES * _HOP - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(scaled, _FFT)[::_HOP][:MEL_FRAMES]
    power = np.abs(np.fft.rfft(frames * _window(_FFT), axis=1).astype(np.complex64)) ** 2
    mel = np.log10(power @ _mel_filters() * _GAIN + 1.0) / _LOG_MOST
    return np.asarray(mel, np.float32)


def band_levels_db(samples: Samples) -> Floats:
    """Level of each third octave of ``BANDS_HZ`` over ``samples``, dB relative to a full-scale sine."""
    power = np.abs(np.fft.rfft(samples * _window(len(samples)))) ** 2
    return to_db(power @ _octave_filters(len(samples)))


def to_db(power: Floats) -> Floats:
    return 10.0 * np.log10(np.maximum(power, 1e-12))


@cache
def _window(length: int) -> Samples:
    return np.hanning(length + 1)[:-1].astype(np.float32)


@cache
def _mel_filters() -> npt.NDArray[np.float32]:
    """Triangles on the mel scale of HTK (2595 log10(1 + f / 700)), each of sum one."""
    top = 2595.0 * np.log10(1.0 + RATE_HZ / 2 / 700.0)
    corners = 700.0 * (10 ** (np.linspace(0.0, top, MEL_BANDS + 2) / 2595.0) - 1.0)
    at = np.fft.rfftfreq(_FFT, 1 / RATE_HZ)[:, None]
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    filters = np.clip(np.minimum((at - low) / (middle - low), (high - at) / (high - middle)), 0.0, None)
    return np.asarray(filters / np.maximum(filters.sum(axis=0), _SILENT), np.float32)


@cache
def _octave_filters(length: int) -> Floats:
    """Sums of power between the edges of each band, scaled so that a full-scale sine reads 0 dB."""
    at = np.fft.rfftfreq(length, 1 / RATE_HZ)[:, None]
    centres = np.array(BANDS_HZ)
    inside = (at >= centres * 10**-0.05) & (at < centres * 10**0.05)
    sine = (length / 4) ** 2 * 1.5  # power of a full-scale sine under a Hann window, spread over its three bins
    return inside / sine
