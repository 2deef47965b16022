"""Converted models on disk: one folder a model, named after what it was made of, with the digests of what it holds.

Everything is converted to OpenVINO's own format once. The folder's name binds the source files (their digests come
from the manifest), ``digests.json`` inside binds the converted files; both are looked at on every load.
"""

__all__ = ["ModelShelf"]

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import openvino as ov

from vitrail.adapters.openvino.efficientnet import build_efficientnet_lite, build_place_reader
from vitrail.adapters.openvino.graph import build_model
from vitrail.adapters.openvino.minilm import build_minilm, read_safetensors, read_vocabulary
from vitrail.adapters.openvino.pth import read_pth
from vitrail.adapters.openvino.tfjs import read_tfjs
from vitrail.adapters.openvino.yamnet import build_yamnet, read_yamnet
from vitrail.domain.errors import Corrupt, Invalid, NotFound, Refused, Unavailable
from vitrail.domain.models import ModelManifest, identity_words

_CONVERTER = "2"
"""Changes when the converter makes something else of the same files."""
_DIGESTS = "digests.json"
_CONVERTED = ("model.xml", "model.bin")
_READABLE = (".onnx", ".xml", ".tflite")


@dataclass(frozen=True, slots=True)
class ModelShelf:
    """A ``ModelCache`` below ``cache``; ``read`` gives the model to OpenVINO."""

    cache: Path

    def folder(self, manifest: ModelManifest) -> Path:
        sources = "\n".join([_CONVERTER, *(f"{file.path} {file.sha256}" for file in manifest.files)])
        return self.cache / "models" / f"{manifest.id}-{hashlib.sha256(sources.encode()).hexdigest()[:16]}"

    def holds(self, manifest: ModelManifest) -> bool:
        return (self.folder(manifest) / _DIGESTS).is_file()

    def check(self, manifest: ModelManifest) -> None:
        self._checked(manifest)

    def keep(self, manifest: ModelManifest, fill: Callable[[Path], None]) -> None:
        kept = self.folder(manifest)
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=f".{manifest.id}-", dir=kept.parent) as name:
                fetched, made = Path(name) / "fetched", Path(name) / "made"
                fetched.mkdir()
                made.mkdir()
                fill(fetched)
                model = without(convert(manifest, fetched), manifest)
                _agree(model, manifest, str(fetched))
                _save(model, made)
                _swap(made, kept)
        except OSError as error:
            raise Unavailable(
                f"the model cannot be kept: {error}",
                where=str(kept),
                remedy="make room, or name another folder with --cache or VITRAIL_CACHE",
            ) from error

    def read(self, manifest: ModelManifest) -> ov.Model:
        """Raises ``NotFound``, ``Corrupt`` (digests), ``Refused`` (says what its manifest does not declare)."""
        folder = self._checked(manifest)
        model = ov.Core().read_model(folder / _CONVERTED[0])
        _agree(model, manifest, str(folder))
        return model

    def _checked(self, manifest: ModelManifest) -> Path:
        folder = self.folder(manifest)
        remedy = f"run `vitrail models fetch {manifest.id}`"
        if not self.holds(manifest):
            raise NotFound(f"model {manifest.id} is not in the cache", where=str(folder), remedy=remedy)
        try:
            recorded = json.loads((folder / _DIGESTS).read_bytes())
            found = _digests(folder)
        except (OSError, ValueError) as error:
            raise Corrupt(f"model {manifest.id} cannot be read: {error}", where=str(folder), remedy=remedy) from error
        wrong = [name for name in _CONVERTED if not isinstance(recorded, dict) or recorded.get(name) != found[name]]
        if wrong:
            raise Corrupt(
                f"model {manifest.id}: {', '.join(wrong)} changed since it was converted (SHA-256 differs)",
                where=str(folder),
                rule="L20",
                remedy=remedy,
            )
        return folder


def convert(manifest: ModelManifest, folder: Path) -> ov.Model:
    """The manifest's files, lying in ``folder``, as an OpenVINO model."""
    names = [PurePosixPath(file.path).name for file in manifest.files]
    for name in names:
        path = folder / name
        if name.endswith(".json"):
            return build_model(read_tfjs(path), manifest.id)
        if build := _OURS.get(manifest.architecture):
            return build(folder, names, manifest.id)
        if name.endswith(_READABLE):
            try:
                return ov.Core().read_model(path)
            except RuntimeError as error:
                raise Corrupt(
                    f"OpenVINO cannot read {name}: {_first_line(error)}", where=f"model {manifest.id}", rule="L20"
                ) from error
    raise Invalid(
        f"none of {', '.join(names)} is a model that can be read",
        where=f"model {manifest.id}",
        remedy=f"give TensorFlow.js (.json), or {', '.join(_READABLE)}",
    )


def _yamnet(folder: Path, names: Sequence[str], name: str) -> ov.Model:
    return build_yamnet(read_yamnet(folder, names), name)


def without(model: ov.Model, manifest: ModelManifest) -> ov.Model:
    """The model without the outputs that its manifest cuts off, of any height and width if it is said to be."""
    if not manifest.cut:
        return model
    kept = [output for output in model.outputs if not output.get_names() & set(manifest.cut)]
    trimmed = ov.Model([output.get_node() for output in kept], model.get_parameters(), manifest.id)
    (_, shape), *_ = manifest.inputs
    trimmed.reshape([1, *shape[1:]])
    return trimmed


def _efficientnet(folder: Path, names: Sequence[str], name: str) -> ov.Model:
    return build_efficientnet_lite(read_pth(folder / names[0]), name)


def _place_reader(folder: Path, names: Sequence[str], name: str) -> ov.Model:
    return build_place_reader(read_pth(folder / names[0]), name)


def _minilm(folder: Path, names: Sequence[str], name: str) -> ov.Model:
    weights = next(n for n in names if n.endswith(".safetensors"))
    vocabulary = next(n for n in names if n.endswith(".txt"))
    return build_minilm(read_safetensors(folder / weights), read_vocabulary(folder / vocabulary), name)


_OURS: Mapping[str, Callable[[Path, Sequence[str], str], ov.Model]] = {
    "efficientnet-lite2": _efficientnet,
    "efficientnet-lite2-place": _place_reader,
    "minilm-l6": _minilm,
    "yamnet": _yamnet,
}
"""Networks that come as bare weights: by the manifest's ``architecture``."""


def _agree(model: ov.Model, manifest: ModelManifest, where: str) -> None:
    """A model may take and say exactly what its manifest declares (L20); a batch, the first length, may be any."""
    declared = _shapes(dict(manifest.inputs)), _shapes(dict(manifest.outputs))
    found = _found(model.inputs), _found(model.outputs)
    said = [name for output in model.outputs for name in output.get_names()]
    if words := identity_words(said):
        raise Refused(f"model {manifest.id} has outputs that tell {', '.join(words)}", where=where, rule="L20")
    if found != declared:
        raise Refused(
            f"model {manifest.id} has inputs {found[0]} and outputs {found[1]}; "
            f"its manifest declares {declared[0]} and {declared[1]}",
            where=where,
            rule="L20",
            remedy="correct the manifest, or do not use this model",
        )


def _shapes(ports: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {name: shape[1:] for name, shape in ports.items()}


def _found(ports: list[ov.Output]) -> dict[str, tuple[int, ...]]:
    found = {}
    for index, port in enumerate(ports):
        shape = port.get_partial_shape()
        lengths = tuple(-1 if length.is_dynamic else length.get_length() for length in shape)
        found[min(port.get_names(), default=f"output {index}")] = lengths[1:]
    return found


def _save(model: ov.Model, folder: Path) -> None:
    ov.save_model(model, folder / _CONVERTED[0], compress_to_fp16=True)
    (folder / _DIGESTS).write_text(json.dumps(_digests(folder), indent=1), encoding="utf-8")
    for path in folder.iterdir():
        with path.open("rb") as opened:
            os.fsync(opened.fileno())


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for name in _CONVERTED:
        with (folder / name).open("rb") as opened:
            found[name] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


def _swap(made: Path, kept: Path) -> None:
    """Rename ``made`` to ``kept``; what was there goes. When another process was faster, its copy is as good."""
    if kept.exists():
        kept.replace(made.with_name("old"))
    try:
        made.replace(kept)
    except OSError:
        if not kept.is_dir():
            raise
    shutil.rmtree(made.with_name("old"), ignore_errors=True)


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
