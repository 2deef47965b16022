"""The questions that make a mandate, in order, and the file they fill (L01, L03-L05).

Whoever asks (a terminal, a file of answers) gets one ``Question`` at a time and gives text that its check accepts.
"""

__all__ = ["Ask", "Question", "new_mandate", "read_answers"]

import hashlib
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from vitrail.adapters.sitefolder.document import read_document
from vitrail.adapters.sitefolder.folder import read_site_alone
from vitrail.adapters.sitefolder.instruments import MandateReader
from vitrail.adapters.sitefolder.paper import mandate_text
from vitrail.adapters.sitefolder.purposes import why_no_objective, why_vague
from vitrail.adapters.sitefolder.shaping import Report, did_you_mean
from vitrail.adapters.sitefolder.words import ID_PATTERN
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.errors import Conflict, Invalid
from vitrail.domain.mandates import OBJECTIVES, LegalProfile
from vitrail.domain.streams import Site

Check = Callable[[str], str]
"""Why a text is no answer, or nothing."""


def _given(text: str) -> str:
    return "" if text.strip() else "an answer is needed"


@dataclass(frozen=True, slots=True)
class Question:
    """``key`` names it in a file of answers. ``default`` stands for an empty answer."""

    key: str
    text: str
    default: str = ""
    check: Check = _given


Ask = Callable[[Question], str]


def new_mandate(folder: Path, environ: Mapping[str, str], manifests: Mapping[str, AnalyticManifest], ask: Ask) -> Path:
    """Ask, bind the decision by its digest, write ``mandates/ID.yaml``; its path.

    Raises ``Conflict`` where a file of that name exists, ``Invalid`` when the answers do not make a mandate together.
    """
    read = read_site_alone(folder, environ, manifests)
    name = ask(Question("id", "Short name of the mandate (small letters, digits, -)", check=_name))
    path = folder / "mandates" / f"{name}.yaml"
    if path.exists():
        raise Conflict(f"{path} exists already", remedy="choose another name, or change the file and decide again")
    said = {"id": name, **_identity(ask), **_decision(ask, folder)}
    said |= _scope(ask, read.site, str(said["mode"]), manifests)
    said |= _bounds(ask, read.profile)
    document = Path(said["decision"]["document"])
    said["decision"]["document"] = document.name
    beside = path.parent / document.name
    _keep(document, beside)
    path.write_text(mandate_text(said), encoding="utf-8", newline="\n")
    _must_read(path, read.site, read.profile, manifests)
    return path


def read_answers(path: Path) -> Mapping[str, str]:
    """Answers by the keys of questions: a flat YAML mapping. Raises ``Invalid``."""
    document, problems = read_document(path, path.name)
    raw = document.value if isinstance(document.value, dict) else {}
    report = Report(document, problems)
    for key, value in raw.items():
        if not isinstance(value, str | int | float):
            report.say((key,), "an answer is one text", "write `decision.body: ...`, one line for each question")
    if report.problems:
        raise Invalid(f"{path.name} holds no answers", where=str(path), problems=tuple(report.problems))
    spoken = {True: "yes", False: "no"}
    return {str(key): spoken[value] if isinstance(value, bool) else str(value) for key, value in raw.items()}


def _identity(ask: Ask) -> dict[str, Any]:
    modes = ("lab", "statistics", "alert", "inquiry")
    return {
        "title": ask(Question("title", "Title, as screens and the register will say it")),
        "mode": ask(Question("mode", f"Mode ({', '.join(modes)})", "lab", _one_of(modes))),
        "controller": ask(Question("controller", "Who answers for it: name and address")),
        "legal_basis": ask(Question("legal_basis", "The text of law that allows it")),
    }


def _decision(ask: Ask, folder: Path) -> dict[str, Any]:
    def readable(text: str) -> str:
        return "" if _found(folder, text).is_file() else f"{text} is not a file (L01)"

    decision = {
        "body": ask(Question("decision.body", "Who decided")),
        "number": ask(Question("decision.number", "Number of the decision")),
        "date": ask(Question("decision.date", "Date of the decision (YYYY-MM-DD)", check=_date)),
        "url": ask(Question("decision.url", "Where anybody can read it (https://...)", check=_web)),
    }
    document = _found(folder, ask(Question("decision.document", "The decision itself (a file)", check=readable)))
    decision["document"] = str(document)
    decision["sha256"] = hashlib.sha256(document.read_bytes()).hexdigest() if document.is_file() else ""
    return {
        "decision": decision,
        "supplier": ask(Question("supplier", "Who supplies and runs it")),
        "cost": ask(Question("cost", "What it costs a year, all included")),
    }


