"""The way out for requests to those who repair: only what a person confirmed leaves (L10), to recipients that the
mandate names (L06), with people masked in every picture, and the ledger knows before it goes.

What was tried and failed waits in its row, with longer and longer pauses, also over a restart; what may have arrived is
asked for before it is handed over again.
"""

__all__ = ["Release"]

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from vitrail.domain.errors import Refused, Unavailable, VitrailError
from vitrail.domain.events import Side
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mandate, Mode
from vitrail.domain.notices import Delivery, Fate, Notice, NoticeState, Receipt, Status
from vitrail.domain.recipients import Channel, Recipient
from vitrail.domain.streams import Site
from vitrail.domain.time import HOUR_US, MINUTE_US
from vitrail.domain.upkeep import Condition, Said, Step, condition, kept_until_us
from vitrail.guard import pictures
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.guard.upkeep import MACHINE
from vitrail.ports.carrier import Carrier
from vitrail.ports.clock import Clock
from vitrail.ports.pictures import PictureArchive
from vitrail.ports.upkeep import NoticeRecords, UpkeepRecords

_LEASE_US = 5 * MINUTE_US
"""So long one process has for a delivery; one that died within it leaves a notice whose fate is not known."""
_LONGEST_PAUSE_US = 6 * HOUR_US
_MOST_TRIES = 20
_STATUS_US = 30 * MINUTE_US


