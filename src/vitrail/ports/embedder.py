"""What things and places look like, and what descriptions mean, as vectors that can be compared."""

__all__ = ["MotionReader", "PictureEmbedder", "PlaceReader", "TextEmbedder", "Vectors"]

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vitrail.domain.clearing import Cleared
from vitrail.domain.looks import PlaceLook
from vitrail.domain.models import ModelManifest
from vitrail.domain.stirs import FlowPicture, Stir

Vectors = npt.NDArray[np.float32]


class PictureEmbedder(Protocol):
    @property
    def manifest(self) -> ModelManifest: ...

    def embed(self, pictures: Sequence[Cleared]) -> Vectors:
        """(n, dimensions), each of length 1. Only cleared pictures: no embedding of a person can be asked for."""
        ...


class PlaceReader(Protocol):
    def read(self, picture: Cleared) -> PlaceLook:
        """Only cleared pictures, as for the embedder."""
        ...


class MotionReader(Protocol):
    def stir(self, motions: Sequence[FlowPicture]) -> Stir:
        """Of one or a few that follow each other. Only how something moves: there is no picture of anything in it."""
        ...


class TextEmbedder(Protocol):
    @property
    def manifest(self) -> ModelManifest: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """(n, dimensions), each of length 1. English."""
        ...
