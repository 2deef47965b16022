"""When something begins: loudness that jumps within hundredths of a second, in the bands where a place is quiet.

Traffic is loud below some hundred hertz and still above: a shot as loud as the street over all is far louder than it
between. So every third octave is weighed by how loud it usually is here, and their mean may jump.
"""

__all__ = ["LEAST_DB", "Beginning", "Beginnings"]

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from vitrail.pipeline.spectrum import BANDS_HZ, RATE_HZ, Samples, hann, to_db

Floats = npt.NDArray[np.float64]

_HOP = RATE_HZ // 100
_FRAME = 2 * _HOP
_FFT = 1024
_FINEST = RATE_HZ // 1000
_LOWEST_HZ = 300.0
"""Below, 10 ms hold less than one swing of noise: its level says nothing."""
_SOFTEST = 1e-9
_UP, _DOWN = 10**0.015, 10**-0.04
"""How fast the usual level follows, each tenth of a second."""
LEAST_DB = 4.5
"""Street noise by itself jumps by 3 dB in ten minutes (``benchmarks/sound.py`` counts the looks in a quiet minute)."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """``at``: samples after the start of the window (some before it, when it fell on the seam), ``jump_db``: by how
    much the weighed loudness jumps there."""

    at: int
    jump_db: float


class Beginnings:
    """One microphone. ``update`` for each tenth of a second."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._tail = np.zeros(0, np.float32)
        self._usual: Floats | None = None
        self._levels = np.zeros(0)

    @property
    def usual(self) -> Floats | None:
        """Power of each band from 315 Hz up in a frame, as it usually is here; None before anything was heard."""
        return self._usual

    def update(self, samples: Samples) -> Beginning:
        joined = np.concatenate([self._tail, samples])
        frames = (len(joined) - _FRAME) // _HOP + 1
        self._tail = joined[max(0, frames) * _HOP :][-_FRAME:]
        if frames < 1:
            return Beginning(0, 0.0)
        power = _powers(joined, frames)
        if self._usual is None:
            self._usual = np.maximum(np.median(power, axis=0), _SOFTEST)
        levels = to_db((power / self._usual).mean(axis=1))
        told = self._largest(joined, levels, len(joined) - len(samples))
        self._levels = np.concatenate([self._levels, levels])[-4:]
        mean = power.mean(axis=0)
        self._usual = np.maximum(np.clip(mean, self._usual * _DOWN, self._usual * _UP), _SOFTEST)
        return told

    def _largest(self, joined: Samples, levels: Floats, old: int) -> Beginning:
        """Frames overlap by half, and the one just before may hold the beginning already: it is not compared with."""
        every = np.concatenate([self._levels, levels])
        first = len(self._levels)
        jumps = [
            every[i] - max(every[max(0, i - 4) : i - 1].max(), 0.0) if i >= 2 else 0.0 for i in range(first, len(every))
        ]
        best = int(np.argmax(jumps))
        worth = jumps[best] >= LEAST_DB
        at = self._exactly(joined, best * _HOP) if worth else best * _HOP
        return Beginning(at - old, float(jumps[best]))

    def _exactly(self, joined: Samples, start: int) -> int:
        """Within the frame that jumped, the first millisecond louder than half way up (in decibels): the direct sound,
        since echoes come later."""
        assert self._usual is not None
        begin = max(0, start - _HOP)
        part = joined[begin : start + _FRAME]
        spectrum = np.fft.rfft(part)
        at = np.fft.rfftfreq(len(part), 1 / RATE_HZ)
        inside = (at >= _LOWEST_HZ) & (at <= _centres()[-1] * 1.12)
        weight = np.interp(at, _centres(), 1 / np.sqrt(self._usual / _widths()))
        even = np.fft.irfft(spectrum * weight * inside, len(part))
        steps = len(even) // _FINEST
        levels = to_db((even[: steps * _FINEST].reshape(steps, _FINEST) ** 2).mean(axis=1))
        peak = int(np.argmax(levels))
        before = float(np.median(levels[: max(1, min(peak, 10))]))
        louder = np.flatnonzero(levels[: peak + 1] > (before + levels[peak]) / 2)
        return begin + int(louder[0]) * _FINEST if len(louder) else start


def _powers(joined: Samples, frames: int) -> Floats:
    """(frames, bands)"""
    cut = np.lib.stride_tricks.sliding_window_view(joined, _FRAME)[::_HOP][:frames]
    power = np.abs(np.fft.rfft(cut * hann(_FRAME), _FFT, axis=1)) ** 2
    return np.asarray(power @ _filters())


@cache
def _centres() -> Floats:
    return np.array([hz for hz in BANDS_HZ if hz > _LOWEST_HZ])


@cache
def _widths() -> Floats:
    """How many lines of the spectrum each band holds."""
    return np.asarray(np.maximum((_filters() > 0).sum(axis=0), 1), np.float64)


@cache
def _filters() -> Floats:
    at = np.fft.rfftfreq(_FFT, 1 / RATE_HZ)[:, None]
    inside = (at >= _centres() * 10**-0.05) & (at < _centres() * 10**0.05)
    frame = (_FRAME / 4) ** 2 * 1.5
    return inside / frame
