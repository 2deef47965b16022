"""Sign in and out, read the ledger, look after accounts."""

__all__ = ["Administer"]

from dataclasses import dataclass

from vitrail.domain.ledger import Stored
from vitrail.domain.people import Use
from vitrail.domain.suspensions import Suspension
from vitrail.guard.accounts import Accounts
from vitrail.guard.ledger import Ledger
from vitrail.guard.reception import Reception
from vitrail.guard.suspension import Suspensions
from vitrail.guard.verification import VerifyReport
from vitrail.services.review import Person


@dataclass(frozen=True, slots=True)
class Administer:
    accounts: Accounts
    reception: Reception
    ledger: Ledger
    suspensions: Suspensions

    def sign_in(self, account_id: str, password: str, reason: str) -> str:
        """The session's token. Raises ``Refused``."""
        return self.accounts.sign_in(account_id, password, reason)[0]

    def whoami(self, token: str) -> Person:
        """Raises ``Refused``."""
        return Person(*self.accounts.whoami(token))

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

    def entries(self, person: Person, start: int, stop: int) -> list[Stored]:
        """Entries of the ledger, for roles that account for it."""
        return self.reception.open_desk(person.account, Use.ACCOUNT, person.session.reason).entries(start, stop)

    def ledger_size(self) -> int:
        """How many entries there are: a number, public by design."""
        return self.ledger.size

    def verify(self, person: Person) -> VerifyReport:
        """Recompute the ledger. Reads no entry's words out; asks for the same use all the same."""
        self.reception.open_desk(person.account, Use.ACCOUNT, person.session.reason)
        return self.ledger.verify()
