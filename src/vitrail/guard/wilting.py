"""Bundles past their time, and the boards and bundles of cases that have ended, for the eraser (law.md L15, L30)."""

__all__ = ["Wilted"]

from collections.abc import Iterator

from vitrail.domain.errors import NotFound
from vitrail.ports.board import BoardRecords
from vitrail.ports.bundles import BundleRecords, Shelf
from vitrail.ports.cases import CaseRecords


class Wilted:
    def __init__(self, cases: CaseRecords, bundles: BundleRecords, shelf: Shelf, board: BoardRecords) -> None:
        self._board = board
        self._cases = cases
        self._bundles = bundles
        self._shelf = shelf

    def erase(self, now_us: int) -> list[str]:
        """Ids of those that went; what nobody knows goes too. Raises ``OSError`` when a file will not go."""
        return [bundle_id for bundle_id in self._due(now_us) if self._shelf.erase(bundle_id)]

    def boards(self, now_us: int) -> int:
        """How many pins and clocks went."""
        return self._board.erase(now_us)

    def kept(self) -> int:
        return len(self._shelf.kept())

    def _due(self, now_us: int) -> Iterator[str]:
        for bundle_id in self._shelf.kept():
            try:
                bundle = self._bundles.get(bundle_id)
            except NotFound:
                yield bundle_id
                continue
            if now_us >= bundle.until_us or not self._cases.get(bundle.case_id).stands(now_us):
                yield bundle_id
