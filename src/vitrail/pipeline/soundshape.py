"""Measures of one second of sound that physics knows: how it rises and dies away, in which bands, how tonal and rough.

They stand beside the embedding: an embedding knows what recordings sound like, these know what a blast is.
"""

__all__ = ["SHAPE_LENGTH", "shape_of"]

from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, sosfilt

from vitrail.pipeline.spectrum import RATE_HZ, Samples, band_levels_db, to_db

Floats = npt.NDArray[np.float64]

_STEP = RATE_HZ // 100
_LATER = (2, 5, 10, 20, 30, 40)
"""After the loudest moment, in steps of 10 ms: how far the sound has died away."""
_SPLIT_HZ = (400.0, 2500.0)
_PITCH_HZ = (180.0, 2400.0)
_ROUGH_HZ = (30.0, 150.0)
_FLOOR_DB = -60.0
_FRAME = 2048
SHAPE_LENGTH = 4 + 4 * len(_LATER) + 4 * 22 + 9


def shape_of(samples: Samples) -> npt.NDArray[np.float32]:
    """``SHAPE_LENGTH`` numbers of about one second of sound; those of silence are finite too."""
    samples = samples - samples.mean()
    samples = samples / max(float(np.abs(samples).max(initial=0.0)), 1e-9)
    bands = [samples, *(sosfilt(filters, samples) for filters in _bands())]
    envelopes = [_envelope(band) for band in bands]
    whole = envelopes[0]
    peak = int(np.argmax(whole))
    spans = (_part(samples, peak - 1, 4), _part(samples, peak + 6, 10), _part(samples, peak + 25, 20))
    spectra = [_relative(span) for span in (*spans, samples)]
    falls = [_fall(envelope, peak) for envelope in envelopes]
    numbers = np.concatenate([np.array(_rise(whole, peak)), *falls, *spectra, _tones(samples)])
    return np.asarray(numbers / 20.0, np.float32)


def _rise(envelope: Floats, peak: int) -> list[float]:
    """Level 10, 20, 50 ms before the loudest moment, and the usual level before it, relative to it."""
    before = [envelope[max(0, peak - steps)] - envelope[peak] for steps in (1, 2, 5)]
    usual = float(np.median(envelope[: max(1, peak - 2)])) - envelope[peak]
    return [max(_FLOOR_DB, float(value)) for value in (*before, usual)]


def _fall(envelope: Floats, peak: int) -> Floats:
    later = [envelope[min(len(envelope) - 1, peak + steps)] - envelope[peak] for steps in _LATER]
    return np.asarray(np.maximum(np.array(later), _FLOOR_DB))


def _relative(span: Samples) -> Floats:
    """Third-octave levels relative to the loudest of them."""
    levels = band_levels_db(span)
    return np.asarray(np.maximum(levels - levels.max(), _FLOOR_DB))


def _part(samples: Samples, step: int, steps: int) -> Samples:
    """A span of fixed length that begins at this step of 10 ms, moved inside where it would reach out."""
    start = min(max(0, step * _STEP), max(0, len(samples) - steps * _STEP))
    span = samples[start : start + steps * _STEP]
    return np.pad(span, (0, steps * _STEP - len(span)))


def _envelope(samples: Samples) -> Floats:
    steps = max(1, len(samples) // _STEP)
    padded = np.pad(samples, (0, max(0, steps * _STEP - len(samples))))[: steps * _STEP]
    return to_db((padded.astype(np.float64).reshape(steps, _STEP) ** 2).mean(axis=1))


def _tones(samples: Samples) -> Floats:
    """How tonal (share of the strongest pitch in the autocorrelation, its height, how steady), how flat the spectrum,
    how rough, how peaked; on the scale of the decibels beside them."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (0, _FRAME)), _FRAME)[::1024]
    power = np.abs(np.fft.rfft(frames * np.hanning(_FRAME), 2 * _FRAME, axis=1)) ** 2
    echo = np.fft.irfft(power, axis=1)
    short, long = int(RATE_HZ / _PITCH_HZ[1]), int(RATE_HZ / _PITCH_HZ[0])
    within = echo[:, short:long] / np.maximum(echo[:, :1], 1e-9)
    strength = within.max(axis=1)
    loud = power.sum(axis=1)
    weight = loud / max(float(loud.sum()), 1e-9)
    height = np.log2(RATE_HZ / (within.argmax(axis=1) + short) / 440.0)
    middle = float((weight * height).sum())
    steady = float((weight * np.abs(height - middle)).sum())
    flat = float((weight * (np.log(power + 1e-9).mean(axis=1) - np.log(power.mean(axis=1) + 1e-9))).sum())
    peaky = float((weight * np.log(power.max(axis=1) / (power.mean(axis=1) + 1e-9) + 1.0)).sum())
    crest = float(to_db(np.array(1.0 / max(float((samples**2).mean()), 1e-9))))
    mean, most = float((weight * strength).sum()), float(np.sort(strength)[-4:].mean())
    return np.array([20 * mean, 20 * most, 10 * middle, 10 * steady, 5 * flat, 5 * peaky, crest, *_roughness(samples)])


def _roughness(samples: Samples) -> tuple[float, float]:
    """Share of the envelope's movement where screams and alarms are rough, and where speech moves (2-10 Hz)."""
    steps = len(samples) // 88
    if steps < 8:
        return 0.0, 0.0
    envelope = np.sqrt((samples[: steps * 88].reshape(steps, 88).astype(np.float64) ** 2).mean(axis=1))
    moves = np.abs(np.fft.rfft((envelope - envelope.mean()) * np.hanning(steps))) ** 2
    at = np.fft.rfftfreq(steps, 88 / RATE_HZ)
    every = max(float(moves.sum()), 1e-9)
    rough = float(moves[(at >= _ROUGH_HZ[0]) & (at <= _ROUGH_HZ[1])].sum()) / every
    return 40 * rough, 40 * float(moves[(at >= 2) & (at <= 10)].sum()) / every


@cache
def _bands() -> tuple[npt.NDArray[np.float64], ...]:
    low, high = _SPLIT_HZ
    return (
        butter(2, low, "lowpass", fs=RATE_HZ, output="sos"),
        butter(2, (low, high), "bandpass", fs=RATE_HZ, output="sos"),
        butter(2, high, "highpass", fs=RATE_HZ, output="sos"),
    )
