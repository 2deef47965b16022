"""Sightings as the guard holds them: their rows, the index over their forms, and what makes forms."""

__all__ = ["Seen"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vitrail.domain.mandates import Permit
from vitrail.domain.progress import UnderWay
from vitrail.domain.sightings import Draft, Form, Sighting
from vitrail.ports.likeness import Likeness
from vitrail.ports.sightings import LikenessIndex, SightingRecords


@dataclass(frozen=True, slots=True)
class Seen:
    records: SightingRecords
    index: LikenessIndex
    likeness: Likeness
    under_way: Callable[[], Sequence[UnderWay]] = tuple
    """What is being read into the records just now."""

    def keep(self, permit: Permit, drafts: Sequence[Draft]) -> int:
        """Write what an analytic saw, with the forms of what was seen well; how many."""
        looks = [draft.look for draft in drafts if draft.look is not None]
        forms = iter(self.likeness.forms(looks) if looks else [])
        rows = [_sighting(permit, draft, next(forms) if draft.look is not None else None) for draft in drafts]
        self.records.add(permit, rows)
        return len(rows)

    def erase(self, now_us: int) -> int:
        """Rows past their time, and what the index made of them; how many."""
        gone = self.records.erase(now_us)
        if gone:
            self.index.forget(gone)
        return len(gone)


def _sighting(permit: Permit, draft: Draft, form: Form | None) -> Sighting:
    return Sighting(
        id=0,
        mandate_id=permit.mandate_id,
        subject=draft.subject,
        kind=draft.kind,
        stream_id=draft.stream_id,
        camera_id=draft.camera_id,
        interval=draft.interval,
        score=draft.score,
        box=draft.box,
        tints=draft.tints,
        zones=draft.zones,
        path=draft.path,
        heading=draft.heading,
        standing_s=draft.standing_s,
        speed_kmh=draft.speed_kmh,
        length_m=draft.length_m,
        best_us=draft.best_us,
        form=form,
    )
