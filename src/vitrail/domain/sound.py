"""Sound on its way through the loop, and the little of it that may be kept (law.md L19).

Kept are a kind, a time, a score and a ``SoundTrace``: whole decibels, one level each quarter of a second, one
third-octave
spectrum for the whole happening. Speech moves faster than that and in finer bands: no word can be made of it.
"""

__all__ = ["LEVEL_STEP_US", "MOST_LEVELS", "Habit", "Heard", "Hearing", "Located", "SoundTrace", "SoundWindow"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEVEL_STEP_US = 250_000
"""Four a second: syllables come as fast, and words need them."""
MOST_LEVELS = 16
"""Four seconds."""
_MOST_BANDS = 22

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class SoundWindow:
    """One fixed chunk of sound, mono, 44.1 kHz, -1..1. ``wall_us`` is the time of its first sample. ``session`` counts
    re-openings. ``trouble``: what was wrong with how it came, in plain words; empty when nothing was. ``clock_us``: how
    well ``wall_us`` is known, standard deviation; None where arrival alone tells it."""

    stream_id: str
    wall_us: int
    session: int
    samples: Vector
    trouble: str = ""
    clock_us: int | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """Where a sound came from, as far as time differences tell: the middle of an ellipse that holds the place nineteen
    times of twenty, its half axes, the direction of the longer one (degrees clockwise from north), who heard it."""

    latitude: float
    longitude: float
    major_m: float
    minor_m: float
    bearing_deg: float
    heard_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoundTrace:
    """``levels_db``: loudness each quarter of a second; ``bands_db``: third octaves from 100 Hz to 12.5 kHz relative to
    the loudest, over all of it. Whole decibels; longer or finer traces cannot be made."""

    levels_db: tuple[int, ...]
    bands_db: tuple[int, ...]
    located: Located | None = None

    def __post_init__(self) -> None:
        if len(self.levels_db) > MOST_LEVELS or len(self.bands_db) > _MOST_BANDS:
            raise ValueError("a trace this fine could say more than what kind of sound it was")
        if any(not isinstance(level, int) for level in (*self.levels_db, *self.bands_db)):
            raise ValueError("levels are whole decibels")


@dataclass(frozen=True, slots=True)
class Habit:
    """What a microphone hears every day, as far as one kind is concerned: for how long it has listened, how many
    happenings came near enough to be counted, and the sum of how near. Counts of a place, nothing of any sound."""

    kind: str
    listened_us: int
    count: int
    total: float


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One second of sound that stands out: its vector, its measures, when it began, by how much its beginning jumped
    and in how many third octaves it stands out. It lives for one update."""

    vector: Vector
    shape: Vector
    onset_us: int
    rise_db: float
    bands_out: int
    trace: SoundTrace


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """One moment of one microphone, as analytics hear it: ``heard`` only while something stands out. ``fit`` is false
    while the microphone is in no state to be believed: clipped, humming, cut off."""

    stream_id: str
    microphone_id: str
    wall_us: int
    level_db: float
    background_db: float
    heard: Heard | None = None
    fit: bool = True
