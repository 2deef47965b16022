"""Mandates and the impact assessment of a site folder, held against what would run."""

__all__ = [
    "Assessed",
    "Compared",
    "assess",
    "compare_mandates",
    "export_assessment",
    "import_assessment",
    "new_mandate",
    "validate_assessment",
]

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.clock import SystemClock
from vitrail.adapters.sitefolder import (
    Ask,
    SiteFolder,
    draft,
    read_mandate,
    read_pia,
    write_document,
    write_validation,
)
from vitrail.adapters.sitefolder import new_mandate as new_mandate_file
from vitrail.analytics.registry import Registry
from vitrail.domain.assessments import Validation
from vitrail.domain.errors import Conflict, NotFound, Refused
from vitrail.domain.register import configuration_digest
from vitrail.domain.time import iso
from vitrail.guard import assessment
from vitrail.guard.changes import Change, changes


def new_mandate(folder: Path, environ: Mapping[str, str], ask: Ask) -> Path:
    """A mandate from answers, written into the site folder."""
    return new_mandate_file(folder, environ, Registry.load().manifests, ask)


@dataclass(frozen=True, slots=True)
class Compared:
    """Two mandate files: what changed, and whether both rest on one decision."""

    changes: list[Change]
    same_decision: bool


def compare_mandates(old: Path, new: Path) -> Compared:
    """Raises ``Invalid`` when one of them is no mandate."""
    manifests = Registry.load().manifests
    before, after = read_mandate(old, manifests), read_mandate(new, manifests)
    return Compared(changes(before, after), before.decision.sha256 == after.decision.sha256)


@dataclass(frozen=True, slots=True)
class Assessed:
    """How the impact assessment stands to what runs. ``closed``: a mandate outside lab may not be relied on."""

    coverage: assessment.Coverage
    configuration: str
    refused: Refused | None
    closed: bool


def assess(folder: SiteFolder) -> Assessed:
    manifests = Registry.load().manifests
    paper = folder.assessment
    said = paper.document.assessment() if paper.document else None
    configuration = configuration_digest(folder.site, folder.mandates, folder.profile, tuple(manifests.values()))
    coverage = assessment.cover(assessment.topics(folder.site, folder.mandates, manifests), said)
    refused = assessment.reopened(coverage, said, paper.validation, configuration)
    return Assessed(coverage, configuration, refused, bool(assessment.unassessed(folder.mandates, refused)))


def export_assessment(folder: SiteFolder, file: Path) -> int:
    """The number of lines that wait to be argued. Raises ``Conflict`` rather than write over a file."""
    if file.exists():
        raise Conflict(f"{file} exists already", remedy="choose another name")
    document = folder.assessment.document or draft(folder.site.name, iso(SystemClock().now_us()))
    missing = assess(folder).coverage.missing
    file.write_text(document.with_topics(missing).text(), encoding="utf-8", newline="\n")
    return len(missing)


def import_assessment(site: Path, file: Path) -> Path:
    """Raises ``Invalid`` for anything but an assessment of the CNIL's tool."""
    if not (site / "site.yaml").is_file():
        raise NotFound(f"{site} is no site folder: it holds no site.yaml", remedy="name it with --site")
    return write_document(site, read_pia(file.read_bytes(), file.name))


def validate_assessment(site: Path, folder: SiteFolder, by: str, on: str) -> Path:
    """Raises ``Refused`` (L06) while anything but the validation is missing."""
    state, document = assess(folder), folder.assessment.document
    said = document.assessment() if document else None
    given = Validation(by, on, said.sha256 if said else "", state.configuration)
    refused = assessment.reopened(state.coverage, said, given, state.configuration)
    if refused:
        raise refused
    return write_validation(site, given)
