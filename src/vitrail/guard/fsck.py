"""Looks everything over: the ledger against its checkpoints, rows against each other, rows against files."""

__all__ = ["Fsck"]

from collections.abc import Callable, Iterator

from vitrail.domain.errors import NotFound, Problem
from vitrail.domain.recordings import Segment
from vitrail.guard.ledger import Ledger
from vitrail.ports.archive import Archive
from vitrail.ports.records import SegmentRecords

Progress = Callable[[float], None]
_LEDGER_SHARE = 0.3


class Fsck:
    """Changes nothing. ``rows`` is the store's own check of its rows."""

    def __init__(
        self, ledger: Ledger, segments: SegmentRecords, archive: Archive, rows: Callable[[], list[Problem]]
    ) -> None:
        self._ledger = ledger
        self._segments = segments
        self._archive = archive
        self._rows = rows

    def run(self, progress: Progress) -> list[Problem]:
        """Everything that is wrong, each with what to do. Safe beside a running watch: a segment still growing is
        not compared."""
        report = self._ledger.verify(lambda share: progress(share * _LEDGER_SHARE))
        found = [
            Problem("ledger", "entries", problem, "keep a copy; ask the witness which head was signed")
            for problem in report.problems
        ]
        found += self._rows()
        known = list(self._segments.every())
        for number, segment in enumerate(known, 1):
            found += self._segment(segment)
            progress(_LEDGER_SHARE + (1 - _LEDGER_SHARE) * number / len(known))
        found += self._orphans(known)
        progress(1.0)
        return found

    def _segment(self, segment: Segment) -> Iterator[Problem]:
        if not segment.sealed:
            return
        try:
            digest = self._archive.digest(segment)
        except NotFound:
            yield Problem(segment.path, segment.id, "the recording's file is gone", "restore it from a backup")
            return
        if digest != segment.sha256:
            yield Problem(
                segment.path,
                segment.id,
                "the file is not what was recorded: its SHA-256 differs",
                "do not use it as evidence; restore it from a backup",
            )

    def _orphans(self, known: list[Segment]) -> Iterator[Problem]:
        for path in self._archive.orphans(frozenset(segment.path for segment in known)):
            yield Problem(path, "(file)", "no row names this file", "it is past its lawful life: remove it")
