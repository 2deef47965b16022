"""What people draw in the browser, written back into ``site.yaml``: comments and order stay, what is not drawn stays
as it is, and nothing is written that `vitrail check` would refuse."""

__all__ = ["SiteYaml"]

import contextlib
import difflib
import hashlib
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vitrail.adapters.sitefolder.document import Document, parse_document
from vitrail.adapters.sitefolder.folder import read_site
from vitrail.adapters.sitefolder.joining import with_camera
from vitrail.adapters.sitefolder.round_trip import drawn_of, redrawn
from vitrail.adapters.sitefolder.secrets import keep_secrets
from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.calibration import Calibration
from vitrail.domain.drawing import Candidate, Drawing, Sheet
from vitrail.domain.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from vitrail.domain.joining import Joined, NewCamera
from vitrail.domain.streams import Camera

_NAME = "site.yaml"
BEFORE = "site.yaml.before"
"""The file as it was before the last saving from the browser."""


class SiteYaml:
    """Thread-safe. Implements ``SitePaper`` over a site folder."""

    def __init__(self, folder: Path, environ: Mapping[str, str], manifests: Mapping[str, AnalyticManifest]) -> None:
        self._folder = folder
        self._environ = environ
        self._manifests = manifests
        self._lock = threading.Lock()
        self._started = self._digest()

    def sheet(self, camera_id: str) -> Sheet:
        data = self._read()
        document, problems = parse_document(data, _NAME)
        if problems:
            raise Invalid("site.yaml cannot be read now", where=_NAME, problems=tuple(problems))
        drawing = drawn_of(_camera(document, camera_id), camera_id)
        return Sheet(drawing, document.sha256, document.sha256 != self._started)

    def candidate(self, drawing: Drawing, base: str) -> Candidate:
        before = self._unchanged(base)
        after = redrawn(before.decode("utf-8-sig"), drawing)
        problems, found = self._checked(after, drawing.camera_id)
        return Candidate(_changes(before.decode("utf-8-sig"), after), problems, found)

    def write(self, drawing: Drawing, base: str) -> str:
        with self._lock:
            before = self._unchanged(base)
            after = redrawn(before.decode("utf-8-sig"), drawing)
            problems, _ = self._checked(after, drawing.camera_id)
            if problems:
                raise Invalid("`vitrail check` would refuse this", where=_NAME, problems=problems)
            self._replace(_NAME + ".new", before, BEFORE)
            self._replace(_NAME + ".new", after.encode(), _NAME)
        return hashlib.sha256(after.encode()).hexdigest()

    def joined(self, camera: NewCamera, reviewed_by: str, reviewed_on: str) -> Joined:
        data = self._read()
        before = data.decode("utf-8-sig")
        after = with_camera(before, camera, reviewed_by, reviewed_on)
        problems, found = self._joinable(after, camera)
        return Joined(hashlib.sha256(data).hexdigest(), _changes(before, after), problems, found)

    def join(self, camera: NewCamera, reviewed_by: str, reviewed_on: str, base: str) -> str:
        with self._lock:
            before = self._unchanged(base)
            after = with_camera(before.decode("utf-8-sig"), camera, reviewed_by, reviewed_on)
            problems, _ = self._joinable(after, camera)
            if problems:
                raise Invalid("`vitrail check` would refuse this", where=_NAME, problems=problems)
            keep_secrets(self._folder, camera.secrets())
            self._replace(_NAME + ".new", before, BEFORE)
            self._replace(_NAME + ".new", after.encode(), _NAME)
        return hashlib.sha256(after.encode()).hexdigest()

    def _joinable(self, text: str, camera: NewCamera) -> tuple[tuple[Problem, ...], Camera | None]:
        try:
            folder = read_site(self._folder, {**self._environ, **camera.secrets()}, self._manifests, text.encode())
        except Invalid as error:
            return error.problems, None
        return (), folder.site.camera(camera.id)

    def _checked(self, text: str, camera_id: str) -> tuple[tuple[Problem, ...], Calibration | None]:
        try:
            folder = read_site(self._folder, self._environ, self._manifests, text.encode())
        except Invalid as error:
            return error.problems, None
        return (), folder.calibrations.get(camera_id)

    def _unchanged(self, base: str) -> bytes:
        data = self._read()
        if hashlib.sha256(data).hexdigest() != base:
            raise Conflict("site.yaml was changed meanwhile", where=_NAME, remedy="reload the page and draw again")
        return data

    def _read(self) -> bytes:
        try:
            return (self._folder / _NAME).read_bytes()
        except OSError as error:
            raise Unavailable(f"site.yaml cannot be read: {error.strerror}", where=_NAME) from error

    def _digest(self) -> str:
        try:
            return hashlib.sha256((self._folder / _NAME).read_bytes()).hexdigest()
        except OSError:
            return ""

    def _replace(self, beside: str, data: bytes, name: str) -> None:
        """Whole or not at all, also when the power fails."""
        path, unfinished = self._folder / name, self._folder / beside
        try:
            with unfinished.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileNotFoundError):
                unfinished.chmod((self._folder / _NAME).stat().st_mode & 0o777)
            unfinished.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            remedy = "the account that runs vitrail must be able to write into the site folder"
            raise Unavailable(f"{name} cannot be written: {error.strerror}", where=name, remedy=remedy) from error


def _camera(document: Document, camera_id: str) -> Mapping[str, Any]:
    raw = document.value if isinstance(document.value, dict) else {}
    rows = raw.get("cameras")
    found = next((row for row in rows or [] if isinstance(row, dict) and row.get("id") == camera_id), None)
    if found is None:
        raise NotFound(f"site.yaml declares no camera {camera_id}", where=_NAME)
    return found


def _changes(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), _NAME, _NAME, n=2, lineterm="")
    return "\n".join(list(lines)[2:])
