"""A site that is watched: streams, chores, console."""

__all__ = ["House", "open_house"]

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.drafts import FileDrafts
from vitrail.adapters.sitefolder import SiteYaml
from vitrail.adapters.witness import tell
from vitrail.compose.erasing import eraser_beside
from vitrail.compose.joining import joining_of
from vitrail.compose.rehearsing import rehearsal_maker
from vitrail.compose.rooms import Rooms
from vitrail.compose.starting import read_site
from vitrail.console.app import Tls, serve
from vitrail.console.parts import ConsoleParts
from vitrail.guard.cells import SIGHTING
from vitrail.guard.drafting import Drafting
from vitrail.guard.joining import Joining
from vitrail.guard.masking import MASK_FLOOR
from vitrail.guard.rehearsing import Rehearsing
from vitrail.guard.witnesses import Witnesses
from vitrail.runtime.bus import Bus
from vitrail.runtime.companion import Companion
from vitrail.runtime.health import HealthBoard
from vitrail.runtime.housekeeper import Chore, Housekeeper
from vitrail.runtime.inference import InferenceEngine
from vitrail.runtime.jobs import Jobs
from vitrail.runtime.metrics import metrics_text
from vitrail.runtime.supervisor import Supervisor
from vitrail.services.hearing import Listen
from vitrail.services.watch import Watch

_SWEEP_S = 60.0
_CHECKPOINT_S = 300.0
_REQUESTS_S = 20.0


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs while a site is watched."""

    rooms: Rooms
    watch: Watch
    listen: Listen
    jobs: Jobs
    housekeeper: Housekeeper
    eraser: Companion
    drafting: Drafting
    joining: Joining
    rehearsing: Rehearsing

    def first_run(self) -> tuple[str, str] | None:
        """The first account's id and password, once; None when there are accounts already."""
        made = self.rooms.accounts.first_run(self.rooms.site)
        return (made[0].id, made[1]) if made else None

    def console_parts(self) -> ConsoleParts:
        rooms = self.rooms
        return ConsoleParts(
            reception=rooms.reception,
            accounts=rooms.accounts,
            ledger=rooms.ledger,
            suspensions=rooms.suspensions,
            casework=rooms.casework,
            rights=rooms.rights,
            bundles=rooms.bundles,
            board=rooms.board,
            sharing=rooms.sharing,
            drafting=self.drafting,
            joining=self.joining,
            rehearsing=self.rehearsing,
            jobs=self.jobs,
            bus=self.watch.bus,
            site=rooms.site,
            profile=rooms.folder.profile,
            mandates=rooms.folder.mandates,
            kinds=sorted({kind for made in rooms.registry.manifests.values() for kind in made.kinds} - {SIGHTING}),
            clock=rooms.clock,
            health=self.watch.board.rows,
            chores=self._problems,
            sign_ons=rooms.sign_ons,
            metrics=lambda: metrics_text(self.watch.board, self.watch.engine, self.housekeeper),
        )

    def serve(self, host: str, port: int, tls: Tls | None, listens: Callable[[], None]) -> None:
        """Streams, housekeeping and console until told to stop. ``listens``: browsers are answered from now on."""
        with self.eraser, self.housekeeper, self.watch.supervisor(), self.ears():
            serve(self.console_parts(), host, port, tls, listens, self._hush)

    def _hush(self) -> None:
        self.watch.bus.close()
        self.rooms.live.close()

    def ears(self) -> Supervisor:
        """Microphones, apart from cameras: nothing passes from one to the other (law.md L18)."""
        return Supervisor(self.listen.tasks(), self.watch.board, self.rooms.clock)

    def kept(self) -> int:
        """Rows that wait for their time to go."""
        return self.rooms.eraser().kept()

    def _problems(self) -> Mapping[str, str]:
        problem = self.eraser.problem
        return {**self.housekeeper.problems, **({"erase": problem} if problem else {})}


@contextmanager
def open_house(site: Path, state: Path, cache: Path, environ: Mapping[str, str]) -> Iterator[House]:
    """A site folder, ready to be watched."""
    with ExitStack() as stack:
        rooms = Rooms(read_site(site, environ), state, cache, stack)
        rooms.intake.mend()
        rooms.eraser().sweep()
        bus = Bus()
        stack.callback(bus.close)
        engine = InferenceEngine(rooms.detector, MASK_FLOOR, len(os.sched_getaffinity(0)))
        stack.callback(engine.close)
        jobs = Jobs()
        stack.callback(jobs.close)
        board = HealthBoard(bus)
        watch = Watch(rooms.site, rooms.intake, engine, rooms.stages, board, bus, rooms.clock, rooms.live)
        chores = [
            Chore("checkpoint", _CHECKPOINT_S, rooms.ledger.checkpoint),
            Chore("witness", _SWEEP_S, Witnesses(rooms.site.witnesses, rooms.records.ledger, tell).sweep),
            Chore("quality", _SWEEP_S, rooms.quality().sweep),
            Chore("requests", _REQUESTS_S, rooms.release.sweep),
            Chore("checks", _REQUESTS_S, lambda: rooms.checks.sweep(lambda check: bus.publish("alert", check))),
        ]
        companion = Companion("the eraser", eraser_beside(state.resolve()))
        paper = SiteYaml(site, environ, rooms.registry.manifests)
        drafting = Drafting(
            rooms.reception,
            rooms.gatekeeper,
            rooms.ledger,
            paper,
            FileDrafts(state / "drafts"),
            rooms.clock,
            rooms.site.zone,
        )
        rehearsing = Rehearsing(
            rooms.reception,
            rooms.gatekeeper,
            rooms.site,
            rooms.registry.manifests,
            rehearsal_maker(rooms),
            rooms.clock,
        )
        keeper = Housekeeper(chores, bus)
        joins = joining_of(rooms, paper)
        yield House(rooms, watch, rooms.listen(board, bus), jobs, keeper, companion, drafting, joins, rehearsing)
