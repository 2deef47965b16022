"""The rights desk (law.md L25): what people who were filmed ask for, by place and time, and how they are answered.

A request that names a place and a time opens a case of its own, which keeps that footage until it is answered; the
officer looks at it masked, and shows the asker's own box when a second person agrees.
"""

__all__ = ["KEPT_US", "RightsDesk"]

from dataclasses import replace

from vitrail.domain.cases import CaseKind
from vitrail.domain.errors import Conflict, Invalid, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account, Role
from vitrail.domain.rights import GROUNDS, Answer, Request, RequestKind, deadline_us
from vitrail.domain.time import DAY_US, Interval
from vitrail.guard.acting import acted
from vitrail.guard.admit import account_refused
from vitrail.guard.case_rules import opening_refused
from vitrail.guard.casework import Casework
from vitrail.guard.fresh import fresh_id
from vitrail.guard.holdings import AccountBook
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.cases import RightsRecords
from vitrail.ports.clock import Clock

KEPT_US = 365 * DAY_US
"""Words and contact of a request are kept for a year after its answer (or its deadline), then emptied."""
_READERS = frozenset({Role.OFFICER, Role.AUDITOR})
_ABOUT_FOOTAGE = frozenset({RequestKind.ACCESS, RequestKind.ERASURE, RequestKind.OBJECTION})
_LONGEST_SPAN_US = DAY_US
_SHORTEST, _LONGEST = 3, 4000


class RightsDesk:
    """Thread-safe as far as its records are. ``lab``: the administrator stands in for the officer."""

    def __init__(
        self,
        accounts: AccountBook,
        rights: RightsRecords,
        casework: Casework,
        ledger: Ledger,
        zone: str,
        lab: bool,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._rights = rights
        self._casework = casework
        self._ledger = ledger
        self._zone = zone
        self._lab = lab
        self._clock = clock

    def receive(
        self,
        account: Account,
        kind: RequestKind,
        words: str,
        contact: str,
        camera_id: str = "",
        interval: Interval | None = None,
        received_us: int | None = None,
    ) -> Request:
        """Enter a request. What it names of the recordings is kept from now on, if it is still there."""
        self._officer(account, "request:new")
        words, contact = _worded("words", words), _worded("contact", contact)
        now_us = self._clock.now_us()
        received_us = now_us if received_us is None else received_us
        if received_us > now_us:
            raise Invalid("a request was received in the past", where="received")
        if kind in _ABOUT_FOOTAGE and (not camera_id or interval is None):
            what = "a request about pictures names a place and a time"
            raise Invalid(what, where="camera", rule="L25", remedy="ask the person where and when they were filmed")
        if interval and not 0 < interval.length_us <= _LONGEST_SPAN_US:
            raise Invalid("the time asked about is a day at most", where="interval", rule="L25")
        request = Request(
            fresh_id(),
            kind,
            received_us,
            deadline_us(received_us, self._zone),
            words,
            contact,
            account.id,
            camera_id,
            interval,
            erase_after_us=deadline_us(received_us, self._zone) + KEPT_US,
        )
        if interval is not None and kind in _ABOUT_FOOTAGE:
            request = replace(request, case_id=self._kept(account, request, interval))
        with acted(
            self._ledger,
            Operation.CHANGE,
            account.id,
            f"request-{kind.value}:{request.id}",
            "received",
            f"{kind.value} received",
        ):
            self._rights.put(request)
        return request

    def answer(self, account: Account, request_id: str, answer: Answer, grounds: str, words: str) -> Request:
        """The answer that goes out; the case of the request is closed with it. A refusal, also in part, needs one of
        the listed grounds. Raises ``Conflict`` when it was answered before."""
        request = self._rights.get(request_id)
        self._officer(account, f"request:{request.id}")
        words = _worded("answer", words)
        if request.answer is not None:
            raise Conflict("this request was answered already")
        if answer is Answer.GRANTED:
            grounds = ""
        elif grounds not in GROUNDS:
            listed = ", ".join(GROUNDS)
            raise Invalid("a refusal needs one of the listed grounds", where="grounds", rule="L25", remedy=listed)
        now_us = self._clock.now_us()
        answered = replace(
            request,
            answer=answer,
            grounds=grounds,
            answer_words=words,
            answered_by=account.id,
            answered_us=now_us,
            erase_after_us=now_us + KEPT_US,
        )
        late = "-late" if answered.overdue(now_us) else ""
        target = f"answer-{request.kind.value}-{answer.value}{late}:{request.id}"
        said = f"{request.kind.value} {answer.value}{f' ({grounds})' if grounds else ''}{late and '; late'}"
        with acted(self._ledger, Operation.COMMUNICATE, account.id, target, grounds or "answered", said):
            self._rights.put(answered)
        if request.case_id:
            self._casework.close(account, request.case_id, "the request is answered")
        return answered

    def requests(self, account: Account, reason: str) -> list[Request]:
        """Newest first, for officers and auditors."""
        who = self._fresh(account)
        if who.role not in _READERS and not (self._lab and who.role is Role.ADMINISTRATOR):
            raise self._refused(account, "requests", reason, f"the role {who.role.value} does not read requests")
        with acted(self._ledger, Operation.CONSULT, account.id, "requests", reason):
            return self._rights.every()

    def overdue(self) -> int:
        """How many wait beyond their deadline: a number, for the alarm."""
        now_us = self._clock.now_us()
        return sum(r.answer is None and r.overdue(now_us) for r in self._rights.every())

    def _kept(self, account: Account, request: Request, interval: Interval) -> str:
        """The case that keeps what was asked about; its id."""
        window, cameras = interval, frozenset({request.camera_id})
        reference = f"request {request.id}"
        basis = "GDPR art. 15-21, LED art. 13-16"
        case = self._casework.open(account, CaseKind.RIGHTS, reference, basis, request.kind.value, cameras, window)
        self._casework.hold(account, case.id, request.camera_id, interval, "somebody asks for it", case.expires_us)
        return case.id

    def _officer(self, account: Account, target: str) -> None:
        refused = opening_refused(self._fresh(account), CaseKind.RIGHTS, self._lab)
        if refused:
            raise self._refused(account, target, "", refused.what)

    def _refused(self, account: Account, target: str, reason: str, what: str) -> Refused:
        refused = refuse("L25", what, f"account {account.id}", "ask the data-protection officer")
        self._ledger.note(Operation.CONSULT, Outcome.REFUSED, account.id, target, reason, rule="L25", detail=what)
        return refused

    def _fresh(self, account: Account) -> Account:
        found = self._accounts.get(account.id)
        refused = account_refused(found, self._clock.now_us())
        if refused:
            raise refused
        return found


def _worded(name: str, words: str) -> str:
    words = words.strip()
    if not _SHORTEST <= len(words) <= _LONGEST:
        raise Invalid(f"the {name} is missing, or too long", where=name, remedy=f"{_SHORTEST} to {_LONGEST} characters")
    return words
