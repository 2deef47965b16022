"""Sightings: rows, index and models, handed to each other."""

__all__ = ["seen_of"]

from pathlib import Path

from vitrail.adapters.faiss import FaissIndex
from vitrail.adapters.openvino import OpenVinoLikeness, load_picture_embedder, load_text_embedder
from vitrail.adapters.sqlite import Records
from vitrail.guard.seen import Seen


def seen_of(records: Records, state: Path, cache: Path) -> Seen:
    """Models are loaded when they are first needed: erasing needs none."""
    likeness = OpenVinoLikeness(lambda: load_picture_embedder(cache), lambda: load_text_embedder(cache))
    return Seen(records.sightings, FaissIndex(state / "likeness", records.sightings), likeness)
