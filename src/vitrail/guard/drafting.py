"""Drawing on a camera's picture and changing the configuration: two uses, and outside ``lab`` two people.

Whoever may review sees the masked picture and draws; whoever administers, and outside ``lab`` opens no picture, reads
which lines of `site.yaml` change and puts them there. No role outside ``lab`` holds both uses, so nobody both looks
and decides what is looked at. A draft holds geometry and names of places, nothing of anybody in the picture.
"""

__all__ = ["Drafting"]

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from vitrail.domain.drawing import Candidate, Draft, Drawing, Kind, Sheet
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.ledger import Operation
from vitrail.domain.people import Account, Use
from vitrail.domain.time import SECOND_US
from vitrail.guard.acting import acted
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.ledger import Ledger
from vitrail.guard.reception import Reception
from vitrail.guard.refusal import refuse
from vitrail.ports.clock import Clock
from vitrail.ports.drawing_board import DraftBook, SitePaper


class Drafting:
    """Thread-safe as far as the paper and the drafts are."""

    def __init__(
        self,
        reception: Reception,
        gatekeeper: Gatekeeper,
        ledger: Ledger,
        paper: SitePaper,
        drafts: DraftBook,
        clock: Clock,
        zone: str,
    ) -> None:
        self._reception = reception
        self._gatekeeper = gatekeeper
        self._ledger = ledger
        self._paper = paper
        self._drafts = drafts
        self._clock = clock
        self._zone = zone

    def sheet(self, account: Account, reason: str, camera_id: str) -> Sheet:
        """What the file holds of the camera. Raises ``Refused`` and ``NotFound``."""
        self._may_see(account, reason, camera_id)
        return self._paper.sheet(camera_id)

    def lacking(self, account: Account, reason: str, camera_id: str) -> list[Refused]:
        """What of the camera would be refused now, and by which rule."""
        self._may_see(account, reason, camera_id)
        return self._gatekeeper.refusals(camera_id)

    def draft(self, account: Account, reason: str, camera_id: str) -> Draft | None:
        self._may_see(account, reason, camera_id)
        return self._drafts.get(camera_id)

    def changes(self, account: Account, reason: str, draft: Draft) -> Candidate | None:
        """What the draft would make of the file; None when the file has changed since it was drawn."""
        self._may_see(account, reason, draft.drawing.camera_id)
        try:
            return self._paper.candidate(draft.drawing, draft.base)
        except Conflict:
            return None

    def check(self, account: Account, reason: str, drawing: Drawing, base: str, reviewed: bool) -> Candidate:
        """What the file would become; nothing is written anywhere. Raises ``Refused`` and ``Conflict``."""
        self._may_draw(account, reason, drawing.camera_id)
        return self._paper.candidate(self._signed(account, drawing, base, reviewed), base)

    def propose(self, account: Account, reason: str, drawing: Drawing, base: str, reviewed: bool) -> Draft:
        """A draft that waits; an older one of the camera is replaced. Raises ``Refused``, ``Conflict``, and ``Invalid``
        with every problem that the file would have."""
        self._may_draw(account, reason, drawing.camera_id)
        signed = self._signed(account, drawing, base, reviewed)
        with acted(self._ledger, Operation.CHANGE, account.id, f"draft:{drawing.camera_id}", reason):
            candidate = self._paper.candidate(signed, base)
            if candidate.problems:
                raise Invalid("`vitrail check` would refuse this", where="site.yaml", problems=candidate.problems)
            if not candidate.changes:
                raise Invalid("nothing differs from site.yaml", where="site.yaml", remedy="draw something first")
            draft = Draft(signed, base, account.id, self._clock.now_us())
            self._drafts.put(draft)
            return draft

    def adopt(self, account: Account, reason: str, camera_id: str, made_us: int) -> str:
        """Write the draft that was made at that moment into `site.yaml`; the SHA-256 of the new file. It holds at the
        next start. Raises ``Refused``, ``NotFound``, ``Conflict``, ``Invalid`` and ``Unavailable``."""
        self._reception.open_desk(account, Use.ADMINISTER, reason)
        with acted(self._ledger, Operation.CHANGE, account.id, f"site.yaml:{camera_id}", reason):
            draft = self._waiting(camera_id, made_us)
            digest = self._paper.write(draft.drawing, draft.base)
            self._drafts.drop(camera_id)
            return digest

    def drop(self, account: Account, reason: str, camera_id: str, made_us: int) -> None:
        """The draft goes; its author or whoever administers may say so."""
        self._may_see(account, reason, camera_id)
        with acted(self._ledger, Operation.ERASE, account.id, f"draft:{camera_id}", reason):
            self._waiting(camera_id, made_us)
            self._drafts.drop(camera_id)

    def _waiting(self, camera_id: str, made_us: int) -> Draft:
        draft = self._drafts.get(camera_id)
        if draft is None:
            raise NotFound(f"no draft of camera {camera_id} waits")
        if draft.made_us != made_us:
            raise Conflict("another draft waits by now", where=f"camera {camera_id}", remedy="look at it first")
        return draft

    def _signed(self, account: Account, drawing: Drawing, base: str, reviewed: bool) -> Drawing:
        """With who looked for dwellings, and when. Masks that change without anybody having looked are refused."""
        now = self._paper.sheet(drawing.camera_id)
        before, after = ([s for s in d.shapes if s.kind is Kind.MASK] for d in (now.drawing, drawing))
        if before != after and not reviewed and now.base == base:
            raise refuse(
                "L17",
                "dwelling masks change, and nobody says that the picture was looked at for dwellings",
                f"camera {drawing.camera_id}",
                "look for insides and entrances of dwellings, then tick that you did",
            )
        today = datetime.fromtimestamp(self._clock.now_us() / SECOND_US, ZoneInfo(self._zone)).date().isoformat()
        by, on = (account.name, today) if reviewed else ("", "")
        return replace(drawing, reviewed_by=by, reviewed_on=on)

    def _may_draw(self, account: Account, reason: str, camera_id: str) -> None:
        desk = self._reception.open_desk(account, Use.REVIEW, reason)
        if camera_id not in desk.grant.scope.cameras:
            what = f"no camera {camera_id} in the territory of {account.id}"
            raise refuse("L23", what, f"account {account.id}", "ask an administrator")

    def _may_see(self, account: Account, reason: str, camera_id: str) -> None:
        """Numbers and names, no picture: those who draw, and those who administer."""
        if self._reception.may(account, Use.ADMINISTER):
            self._reception.open_desk(account, Use.ADMINISTER, reason)
        else:
            self._may_draw(account, reason, camera_id)
