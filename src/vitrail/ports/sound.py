"""What sounds are like, as vectors that heads of ours judge. They live as long as the moment they are about: nothing
keeps one, and none of a voice is ever compared with another (law.md, red lines 2, 3 and 6)."""

__all__ = ["Mel", "SoundEmbedder", "SoundVectors"]

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vitrail.domain.models import ModelManifest

Mel = npt.NDArray[np.float32]
SoundVectors = npt.NDArray[np.float32]


class SoundEmbedder(Protocol):
    @property
    def manifest(self) -> ModelManifest: ...

    def embed(self, mels: Sequence[Mel]) -> SoundVectors:
        """(n, dimensions) for n log-mel pictures of one second (``pipeline.spectrum.log_mel``)."""
        ...
