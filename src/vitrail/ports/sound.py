"""Where sound comes from, and what sounds are like: vectors that heads of ours judge. These live as long as the moment
they are about: nothing keeps one, and none of a voice is ever compared with another (law.md, red lines 2, 3 and 6)."""

__all__ = ["Mel", "SoundEmbedder", "SoundOpener", "SoundSource", "SoundVectors"]

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vitrail.domain.mandates import Permit
from vitrail.domain.models import ModelManifest
from vitrail.domain.sound import SoundWindow
from vitrail.domain.streams import SoundStream

Mel = npt.NDArray[np.float32]
SoundVectors = npt.NDArray[np.float32]


class SoundEmbedder(Protocol):
    @property
    def manifest(self) -> ModelManifest: ...

    def embed(self, mels: Sequence[Mel]) -> SoundVectors:
        """(n, dimensions) for n log-mel pictures of one second (``pipeline.spectrum.log_mel``)."""
        ...


class SoundSource(Protocol):
    """One opened microphone or sound file."""

    def windows(self) -> Iterator[SoundWindow]:
        """A tenth of a second each, one after the other; where the feed had a hole, silence with its ``trouble``. Ends
        at the end of a file (one that loops starts again with a new ``session``).

        Raises ``Unavailable`` when the microphone is lost or sends nothing for 10 s, ``Invalid`` when it is no sound.
        """
        ...

    def close(self) -> None: ...


class SoundOpener(Protocol):
    def open(self, stream: SoundStream, permit: Permit, start_us: int | None = None) -> SoundSource:
        """Files play in real time when ``start_us`` is None (their first sample stands for now); with ``start_us`` they
        are read as fast as asked and their first sample stands for that wall time.

        Raises ``NotFound``, ``Invalid`` or ``Unavailable``."""
        ...
