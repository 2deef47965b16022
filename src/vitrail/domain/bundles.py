"""A case handed over: what of it goes into a bundle, who agreed to what, and the story that the bundle tells."""

__all__ = ["Bundle", "CameraStory", "Deed", "Happening", "Part", "Piece", "Share", "Story", "View"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.cases import Case
from vitrail.domain.time import Interval


class View(StrEnum):
    """How the masked copy is made."""

    KEYS = "keys"
    """The key pictures only, each shown until the next: a tenth of the work."""
    FULL = "full"
    """Every picture."""


@dataclass(frozen=True, slots=True)
class Part:
    """Footage of one camera over one span."""

    camera_id: str
    interval: Interval


@dataclass(frozen=True, slots=True)
class Bundle:
    """Asked by one person. With ``originals`` it holds packets as they were recorded, which nobody has masked: then a
    second person must agree, with a reason (law.md L24). ``sha256`` and ``size_bytes`` once it was made."""

    id: str
    case_id: str
    parts: tuple[Part, ...]
    view: View
    originals: bool
    language: str
    recipient: str
    """Whom it is for; stands across every masked picture."""
    asked_by: str
    reason: str
    asked_us: int
    until_us: int
    """Erased then, or when its case ends."""
    answered_by: str = ""
    answer: str = ""
    answered_us: int | None = None
    granted: bool = False
    made_us: int | None = None
    sha256: str = ""
    size_bytes: int = 0

    def allowed(self, now_us: int) -> bool:
        return now_us < self.until_us and (self.granted or not self.originals)

    @property
    def length_us(self) -> int:
        return sum(part.interval.length_us for part in self.parts)


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a bundle and the wall time it stands for. ``whole``: the file as the recorder sealed it, byte for
    byte; ``recorded_sha256`` is the digest written down then (empty while it was still being written)."""

    name: str
    kind: str
    camera_id: str
    interval: Interval
    segment_id: str = ""
    whole: bool = False
    recorded_sha256: str = ""
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class CameraStory:
    """``gaps``: nothing was recorded. ``leaps``: two recordings claim the same time, so the clock was set back.
    ``offset_us``: how far the camera's clock is ahead of the case's, known to ``uncertainty_us``."""

    camera_id: str
    name: str
    asked: tuple[Interval, ...]
    recorded: tuple[Interval, ...]
    gaps: tuple[Interval, ...]
    leaps: tuple[Interval, ...]
    offset_us: int
    uncertainty_us: int
    clock: str
    latitude: float | None = None
    longitude: float | None = None
    heading_deg: float | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline: what the system or a person put there."""

    kind: str
    camera_id: str
    interval: Interval
    words: str
    by: str
    still: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that was done in the case, as the ledger's entry ``index`` says."""

    index: int
    at_us: int
    actor: str
    operation: str
    outcome: str
    target: str
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Story:
    """Everything the timeline and the report say."""

    site_name: str
    zone: str
    case: Case
    bundle: Bundle
    made_us: int
    made_by: str
    cameras: tuple[CameraStory, ...]
    happenings: tuple[Happening, ...]
    pieces: tuple[Piece, ...]
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A link to a finished bundle for its recipient: asked by one person, agreed to by another, for a time and a number
    of downloads, until somebody takes it back. Only the SHA-256 of its token is kept."""

    id: str
    bundle_id: str
    case_id: str
    token_sha256: str
    asked_by: str
    reason: str
    asked_us: int
    expires_us: int
    most: int
    """Downloads allowed."""
    taken: int = 0
    answered_by: str = ""
    answer: str = ""
    answered_us: int | None = None
    granted: bool = False
    revoked_us: int | None = None

    def opens(self, now_us: int) -> bool:
        return self.granted and self.revoked_us is None and now_us < self.expires_us and self.taken < self.most
