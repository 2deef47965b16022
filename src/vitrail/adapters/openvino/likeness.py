"""Picture embeddings as short codes, and descriptions as directions among them (model card: docs/models.md)."""

__all__ = ["BRIDGE", "DIMENSIONS", "OpenVinoLikeness"]

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vitrail.domain.clearing import Cleared
from vitrail.domain.sightings import FORM_BYTES, Form
from vitrail.ports.embedder import PictureEmbedder, TextEmbedder, Vectors

DIMENSIONS = FORM_BYTES
BRIDGE = Path(str(resources.files(__package__))) / "bridge.npz"
_SCALE = 300.0
"""A code has length 1; its 128 numbers are kept as whole steps of 1/300."""


class OpenVinoLikeness:
    """A ``Likeness``. Models are loaded when they are first asked for; any method may raise what loading raises."""

    def __init__(self, pictures: Callable[[], PictureEmbedder], texts: Callable[[], TextEmbedder]) -> None:
        self._load_pictures = pictures
        self._load_texts = texts

    @cached_property
    def _pictures(self) -> PictureEmbedder:
        return self._load_pictures()

    @cached_property
    def _texts(self) -> TextEmbedder:
        return self._load_texts()

    @cached_property
    def _bridge(self) -> dict[str, npt.NDArray[Any]]:
        with np.load(BRIDGE, allow_pickle=False) as held:
            return {name: held[name].astype(np.float32) for name in held.files}

    def forms(self, pictures: Sequence[Cleared]) -> list[Form]:
        codes = (self._pictures.embed(pictures) - self._bridge["middle"]) @ self._bridge["basis"]
        steps = np.clip(np.round(_unit(codes) * _SCALE), -127, 127).astype(np.int8)
        return [Form(row.tobytes()) for row in steps]

    def meaning(self, text: str) -> Vectors:
        rows = self._texts.embed([text]) - self._bridge["text_middle"]
        return np.asarray(_unit(rows @ self._bridge["bridge"])[0], np.float32)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
