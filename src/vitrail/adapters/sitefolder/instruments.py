"""``mandates/*.yaml`` to ``Mandate`` values (L01, L03-L05, L15)."""

__all__ = ["MandateReader", "declared_purposes"]

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path as FilePath
from typing import Any

from vitrail.adapters.sitefolder.arguments import read_arguments
from vitrail.adapters.sitefolder.document import Document, Path
from vitrail.adapters.sitefolder.drawings import ask_ids
from vitrail.adapters.sitefolder.mandate_shape import CellShape, DecisionShape, MandateShape, PurposeShape
from vitrail.adapters.sitefolder.moments import moment_us, weekly_hours
from vitrail.adapters.sitefolder.purposes import why_no_objective, why_vague
from vitrail.adapters.sitefolder.shaping import Item, Report, did_you_mean
from vitrail.domain.analytics import AnalyticManifest, Maturity
from vitrail.domain.mandates import OBJECTIVES, Decree, LegalProfile, Mandate, Mode, Purpose
from vitrail.domain.time import DAY_US, HOUR_US, Hours, Interval

_EVALUATION = "evaluation"


def declared_purposes(document: Document) -> frozenset[str]:
    """Ids of the purposes a mandate file declares, also when it has problems."""
    return frozenset(str(row.get("id")) for row in _rows(document, "purposes") if row)


