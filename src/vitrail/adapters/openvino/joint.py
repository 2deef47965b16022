"""A joint picture-text model that a site brings itself (CLIP and its like): two networks, a vocabulary, a manifest.

Nothing of it comes with the product. ``joint.yaml`` says what it is, under which licence, and binds each file by its
digest; the site binds ``joint.yaml``. Pictures are as cleared as for any other embedder (law.md L21), and a model whose
names tell an identity or a trait of a person is refused (L20).
"""

__all__ = ["JointLikeness", "JointManifest", "read_joint"]

import hashlib
import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

import numpy as np
import openvino as ov
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from vitrail.adapters.openvino.bpe import BytePairs
from vitrail.adapters.openvino.embedders import shown
from vitrail.adapters.openvino.likeness import LOOKS, NAMES
from vitrail.adapters.openvino.wordpiece import WordPiece
from vitrail.domain.clearing import Cleared
from vitrail.domain.errors import Corrupt, Invalid, Refused
from vitrail.domain.models import identity_words, names_heads
from vitrail.domain.sightings import FORM_BYTES, Form
from vitrail.ports.embedder import Vectors

_MOST_BYTES = 1 << 20
_SCALE = 300.0
_FIRST_LOOK = FORM_BYTES - LOOKS
_REMEDY = "docs/models.md shows a joint.yaml"
_AXES = "axes-{}.npy"


def _beside(path: str) -> str:
    if PurePosixPath(path).name != path or path.startswith("."):
        raise ValueError("must be the name of a file beside joint.yaml")
    return path


