"""What the console is made of, within reach of every page."""

__all__ = ["ConsoleParts", "Rooms", "rooms"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from fastapi import Request

from vitrail.console.frame import Frame
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.streams import Site
from vitrail.guard.accounts import Accounts
from vitrail.guard.board import Board
from vitrail.guard.bundles import Bundles
from vitrail.guard.casework import Casework
from vitrail.guard.drafting import Drafting
from vitrail.guard.joining import Joining
from vitrail.guard.ledger import Ledger
from vitrail.guard.reception import Reception
from vitrail.guard.rehearsing import Rehearsing
from vitrail.guard.rights import RightsDesk
from vitrail.guard.sharing import Sharing
from vitrail.guard.sign_on import SignOns
from vitrail.guard.suspension import Suspensions
from vitrail.ports.clock import Clock
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import StreamHealth
from vitrail.runtime.jobs import Jobs
from vitrail.services.adding import Adding
from vitrail.services.administer import Administer
from vitrail.services.handover import Handover
from vitrail.services.investigate import Investigate
from vitrail.services.replay import Replay
from vitrail.services.review import Review
from vitrail.services.search import Search
from vitrail.services.setup import SetUp
from vitrail.services.survey import Survey
from vitrail.services.upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class ConsoleParts:
    """What the console is given by ``compose``. ``chores`` names housekeeping that fails, with its error."""

    reception: Reception
    accounts: Accounts
    ledger: Ledger
    suspensions: Suspensions
    casework: Casework
    rights: RightsDesk
    bundles: Bundles
    board: Board
    sharing: Sharing
    drafting: Drafting
    joining: Joining
    rehearsing: Rehearsing
    jobs: Jobs
    bus: Bus
    site: Site
    profile: LegalProfile
    mandates: Sequence[Mandate]
    kinds: Sequence[str]
    clock: Clock
    health: Callable[[], list[StreamHealth]]
    chores: Callable[[], Mapping[str, str]]
    metrics: Callable[[], bytes]
    hosts: Sequence[str] = ("*",)
    sign_ons: SignOns | None = None
    """The organisation's own provider, where the site names one."""


@dataclass(frozen=True, slots=True)
class Rooms:
    parts: ConsoleParts
    review: Review
    administer: Administer
    investigate: Investigate
    search: Search
    replay: Replay
    frame: Frame
    upkeep: Upkeep
    setup: SetUp
    survey: Survey
    handover: Handover
    adding: Adding


def rooms(request: Request) -> Rooms:
    return cast(Rooms, request.app.state.rooms)
