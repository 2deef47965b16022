"""The front of the house over fakes, for tests: a world with two cameras, twenty seconds of recording of the first one,
one alert on it, and the reception that opens desks onto them."""

__all__ = ["MARIE", "Front"]

from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeHeads, FakeOpener, pictures
from tests.guard.world import World
from vitrail.domain.events import Alert, AlertState, BeforeAfter, Findings
from vitrail.domain.ledger import Entry
from vitrail.domain.people import Role, Use
from vitrail.domain.streams import Asset, Site
from vitrail.domain.time import DAY_US, SECOND_US, Interval
from vitrail.guard.desk import Desk
from vitrail.guard.live import LiveHub
from vitrail.guard.reception import Reception
from vitrail.pipeline.lookback import PlaceLookback

MARIE = b.account()
"""An operator of the camera ``gate``, and of no other."""


def two_cameras() -> Site:
    back = b.stream(id="gate-2-main", camera_id="gate-2", address="rtsp://user:secret@there/2", label="the back gate")
    bench = Asset("bench", "The bench", "bench", b.square(0.1, 0.8, 0.2, 0.9))
    return b.site(cameras=(b.camera(assets=(bench,)), b.camera(id="gate-2", name="The back gate", streams=(back,))))


@dataclass
class Front:
    folder: Path
    mandate: dict[str, Any] = field(default_factory=dict)
    shown: list[Any] = field(default_factory=lambda: pictures(200))

    def __post_init__(self) -> None:
        opener = FakeOpener(self.shown, NOW_US - 20 * SECOND_US, 10.0, 20)
        cells = frozenset((camera, "presence", "closed-yard") for camera in ("gate", "gate-2"))
        law = {"retention_us": DAY_US, "matrix": cells, "recording": frozenset({"gate", "gate-2"})}
        self.world = World(self.folder, two_cameras(), [b.mandate(**(law | self.mandate))], opener=opener)
        self._ids = count(100)
        with self.world.open() as opened:
            for packet in opened.source.packets():
                opened.record(packet)
            (self.alert,) = opened.accept(Findings((b.event(shown=BeforeAfter(*pictures(2))),), (b.reading(),)))
        self.note = "none"
        self.sighting = b.sighting(id=1)
        self.world.records.seen.records.rows[1] = self.sighting
        self.world.records.seen.records.ends[1] = self.sighting.interval.end_us + DAY_US
        self.world.records.seen.records.last = 1
        self.live = LiveHub(self.world.film.still)
        self.reception = self.opened_reception()
        for account in (
            MARIE,
            b.account(id="both", territory=frozenset({"gate", "gate-2"})),
            b.account(id="auditor", role=Role.AUDITOR),
            b.account(id="ines", role=Role.INVESTIGATOR),
        ):
            self.world.records.accounts.add(account)
        self.world.records.cases.put(b.case())
        self.world.records.cases.put_unmasking(b.unmasking())
        self.world.records.bundles.put(b.bundle())
        self.world.records.notices.rows["alert-1.city"] = b.notice()

    def opened_reception(self, **changes: Any) -> Reception:
        world, records = self.world, self.world.records
        given = {
            "accounts": records.accounts,
            "alerts": records.alerts,
            "segments": records.segments,
            "readings": records.readings,
            "cases": records.cases,
            "ledger": world.ledger,
            "archive": world.archive,
            "kept_pictures": world.pictures,
            "film": world.film,
            "detector": world.detector,
            "heads": FakeHeads(),
            "live": self.live,
            "site": world.site,
            "mandates": world.mandates,
            "profile": world.profile,
            "clock": world.clock,
            "bundles": records.bundles,
            "shelf": world.shelf,
            "press": world.press,
            "seen": records.seen,
            "lookback": PlaceLookback(),
            "board": records.board,
            "upkeep": records.upkeep,
            "notices": records.notices,
            "checks": world.checks,
        }
        return Reception(**(given | changes))

    def desk(self, account_id: str = "marie", use: Use = Use.REVIEW, reason: str = "a test looks") -> Desk:
        case_id = "case-1" if use is Use.INQUIRE else None
        return self.reception.open_desk(self.world.records.accounts.get(account_id), use, reason, case_id)

    def another_alert(self, camera_id: str = "gate", **changes: Any) -> Alert:
        """One more row, as if it had been found."""
        camera = self.world.site.camera(camera_id)
        assert camera is not None
        alert = b.alert(
            **(
                {
                    "id": f"more-{next(self._ids)}",
                    "stream_id": camera.streams[0].id,
                    "place": b.Place(camera_id, zone_id="yard"),
                    "interval": Interval(NOW_US - 2 * SECOND_US, NOW_US),
                }
                | changes
            )
        )
        rows = self.world.records.alerts
        rows.rows[alert.id] = alert
        rows.erase_after_us[alert.id] = alert.evidence.end_us + DAY_US
        return alert

    def judged(self, confirmed: int, dismissed: int) -> None:
        for state, many in ((AlertState.CONFIRMED, confirmed), (AlertState.DISMISSED, dismissed)):
            for _ in range(many):
                self.another_alert(state=state)

    def since(self, index: int) -> list[Entry]:
        """What was written into the ledger from the entry of that index on."""
        return self.world.entries()[index:]
