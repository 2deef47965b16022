"""What a desk draws from. Only the reception puts it together; nobody outside the guard holds one."""

__all__ = ["AccountBook", "Holdings"]

from dataclasses import dataclass
from typing import Protocol

from vitrail.domain.cases import Case
from vitrail.domain.errors import NotFound
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.people import Account
from vitrail.domain.streams import Site
from vitrail.guard.binder import Binder
from vitrail.guard.checks import BlindChecks
from vitrail.guard.ledger import Ledger
from vitrail.guard.live import LiveHub
from vitrail.guard.projector import Projector
from vitrail.guard.render import Renderer
from vitrail.guard.seen import Seen
from vitrail.ports.cases import CaseRecords
from vitrail.ports.clock import Clock
from vitrail.ports.pictures import PictureArchive
from vitrail.ports.records import AlertRecords, ReadingRecords, SegmentRecords
from vitrail.ports.upkeep import NoticeRecords, UpkeepRecords


class AccountBook(Protocol):
    """Where an account's present state is read, at each use: revoking works at once."""

    def get(self, account_id: str) -> Account:
        """Raises ``NotFound``."""
        ...


@dataclass(frozen=True, slots=True)
class Holdings:
    accounts: AccountBook
    alerts: AlertRecords
    segments: SegmentRecords
    readings: ReadingRecords
    cases: CaseRecords
    ledger: Ledger
    renderer: Renderer
    binder: Binder
    projector: Projector
    pictures: PictureArchive
    live: LiveHub
    site: Site
    mandates: tuple[Mandate, ...]
    profile: LegalProfile
    clock: Clock
    seen: Seen
    upkeep: UpkeepRecords
    notices: NoticeRecords
    checks: BlindChecks

    def case(self, case_id: str | None) -> Case | None:
        """As it stands now: closing it works at once."""
        if case_id is None:
            return None
        try:
            return self.cases.get(case_id)
        except NotFound:
            return None
