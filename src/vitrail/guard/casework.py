"""Opening cases, keeping what they need, and asking to see more than masks show (law.md L15, L22-L25).

Nothing here reads a picture: that is the desk's, under a grant for the case.
"""

__all__ = ["ANSWER_WITHIN_US", "SHOWN_FOR_US", "CaseSheet", "Casework"]

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vitrail.domain.cases import Case, CaseKind, Hold, Unmasking
from vitrail.domain.errors import Invalid, NotFound, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mandate
from vitrail.domain.people import Account, Role
from vitrail.domain.streams import Site
from vitrail.domain.time import DAY_US, Interval, iso
from vitrail.guard import case_rules as rules
from vitrail.guard.acting import acted
from vitrail.guard.admit import account_refused
from vitrail.guard.fresh import fresh_id
from vitrail.guard.holdings import AccountBook
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.cases import CaseRecords
from vitrail.ports.clock import Clock

ANSWER_WITHIN_US = 7 * DAY_US
"""A request to unmask lapses after this."""
SHOWN_FOR_US = 7 * DAY_US
"""What was granted is shown for so long after the answer."""
_SHORTEST, _LONGEST = 3, 500
_OVERSEE = frozenset({Role.OFFICER, Role.AUDITOR})
"""They see every case, and officers may close one and let its holds go."""
LAB_REFERENCE = "LAB"
_LAB_US = 30 * DAY_US


@dataclass(frozen=True, slots=True)
class CaseSheet:
    case: Case
    holds: tuple[Hold, ...]
    unmaskings: tuple[Unmasking, ...]


