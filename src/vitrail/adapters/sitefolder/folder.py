"""The site folder: one place's whole configuration, kept in git, read at once, with every problem told at once."""

__all__ = ["STATE_FOLDER", "SiteFolder", "missing_recordings", "read_mandate", "read_site", "read_site_alone"]

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from vitrail.adapters.sitefolder.assessment import AssessmentPaper, read_assessment
from vitrail.adapters.sitefolder.document import Document, parse_document, read_document
from vitrail.adapters.sitefolder.instruments import MandateReader, declared_purposes
from vitrail.adapters.sitefolder.oversight import oversight_keys
from vitrail.adapters.sitefolder.profiles import profile_ids, read_profile
from vitrail.adapters.sitefolder.secrets import STATE_FOLDER, kept_secrets
from vitrail.adapters.sitefolder.shaping import Report
from vitrail.adapters.sitefolder.sites import SiteReading, read_site_file
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.calibration import Calibration
from vitrail.domain.errors import Invalid, NotFound, Problem
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.streams import Site


@dataclass(frozen=True, slots=True)
class SiteFolder:
    site: Site
    mandates: tuple[Mandate, ...]
    profile: LegalProfile
    oversight: Mapping[str, bytes] = field(default_factory=dict)
    """Public keys of those who may suspend from outside, by name."""
    assessment: AssessmentPaper = field(default_factory=AssessmentPaper)
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    """How each camera's ground was found, by camera."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """One file on its way."""

    path: Path
    document: Document
    problems: list[Problem]


def read_site(
    folder: Path,
    environ: Mapping[str, str],
    manifests: Mapping[str, AnalyticManifest],
    proposed: bytes | None = None,
) -> SiteFolder:
    """Read ``site.yaml`` and ``mandates/*.yaml`` below ``folder``; with ``proposed``, as if ``site.yaml`` held that.

    Raises ``NotFound`` where there is no site folder and ``Invalid`` with the problems of all files together.
    No mandate is no problem of configuration: the guard will simply permit nothing.
    """
    if not (folder / "site.yaml").is_file():
        raise NotFound(f"{folder} is no site folder: it holds no site.yaml", remedy="`vitrail init FOLDER` writes one")
    environ = {**kept_secrets(folder), **environ}
    opened = _open(folder / "site.yaml", "site.yaml", proposed)
    papers, stray = _papers(folder)
    site_report = Report(opened.document, opened.problems)
    purposes = frozenset[str]().union(*(declared_purposes(paper.document) for paper in papers)) if papers else None
    reading = read_site_file(folder, opened.document, environ, manifests, purposes, site_report)
    profile = read_profile(reading.profile_id) if reading.profile_id in profile_ids() else None
    mandates, problems = _mandates(papers, reading, manifests, profile)
    oversight, unfit = oversight_keys(folder)
    assessment, unread = read_assessment(folder)
    problems = [*site_report.problems, *stray, *problems, *unfit, *unread]
    if problems or reading.site is None or profile is None:
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
        raise Invalid(f"the site folder has {count}", where=str(folder), problems=tuple(problems))
    return SiteFolder(reading.site, mandates, profile, oversight, assessment, reading.calibrations)


def read_mandate(path: Path, manifests: Mapping[str, AnalyticManifest]) -> Mandate:
    """One mandate file by itself, wherever it lies; times are read as UTC. Raises ``Invalid``."""
    opened = _open(path, path.name)
    raw = opened.document.value if isinstance(opened.document.value, dict) else {}
    rows = [row for row in raw.get("matrix") or [] if isinstance(row, dict)] if _listed(raw, "matrix") else []
    kept = [name for name in raw.get("recording") or [] if isinstance(name, str)] if _listed(raw, "recording") else []
    cameras = frozenset({*(str(row.get("camera")) for row in rows), *kept})
    ears = frozenset(str(row.get("microphone")) for row in rows)
    report = Report(opened.document, opened.problems)
    mandate = MandateReader(path, report, cameras, manifests, None, "UTC", True, ears).read()
    if mandate is None or report.problems:
        raise Invalid(f"{path.name} is no mandate", where=str(path), problems=tuple(report.problems))
    return mandate


def read_site_alone(folder: Path, environ: Mapping[str, str], manifests: Mapping[str, AnalyticManifest]) -> SiteFolder:
    """``site.yaml`` without the mandates, which may still be missing. Raises ``NotFound`` or ``Invalid``."""
    if not (folder / "site.yaml").is_file():
        raise NotFound(f"{folder} is no site folder: it holds no site.yaml", remedy="`vitrail init FOLDER` writes one")
    environ = {**kept_secrets(folder), **environ}
    opened = _open(folder / "site.yaml", "site.yaml")
    report = Report(opened.document, opened.problems)
    reading = read_site_file(folder, opened.document, environ, manifests, None, report)
    if report.problems or reading.site is None:
        raise Invalid("site.yaml comes first", where=str(folder), problems=tuple(report.problems))
    return SiteFolder(reading.site, (), read_profile(reading.profile_id))


def _listed(raw: Mapping[str, object], key: str) -> bool:
    return isinstance(raw.get(key), list)


def missing_recordings(site: Site) -> tuple[Problem, ...]:
    """Streams that are files which are not there. A warning of ``vitrail check``: other streams run without them."""
    return tuple(
        Problem("site.yaml", stream.id, f"the recording {stream.address} is not there", "mend its address")
        for stream in site.streams()
        if "://" not in stream.address and not Path(stream.address).is_file()
    )


def _open(path: Path, name: str, proposed: bytes | None = None) -> _Opened:
    document, problems = read_document(path, name) if proposed is None else parse_document(proposed, name)
    return _Opened(path, document, problems)


def _papers(folder: Path) -> tuple[list[_Opened], list[Problem]]:
    """The mandate files in order of name, and files that look like mandates but are not read."""
    below = folder / "mandates"
    papers = [_open(path, f"mandates/{path.name}") for path in sorted(below.glob("*.yaml"))]
    stray = [
        Problem(f"mandates/{path.name}", "(file)", "is not read: its name does not end in .yaml", "rename it")
        for path in sorted(below.glob("*.yml"))
    ]
    return papers, stray


def _mandates(
    papers: list[_Opened],
    reading: SiteReading,
    manifests: Mapping[str, AnalyticManifest],
    profile: LegalProfile | None,
) -> tuple[tuple[Mandate, ...], list[Problem]]:
    mandates: list[Mandate] = []
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for paper in papers:
        report = Report(paper.document, paper.problems)
        reader = MandateReader(paper.path, report, reading.camera_ids, manifests, profile, reading.zone)
        mandate = replace(reader, microphone_ids=reading.microphone_ids).read()
        raw = paper.document.value
        name = raw.get("id") if isinstance(raw, dict) else None
        if isinstance(name, str) and first.setdefault(name, paper.document.file) != paper.document.file:
            report.say(("id",), f"mandate `{name}` is declared twice (also in {first[name]})", "rename one of them")
        if mandate:
            mandates.append(mandate)
        problems.extend(report.problems)
    return tuple(mandates), problems
