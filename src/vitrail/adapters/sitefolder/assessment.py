"""The impact assessment in the site folder: ``assessment.json`` (the CNIL's tool) and its validation."""

__all__ = ["AssessmentPaper", "ValidationShape", "read_assessment", "write_document", "write_validation"]

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from vitrail.adapters.sitefolder.cnil import PiaFile, read_pia
from vitrail.adapters.sitefolder.document import read_document
from vitrail.adapters.sitefolder.shaping import Report
from vitrail.adapters.sitefolder.words import Date, Shape, Text
from vitrail.domain.assessments import Validation
from vitrail.domain.errors import Invalid, Problem

_DOCUMENT = "assessment.json"
_VALIDATION = "assessment.yaml"
_Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ValidationShape(Shape):
    """Somebody's word that the assessment holds for this configuration; `vitrail assessment validate` writes it."""

    validated_by: Text = Field(description="The validator that `assessment.json` names; not its author.")
    validated_on: Date = Field(description="When, YYYY-MM-DD.")
    document_sha256: _Digest = Field(description="Digest of the document that was validated.")
    configuration: _Digest = Field(description="Digest of the configuration that it was validated for.")


@dataclass(frozen=True, slots=True)
class AssessmentPaper:
    """What lies in the site folder; ``None`` for what does not."""

    document: PiaFile | None = None
    validation: Validation | None = None


def read_assessment(folder: Path) -> tuple[AssessmentPaper, list[Problem]]:
    """What lies there, and what is wrong with it."""
    problems: list[Problem] = []
    document = None
    if (folder / _DOCUMENT).exists():
        try:
            document = read_pia(_bytes(folder / _DOCUMENT), _DOCUMENT)
        except Invalid as error:
            problems.append(
                Problem(_DOCUMENT, "(file)", error.what, error.remedy or "`vitrail assessment import FILE`")
            )
    if not (folder / _VALIDATION).exists():
        return AssessmentPaper(document), problems
    opened, unread = read_document(folder / _VALIDATION, _VALIDATION)
    report = Report(opened, unread)
    shape = report.shape(ValidationShape, opened.value, ()) if not unread else None
    validation = (
        Validation(shape.validated_by, shape.validated_on, shape.document_sha256, shape.configuration)
        if shape
        else None
    )
    return AssessmentPaper(document, validation), [*problems, *report.problems]


def write_document(folder: Path, document: PiaFile) -> Path:
    path = folder / _DOCUMENT
    path.write_text(document.text(), encoding="utf-8", newline="\n")
    return path


def write_validation(folder: Path, validation: Validation) -> Path:
    said = {
        "validated_by": validation.by,
        "validated_on": validation.on,
        "document_sha256": validation.document_sha256,
        "configuration": validation.configuration,
    }
    rows = [f"{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in said.items()]
    path = folder / _VALIDATION
    head = "# Written by `vitrail assessment validate`. Any change of either reopens the assessment.\n"
    path.write_text(head + "".join(rows), encoding="utf-8", newline="\n")
    return path


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"cannot be read: {error.strerror}", remedy="check its kind and its permissions") from error
