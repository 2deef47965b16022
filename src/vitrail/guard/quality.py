"""Alerts that are mostly wrong stop by themselves (law.md L29): verdicts against the floor that the site declares.

Counted from the ledger, from the last time the same analytic of the same camera was resumed: who resumes it gives it a
new chance. It is suspended when the upper end of the 95 % interval lies below the floor: not bad luck any more.
"""

__all__ = ["Quality"]

import re
from collections import defaultdict
from collections.abc import Mapping

from vitrail.domain.analytics import AnalyticManifest
from vitrail.domain.figures import precision
from vitrail.domain.ledger import Entry, Operation, Outcome
from vitrail.domain.streams import Site
from vitrail.domain.suspensions import Suspension
from vitrail.guard.ledger import Ledger
from vitrail.guard.suspension import Suspensions

_BORN = re.compile(r"(?P<analytic>\S+) \S+")
_WHERE = re.compile(r"\w+ at (?:camera|microphone) (?P<camera>\S+)")
_SAID = re.compile(r"(?P<decision>confirmed|dismissed) after [0-9.]+ s")

Cell = tuple[str, str]
"""Camera and analytic."""


class Quality:
    """Reads each entry of the ledger once. Not thread-safe: one chore calls ``sweep``."""

    def __init__(
        self, site: Site, manifests: Mapping[str, AnalyticManifest], ledger: Ledger, suspensions: Suspensions
    ) -> None:
        self._floors = _floors(site, manifests)
        self._ledger = ledger
        self._suspensions = suspensions
        self._next = 0
        self._cells: dict[str, Cell] = {}
        self._verdicts: dict[Cell, list[tuple[int, bool]]] = defaultdict(list)

    def sweep(self) -> list[Suspension]:
        """The suspensions that this call made."""
        if not self._floors:
            return []
        size = self._ledger.size
        for stored in self._ledger.entries(self._next, size):
            self._note(stored.entry)
        self._next = size
        return [made for cell, floor in self._floors.items() if (made := self._judge(cell, floor)) is not None]

    def _note(self, entry: Entry) -> None:
        if not entry.target.startswith("alert:") or entry.outcome is not Outcome.DONE:
            return
        alert_id = entry.target.removeprefix("alert:")
        born, where = _BORN.fullmatch(entry.reason), _WHERE.fullmatch(entry.detail)
        said = _SAID.fullmatch(entry.detail)
        if entry.operation is Operation.COLLECT and born and where:
            self._cells[alert_id] = (where["camera"], born["analytic"])
        elif entry.operation is Operation.CHANGE and said and alert_id in self._cells:
            self._verdicts[self._cells.pop(alert_id)].append((entry.at_us, said["decision"] == "confirmed"))

    def _judge(self, cell: Cell, floor: float) -> Suspension | None:
        if any(s.covers(*cell) for s in self._suspensions.active()):
            return None
        since_us = self._resumed_us(cell)
        said = [right for at_us, right in self._verdicts[cell] if at_us > since_us]
        found = precision(sum(said), len(said) - sum(said))
        if found.high is None or found.high >= floor:
            return None
        camera_id, analytic_id = cell
        reason = (
            f"{found.confirmed} of {len(said)} alerts of {analytic_id} were confirmed: with 95 % certainty at most "
            f"{found.high:.0%}, under the declared floor of {floor:.0%}"
        )
        return self._suspensions.suspend_by_rule(camera_id, analytic_id, reason)

    def _resumed_us(self, cell: Cell) -> int:
        """When it was last resumed; 0 when it was never suspended."""
        camera_id, analytic_id = cell
        times = [
            order.at_us
            for suspension in self._suspensions.every()
            if suspension.over and suspension.order.cameras == (camera_id,)
            if suspension.order.analytics == (analytic_id,)
            for order in suspension.resumed_by
        ]
        return max(times, default=0)


def _floors(site: Site, manifests: Mapping[str, AnalyticManifest]) -> dict[Cell, float]:
    """The highest floor declared for each analytic of each camera; 0 is none."""
    found: dict[Cell, float] = {}
    for camera in site.devices():
        for setting in camera.analytics:
            manifest = manifests.get(setting.analytic_id)
            default = next((p.default for p in manifest.parameters if p.name == "floor"), 0.0) if manifest else 0.0
            floor = float(setting.parameters.get("floor", default))
            if floor > 0:
                cell = (camera.id, setting.analytic_id)
                found[cell] = max(floor, found.get(cell, 0.0))
    return found
