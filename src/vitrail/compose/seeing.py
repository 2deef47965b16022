"""Sightings: rows, index and models, handed to each other."""

__all__ = ["form_maker", "seen_of"]

from pathlib import Path

from vitrail.adapters.clock import SystemClock
from vitrail.adapters.faiss import FaissIndex
from vitrail.adapters.openvino import JointLikeness, OpenVinoLikeness, load_picture_embedder, load_text_embedder
from vitrail.adapters.progressbook import FileProgressBook
from vitrail.adapters.sqlite import Records
from vitrail.domain.progress import under_way
from vitrail.domain.streams import JointModel
from vitrail.guard.seen import Seen
from vitrail.ports.likeness import Likeness


def form_maker(cache: Path) -> str:
    """Which model makes the forms of sightings where a site brings none of its own."""
    return _likeness(cache, None).maker


def seen_of(records: Records, state: Path, cache: Path, joint: JointModel | None = None) -> Seen:
    """Models are loaded when they are first needed: erasing needs none. Raises what the files of ``joint`` are wrong
    about."""
    likeness = _likeness(cache, joint)
    index = FaissIndex(state / "likeness", records.sightings, likeness.maker)
    book, clock = FileProgressBook(state / "analyses"), SystemClock()
    return Seen(records.sightings, index, likeness, lambda: under_way(book.every(), clock.now_us()))


def _likeness(cache: Path, joint: JointModel | None) -> Likeness:
    if joint is not None:
        return JointLikeness(Path(joint.manifest), joint.sha256, cache)
    return OpenVinoLikeness(lambda: load_picture_embedder(cache), lambda: load_text_embedder(cache))
