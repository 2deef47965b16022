"""Which moments of a sound are worth looking at: what stands out of the place's own background. Silence costs nothing.

Two witnesses: something that begins (``pipeline.beginnings``) and third octaves that rise above what they usually are.
A moment is looked at twice, 0.3 and 0.5 s after it began, and on as long as something goes on sounding.
"""

__all__ = ["Listening", "Moment"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.sound import LEVEL_STEP_US, MOST_LEVELS, SoundTrace, SoundWindow
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.beginnings import LEAST_DB, Beginning, Beginnings
from vitrail.pipeline.spectrum import BANDS_HZ, RATE_HZ, Samples, band_levels_db, to_db

Floats = npt.NDArray[np.float64]

KEPT = 2 * RATE_HZ
"""Samples in memory: two seconds, and no more (law.md L19)."""
_OUT_DB = 7.0
_BANDS_OUT = 4
_FIRST_US, _NEXT_US = 300_000, 200_000
_AFTER_US = 500_000
"""After nothing stands out any more, so long is still listened."""
_UP_DB, _DOWN_DB = 0.15, 0.4
"""How fast the background follows, each tenth of a second."""
_LONGEST_US = 30 * SECOND_US
"""What goes on for longer is how the place sounds now."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """The last second of something that stands out. ``rise_db`` of its
    beginning, ``bands_out``: how many third octaves stand out."""

    samples: Samples
    onset_us: int
    rise_db: float
    bands_out: int
    trace: SoundTrace


class Listening:
    """One microphone. ``update`` for each window; ``level_db`` and ``background_db`` are over all bands, dB under full
    scale."""

    def __init__(self) -> None:
        self._ring = np.zeros(0, np.float32)
        self._background: Floats | None = None
        self._levels: list[float] = []
        self._beginnings = Beginnings()
        self.reset()

    def reset(self) -> None:
        """Forget everything: the microphone was away."""
        self._ring = np.zeros(0, np.float32)
        self._background = None
        self._levels = []
        self._beginnings.reset()
        self._slot = 0
        self._onset_us: int | None = None
        self._loud_us = 0
        self._next_us = 0
        self._rise_db = 0.0
        self.level_db = self.background_db = -120.0

    @property
    def held(self) -> int:
        """Samples in memory."""
        return len(self._ring)

    def update(self, window: SoundWindow) -> Moment | None:
        self._ring = np.concatenate([self._ring, window.samples])[-KEPT:]
        bands = band_levels_db(window.samples)
        self.level_db = _total(bands)
        self._note(window)
        if self._background is None:
            self._background = bands.copy()
        excess = bands - self._background
        out = int((excess > _OUT_DB).sum())
        self._stand_out(window, out, self._beginnings.update(window.samples))
        moment = self._moment(window, out)
        self._follow(bands, window.wall_us)
        return moment

    def _note(self, window: SoundWindow) -> None:
        """The loudest of each quarter of a second, by the clock of the stream."""
        slot = window.wall_us // LEVEL_STEP_US
        if self._levels and slot == self._slot:
            self._levels[-1] = max(self._levels[-1], self.level_db)
        else:
            self._levels = [*self._levels, self.level_db][-MOST_LEVELS:]
        self._slot = slot

    def _stand_out(self, window: SoundWindow, out: int, began: Beginning) -> None:
        jumped, jump_db = began.jump_db >= LEAST_DB, began.jump_db
        if not jumped and out < _BANDS_OUT:
            return
        at_us = window.wall_us + (began.at * SECOND_US // RATE_HZ if jumped else 0)
        fresh = self._onset_us is None or (jumped and at_us - self._onset_us > SECOND_US)
        if fresh:
            self._onset_us, self._rise_db = at_us, jump_db
            self._next_us = at_us + _FIRST_US
        self._rise_db = max(self._rise_db, jump_db)
        self._loud_us = window.wall_us + SECOND_US // 10

    def _moment(self, window: SoundWindow, out: int) -> Moment | None:
        now_us = window.wall_us + len(window.samples) * SECOND_US // RATE_HZ
        if self._onset_us is None or now_us < self._next_us:
            return None
        self._next_us = now_us + _NEXT_US
        samples = self._ring[-RATE_HZ:]
        onset_us, rise_db = self._onset_us, self._rise_db
        if now_us - self._loud_us > _AFTER_US:
            self._onset_us = None
        assert self._background is not None
        loudest = band_levels_db(samples) - self._background
        return Moment(samples, onset_us, rise_db, max(out, int((loudest > _OUT_DB).sum())), self._trace())

    def _trace(self) -> SoundTrace:
        bands = band_levels_db(self._ring[-RATE_HZ:])
        shape = np.maximum(bands - bands.max(), -60.0)
        levels = tuple(round(max(level, -120.0)) for level in self._levels)
        return SoundTrace(levels, tuple(round(float(band)) for band in shape[: len(BANDS_HZ)]))

    def _follow(self, bands: Floats, wall_us: int) -> None:
        assert self._background is not None
        step = np.where(bands > self._background, _UP_DB, -_DOWN_DB)
        if self._onset_us is not None and wall_us - self._onset_us > _LONGEST_US:
            self._background, self._onset_us = bands.copy(), None
        self._background = np.where(np.abs(bands - self._background) < np.abs(step), bands, self._background + step)
        self.background_db = _total(self._background)


def _total(bands_db: Floats) -> float:
    return float(to_db(np.array((10 ** (bands_db / 10)).sum())))
