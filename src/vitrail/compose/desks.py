"""Reading and deciding from the command line."""

__all__ = ["Desks", "desks_of", "reading"]

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.sqlite import Records
from vitrail.compose.rooms import Rooms
from vitrail.compose.starting import read_site
from vitrail.domain.errors import Unavailable
from vitrail.domain.ledger import Operation
from vitrail.domain.people import Account
from vitrail.domain.streams import Site
from vitrail.guard import proofs
from vitrail.guard.accounts import Accounts
from vitrail.guard.bundles import Bundles
from vitrail.guard.casework import Casework
from vitrail.guard.checks import Attention, attention
from vitrail.guard.followup import FollowUp, as_csv, follow_up, since
from vitrail.guard.handover import handed_over
from vitrail.guard.ledger import Ledger
from vitrail.guard.poses import Poses
from vitrail.guard.reception import Reception
from vitrail.guard.release import Release
from vitrail.guard.rights import RightsDesk
from vitrail.guard.sharing import Sharing
from vitrail.guard.suspension import Suspensions


@dataclass(frozen=True, slots=True)
class Desks:
    """Reading and accounts from the command line: the same guard as the console's."""

    site: Site
    accounts: Accounts
    reception: Reception
    suspensions: Suspensions
    poses: Poses
    casework: Casework
    rights: RightsDesk
    bundles: Bundles
    sharing: Sharing
    ledger: Ledger
    records: Records
    release: Release
    now_us: Callable[[], int]

    def sign_in(self, account_id: str, password: str, reason: str) -> Account:
        """Raises ``Refused``. The session ends at once: a command is over when it is over."""
        token, session = self.accounts.sign_in(account_id, password, reason)
        self.accounts.sign_out(token)
        return self.accounts.get(session.account_id)

    def export_ledger(self, account: Account, reason: str, out: Path) -> int:
        """The whole ledger as JSON lines, with a head signed now; how many entries. Raises ``Refused`` or
        ``Unavailable``."""
        with handed_over(self.reception, self.ledger, account, "ledger", reason):
            self.ledger.checkpoint()
            lines = proofs.exported(self.records.ledger, self.site.id, self.ledger.public_key)
            try:
                with out.open("w", encoding="utf-8") as file:
                    return sum(file.write(f"{line}\n") > 0 for line in lines)
            except OSError as error:
                raise Unavailable(f"the ledger cannot be written out: {error.strerror}", where=str(out)) from error

    def follow_up(self, account: Account, reason: str, since_us: int, out: Path | None = None) -> list[FollowUp]:
        """What became of each alert since then, newest first; also as CSV into ``out``. Raises ``Refused`` or
        ``Unavailable``."""
        operation = Operation.COMMUNICATE if out else Operation.CONSULT
        with handed_over(self.reception, self.ledger, account, "followup", reason, operation):
            entries = self.ledger.entries(since(self.ledger, since_us), self.ledger.size)
            rows = follow_up(entries, self.now_us())
            try:
                if out:
                    out.write_text(as_csv(rows), encoding="utf-8", newline="")
            except OSError as error:
                raise Unavailable(f"the register cannot be written out: {error.strerror}", where=str(out)) from error
            return rows

    def attention(self, account: Account, reason: str, since_us: int) -> tuple[Attention, ...]:
        """What blind checks say since then, by shift. Raises ``Refused``."""
        with handed_over(self.reception, self.ledger, account, "attention", reason, Operation.CONSULT):
            return attention(self.ledger.entries(since(self.ledger, since_us), self.ledger.size), self.site.zone)

    def prove(self, account: Account, reason: str, index: int) -> Mapping[str, object]:
        """One entry with its proof, under a head signed now where none covers it yet. Raises ``Refused`` or
        ``NotFound``."""
        with handed_over(self.reception, self.ledger, account, f"entry:{index}", reason):
            if index >= max((c.size for c in self.records.ledger.checkpoints()), default=0):
                self.ledger.checkpoint()
            return proofs.proof(self.records.ledger, index, self.ledger.public_key)


@contextmanager
def reading(site: Path, state: Path, environ: Mapping[str, str], cache: Path | None = None) -> Iterator[Desks]:
    """The site's stores and guard, nothing watched; pictures need models, words do not."""
    with ExitStack() as stack:
        yield desks_of(Rooms(read_site(site, environ), state, cache or state, stack))


def desks_of(rooms: Rooms) -> Desks:
    return Desks(
        rooms.site,
        rooms.accounts,
        rooms.reception,
        rooms.suspensions,
        rooms.poses,
        rooms.casework,
        rooms.rights,
        rooms.bundles,
        rooms.sharing,
        rooms.ledger,
        rooms.records,
        rooms.release,
        rooms.clock.now_us,
    )