@dataclass(frozen=True, slots=True)
class MandateReader:
    """Reads one mandate file; ``path`` is where it lies."""

    path: FilePath
    report: Report
    camera_ids: frozenset[str]
    manifests: Mapping[str, AnalyticManifest]
    profile: LegalProfile | None
    zone: str
    alone: bool = False
    """Read without its site folder, to be compared: the decision's document is not looked at."""
    microphone_ids: frozenset[str] = frozenset()

    def read(self) -> Mandate | None:
        document = self.report.document
        raw = document.value if isinstance(document.value, dict) else {}
        if not raw:
            return None
        shape = self.report.shape(MandateShape, _shell(raw), ())
        purposes = self._purposes(raw, str(raw.get("mode")))
        matrix = self._matrix(raw, purposes)
        lab = raw.get("mode") == Mode.LAB
        arguments = read_arguments(self.report, raw, frozenset(cell.analytic for cell in matrix), lab)
        if shape is None:
            return None
        valid, hours = self._valid(shape), self._hours(shape)
        decree = self._decree(shape.decision, shape.start)
        self._recording(shape)
        self._retention(shape)
        if self.report.problems or valid is None or hours is None:
            return None
        return Mandate(
            id=shape.id,
            title=shape.title,
            mode=Mode(shape.mode),
            controller=shape.controller,
            legal_basis=shape.legal_basis,
            decision=decree,
            supplier=shape.supplier,
            cost=shape.cost,
            valid=valid,
            hours=hours,
            retention_us=round(shape.retention_hours * HOUR_US),
            purposes=tuple(
                Purpose(p.id, p.objective, p.harm, p.success, moment_us(p.review, self.zone)) for p in purposes
            ),
            matrix=frozenset((cell.device, cell.analytic, cell.purpose) for cell in matrix),
            recording=frozenset(shape.recording),
            digest=document.sha256,
            arguments=arguments,
            recipients=tuple(shape.recipients),
            microphones=frozenset(cell.microphone for cell in matrix if cell.microphone),
        )

    def _purposes(self, raw: Mapping[str, Any], mode: str) -> list[PurposeShape]:
        items = self.report.items(PurposeShape, raw, ("purposes",))
        ask_ids(self.report, raw.get("purposes"), ("purposes",), "purpose")
        for item in items:
            self._purpose(item, mode)
        return [item.shape for item in items]

    def _purpose(self, item: Item[PurposeShape], mode: str) -> None:
        shape, listed = item.shape, f"the closed list: {', '.join(OBJECTIVES)}"
        why = why_no_objective(shape.objective)
        if why:
            self.report.say((*item.path, "objective"), why, did_you_mean(shape.objective, OBJECTIVES) or listed)
        elif shape.objective == _EVALUATION and mode != Mode.LAB:
            self.report.say((*item.path, "objective"), "`evaluation` exists in mode `lab` only (L03)", listed)
        for key, text in (("harm", shape.harm), ("success", shape.success)):
            why = why_vague(text)
            if why:
                self.report.say(
                    (*item.path, key), why, "say what happened, where and how often; a measure and a figure"
                )
        self._date((*item.path, "review"), shape.review)

    def _matrix(self, raw: Mapping[str, Any], purposes: list[PurposeShape]) -> list[CellShape]:
        items = self.report.items(CellShape, raw, ("matrix",))
        declared = declared_purposes(self.report.document)
        objectives = {purpose.id: purpose.objective for purpose in purposes}
        seen: set[tuple[str, str, str]] = set()
        for item in items:
            cell = item.shape
            if cell.camera and cell.camera not in self.camera_ids:
                self.report.unknown((*item.path, "camera"), "camera", cell.camera, self.camera_ids)
            if cell.microphone and cell.microphone not in self.microphone_ids:
                self.report.unknown((*item.path, "microphone"), "microphone", cell.microphone, self.microphone_ids)
            if cell.purpose not in declared:
                self.report.unknown((*item.path, "purpose"), "purpose", cell.purpose, declared)
            self._serves(item, objectives.get(cell.purpose))
            if not self.alone and raw.get("mode") != Mode.LAB:
                self._ripe(item)
            triple = (cell.device, cell.analytic, cell.purpose)
            if triple in seen:
                self.report.say(item.path, f"{' + '.join(triple)} is listed twice", "keep one of the two")
            seen.add(triple)
        return [item.shape for item in items]

    def _serves(self, item: Item[CellShape], objective: str | None) -> None:
        """An analytic may serve only the objectives its manifest names."""
        manifest = self.manifests.get(item.shape.analytic)
        if manifest is None:
            self.report.unknown((*item.path, "analytic"), "analytic", item.shape.analytic, self.manifests)
        elif objective in OBJECTIVES and objective != _EVALUATION and objective not in manifest.purposes:
            remedy = f"`{manifest.id}` may serve: {', '.join(sorted(manifest.purposes))}"
            self.report.say((*item.path, "purpose"), f"`{manifest.id}` must not serve `{objective}` (L03)", remedy)

    def _ripe(self, item: Item[CellShape]) -> None:
        """What is for the lab runs nowhere else."""
        manifest = self.manifests.get(item.shape.analytic)
        if manifest is not None and manifest.maturity is Maturity.LAB:
            what = f"`{manifest.id}` is for the lab: its figures do not hold yet (L29)"
            self.report.say((*item.path, "analytic"), what, "take it out, or try it under a mandate in mode `lab`")

    def _valid(self, shape: MandateShape) -> Interval | None:
        start, end = self._moment(("start",), shape.start), self._moment(("end",), shape.end)
        if start is None or end is None:
            return None
        if end <= start:
            self.report.say(
                ("end",), f"`end` {shape.end} does not come after `start` {shape.start}", "swap or mend them"
            )
            return None
        cap = self.profile.max_mandate_us if self.profile else None
        if self.profile and cap is not None and end - start > cap and Mode(shape.mode) is not Mode.LAB:
            days = f"{(end - start) / DAY_US:.0f} days; profile `{self.profile.id}` allows {cap // DAY_US}"
            self.report.say(("end",), f"the mandate runs {days}", "end it sooner; a new decision can renew it")
        for index, row in enumerate(_rows(self.report.document, "purposes")):
            review = row.get("review")
            if isinstance(review, str) and _is_date(review) and moment_us(review, self.zone) < start:
                what = f"is reviewed on {review}, before the mandate starts"
                self.report.say(("purposes", index, "review"), what, "set a date after `start`")
        return Interval(start, end)

    def _hours(self, shape: MandateShape) -> Hours | None:
        try:
            return weekly_hours(shape.hours, self.zone)
        except ValueError as error:
            self.report.say(("hours",), str(error), "leave `hours` out for always")
            return None

    def _decree(self, shape: DecisionShape, start: str) -> Decree:
        decided = self._date(("decision", "date"), shape.date)
        if decided and _is_date(start[:10]) and decided > date.fromisoformat(start[:10]):
            what = f"was decided on {shape.date}, after the mandate starts (L01)"
            self.report.say(("decision", "date"), what, "start on the day of the decision or later")
        if not shape.url.startswith(("https://", "http://")):
            self.report.say(("decision", "url"), f"`{shape.url}` is no web address (L01)", "https://...")
        if not self.alone:
            self._document(shape)
        return Decree(shape.body, shape.number, shape.date, shape.url, shape.document, shape.sha256)

    def _document(self, shape: DecisionShape) -> None:
        """The digest binds the published decision to the mandate (L01)."""
        here = ("decision", "document")
        base = self.path.parent.resolve()
        found = (base / shape.document).resolve()
        if not found.is_relative_to(base.parent):
            self.report.say(here, f"`{shape.document}` lies outside the site folder (L01)", "put it beside the mandate")
            return
        try:
            with found.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
        except OSError as error:
            self.report.say(
                here, f"`{shape.document}` cannot be read: {error.strerror} (L01)", "put it beside the mandate"
            )
            return
        if digest != shape.sha256:
            what = f"the digest of `{shape.document}` is {digest} (L01)"
            self.report.say(
                ("decision", "sha256"), what, "if this is the document that was decided, write its digest here"
            )

    def _recording(self, shape: MandateShape) -> None:
        for index, camera in enumerate(shape.recording):
            if camera not in self.camera_ids:
                self.report.unknown(("recording", index), "camera", camera, self.camera_ids)

    def _retention(self, shape: MandateShape) -> None:
        cap = self.profile.max_retention_us if self.profile else None
        if self.profile and cap is not None and shape.retention_hours * HOUR_US > cap:
            remedy = f"profile `{self.profile.id}` allows at most {cap // HOUR_US}"
            self.report.say(("retention_hours",), f"{shape.retention_hours:g} hours is too long (L15)", remedy)

    def _date(self, path: Path, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.report.say(path, f"the calendar has no {text}", "write YYYY-MM-DD")
            return None

    def _moment(self, path: Path, text: str) -> int | None:
        try:
            return moment_us(text, self.zone)
        except ValueError:
            self.report.say(path, f"the calendar has no {text}", "write YYYY-MM-DD or YYYY-MM-DDTHH:MM")
            return None


def _rows(document: Document, key: str) -> list[Mapping[str, Any]]:
    raw = document.value if isinstance(document.value, dict) else {}
    rows = raw.get(key)
    return [row if isinstance(row, dict) else {} for row in rows] if isinstance(rows, list) else []


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _shell(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The mandate without the lists that are shaped item by item; an empty or broken list is left for the shape."""
    stand_ins: dict[str, Any] = {
        "purposes": {"id": "x", "objective": "x", "harm": "x", "success": "x", "review": "2000-01-01"},
        "matrix": {"camera": "x", "analytic": "x", "purpose": "x"},
        "arguments": None,
    }
    shell: dict[str, Any] = {}
    for key, value in raw.items():
        listed = key in stand_ins and isinstance(value, list) and value
        shell[key] = [stand_ins[key]] if listed and stand_ins[key] else [] if listed else value
    return shell