def _scope(ask: Ask, site: Site, mode: str, manifests: Mapping[str, AnalyticManifest]) -> dict[str, Any]:
    """Cells are those that ``site.yaml`` switches on; each is asked by itself."""
    cells = [(c.id, s.analytic_id, s.purpose) for c in site.cameras for s in c.analytics]
    if not cells:
        raise Invalid("site.yaml switches on no analytic", where="site.yaml", remedy="switch on what is to be decided")
    allowed = {
        cell: _yes(ask, f"matrix.{'.'.join(cell)}", f"Allow {' x '.join(cell)}") for cell in dict.fromkeys(cells)
    }
    matrix = [cell for cell, yes in allowed.items() if yes]
    if not matrix:
        raise Invalid("a mandate that allows nothing is none", where="matrix", remedy="answer yes at least once")
    purposes = [_purpose(ask, name, mode) for name in dict.fromkeys(purpose for _, _, purpose in matrix)]
    argued = dict.fromkeys(analytic for _, analytic, _ in matrix) if mode != "lab" else {}
    return {
        "matrix": [dict(zip(("camera", "analytic", "purpose"), cell, strict=True)) for cell in matrix],
        "purposes": purposes,
        "arguments": [_argument(ask, name, manifests[name].title) for name in argued],
        "recording": [
            camera.id
            for camera in site.cameras
            if camera.stream_for("record") and _yes(ask, f"recording.{camera.id}", f"Keep recordings of {camera.id}")
        ],
        "recipients": _several(ask, "recipients", "Who else receives what leaves (commas between; empty for nobody)"),
    }


def _purpose(ask: Ask, name: str, mode: str) -> dict[str, Any]:
    def objective(text: str) -> str:
        why = why_no_objective(text)
        if why:
            return f"{why}; {did_you_mean(text, OBJECTIVES) or 'one of: ' + ', '.join(OBJECTIVES)}"
        return "`evaluation` exists in mode `lab` only (L03)" if text == "evaluation" and mode != "lab" else ""

    here = f"purposes.{name}"
    return {
        "id": name,
        "objective": ask(Question(f"{here}.objective", f"Objective of purpose {name}", check=objective)),
        "harm": ask(Question(f"{here}.harm", "The harm: what happened, where, how often", check=why_vague)),
        "success": ask(Question(f"{here}.success", "How success is measured: a measure, a figure", check=why_vague)),
        "review": ask(Question(f"{here}.review", "When it is reviewed (YYYY-MM-DD)", check=_date)),
    }


def _argument(ask: Ask, name: str, title: str) -> dict[str, Any]:
    here = f"arguments.{name}"

    def figure(text: str) -> str:
        return "" if any(c.isdigit() for c in text) else "names no figure (L05)"

    return {
        "analytic": name,
        "necessity": ask(Question(f"{here}.necessity", f"{title}: why can the purpose not be reached without it")),
        "alternatives": [
            {
                "what": ask(Question(f"{here}.alternative", "What was considered first, without any algorithm")),
                "algorithmic": False,
                "why_not": ask(Question(f"{here}.why_not", "Why it is not enough")),
            }
        ],
        "expected_rate": ask(Question(f"{here}.expected_rate", "Alerts a day, and how many right", check=figure)),
        "failure_modes": [ask(Question(f"{here}.failure_modes", "How it goes wrong at this place"))],
    }


def _bounds(ask: Ask, profile: LegalProfile) -> dict[str, Any]:
    cap = profile.max_retention_us // 3_600_000_000

    def hours(text: str) -> str:
        fits = text.isdecimal() and 0 < int(text) <= cap
        return "" if fits else f"a whole number of hours, at most {cap} under profile `{profile.id}` (L15)"

    return {
        "start": ask(Question("start", "First day (YYYY-MM-DD)", check=_date)),
        "end": ask(Question("end", "First day no longer covered (YYYY-MM-DD)", check=_date)),
        "retention_hours": int(ask(Question("retention_hours", "Hours that recordings live", "72", hours)) or 0),
    }


def _must_read(path: Path, site: Site, profile: LegalProfile, manifests: Mapping[str, AnalyticManifest]) -> None:
    """What was written is read like any mandate; it does not stay when it is none."""
    document, problems = read_document(path, f"mandates/{path.name}")
    report = Report(document, problems)
    cameras = frozenset(camera.id for camera in site.cameras)
    if MandateReader(path, report, cameras, manifests, profile, site.zone).read() is None or report.problems:
        path.unlink()
        raise Invalid("the answers make no mandate", where=str(path), problems=tuple(report.problems))


def _keep(document: Path, beside: Path) -> None:
    """The decision lies beside the mandate that it binds."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    if document.resolve() == beside.resolve():
        return
    if beside.exists() and beside.read_bytes() != document.read_bytes():
        raise Conflict(f"another {beside.name} lies beside the mandates", remedy="rename one of the two")
    shutil.copyfile(document, beside)


def _found(folder: Path, text: str) -> Path:
    """As typed, or beside the mandates."""
    typed, beside = Path(text), folder / "mandates" / text
    return beside if beside.is_file() and not typed.is_file() else typed


def _yes(ask: Ask, key: str, text: str) -> bool:
    return ask(Question(key, f"{text}? (yes, no)", "no", _one_of(("yes", "no")))) == "yes"


def _several(ask: Ask, key: str, text: str) -> list[str]:
    return [part.strip() for part in ask(Question(key, text, check=lambda _: "")).split(",") if part.strip()]


def _one_of(words: tuple[str, ...]) -> Check:
    return lambda text: "" if text in words else f"one of: {', '.join(words)}"


def _name(text: str) -> str:
    return "" if re.match(ID_PATTERN, text) else "small letters, digits, `-` and `_`, at most 40"


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "write a day of the calendar as YYYY-MM-DD"
    return "" if len(text) == 10 else "write YYYY-MM-DD"


def _web(text: str) -> str:
    return "" if text.startswith(("https://", "http://")) else "no web address (L01)"
