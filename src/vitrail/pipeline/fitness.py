"""Whether a microphone is in a state to be believed: clipped, shifted, humming, cut off, deaf. Told as health, and
while it lasts nothing it hears is judged."""

__all__ = ["Fitness"]

from functools import cache

import numpy as np
import numpy.typing as npt

from vitrail.domain.sound import SoundWindow
from vitrail.domain.time import HOUR_US, SECOND_US
from vitrail.pipeline.spectrum import RATE_HZ, Samples, hann

_CLIPPED_SHARE = 0.2
_CLIPPED_US = 3 * SECOND_US
"""A shot clips for some hundredths of a second; a microphone that is set too loud does so for long."""
_SHIFT = 0.1
_HUM_SHARE = 0.9
_HUM_LEAST = 1e-3
_ORDERS = 8
_WINDOWS = 10
_BORNE = ("has heard almost nothing", "hears nothing above")
"""Told, and still judged."""
_HUM_US = 10 * SECOND_US
_DEAF = 1e-5
_DEAF_US = 10 * SECOND_US
_STILL_US = HOUR_US
_STILL = 1e-4
_NARROW_HZ, _NARROW_SHARE = 4_700.0, 1e-5
"""A telephone's codec lets nothing through above 4 kHz; a quiet room has its own noise there."""
_NARROW_US = 60 * SECOND_US
_AFTER_US = SECOND_US
"""After a hole or a jump of its clock, so long nothing is judged: its edges click."""


class Fitness:
    """``update`` for each window: whether what it hears may be judged. ``problem``: in plain words, for the screens."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.problem = ""
        self._since: dict[str, int] = {}
        self._broken_us: int | None = None
        self._said = ""
        self._second: list[Samples] = []
        self._count = 0
        self._humming = self._narrow = False

    def update(self, window: SoundWindow) -> bool:
        samples = window.samples
        loud = float(np.abs(samples).max(initial=0.0))
        mean = float(samples.mean()) if len(samples) else 0.0
        clipped = float((np.abs(samples) >= 0.985 * max(loud, 1e-9)).mean()) if loud > 0.5 else 0.0
        if window.trouble:
            self._broken_us, self._said = window.wall_us, window.trouble
        troubles = {
            "is overdriven: turn its gain down": (clipped > _CLIPPED_SHARE, _CLIPPED_US),
            "has a constant offset: check its power and cable": (abs(mean) > _SHIFT, SECOND_US),
            "hums at the mains' frequency: check its cable": (self._hums(samples), _HUM_US),
            "hears nothing above 4 kHz, as a telephone does: choose a wider codec": (self._narrow, _NARROW_US),
            "sends nothing but zeros": (loud < _DEAF, _DEAF_US),
            "has heard almost nothing for an hour": (loud < _STILL, _STILL_US),
        }
        lasting = [
            words for words, (now, long_us) in troubles.items() if self._lasts(words, now, long_us, window.wall_us)
        ]
        broken = self._broken_us is not None and window.wall_us - self._broken_us < _AFTER_US
        self.problem = "; ".join([*lasting, *([self._said] if broken else [])])
        return not broken and not [words for words in lasting if not words.startswith(_BORNE)]

    def _lasts(self, words: str, now: bool, long_us: int, at_us: int) -> bool:
        if not now:
            self._since.pop(words, None)
            return False
        return at_us - self._since.setdefault(words, at_us) >= long_us

    def _hums(self, samples: Samples) -> bool:
        """Nearly all of the last second at 50 or 60 Hz and their multiples; asked once a second."""
        self._second = [*self._second, samples][-_WINDOWS:]
        self._count += 1
        if self._count % _WINDOWS == 0 and len(self._second) == _WINDOWS:
            self._humming, self._narrow = _spectrum_of(np.concatenate(self._second))
        return self._humming


def _spectrum_of(second: Samples) -> tuple[bool, bool]:
    """Whether nearly all of it is the mains', and whether next to nothing of it lies above a telephone's band."""
    lines = np.abs(np.fft.rfft((second - second.mean()) * hann(len(second)))) ** 2
    every = float(lines.sum(dtype=np.float64))
    above = int(_NARROW_HZ * len(second) / RATE_HZ) + 1
    narrow = 0.0 < float(lines[above:].sum(dtype=np.float64)) < _NARROW_SHARE * every
    if every < _HUM_LEAST * len(second):
        return False, narrow
    hums = any(float(lines[near].sum()) > _HUM_SHARE * every for near in _near_mains(len(second)))
    return hums, narrow


@cache
def _near_mains(length: int) -> tuple[npt.NDArray[np.intp], ...]:
    """Which lines of a spectrum of so many samples lie at the mains' frequency (50, 60 Hz) or a multiple of it."""
    at = np.fft.rfftfreq(length, 1 / RATE_HZ)
    orders = ((mains, np.maximum(np.round(at / mains), 1)) for mains in (50.0, 60.0))
    return tuple(np.flatnonzero((np.abs(at - order * mains) <= 2.5) & (order <= _ORDERS)) for mains, order in orders)
