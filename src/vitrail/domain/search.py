"""What is searched for, as visible filters, and what was found."""

__all__ = ["KINDS", "MISTAKEN", "Candidates", "Filters", "Found", "Outage", "Results"]

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vitrail.domain.events import Alert
from vitrail.domain.progress import UnderWay
from vitrail.domain.sightings import CLASSES, COLOURS, FORM_BYTES, Heading, Sighting
from vitrail.domain.time import Interval

KINDS = frozenset(kind for kinds in CLASSES.values() for kind in kinds)
MISTAKEN = {
    "car": frozenset({"truck", "bus"}),
    "truck": frozenset({"car", "bus"}),
    "bus": frozenset({"truck", "car"}),
    "motorcycle": frozenset({"bicycle"}),
    "bicycle": frozenset({"motorcycle"}),
    "suitcase": frozenset({"backpack", "handbag"}),
    "backpack": frozenset({"suitcase", "handbag"}),
    "handbag": frozenset({"backpack", "suitcase"}),
}
"""What a small detector takes each class for, now and then."""
MISTAKEN_COLOURS = {
    "white": frozenset({"grey"}),
    "grey": frozenset({"white", "black"}),
    "black": frozenset({"grey"}),
    "brown": frozenset({"orange", "red"}),
    "orange": frozenset({"brown", "yellow"}),
    "red": frozenset({"brown"}),
    "pink": frozenset({"red", "purple"}),
    "purple": frozenset({"blue", "pink"}),
    "blue": frozenset({"purple", "grey"}),
    "yellow": frozenset({"orange"}),
    "green": frozenset(),
}
"""What cameras and people take each colour for: by other light, or by other words."""
_LONGEST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Filters:
    """Every filter that is not empty must hold; its values are alternatives. ``kinds`` are classes of sightings,
    ``events`` kinds of alerts, ``places`` ids of what is drawn. ``spans``: wall time, newest last; none: all that the
    grant reaches. ``words``: English, for likeness; what no filter could say."""

    kinds: frozenset[str] = frozenset()
    colours: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    cameras: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    spans: tuple[Interval, ...] = ()
    heading: Heading = Heading.NONE
    least_standing_s: float = 0.0
    moving: bool = False
    least_speed_kmh: float = 0.0
    least_length_m: float = 0.0
    words: str = ""
    near: bool = False
    """Also classes and colours that those asked for are taken for; they come after."""

    def __post_init__(self) -> None:
        if self.kinds - KINDS or self.colours - frozenset(COLOURS):
            raise ValueError("no such class or colour")
        if len(self.words) > _LONGEST_WORDS:
            raise ValueError("too many words")

    @property
    def mistaken(self) -> frozenset[str]:
        """The classes and colours that ``near`` adds."""
        kinds = (MISTAKEN.get(kind, frozenset()) for kind in self.kinds)
        colours = (MISTAKEN_COLOURS[colour] for colour in self.colours)
        return frozenset().union(*kinds, *colours) - self.kinds - self.colours if self.near else frozenset()

    @property
    def empty(self) -> bool:
        return self == Filters()


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Sightings that meet the filters, newest first: as much of each as tells which are worth reading whole.

    ``scores`` of the class and ``shares`` of the colours asked for, 0..1; ``forms`` (n, 128) where ``seen`` says that
    there is one. ``cut``: there are more than these."""

    ids: npt.NDArray[np.int64]
    start_us: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]
    forms: npt.NDArray[np.int8]
    seen: npt.NDArray[np.bool_]
    cut: bool = False

    def __post_init__(self) -> None:
        n = len(self.ids)
        columns = (self.start_us, self.scores, self.shares, self.seen)
        if any(column.shape != (n,) for column in columns) or self.forms.shape != (n, FORM_BYTES):
            raise ValueError("the columns of candidates differ in length")

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, kept: npt.NDArray[np.bool_]) -> "Candidates":
        return Candidates(
            self.ids[kept],
            self.start_us[kept],
            self.scores[kept],
            self.shares[kept],
            self.forms[kept],
            self.seen[kept],
            self.cut,
        )

    def joined(self, other: "Candidates") -> "Candidates":
        """With those of ``other`` that are not here yet, after these."""
        more = other.where(~np.isin(other.ids, self.ids))
        return Candidates(
            np.concatenate([self.ids, more.ids]),
            np.concatenate([self.start_us, more.start_us]),
            np.concatenate([self.scores, more.scores]),
            np.concatenate([self.shares, more.shares]),
            np.concatenate([self.forms, more.forms]),
            np.concatenate([self.seen, more.seen]),
            self.cut or other.cut,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """One result: a sighting or an alert. ``fit`` 0..1."""

    fit: float
    sighting: Sighting | None = None
    alert: Alert | None = None

    @property
    def camera_id(self) -> str:
        return self.sighting.camera_id if self.sighting else self.alert.place.camera_id if self.alert else ""

    @property
    def interval(self) -> Interval:
        if self.sighting:
            return self.sighting.interval
        assert self.alert is not None
        return self.alert.interval


@dataclass(frozen=True, slots=True)
class Outage:
    """A camera of the search was not recorded for this part of what was searched."""

    camera_id: str
    interval: Interval


@dataclass(frozen=True, slots=True)
class Results:
    """Best first. ``more``: there were more candidates than were weighed. ``outages``: what no answer can come from."""

    found: tuple[Found, ...] = ()
    more: bool = False
    outages: tuple[Outage, ...] = field(default=())
    indexed_until_us: int | None = None
    """The newest sighting in reach: what happened since is not searchable yet."""
    likeness: str = ""
    """Which model weighed it; with the beginning of its digest where the site brought it."""
    under_way: tuple[UnderWay, ...] = ()
    """Recordings of the searched cameras and time that are still being read."""