class Release:
    """Call ``sweep`` every minute or so; of several processes each takes other notices."""

    def __init__(
        self,
        notices: NoticeRecords,
        upkeep: UpkeepRecords,
        archive: PictureArchive,
        ledger: Ledger,
        site: Site,
        mandates: Sequence[Mandate],
        carriers: Mapping[Channel, Carrier],
        mask: Callable[[bytes], bytes],
        clock: Clock,
    ) -> None:
        """``mask``: a JPEG with everybody painted over whom the detector may find in it; ``Refused`` when nothing but
        people would be left."""
        self._notices = notices
        self._upkeep = upkeep
        self._archive = archive
        self._ledger = ledger
        self._site = site
        self._recipients = {recipient.id: recipient for recipient in site.recipients}
        self._mandates = {mandate.id: mandate for mandate in mandates}
        self._carriers = carriers
        self._mask = mask
        self._clock = clock

    def sweep(self) -> int:
        """Hand over what is due, ask what became of what left; how many were taken in. Raises ``Unavailable`` while
        some cannot be delivered."""
        for notice in self._due(NoticeState.SENDING):
            self._put(replace(notice, state=NoticeState.UNCLEAR, problem="a process ended while it was sent"), notice)
        for notice in self._due(NoticeState.UNCLEAR):
            self._look(notice)
        taken = sum(self._send(notice) for notice in self._due(NoticeState.WAITING))
        for notice in self._due(NoticeState.SENT):
            self._follow(notice)
        troubled = self._notices.troubled()
        if troubled:
            what = f"{troubled} request{'s' if troubled > 1 else ''} to those who repair cannot be delivered"
            raise Unavailable(what, remedy="the page Upkeep says why; what failed for good is sent again from there")
        return taken

    def _send(self, notice: Notice) -> bool:
        recipient = self._allowed(notice)
        if isinstance(recipient, Refused):
            self._fail(notice, recipient)
            return False
        detail = f"to {recipient.name}, alert {notice.alert_id}"
        entry = self._ledger.open(Operation.COMMUNICATE, MACHINE, f"notice:{notice.id}", detail, notice.mandate_id)
        mine = replace(notice, state=NoticeState.SENDING, tries=notice.tries + 1, next_us=self._now() + _LEASE_US)
        if not self._put(mine, notice):
            self._ledger.conclude(entry, Outcome.FAILED, "another process sends it")
            return False
        jpegs = self._pictures(notice)
        delivery = self._carriers[recipient.channel].deliver(recipient, mine, jpegs)
        said = f"{delivery.fate.value}; {len(jpegs)} pictures" + (f"; {delivery.problem}" if delivery.problem else "")
        taken = delivery.fate is Fate.TAKEN
        self._ledger.conclude(entry, Outcome.DONE if taken else Outcome.FAILED, said)
        self._put(self._after(mine, delivery), mine)
        return taken

    def _after(self, notice: Notice, delivery: Delivery) -> Notice:
        if delivery.fate is Fate.TAKEN:
            return self._taken(notice, delivery.receipt)
        over = delivery.fate is Fate.REFUSED or notice.tries >= _MOST_TRIES
        again = NoticeState.UNCLEAR if delivery.fate is Fate.UNCLEAR else NoticeState.WAITING
        state = NoticeState.FAILED if over else again
        return replace(notice, state=state, problem=delivery.problem, next_us=self._now() + _pause_us(notice.tries))

    def _taken(self, notice: Notice, receipt: Receipt) -> Notice:
        now_us = self._now()
        told = replace(notice, number=receipt.number, voucher=receipt.voucher, answer=receipt.answer, problem="")
        return replace(told, state=NoticeState.SENT, sent_us=now_us, next_us=now_us + _STATUS_US)

    def _look(self, notice: Notice) -> None:
        """Whether one that no answer came to has arrived."""
        recipient = self._allowed(notice)
        if isinstance(recipient, Refused):
            self._fail(notice, recipient)
            return
        try:
            receipt = self._carriers[recipient.channel].known(recipient, notice)
        except Unavailable as error:
            tries = notice.tries + 1
            state = NoticeState.FAILED if tries >= _MOST_TRIES else NoticeState.UNCLEAR
            problem = f"nobody can tell whether they have it: {error.what}"
            later = replace(notice, state=state, tries=tries, problem=problem, next_us=self._now() + _pause_us(tries))
            self._put(later, notice)
            return
        waits = replace(notice, state=NoticeState.WAITING, next_us=self._now())
        self._put(self._taken(notice, receipt) if receipt else waits, notice)

    def _follow(self, notice: Notice) -> None:
        """What became of it: asked only of those who may still be told of it; the ledger notes each new answer."""
        later = replace(notice, next_us=self._now() + _STATUS_US)
        recipient = self._allowed(notice)
        if isinstance(recipient, Refused):
            self._put(replace(later, problem=f"nobody asks what became of it: {recipient.what}"), notice)
            return
        try:
            status = self._carriers[recipient.channel].status(recipient, notice)
        except Unavailable as error:
            self._put(replace(later, problem=f"what became of it cannot be asked: {error.what}"), notice)
            return
        heard = _heard(later, status)
        over = status is not None and status.closed
        after = replace(heard, state=NoticeState.CLOSED, closed_us=self._now()) if over else heard
        if not self._put(after, notice):
            return
        if over or (heard.number, heard.answer) != (notice.number, notice.answer):
            self._note(notice, Outcome.DONE, f"{recipient.name} {'closed it' if over else 'answered anew'}")
        if over:
            self._closed(after, recipient)

    def _closed(self, notice: Notice, recipient: Recipient) -> None:
        self._upkeep.closed(notice, self._step(notice, Said.CLOSED, recipient))
        stands = condition(self._upkeep.about(notice))
        if recipient.closing_repairs and stands in (Condition.SUSPECTED, Condition.CONFIRMED):
            self._upkeep.closed(notice, self._step(notice, Said.REPAIRED, recipient))

    def _step(self, notice: Notice, said: Said, recipient: Recipient) -> Step:
        now_us = self._now()
        until_us = kept_until_us(now_us, self._site.ledger_months)
        return Step(notice.place, said, recipient.id, now_us, notice.mandate_id, until_us, notice.alert_id)

    def _allowed(self, notice: Notice) -> Recipient | Refused:
        """Decided at each try: recipients and mandates change while a request waits."""
        where = f"notice {notice.id}"
        recipient = self._recipients.get(notice.recipient_id)
        if recipient is None:
            return refuse("L06", f"the site names no recipient {notice.recipient_id} any more", where, "see `repairs`")
        mandate = self._mandates.get(notice.mandate_id)
        if mandate is None:
            what = f"there is no mandate {notice.mandate_id} any more"
            return refuse("L01", what, where, "a mandate that names them")
        if mandate.mode is not Mode.LAB and recipient.name not in mandate.recipients:
            what = f"mandate {mandate.id} does not name {recipient.name} among its recipients"
            return refuse("L06", what, where, "a decision that names them; the impact assessment covers recipients")
        return recipient

    def _fail(self, notice: Notice, refused: Refused) -> None:
        self._note(notice, Outcome.REFUSED, refused.what, refused.rule)
        self._put(replace(notice, state=NoticeState.FAILED, problem=f"{refused.what} ({refused.rule})"), notice)

    def _note(self, notice: Notice, outcome: Outcome, detail: str, rule: str = "") -> None:
        self._ledger.note(
            Operation.COMMUNICATE,
            outcome,
            MACHINE,
            f"notice:{notice.id}",
            f"alert {notice.alert_id}",
            notice.mandate_id,
            rule=rule,
            detail=detail,
        )

    def _pictures(self, notice: Notice) -> dict[Side, bytes]:
        """Those that are still kept, masked once more; a request goes without them where there are none."""
        if notice.pictures is None:
            return {}
        jpegs: dict[Side, bytes] = {}
        for side in Side:
            try:
                jpegs[side] = self._mask(pictures.kept_of(self._archive, notice.alert_id, notice.pictures, side))
            except VitrailError:
                continue
        return jpegs

    def _put(self, after: Notice, before: Notice) -> bool:
        return self._notices.change(after, before.state)

    def _due(self, state: NoticeState) -> list[Notice]:
        return self._notices.due(frozenset({state}), self._now())

    def _now(self) -> int:
        return self._clock.now_us()


def _heard(notice: Notice, status: Status | None) -> Notice:
    if status is None:
        return notice
    return replace(notice, number=status.number or notice.number, answer=status.answer or notice.answer, problem="")


def _pause_us(tries: int) -> int:
    return min(MINUTE_US << min(max(tries, 1) - 1, 16), _LONGEST_PAUSE_US)
