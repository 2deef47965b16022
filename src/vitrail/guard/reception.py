"""Where people come in: an account, a use, a typed reason -> a desk, or a refusal with its rule."""

__all__ = ["Reception"]

import threading
from collections.abc import Sequence

from vitrail.domain.errors import NotFound, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.people import Account, Grant, Use
from vitrail.domain.streams import Site
from vitrail.guard.admit import Ask, grant
from vitrail.guard.binder import Binder
from vitrail.guard.checks import BlindChecks
from vitrail.guard.desk import Desk
from vitrail.guard.holdings import AccountBook, Holdings
from vitrail.guard.ledger import Ledger
from vitrail.guard.live import LiveHub
from vitrail.guard.piecework import Piecework
from vitrail.guard.projector import Projector
from vitrail.guard.refusal import refuse
from vitrail.guard.render import Renderer
from vitrail.guard.seen import Seen
from vitrail.guard.telling import Teller
from vitrail.ports.archive import Archive
from vitrail.ports.beside import Beside, one_by_one
from vitrail.ports.board import BoardRecords
from vitrail.ports.bundles import BundleRecords, Press, Shelf
from vitrail.ports.cases import CaseRecords
from vitrail.ports.clock import Clock
from vitrail.ports.detector import Detector
from vitrail.ports.film import Film
from vitrail.ports.heads import HeadFinder
from vitrail.ports.lookback import Lookback
from vitrail.ports.pictures import PictureArchive
from vitrail.ports.records import AlertRecords, ReadingRecords, SegmentRecords
from vitrail.ports.upkeep import NoticeRecords, UpkeepRecords

_Key = tuple[str, Use, str, str | None]


class Reception:
    """Thread-safe."""

    def __init__(
        self,
        accounts: AccountBook,
        alerts: AlertRecords,
        segments: SegmentRecords,
        readings: ReadingRecords,
        cases: CaseRecords,
        ledger: Ledger,
        archive: Archive,
        kept_pictures: PictureArchive,
        film: Film,
        detector: Detector,
        heads: HeadFinder,
        live: LiveHub,
        site: Site,
        mandates: Sequence[Mandate],
        profile: LegalProfile,
        clock: Clock,
        bundles: BundleRecords,
        shelf: Shelf,
        press: Press,
        seen: Seen,
        lookback: Lookback,
        board: BoardRecords,
        upkeep: UpkeepRecords,
        notices: NoticeRecords,
        checks: BlindChecks,
        beside: Beside = one_by_one,
    ) -> None:
        renderer = Renderer(film, detector, heads, archive, lookback)
        piecework = Piecework(renderer, press, beside)
        teller = Teller(renderer, alerts, cases, bundles, ledger, site, clock, board)
        binder = Binder(piecework, teller, segments, bundles, ledger, shelf, press, site, clock, beside)
        self._holdings = Holdings(
            accounts,
            alerts,
            segments,
            readings,
            cases,
            ledger,
            renderer,
            binder,
            Projector(renderer, film, detector, heads),
            kept_pictures,
            live,
            site,
            tuple(mandates),
            profile,
            clock,
            seen,
            upkeep,
            notices,
            checks,
        )
        self._lock = threading.Lock()
        self._grants: dict[_Key, Grant] = {}

    def open_desk(self, account: Account, use: Use, reason: str, case_id: str | None = None) -> Desk:
        """The reading surface for one person and one use. Raises ``Refused``.

        Every opening is decided on the account as it stands in the records now. It is written down when it gives a
        new grant or refuses; asking again for what was granted a moment ago (each page of a session does) gives a
        desk with the same grant. What the desk then does is written down each time.
        """
        held = self._holdings
        answer = self._decide(account.id, Ask(use, reason, case_id))
        if isinstance(answer, Refused):
            held.ledger.note(
                Operation.CONSULT,
                Outcome.REFUSED,
                account.id,
                f"desk:{use.value}",
                reason,
                rule=answer.rule,
                detail=answer.what,
            )
            raise answer
        return Desk(held, self._remembered(answer))

    def may(self, account: Account, use: Use) -> bool:
        """Whether the role opens this use at all: for menus. Reads nothing and promises nothing."""
        held = self._holdings
        answer = grant(account, Ask(use, "menu"), held.site, held.mandates, held.profile, held.clock.now_us())
        return not isinstance(answer, Refused)

    def _decide(self, account_id: str, ask: Ask) -> Grant | Refused:
        held = self._holdings
        try:
            account = held.accounts.get(account_id)
        except NotFound:
            return refuse("L23", "there is no such account", f"account {account_id}", "sign in")
        case = held.case(ask.case_id)
        return grant(account, ask, held.site, held.mandates, held.profile, held.clock.now_us(), case)

    def _remembered(self, fresh: Grant) -> Grant:
        key = (fresh.account_id, fresh.use, fresh.reason, fresh.case_id)
        now_us = self._holdings.clock.now_us()
        with self._lock:
            self._grants = {k: g for k, g in self._grants.items() if g.expires_us > now_us}
            known = self._grants.get(key)
            if known is not None and _same(known, fresh):
                return known
            cameras = ", ".join(sorted(fresh.scope.cameras)) or "none"
            ears = ", ".join(sorted(fresh.scope.microphones))
            self._holdings.ledger.note(
                Operation.CONSULT,
                Outcome.DONE,
                fresh.account_id,
                f"desk:{fresh.use.value}",
                fresh.reason,
                detail=f"granted to the role {fresh.role.value}; cameras {cameras}"
                + (f"; microphones {ears}" if ears else "")
                + (f"; case {fresh.case_id}" if fresh.case_id else ""),
            )
            self._grants[key] = fresh
            return fresh


def _same(one: Grant, other: Grant) -> bool:
    return (one.role, one.scope.cameras, one.scope.microphones) == (
        other.role,
        other.scope.cameras,
        other.scope.microphones,
    )