class Casework:
    """Thread-safe as far as its records are. Each verb: decide -> ledger -> write -> ledger."""

    def __init__(
        self,
        accounts: AccountBook,
        cases: CaseRecords,
        ledger: Ledger,
        site: Site,
        mandates: Sequence[Mandate],
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._cases = cases
        self._ledger = ledger
        self._site = site
        self._lab = rules.in_lab(mandates)
        self._clock = clock

    def open(
        self,
        account: Account,
        kind: CaseKind,
        reference: str,
        legal_basis: str,
        reason: str,
        cameras: frozenset[str],
        window: Interval,
        length_us: int = 90 * DAY_US,
    ) -> Case:
        """Raises ``Refused``, ``Invalid`` (words missing) or ``NotFound`` (no such camera)."""
        said = {"reference": reference, "legal basis": legal_basis, "reason": reason}
        reference, legal_basis, reason = (_worded(name, words) for name, words in said.items())
        self._known(cameras)
        if not 0 < length_us <= rules.LONGEST_CASE_US:
            raise Invalid("a case lasts a day at least and a year at most", where="days")
        if window.length_us == 0:
            raise Invalid("a case is about a span of time", where="window", remedy="say from when to when")
        now_us = self._clock.now_us()
        case_id = fresh_id()
        self._check(account, f"case:{case_id}", reason, rules.opening_refused(self._fresh(account), kind, self._lab))
        members = frozenset({account.id})
        case = Case(
            case_id,
            kind,
            reference,
            legal_basis,
            reason,
            account.id,
            members,
            cameras,
            window,
            now_us,
            now_us + length_us,
        )
        said_of = f"{kind.value} {reference}; {legal_basis}; cameras {', '.join(sorted(cameras))}; {_span(window)}"
        with acted(self._ledger, Operation.CHANGE, account.id, f"case:{case.id}", reason, said_of):
            self._cases.put(case)
        return case

    def lab(self, account: Account, reason: str) -> Case:
        """One's own case for trying, opened when there is none: every camera of one's territory, from a month ago to a
        month ahead. Raises ``Refused`` (L23) where real mandates are at work."""
        if not self._lab:
            what = "real mandates are at work here: a case has a reference of its own"
            refused = refuse("L23", what, f"account {account.id}", "open one, and name it with --case")
            self._check(account, "case:lab", reason, refused)
        now_us = self._clock.now_us()
        cameras = account.territory & frozenset(camera.id for camera in self._site.cameras)
        for case in self.cases(account, reason):
            mine = case.reference == LAB_REFERENCE and account.id in case.members and case.stands(now_us)
            if mine and case.cameras >= cameras and case.window.end_us > now_us:
                return case
        window = Interval(now_us - _LAB_US, now_us + _LAB_US)
        kind, basis = CaseKind.INQUIRY, "own recordings"
        return self.open(account, kind, LAB_REFERENCE, basis, "trying it in the lab", cameras, window, _LAB_US)

    def may_try(self, account: Account) -> bool:
        """For menus: promises nothing."""
        return self._lab and self.may_open(account, CaseKind.INQUIRY)

    def may_open(self, account: Account, kind: CaseKind) -> bool:
        """For menus: promises nothing."""
        return rules.opening_refused(account, kind, self._lab) is None

    def widen(self, account: Account, case_id: str, cameras: frozenset[str], window: Interval, reason: str) -> Case:
        """Another reach: cameras and span. What was held stays held."""
        case = self.working(account, case_id, reason)
        self._known(cameras)
        widened = replace(case, cameras=cameras, window=window)
        said = f"cameras {', '.join(sorted(cameras))}; {_span(window)}"
        with acted(self._ledger, Operation.CHANGE, account.id, f"case:{case.id}", _worded("reason", reason), said):
            self._cases.put(widened, was=case)
        return widened

    def assign(self, account: Account, case_id: str, member_id: str, reason: str) -> Case:
        case = self.working(account, case_id, reason)
        member = self._accounts.get(member_id)
        self._check(account, f"case:{case.id}", reason, rules.opening_refused(member, case.kind, self._lab))
        assigned = replace(case, members=case.members | {member.id})
        with acted(
            self._ledger,
            Operation.CHANGE,
            account.id,
            f"case:{case.id}",
            _worded("reason", reason),
            f"assigned {member.id}",
        ):
            self._cases.put(assigned, was=case)
        return assigned

    def close(self, account: Account, case_id: str, reason: str) -> Case:
        """Every hold of it is let go."""
        case = self._cases.get(case_id)
        self._check(account, f"case:{case.id}", reason, self._closing_refused(account, case))
        now_us = self._clock.now_us()
        closed = replace(case, closed_us=now_us)
        with acted(self._ledger, Operation.CHANGE, account.id, f"case:{case.id}", _worded("reason", reason), "closed"):
            for hold in self._cases.holds(case.id):
                if hold.stands(now_us):
                    self._cases.put_hold(replace(hold, released_us=now_us))
            self._cases.put(closed)
        return closed

    def hold(
        self, account: Account, case_id: str, camera_id: str, interval: Interval, reason: str, until_us: int
    ) -> Hold:
        """Keep named footage from erasure. Raises ``Refused`` (L15) beyond the case's reach or end."""
        case = self.working(account, case_id, reason)
        now_us = self._clock.now_us()
        self._check(account, f"case:{case.id}", reason, rules.hold_refused(case, camera_id, interval, until_us, now_us))
        hold = Hold(
            fresh_id(),
            case.id,
            camera_id,
            interval,
            _worded("reason", reason),
            account.id,
            now_us,
            until_us,
        )
        said = f"case {case.id}, camera {camera_id}, {_span(interval)}, until {iso(until_us)}"
        with acted(self._ledger, Operation.CHANGE, account.id, f"hold:{hold.id}", hold.reason, said):
            self._cases.put_hold(hold)
        return hold

    def release(self, account: Account, hold_id: str, reason: str) -> Hold:
        """Let it go before its end: what is past its time goes with the next sweep."""
        hold = self._cases.hold(hold_id)
        case = self._cases.get(hold.case_id)
        self._check(account, f"hold:{hold.id}", reason, self._closing_refused(account, case))
        released = replace(hold, released_us=self._clock.now_us())
        with acted(
            self._ledger, Operation.CHANGE, account.id, f"hold:{hold.id}", _worded("reason", reason), "released"
        ):
            self._cases.put_hold(released)
        return released

    def ask(
        self,
        account: Account,
        case_id: str,
        camera_id: str,
        interval: Interval,
        region: tuple[float, float, float, float],
        reason: str,
    ) -> Unmasking:
        """Ask that a box of the picture be shown without masks. Nothing is shown before another person agrees."""
        case = self.working(account, case_id, reason)
        self._check(account, f"case:{case.id}", reason, rules.unmasking_refused(case, camera_id, interval, region))
        now_us = self._clock.now_us()
        reason = _worded("reason", reason)
        asked = Unmasking(
            fresh_id(),
            case.id,
            camera_id,
            interval,
            region,
            account.id,
            reason,
            now_us,
            now_us + ANSWER_WITHIN_US,
        )
        said = f"case {case.id}, camera {camera_id}, {_span(interval)}, box {region}"
        with acted(self._ledger, Operation.CHANGE, account.id, f"unmasking:{asked.id}", reason, said):
            self._cases.put_unmasking(asked)
        return asked

    def answer(self, account: Account, unmasking_id: str, granted: bool, reason: str) -> Unmasking:
        """The second person's word. What is granted is counted in public (the ledger's target says so)."""
        asked = self._cases.unmasking(unmasking_id)
        case = self._cases.get(asked.case_id)
        now_us = self._clock.now_us()
        refused = rules.seconding_refused(self._fresh(account), case, asked, now_us, self._lab)
        self._check(account, f"unmasking:{asked.id}", reason, refused)
        until_us = min(now_us + SHOWN_FOR_US, case.expires_us)
        answered = replace(
            asked,
            answered_by=account.id,
            answer=_worded("reason", reason),
            answered_us=now_us,
            granted=granted,
            expires_us=until_us,
        )
        target = f"{'unmasked' if granted else 'unmasking'}:{asked.id}"
        said = f"{'granted' if granted else 'declined'}; case {case.id}, asked by {asked.asked_by}"
        with acted(self._ledger, Operation.COMMUNICATE, account.id, target, answered.answer, said):
            self._cases.put_unmasking(answered)
        return answered

    def cases(self, account: Account, reason: str) -> list[Case]:
        """Those of the account; all, for officers and auditors."""
        who = self._fresh(account)
        with acted(self._ledger, Operation.CONSULT, account.id, "cases", reason):
            return [c for c in self._cases.every() if who.id in c.members or who.role in _OVERSEE]

    def sheet(self, account: Account, case_id: str, reason: str) -> CaseSheet:
        """Raises ``NotFound``, also for cases of others."""
        who = self._fresh(account)
        with acted(self._ledger, Operation.CONSULT, account.id, f"case:{case_id}", reason):
            case = self._cases.get(case_id)
            if who.id not in case.members and who.role not in _OVERSEE and not self._may_second(who, case):
                raise NotFound(f"no case {case_id}")
            return CaseSheet(case, tuple(self._cases.holds(case_id)), tuple(self._cases.unmaskings(case_id)))

    def waiting(self, account: Account) -> list[Unmasking]:
        """Requests that this account could answer now: a number beside a menu, so it is not written down."""
        now_us, who = self._clock.now_us(), self._fresh(account)
        open_ = [u for u in self._cases.unmaskings(None) if u.answered_us is None and now_us < u.expires_us]
        return [u for u in open_ if not rules.seconding_refused(who, self._cases.get(u.case_id), u, now_us, self._lab)]

    def seen(self, account: Account, case_id: str) -> Case:
        """The case as it stands, for a decision that is made and written down elsewhere; the account must be valid."""
        self._fresh(account)
        return self._cases.get(case_id)

    def standing(self, case_id: str) -> Case:
        """As it stands now, for a decision about nobody's account. Raises ``NotFound``."""
        return self._cases.get(case_id)

    def _may_second(self, who: Account, case: Case) -> bool:
        return any(u.case_id == case.id for u in self.waiting(who))

    def _closing_refused(self, account: Account, case: Case) -> Refused | None:
        if self._fresh(account).role is Role.OFFICER and case.stands(self._clock.now_us()):
            return None
        return rules.case_refused(account, case, self._clock.now_us(), self._lab)

    def working(self, account: Account, case_id: str, reason: str) -> Case:
        """The case, for who works in it now. Raises ``Refused``, which is written down, or ``NotFound``."""
        case = self._cases.get(case_id)
        refused = rules.case_refused(self._fresh(account), case, self._clock.now_us(), self._lab)
        self._check(account, f"case:{case.id}", reason, refused)
        return case

    def _fresh(self, account: Account) -> Account:
        """As it stands in the records now: revoking works at once."""
        found = self._accounts.get(account.id)
        refused = account_refused(found, self._clock.now_us())
        if refused:
            raise refused
        return found

    def _check(self, account: Account, target: str, reason: str, refused: Refused | None) -> None:
        if refused is None:
            return
        self._ledger.note(
            Operation.CHANGE, Outcome.REFUSED, account.id, target, reason, rule=refused.rule, detail=refused.what
        )
        raise refused

    def _known(self, cameras: frozenset[str]) -> None:
        missing = sorted(c for c in cameras if self._site.device(c) is None)
        if missing or not cameras:
            known = ", ".join(d.id for d in self._site.devices())
            what = f"the site has no camera {missing[0]}" if missing else "a case names its cameras"
            raise NotFound(what, where="cameras", remedy=f"some of {known}")


def _worded(name: str, words: str) -> str:
    words = words.strip()
    if not _SHORTEST <= len(words) <= _LONGEST:
        raise Invalid(f"the {name} is missing, or too long", where=name, remedy=f"{_SHORTEST} to {_LONGEST} characters")
    return words


def _span(interval: Interval) -> str:
    return f"{iso(interval.start_us)}..{iso(interval.end_us)}"
