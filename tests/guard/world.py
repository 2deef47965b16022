"""A whole guard over fakes, for tests: a clock that stands still, a yard with one camera, stores in memory."""

__all__ = ["KEY", "World"]

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.clock import FakeClock
from tests.fakes.media import FakeArchive, FakeDetector, FakeFilm, FakeOpener, FakePictures
from tests.fakes.press import FakePress
from tests.fakes.records import MemoryRecords, UnwritableLedger
from tests.fakes.sightings import ColourLikeness
from vitrail.adapters.bundle import DiskShelf
from vitrail.adapters.faiss import FaissIndex
from vitrail.adapters.heartbeat import FileHeartbeat
from vitrail.adapters.orderbook import FileOrderBook
from vitrail.domain.ledger import Entry
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.streams import Site
from vitrail.guard.checks import BlindChecks
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.intake import Intake
from vitrail.guard.ledger import Ledger
from vitrail.guard.memory import PlaceMemory
from vitrail.guard.poses import Poses
from vitrail.guard.retention import Eraser
from vitrail.guard.seen import Seen
from vitrail.guard.suspension import Suspensions
from vitrail.guard.upkeep import Wear
from vitrail.guard.wilting import Wilted

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@dataclass
class World:
    folder: Path
    site: Site = field(default_factory=b.site)
    mandates: Sequence[Mandate] = field(default_factory=lambda: [b.mandate()])
    profile: LegalProfile = field(default_factory=b.profile)
    records: Any = field(default_factory=MemoryRecords)
    opener: FakeOpener = field(default_factory=lambda: FakeOpener(start_us=NOW_US))
    detector: FakeDetector = field(default_factory=FakeDetector)
    analytics: Sequence[Any] = field(default_factory=lambda: [b.analytic()])
    oversight: dict[str, bytes] = field(default_factory=dict)
    erasing: Callable[[], bool] = lambda: True

    def __post_init__(self) -> None:
        self.clock = FakeClock()
        self.heartbeat = FileHeartbeat(self.folder)
        sqlite = getattr(self.records, "sightings", None)
        index = FaissIndex(self.folder / "likeness", sqlite, "") if sqlite else None
        self.seen = Seen(sqlite, index, ColourLikeness()) if index else self.records.seen
        self.archive = FakeArchive(self.folder / "archive")
        self.film = FakeFilm(self.archive)
        self.shelf = DiskShelf(self.folder / "bundles")
        self.press = FakePress(self.site.name, KEY)
        self.pictures = FakePictures()
        self.memories = FakePictures()
        self.ledger = Ledger(self.records.ledger, self.clock, KEY)
        self.orders = FileOrderBook(self.folder / "orders.jsonl")
        self.suspensions = Suspensions(self.orders, self.ledger, self.clock, KEY, self.site, self.oversight)
        self.poses = Poses(FileOrderBook(self.folder / "poses.jsonl"), self.ledger, self.clock, self.site)
        self.gatekeeper = Gatekeeper(
            self.site,
            self.mandates,
            self.profile,
            self.ledger,
            self.clock,
            self.analytics,
            self.suspensions.active,
            erasing=self.erasing,
            poses=self.poses,
        )
        numbers, blind = count(1), count(1)
        self.checks = BlindChecks(
            self.ledger, self.clock, lambda: f"blind-{next(blind)}", self.site.blind_share, lambda: 0.0
        )
        self.intake = Intake(
            self.gatekeeper,
            self.opener,
            self.records.alerts,
            self.records.segments,
            self.records.readings,
            self.archive,
            self.ledger,
            self.clock,
            lambda: f"alert-{next(numbers)}",
            self.pictures,
            self.film.still,
            self.seen,
            Wear(self.records.upkeep, self.ledger, self.clock, self.site.ledger_months),
            PlaceMemory(self.records.memory, self.memories, self.ledger, self.clock),
            self.checks,
        )
        self.eraser = Eraser(
            self.records.segments,
            self.records.alerts,
            self.records.readings,
            self.archive,
            self.ledger,
            self.clock,
            self.heartbeat,
            self.records.rights,
            Wilted(self.records.cases, self.records.bundles, self.shelf, self.records.board),
            self.pictures,
            self.records.alerts,
            self.seen,
            self.records.upkeep,
            self.records.notices,
            self.records.memory,
            self.memories,
        )

    @property
    def camera(self) -> Any:
        return self.site.cameras[0]

    @property
    def stream(self) -> Any:
        return self.camera.streams[0]

    def open(self, start_us: int | None = None) -> Any:
        return self.intake.open(self.camera, self.stream, start_us)

    def ledger_full(self, full: bool = True) -> None:
        assert isinstance(self.records.ledger, UnwritableLedger)
        self.records.ledger.full = full

    def entries(self) -> list[Entry]:
        return [stored.entry for stored in self.ledger.entries(0, self.ledger.size)]

    def said(self) -> list[str]:
        """The ledger in short: ``collect opened stream:gate-main``."""
        return [f"{e.operation.value} {e.outcome.value} {e.target}" for e in self.entries()]
