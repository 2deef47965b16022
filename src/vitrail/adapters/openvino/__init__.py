"""Models: which are known, how they are converted and kept, how they run on the processor through OpenVINO."""

__all__ = [
    "DEFAULT_DETECTOR",
    "HEAD_FINDER",
    "PICTURE_EMBEDDER",
    "PLACE_READER",
    "SOUND_EMBEDDER",
    "TEXT_EMBEDDER",
    "CenterFaceHeads",
    "JointLikeness",
    "ModelShelf",
    "NanodetDetector",
    "OpenVinoLikeness",
    "catalogue",
    "load_heads",
    "load_nanodet",
    "load_picture_embedder",
    "load_place_reader",
    "load_sound_embedder",
    "load_text_embedder",
    "read_manifests",
]

from pathlib import Path

import numpy as np
import openvino as ov

from vitrail.adapters.openvino.detector import NanodetDetector
from vitrail.adapters.openvino.embedders import EfficientNetEmbedder, EfficientNetReader, MiniLmEmbedder
from vitrail.adapters.openvino.heads import CenterFaceHeads
from vitrail.adapters.openvino.joint import JointLikeness
from vitrail.adapters.openvino.likeness import OpenVinoLikeness
from vitrail.adapters.openvino.manifests import catalogue, read_manifests
from vitrail.adapters.openvino.shelf import ModelShelf
from vitrail.adapters.openvino.yamnet import YamnetEmbedder
from vitrail.domain.models import ModelManifest

ov.Tensor(np.zeros(1, ov.Type.f32.to_dtype()))
# OpenVINO meets numpy at the first of these, holding a lock of its own while it asks for the interpreter's: two threads
# whose first inference falls together would wait for each other for ever. Here the import lock lets one through.

DEFAULT_DETECTOR = "nanodet"
HEAD_FINDER = "centerface"
PICTURE_EMBEDDER = "efficientnet-lite2"
PLACE_READER = "efficientnet-lite2-places"
SOUND_EMBEDDER = "yamnet"
TEXT_EMBEDDER = "minilm-l6"


def load_nanodet(cache: Path, threads: int = 0, tiles: tuple[int, int] = (1, 1)) -> NanodetDetector:
    """The default detector, from the cache. Raises ``NotFound``, ``Corrupt`` or ``Refused`` (L20)."""
    manifest = _known(DEFAULT_DETECTOR)
    return NanodetDetector(ModelShelf(cache).read(manifest), manifest, threads, tiles)


def load_heads(cache: Path, threads: int = 0) -> CenterFaceHeads:
    """The finder of heads that are to be masked. Raises as ``load_nanodet``."""
    manifest = _known(HEAD_FINDER)
    return CenterFaceHeads(ModelShelf(cache).read(manifest), manifest, threads)


def load_picture_embedder(cache: Path, threads: int = 0) -> EfficientNetEmbedder:
    """Raises as ``load_nanodet``."""
    manifest = _known(PICTURE_EMBEDDER)
    return EfficientNetEmbedder(ModelShelf(cache).read(manifest), manifest, threads)


def load_place_reader(cache: Path, threads: int = 1) -> EfficientNetReader:
    """Raises as ``load_nanodet``."""
    manifest = _known(PLACE_READER)
    return EfficientNetReader(ModelShelf(cache).read(manifest), manifest, threads)


def load_sound_embedder(cache: Path, threads: int = 1) -> YamnetEmbedder:
    """Raises as ``load_nanodet``."""
    manifest = _known(SOUND_EMBEDDER)
    return YamnetEmbedder(ModelShelf(cache).read(manifest), manifest, threads)


def load_text_embedder(cache: Path, threads: int = 0) -> MiniLmEmbedder:
    """Raises as ``load_nanodet``."""
    manifest = _known(TEXT_EMBEDDER)
    return MiniLmEmbedder(ModelShelf(cache).read(manifest), manifest, threads)


def _known(model_id: str) -> ModelManifest:
    return next(known for known in catalogue() if known.id == model_id)
