"""Picture embeddings as short codes, and descriptions as directions among them (model card: docs/models.md).

A form's first 15 numbers say which things the detector saw, the other 112 how the picture looks: its embedding along
the axes in which things differ most. A description becomes the classes of the picture model that mean about the same
(their names compared with it as sentences, sharply: after Norouzi et al. 2013), and the things that its words name.
"""

__all__ = ["BRIDGE", "LOOKS", "NAMES", "THINGS_SEEN", "OpenVinoLikeness"]

import re
import zlib
from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitrail.domain.clearing import Cleared
from vitrail.domain.detections import LABELS, Label
from vitrail.domain.sightings import FORM_BYTES, Form
from vitrail.ports.embedder import PictureEmbedder, TextEmbedder, Vectors

BRIDGE = Path(str(resources.files(__package__))) / "bridge.npz"
NAMES = BRIDGE.with_name("names.txt")
LOOKS = 112
THINGS_SEEN = tuple(name for name in LABELS if name != LABELS[Label.PERSON])
_FIRST_LOOK = FORM_BYTES - LOOKS
_SCALE = 300.0
"""A look has length 1; its numbers are kept as whole steps of 1/300."""
_SURE = 127.0
_SHARP = 16.0
"""How sharply a class has to mean the same: chosen on halves of the street pictures, flat from 12 to 24."""
_OF_THINGS = 0.5
_SAME_WORD = 0.5
"""Words whose embeddings are nearer than this name the thing, the more the nearer."""
_WORDS = re.compile(r"[a-z]+")
_MOST_WORDS, _MOST_KNOWN = 24, 2_000


class OpenVinoLikeness:
    """A ``Likeness``. Models are loaded when they are first asked for; any method may raise what loading raises."""

    def __init__(self, pictures: Callable[[], PictureEmbedder], texts: Callable[[], TextEmbedder]) -> None:
        self._load_pictures = pictures
        self._load_texts = texts
        self._known: dict[str, Vectors] = {}

    @cached_property
    def _pictures(self) -> PictureEmbedder:
        return self._load_pictures()

    @cached_property
    def _texts(self) -> TextEmbedder:
        return self._load_texts()

    @cached_property
    def _bridge(self) -> dict[str, npt.NDArray[Any]]:
        with np.load(BRIDGE, allow_pickle=False) as held:
            made = {name: held[name].astype(np.float32) for name in held.files}
        return made | {name: _unit(made[name]) for name in ("classes", "names", "things")}

    @cached_property
    def maker(self) -> str:
        return f"bridge-{zlib.crc32(BRIDGE.read_bytes()):08x}"

    def forms(self, pictures: Sequence[Cleared]) -> list[Form]:
        if not pictures:
            return []
        views = [picture.quarters() for picture in pictures]
        rows = self._pictures.embed([view for several in views for view in several])
        codes = _unit((rows - self._bridge["middle"]) @ self._bridge["basis"])
        looks = _unit(np.add.reduceat(codes, np.cumsum([0, *map(len, views[:-1])]), axis=0))
        steps = np.zeros((len(pictures), FORM_BYTES), np.float32)
        steps[:, _FIRST_LOOK:] = looks * _SCALE
        for row, picture in zip(steps, pictures, strict=True):
            for name, score in picture.things:
                row[THINGS_SEEN.index(name)] = score * _SURE
        whole = np.clip(np.round(steps), -127, 127).astype(np.int8)
        return [Form(row.tobytes(), self.maker) for row in whole]

    def meaning(self, text: str) -> Vectors:
        nearness = self._texts.embed([text]) @ self._bridge["names"].T
        weights = np.exp(_SHARP * (nearness - nearness.max()))
        row = np.zeros(FORM_BYTES, np.float32)
        row[_FIRST_LOOK:] = _unit(weights @ self._bridge["classes"])[0]
        row[: len(THINGS_SEEN)] = self._named(text) * (_OF_THINGS * _SCALE / _SURE)
        return np.asarray(_unit(row[None])[0], np.float32)

    def _named(self, text: str) -> Vectors:
        """How much a word of the description names each thing that the detector knows, 0..1."""
        words = list(dict.fromkeys(_WORDS.findall(text.lower())))[:_MOST_WORDS]
        new = [word for word in words if word not in self._known]
        if new:
            self._known = self._known if len(self._known) < _MOST_KNOWN else {}
            new = [word for word in words if word not in self._known]
            near = self._texts.embed(new) @ self._bridge["things"].T
            rows = np.clip((near - _SAME_WORD) / (1.0 - _SAME_WORD), 0.0, 1.0)
            self._known = self._known | dict(zip(new, rows, strict=True))
        known = self._known
        named = [known[word] for word in words if word in known]
        return np.asarray(np.max(named, axis=0) if named else np.zeros(len(THINGS_SEEN)), np.float32)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
