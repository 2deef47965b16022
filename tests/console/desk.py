"""The console over fakes: a yard that was recorded for twenty seconds, one alert, and an account of every role."""

__all__ = ["PASSWORD", "Console", "read_aloud"]

import re
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.drawing import BlankPaper
from tests.fakes.media import FakeHeads, FakeOpener, pictures
from tests.fakes.scout import FakeScout
from tests.guard.world import World
from vitrail.adapters.drafts import FileDrafts
from vitrail.analytics.registry import Registry
from vitrail.console.app import build_app
from vitrail.console.parts import ConsoleParts
from vitrail.domain.events import Findings
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.people import Role
from vitrail.domain.streams import AnalyticSetting, Camera, Site
from vitrail.domain.time import DAY_US, SECOND_US
from vitrail.guard.accounts import Accounts
from vitrail.guard.board import Board
from vitrail.guard.bundles import Bundles
from vitrail.guard.casework import Casework
from vitrail.guard.drafting import Drafting
from vitrail.guard.glance import Eyes
from vitrail.guard.joining import Joining
from vitrail.guard.live import LiveHub
from vitrail.guard.reception import Reception
from vitrail.guard.rehearsing import Rehearsing
from vitrail.guard.rights import RightsDesk
from vitrail.guard.sharing import Sharing
from vitrail.pipeline.lookback import PlaceLookback
from vitrail.pipeline.tracking import Tracker
from vitrail.ports.drawing_board import SitePaper
from vitrail.ports.scout import Scout
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard, StreamHealth, StreamState
from vitrail.runtime.jobs import Jobs
from vitrail.runtime.metrics import metrics_text
from vitrail.runtime.rehearsal import StageRehearsal

PASSWORD = "correct horse battery"


def read_aloud(page: str) -> str:
    """A page without the buttons around explained words."""
    return re.sub(r'<button type="button" class="term"[^>]*>([^<]*)</button>', r"\1", page)


@dataclass
class Console:
    folder: Path
    mandates: list[Mandate] = field(default_factory=lambda: [b.mandate(retention_us=DAY_US)])
    events: tuple[Any, ...] = field(default_factory=lambda: (b.event(),))
    site: Site = field(default_factory=b.site)
    profile: LegalProfile = field(default_factory=b.profile)
    paper: SitePaper = field(default_factory=BlankPaper)
    scout: Scout = field(default_factory=FakeScout)

    def __post_init__(self) -> None:
        opener = FakeOpener(pictures(200), NOW_US - 20 * SECOND_US, 10.0, 20)
        self.world = World(self.folder, mandates=self.mandates, opener=opener, site=self.site, profile=self.profile)
        with self.world.open() as opened:
            for packet in opened.source.packets():
                opened.record(packet)
            self.alerts = opened.accept(Findings(self.events, (b.reading(),)))
        self.bus = Bus()
        self.board = HealthBoard(self.bus)
        self.board.put(StreamHealth("gate-main", "gate", StreamState.AWAKE, NOW_US, recording=True))
        self.jobs = Jobs()
        self.accounts = Accounts(self.world.records.accounts, self.world.ledger, self.world.clock)
        self.accounts.first_run(self.world.site)
        self.live = LiveHub(self.world.film.still)
        self.app = build_app(self.parts())

    def maker(self, camera: Camera, setting: AnalyticSetting) -> StageRehearsal:
        analytic = Registry.load().make(camera, "gate-main", setting)
        return StageRehearsal(camera.id, "gate-main", analytic, Tracker(count(1).__next__))

    def close(self) -> None:
        self.live.close()
        self.bus.close()
        self.jobs.close()

    def browser(self, account: str | None = "operator", **headers: str) -> TestClient:
        """A browser, signed in as the account of that role."""
        client = TestClient(self.app, base_url="http://console", follow_redirects=False, raise_server_exceptions=False)
        client.headers.update({"accept": "text/html", **headers})
        if account is not None:
            self.member(Role(account))
            answer = self.sign_in(client, account)
            assert answer.status_code == 303, answer.text
        return client

    def sign_in(self, client: TestClient, account: str, password: str = PASSWORD, **more: str) -> Any:
        form = re.search(r'name="form" value="([^"]+)"', client.get("/sign-in").text)
        assert form
        given = {"account": account, "password": password, "reason": "a test looks", "form": form[1]}
        return client.post("/sign-in", data=given | more)

    def csrf(self, client: TestClient) -> str:
        found = re.search(r'name="csrf" content="([^"]+)"', client.get("/account").text)
        assert found
        return found[1]

    def member(self, role: Role) -> None:
        """An account of that role, called like it; made once (each password costs a tenth of a second)."""
        if role.value in {account.id for account in self.world.records.accounts.every()}:
            return
        wide = frozenset({"gate"}) if role in (Role.OPERATOR, Role.INVESTIGATOR, Role.TECHNICIAN) else frozenset()
        account = b.account(id=role.value, name=role.value.title(), role=role, territory=wide)
        self.accounts.add(account, PASSWORD, by="first", reason="tests")

    def parts(self) -> ConsoleParts:
        world = self.world
        records = world.records
        reception = Reception(
            self.accounts,
            records.alerts,
            records.segments,
            records.readings,
            records.cases,
            world.ledger,
            world.archive,
            world.pictures,
            world.film,
            world.detector,
            FakeHeads(),
            self.live,
            world.site,
            world.mandates,
            world.profile,
            world.clock,
            records.bundles,
            world.shelf,
            world.press,
            records.seen,
            PlaceLookback(),
            records.board,
            records.upkeep,
            records.notices,
            world.checks,
        )
        casework = Casework(self.accounts, records.cases, world.ledger, world.site, world.mandates, world.clock)
        return ConsoleParts(
            reception=reception,
            accounts=self.accounts,
            ledger=world.ledger,
            suspensions=world.suspensions,
            casework=casework,
            board=Board(casework, records.board, world.ledger, world.clock),
            rehearsing=Rehearsing(
                reception, world.gatekeeper, world.site, Registry.load().manifests, self.maker, world.clock
            ),
            drafting=Drafting(
                reception,
                world.gatekeeper,
                world.ledger,
                self.paper,
                FileDrafts(self.folder / "drafts"),
                world.clock,
                world.site.zone,
            ),
            joining=Joining(
                reception,
                world.gatekeeper,
                world.ledger,
                self.paper,
                self.scout,
                Eyes(world.detector, FakeHeads(), world.film.still),
                world.clock,
                world.site.zone,
            ),
            sharing=Sharing(casework, records.bundles, world.shelf, world.ledger, world.clock, True),
            bundles=Bundles(casework, records.bundles, world.ledger, world.clock, True),
            rights=RightsDesk(
                self.accounts, records.rights, casework, world.ledger, world.site.zone, True, world.clock
            ),
            jobs=self.jobs,
            bus=self.bus,
            site=world.site,
            profile=world.profile,
            mandates=world.mandates,
            kinds=["presence"],
            clock=world.clock,
            health=self.board.rows,
            chores=dict,
            metrics=lambda: metrics_text(self.board, None, None),
        )
