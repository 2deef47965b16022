"""Models that are loaded when the first picture or sound needs them: reading alerts needs no weights."""

__all__ = ["LateDetector", "LatePlaceReader", "LateSoundEmbedder"]

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from vitrail.domain.clearing import Cleared
from vitrail.domain.detections import Detections
from vitrail.domain.frames import Picture
from vitrail.domain.looks import PlaceLook
from vitrail.domain.models import ModelManifest
from vitrail.domain.stirs import FlowPicture, Stir
from vitrail.ports.detector import Detector
from vitrail.ports.embedder import MotionReader, PlaceReader
from vitrail.ports.sound import Mel, SoundEmbedder, SoundVectors


class LateDetector:
    """Keeps the promises of ``Detector``; any method may raise what ``load`` raises."""

    def __init__(self, load: Callable[[], Detector]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: Detector | None = None

    @property
    def manifest(self) -> ModelManifest:
        return self._detector().manifest

    @property
    def batch(self) -> int:
        return self._detector().batch

    def detect(
        self, pictures: Sequence[Picture], floor: float, shares: Sequence[float] | None = None
    ) -> list[Detections]:
        return self._detector().detect(pictures, floor, shares)

    def _detector(self) -> Detector:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


class Reader(PlaceReader, MotionReader, Protocol):
    """One network for both."""


class LatePlaceReader:
    """The same for a ``PlaceReader`` that is a ``MotionReader``: only sites that look for fire or fights load it."""

    def __init__(self, load: Callable[[], Reader]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: Reader | None = None

    def read(self, picture: Cleared) -> PlaceLook:
        return self._reader().read(picture)

    def stir(self, motions: Sequence[FlowPicture]) -> Stir:
        return self._reader().stir(motions)

    def _reader(self) -> Reader:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


class LateSoundEmbedder:
    """Keeps the promises of ``SoundEmbedder``; any method may raise what ``load`` raises."""

    def __init__(self, load: Callable[[], SoundEmbedder]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loaded: SoundEmbedder | None = None

    @property
    def manifest(self) -> ModelManifest:
        return self._embedder().manifest

    def embed(self, mels: Sequence[Mel]) -> SoundVectors:
        return self._embedder().embed(mels)

    def _embedder(self) -> SoundEmbedder:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded
