"""Model manifests written as YAML: the packaged catalogue, and those of one's own."""

__all__ = ["catalogue", "read_manifests"]

from importlib import resources
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from vitrail.domain.errors import Invalid, NotFound, Problem
from vitrail.domain.models import ModelManifest, PackageFile

_MAX_BYTES = 1_048_576
_REMEDY = "docs/models.md shows a manifest"


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path:
        raise ValueError("must be a relative path inside the package, without `..`")
    return path


_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
_Words = Annotated[str, Field(min_length=1)]
_Shape = Annotated[tuple[int, ...], Field(min_length=1)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)


class _FileShape(_Closed):
    path: Annotated[_Words, AfterValidator(_inside)]
    sha256: _Sha256


class _ManifestShape(_Closed):
    id: _Id
    purpose: _Words
    registry: Literal["npm", "pypi", "file"]
    package: _Words
    version: _Words
    archive_sha256: _Sha256 | Literal[""] = ""
    architecture: str = ""
    cut: list[_Words] = []
    files: Annotated[list[_FileShape], Field(min_length=1)]
    licence_code: _Words
    licence_weights: _Words
    attribution: _Words
    labels: list[_Words]
    inputs: Annotated[dict[str, _Shape], Field(min_length=1)]
    outputs: Annotated[dict[str, _Shape], Field(min_length=1)]
    limits: Annotated[list[_Words], Field(min_length=1)]

    @model_validator(mode="after")
    def _consistent(self) -> "_ManifestShape":
        if self.registry != "file" and not self.archive_sha256:
            raise ValueError("archive_sha256 is missing: a package without a digest could be any package")
        names = [PurePosixPath(file.path).name for file in self.files]
        if len(set(names)) < len(names):
            raise ValueError("two files have the same name: they are unpacked side by side")
        return self

    def manifest(self) -> ModelManifest:
        plain = self.model_dump(exclude={"files", "labels", "inputs", "outputs", "limits", "cut"})
        return ModelManifest(
            **plain,
            files=tuple(PackageFile(file.path, file.sha256) for file in self.files),
            labels=tuple(self.labels),
            inputs=tuple(self.inputs.items()),
            outputs=tuple(self.outputs.items()),
            limits=tuple(self.limits),
            cut=tuple(self.cut),
        )


def catalogue() -> tuple[ModelManifest, ...]:
    """Every model that comes with the product's knowledge; the weights themselves come from registries."""
    text = resources.files(__package__).joinpath("catalogue.yaml").read_text(encoding="utf-8")
    return _parse(text, "catalogue.yaml")


def read_manifests(path: Path) -> tuple[ModelManifest, ...]:
    """The manifests in a file of one's own. Raises ``NotFound``, ``Invalid`` with every problem, ``Refused`` (L20)."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise Invalid("the model manifest is far too long", where=str(path), rule=f"{_MAX_BYTES:,} bytes")
        return _parse(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError as error:
        raise NotFound("no such model manifest", where=str(path), remedy=_REMEDY) from error
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"the model manifest cannot be read: {error}", where=str(path), remedy=_REMEDY) from error


def _parse(text: str, where: str) -> tuple[ModelManifest, ...]:
    try:
        listed = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise Invalid(f"the model manifest is not YAML: {error}", where=where, remedy=_REMEDY) from error
    if not isinstance(listed, list):
        raise Invalid("a model manifest file holds a list of models", where=where, remedy="start each with `- id:`")
    shapes: list[_ManifestShape] = []
    problems: list[Problem] = []
    for index, item in enumerate(listed):
        try:
            shapes.append(_ManifestShape.model_validate(item))
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                key = ".".join(str(part) for part in (index, *detail["loc"]))
                problems.append(Problem(where, key, detail["msg"].removeprefix("Value error, "), _REMEDY))
    ids = [shape.id for shape in shapes]
    problems += [
        Problem(where, i, "two models have this id", "rename one") for i in sorted(set(ids)) if ids.count(i) > 1
    ]
    if problems:
        raise Invalid(f"{len(problems)} problem(s) in the model manifest", where=where, problems=tuple(problems))
    return tuple(shape.manifest() for shape in shapes)
