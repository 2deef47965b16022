"""Sign in and out, read the ledger, look after accounts."""

__all__ = ["Administer"]

from collections.abc import Sequence
from dataclasses import dataclass

from vitrail.domain.ledger import Operation, Stored
from vitrail.domain.people import Account, Use
from vitrail.domain.rights import Answer, Request, RequestKind
from vitrail.domain.suspensions import Suspension
from vitrail.domain.time import Interval
from vitrail.guard.accounts import Accounts
from vitrail.guard.checks import Attention, attention
from vitrail.guard.followup import FollowUp, follow_up, since
from vitrail.guard.handover import handed_over
from vitrail.guard.ledger import Ledger
from vitrail.guard.reception import Reception
from vitrail.guard.rights import RightsDesk
from vitrail.guard.suspension import Suspensions
from vitrail.guard.verification import VerifyReport
from vitrail.services.review import Person


@dataclass(frozen=True, slots=True)
class Administer:
    accounts: Accounts
    reception: Reception
    ledger: Ledger
    suspensions: Suspensions
    rights: RightsDesk

    def sign_in(self, account_id: str, password: str, reason: str) -> str:
        """The session's token. Raises ``Refused``."""
        return self.accounts.sign_in(account_id, password, reason)[0]

    def whoami(self, token: str) -> Person:
        """Raises ``Refused``."""
        return Person(*self.accounts.whoami(token))

    def welcomed(self, person: Person) -> None:
        """They put the first steps away."""
        self.accounts.welcomed(person.account.id)

    def sign_out(self, token: str) -> None:
        self.accounts.sign_out(token)

    def suspended(self) -> tuple[Suspension, ...]:
        """What is suspended now. Public: everybody may see it."""
        return self.suspensions.active()

    def orders(self) -> tuple[Suspension, ...]:
        """Every suspension there ever was, with the orders to resume."""
        return self.suspensions.every()

    def suspend(self, person: Person, reason: str, cameras: tuple[str, ...]) -> Suspension:
        """Stop analysis. Raises ``Refused`` or ``Invalid``."""
        return self.suspensions.suspend(person.account, reason, cameras)

    def resume(self, person: Person, suspension_id: str, reason: str) -> Suspension:
        """Give one of the two orders. Raises ``Refused``, ``Conflict`` or ``NotFound``."""
        return self.suspensions.resume(person.account, suspension_id, reason)

    def broken(self) -> Sequence[Account]:
        """Emergency accounts that were used and not yet looked into. Public inside the house."""
        return self.accounts.emergencies.unreviewed()

    def review_emergency(self, person: Person, account_id: str, words: str) -> Account:
        """Raises ``Refused``, ``Conflict``, ``NotFound`` or ``Invalid``."""
        return self.accounts.emergencies.review(person.account, account_id, words)

    def overdue(self) -> int:
        """Requests of people who were filmed that wait beyond their deadline: a number."""
        return self.rights.overdue()

    def requests(self, person: Person) -> list[Request]:
        return self.rights.requests(person.account, person.session.reason)

    def receive(
        self,
        person: Person,
        kind: RequestKind,
        words: str,
        contact: str,
        camera_id: str,
        interval: Interval | None,
        received_us: int,
    ) -> Request:
        return self.rights.receive(person.account, kind, words, contact, camera_id, interval, received_us)

    def answer(self, person: Person, request_id: str, answer: Answer, grounds: str, words: str) -> Request:
        return self.rights.answer(person.account, request_id, answer, grounds, words)

    def entries(self, person: Person, start: int, stop: int) -> list[Stored]:
        """Entries of the ledger, for roles that account for it."""
        return self.reception.open_desk(person.account, Use.ACCOUNT, person.session.reason).entries(start, stop)

    def follow_up(self, person: Person, since_us: int, now_us: int) -> list[FollowUp]:
        """What became of each alert since then, newest first. Raises ``Refused``."""
        reason = person.session.reason
        with handed_over(self.reception, self.ledger, person.account, "followup", reason, Operation.CONSULT):
            return follow_up(self.ledger.entries(since(self.ledger, since_us), self.ledger.size), now_us)

    def attention(self, person: Person, zone: str, since_us: int) -> tuple[Attention, ...]:
        """What blind checks say since then, by shift. Raises ``Refused``."""
        reason = person.session.reason
        with handed_over(self.reception, self.ledger, person.account, "attention", reason, Operation.CONSULT):
            return attention(self.ledger.entries(since(self.ledger, since_us), self.ledger.size), zone)

    def ledger_size(self) -> int:
        """How many entries there are: a number, public by design."""
        return self.ledger.size

    def verify(self, person: Person) -> VerifyReport:
        """Recompute the ledger. Reads no entry's words out; asks for the same use all the same."""
        self.reception.open_desk(person.account, Use.ACCOUNT, person.session.reason)
        return self.ledger.verify()
