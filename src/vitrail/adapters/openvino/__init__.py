"""Models: which are known, how they are converted and kept, how they run on the processor through OpenVINO."""

__all__ = ["DEFAULT_DETECTOR", "ModelShelf", "NanodetDetector", "catalogue", "load_nanodet", "read_manifests"]

from pathlib import Path

from vitrail.adapters.openvino.detector import NanodetDetector
from vitrail.adapters.openvino.manifests import catalogue, read_manifests
from vitrail.adapters.openvino.shelf import ModelShelf

DEFAULT_DETECTOR = "nanodet"


def load_nanodet(cache: Path, threads: int = 0, tiles: tuple[int, int] = (1, 1)) -> NanodetDetector:
    """The default detector, from the cache. Raises ``NotFound``, ``Corrupt`` or ``Refused`` (L20)."""
    manifest = next(known for known in catalogue() if known.id == DEFAULT_DETECTOR)
    return NanodetDetector(ModelShelf(cache).read(manifest), manifest, threads, tiles)
