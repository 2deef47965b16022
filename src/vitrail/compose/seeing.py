"""Sightings: rows, index and models, handed to each other."""

__all__ = ["form_maker", "seen_of"]

from pathlib import Path

from vitrail.adapters.faiss import FaissIndex
from vitrail.adapters.openvino import OpenVinoLikeness, load_picture_embedder, load_text_embedder
from vitrail.adapters.sqlite import Records
from vitrail.guard.seen import Seen


def form_maker(cache: Path) -> str:
    """Which model makes the forms of sightings here."""
    return _likeness(cache).maker


def seen_of(records: Records, state: Path, cache: Path) -> Seen:
    """Models are loaded when they are first needed: erasing needs none."""
    likeness = _likeness(cache)
    return Seen(records.sightings, FaissIndex(state / "likeness", records.sightings, likeness.maker), likeness)


def _likeness(cache: Path) -> OpenVinoLikeness:
    return OpenVinoLikeness(lambda: load_picture_embedder(cache), lambda: load_text_embedder(cache))
