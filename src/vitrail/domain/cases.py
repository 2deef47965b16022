"""Cases: the lawful file within which somebody looks further than at alerts, and what it keeps and asks for."""

__all__ = ["CASE_WORDS", "Case", "CaseKind", "Hold", "Unmasking"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.time import Interval

CASE_WORDS = ("case", "hold", "unmasking")
"""What targets in the ledger begin with."""


class CaseKind(StrEnum):
    INQUIRY = "inquiry"
    """An incident is reconstructed."""
    RIGHTS = "rights"
    """Somebody who was filmed asks for what is theirs (law.md L25)."""


@dataclass(frozen=True, slots=True)
class Case:
    """``cameras`` and ``window`` bound what may be looked at in it; ``members`` are staff accounts."""

    id: str
    kind: CaseKind
    reference: str
    """The number under which the authority runs it."""
    legal_basis: str
    reason: str
    opened_by: str
    members: frozenset[str]
    cameras: frozenset[str]
    window: Interval
    opened_us: int
    expires_us: int
    closed_us: int | None = None

    def stands(self, now_us: int) -> bool:
        return self.closed_us is None and now_us < self.expires_us


@dataclass(frozen=True, slots=True)
class Hold:
    """Named footage that is not erased before ``until_us``, for one case: the recordings and alerts of one camera in
    one span."""

    id: str
    case_id: str
    camera_id: str
    interval: Interval
    reason: str
    issued_by: str
    issued_us: int
    until_us: int
    released_us: int | None = None

    def stands(self, now_us: int) -> bool:
        return self.released_us is None and now_us < self.until_us


@dataclass(frozen=True, slots=True)
class Unmasking:
    """A part of the picture shown without masks, for one span and one case: asked by one person, seconded by another,
    each with a reason (law.md L24). ``region`` is x0, y0, x1, y1 in 0..1."""

    id: str
    case_id: str
    camera_id: str
    interval: Interval
    region: tuple[float, float, float, float]
    asked_by: str
    reason: str
    asked_us: int
    expires_us: int
    answered_by: str = ""
    answer: str = ""
    answered_us: int | None = None
    granted: bool = False

    def shows(self, now_us: int) -> bool:
        return self.granted and now_us < self.expires_us