_Name = Annotated[str, Field(min_length=1), AfterValidator(_beside)]
_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Three = Annotated[list[float], Field(min_length=3, max_length=3)]
_Words = Annotated[str, Field(min_length=1)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _File(_Closed):
    file: _Name
    sha256: _Sha256


class _Pictures(_File):
    input: _Words
    output: _Words
    side: int = Field(ge=32, le=1024)
    mean: _Three
    spread: _Three
    weights: _File | None = None


class _Texts(_File):
    input: _Words
    output: _Words
    mask: str = ""
    length: int = Field(ge=4, le=512)
    weights: _File | None = None


class _Pieces(_Closed):
    kind: Literal["byte-pairs", "wordpiece"]
    vocabulary: _File
    merges: _File | None = None
    begin: str = "<|startoftext|>"
    end: str = "<|endoftext|>"
    padding: int = Field(default=0, ge=0)


class JointManifest(_Closed):
    """``joint.yaml``."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    licence_code: _Words
    licence_weights: _Words
    attribution: _Words
    limits: list[_Words] = Field(min_length=1)
    prompt: str = Field(default="{}", pattern=r"^[^{}]*\{\}[^{}]*$")
    pictures: _Pictures
    texts: _Texts
    pieces: _Pieces

    def files(self) -> list[_File]:
        more = [self.pictures.weights, self.texts.weights, self.pieces.merges]
        return [self.pictures, self.texts, self.pieces.vocabulary, *(file for file in more if file)]


def read_joint(path: Path, sha256: str) -> JointManifest:
    """Every file beside it has the digest that it names. Raises ``Corrupt`` (a digest differs), ``Invalid`` (no such
    file, or not of this shape), ``Refused`` (L20)."""
    try:
        held = path.read_bytes()[:_MOST_BYTES]
    except OSError as error:
        raise Invalid(f"the joint model cannot be read: {error.strerror}", where=str(path), remedy=_REMEDY) from error
    if hashlib.sha256(held).hexdigest() != sha256:
        what = "joint.yaml is not the one that the site names (SHA-256 differs)"
        raise Corrupt(what, where=str(path), rule="L20", remedy="look at what changed, then write its new digest")
    try:
        manifest = JointManifest.model_validate(YAML(typ="safe", pure=True).load(held.decode()))
    except (ValidationError, YAMLError, UnicodeDecodeError) as error:
        raise Invalid(f"joint.yaml is no manifest: {_first(error)}", where=str(path), remedy=_REMEDY) from error
    named = (manifest.id, manifest.pictures.output, manifest.texts.output, *(file.file for file in manifest.files()))
    if words := (*identity_words(named), *names_heads(named)):
        what = f"model {manifest.id} would tell who somebody is, or what kind of person: {', '.join(words)}"
        raise Refused(what, where=str(path), rule="L20", remedy="use another model; no setting allows it")
    for file in manifest.files():
        if _digest(path.parent / file.file) != file.sha256:
            raise Corrupt(f"{file.file} is not what joint.yaml names", where=str(path.parent / file.file), rule="L20")
    return manifest


class JointLikeness:
    """A ``Likeness``. Raises what ``read_joint`` raises; the networks are loaded when they are first asked for."""

    def __init__(self, path: Path, sha256: str, cache: Path, threads: int = 0) -> None:
        self._path = path
        self._sha256 = sha256
        self._cache = cache
        self._threads = threads
        self._lock = threading.Lock()
        self._manifest = read_joint(path, sha256)

    @property
    def maker(self) -> str:
        return f"joint-{self._sha256[:16]}"

    def forms(self, pictures: Sequence[Cleared]) -> list[Form]:
        if not pictures:
            return []
        views = [picture.quarters() for picture in pictures]
        rows = self._seen([view for several in views for view in several]) @ self._axes
        looks = _unit(np.add.reduceat(_unit(rows), np.cumsum([0, *map(len, views[:-1])]), axis=0))
        steps = np.zeros((len(pictures), FORM_BYTES), np.int8)
        steps[:, _FIRST_LOOK : _FIRST_LOOK + looks.shape[1]] = np.clip(np.round(looks * _SCALE), -127, 127)
        return [Form(row.tobytes(), self.maker) for row in steps]

    def meaning(self, text: str) -> Vectors:
        row = np.zeros(FORM_BYTES, np.float32)
        found = self._said([self._manifest.prompt.format(text)]) @ self._axes
        row[_FIRST_LOOK : _FIRST_LOOK + found.shape[1]] = found[0]
        return np.asarray(_unit(row[None])[0], np.float32)

    @cached_property
    def _axes(self) -> Vectors:
        """The directions in which the names of things differ most, as this model reads them: (dimensions, 112 at most).
        Worked out once for each model, and kept in the cache."""
        kept = self._cache / "models" / _AXES.format(self.maker)
        try:
            held = np.load(kept, allow_pickle=False)
            if held.ndim == 2 and held.shape[1] <= LOOKS and np.isfinite(held).all():
                return np.asarray(held, np.float32)
        except (OSError, ValueError, EOFError):
            pass
        words = NAMES.read_text(encoding="utf-8").split("\n")[:-1]
        rows = self._said([self._manifest.prompt.format(word) for word in words])
        _, _, axes = np.linalg.svd(rows, full_matrices=False)
        made = np.ascontiguousarray(axes[:LOOKS].T, np.float32)
        kept.parent.mkdir(parents=True, exist_ok=True)
        with kept.open("wb") as file:
            np.save(file, made)
        return made

    @cached_property
    def _networks(self) -> tuple[ov.InferRequest, ov.InferRequest]:
        core, settings = ov.Core(), {"PERFORMANCE_HINT": "LATENCY"}
        given = settings | ({"INFERENCE_NUM_THREADS": str(self._threads)} if self._threads else {})
        made = []
        for part in (self._manifest.pictures, self._manifest.texts):
            file = self._path.parent / part.file
            try:
                model = core.read_model(file)
            except RuntimeError as error:
                raise Corrupt(f"OpenVINO cannot read {part.file}: {_first(error)}", where=str(file)) from error
            names = {name for port in (*model.inputs, *model.outputs) for name in port.get_names()}
            mask = getattr(part, "mask", "")
            if missing := {part.input, part.output, *([mask] if mask else [])} - names:
                what = f"{part.file} has no {', '.join(sorted(missing))}"
                raise Invalid(what, where=str(file), remedy=f"it has {', '.join(sorted(names))}")
            made.append(core.compile_model(model, "CPU", given).create_infer_request())
        return made[0], made[1]

    @cached_property
    def _pieces(self) -> WordPiece | BytePairs:
        folder, said = self._path.parent, self._manifest.pieces
        held = (folder / said.vocabulary.file).read_text(encoding="utf-8")
        try:
            if said.kind == "wordpiece":
                return WordPiece(held.splitlines())
            if said.merges is None:
                raise ValueError("byte pairs need their merges")
            lines = (folder / said.merges.file).read_text(encoding="utf-8").splitlines()
            pairs = [
                (first, second) for first, second in (line.split(" ") for line in lines if line[:1] != "#" and line)
            ]
            return BytePairs(json.loads(held), pairs, said.begin, said.end, self._manifest.texts.length)
        except (ValueError, KeyError, TypeError) as error:
            raise Corrupt(
                f"the vocabulary cannot be read: {error}", where=str(folder / said.vocabulary.file)
            ) from error

    def _seen(self, pictures: Sequence[Cleared]) -> Vectors:
        said = self._manifest.pictures
        mean, spread = (np.asarray(row, np.float32)[:, None, None] for row in (said.mean, said.spread))
        rows = []
        for one in pictures:
            square = (shown(one.picture, said.side) * 128.0 + 127.0) / 255.0
            rows.append(self._answer(0, {said.input: ((square - mean) / spread)[None]}, said.output))
        return np.stack(rows)

    def _said(self, texts: Sequence[str]) -> Vectors:
        said, rows = self._manifest.texts, []
        for text in texts:
            pieces = self._pieces.cut(text)[: said.length]
            tokens = np.full((1, said.length), self._manifest.pieces.padding, np.int64)
            tokens[0, : len(pieces)] = pieces
            given = {said.input: tokens}
            if said.mask:
                given[said.mask] = (np.arange(said.length) < len(pieces)).astype(np.int64)[None]
            rows.append(self._answer(1, given, said.output))
        return np.stack(rows)

    def _answer(self, which: int, given: dict[str, np.ndarray], output: str) -> Vectors:
        with self._lock:
            found = np.array(self._networks[which].infer(given)[output], np.float32)
        return np.asarray(_unit(found.reshape(1, -1))[0], np.float32)


def _unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-12), np.float32)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise Invalid(f"{path.name} cannot be read: {error.strerror}", where=str(path), remedy=_REMEDY) from error


def _first(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
