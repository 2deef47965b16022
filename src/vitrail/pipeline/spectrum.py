"""Sound as spectra: the log-mel picture that the sound embedding looks at, and third-octave levels.

Third octaves follow IEC 61260-1 (base 10: centres at 1000 * 10^(n/10) Hz). They are the finest thing about a sound that
may be stored: a level for each band and no time inside, so that nobody can hear a word in them (law.md L19).
"""

__all__ = ["BANDS_HZ", "MEL_BANDS", "MEL_FRAMES", "RATE_HZ", "band_levels_db", "hann", "log_mel", "to_db"]

from functools import cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]

RATE_HZ = 44_100
MEL_BANDS, MEL_FRAMES = 64, 96
"""Nearly a second in steps of 10 ms: what the embedding looks at."""
_MEL_HOP = RATE_HZ // 100
_MEL_WINDOW = RATE_HZ // 40
_MEL_FFT = 1411
"""Its lines lie 31.25 Hz apart, as those of 512 at the 16 kHz that the embedding was trained on: no resampling."""
_TRAINED_WINDOW = 400
_MEL_SAMPLES = (MEL_FRAMES - 1) * _MEL_HOP + _MEL_WINDOW
_PEAK = 0.9
_SILENT = 1e-9
BANDS_HZ: tuple[float, ...] = tuple(1000.0 * 10 ** (n / 10) for n in range(-10, 12))
"""Centres of the third octaves from 100 Hz to 12.5 kHz."""


def log_mel(samples: Samples) -> npt.NDArray[np.float32]:
    """(``MEL_FRAMES``, ``MEL_BANDS``) of the last second of ``samples`` (44.1 kHz), scaled to its loudest moment; a
    shorter sound is followed by silence."""
    samples = samples[-_MEL_SAMPLES:]
    loudest = float(np.abs(samples).max(initial=0.0))
    scaled = np.pad(samples * (_PEAK / max(loudest, _SILENT)), (0, _MEL_SAMPLES - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(scaled, _MEL_WINDOW)[::_MEL_HOP]
    loud = np.abs(np.fft.rfft(frames * hann(_MEL_WINDOW), _MEL_FFT, axis=1)) * (_TRAINED_WINDOW / _MEL_WINDOW)
    return np.asarray(np.log(loud @ _mel_filters() + 0.001), np.float32)


def band_levels_db(samples: Samples) -> Floats:
    """Level of each third octave of ``BANDS_HZ`` over ``samples``, dB relative to a full-scale sine."""
    power = np.abs(np.fft.rfft(samples * hann(len(samples)))) ** 2
    return to_db(power @ _octave_filters(len(samples)))


def to_db(power: Floats) -> Floats:
    return 10.0 * np.log10(np.maximum(power, 1e-12))


@cache
def hann(length: int) -> Samples:
    """A Hann window that repeats seamlessly; made once for each length."""
    return np.hanning(length + 1)[:-1].astype(np.float32)


@cache
def _mel_filters() -> Floats:
    """Triangles on the mel scale of HTK (1127 ln(1 + f / 700)), 125 to 7500 Hz, as the embedding was trained on."""
    at = 1127.0 * np.log(1.0 + np.fft.rfftfreq(_MEL_FFT, 1 / RATE_HZ)[:, None] / 700.0)
    ends = 1127.0 * np.log(1.0 + np.array([125.0, 7500.0]) / 700.0)
    corners = np.linspace(ends[0], ends[1], MEL_BANDS + 2)
    low, middle, high = corners[:-2], corners[1:-1], corners[2:]
    return np.asarray(np.clip(np.minimum((at - low) / (middle - low), (high - at) / (high - middle)), 0.0, None))


@cache
def _octave_filters(length: int) -> Floats:
    """Sums of power between the edges of each band, scaled so that a full-scale sine reads 0 dB."""
    at = np.fft.rfftfreq(length, 1 / RATE_HZ)[:, None]
    centres = np.array(BANDS_HZ)
    inside = (at >= centres * 10**-0.05) & (at < centres * 10**0.05)
    sine = (length / 4) ** 2 * 1.5  # power of a full-scale sine under a Hann window, spread over its three bins
    return inside / sine
