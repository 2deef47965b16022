"""Questions about the state folder: mandates, rows and files, the ledger."""

__all__ = [
    "check_mandates",
    "check_state",
    "ledger_consistency",
    "ledger_head",
    "stand_alone_verifier",
    "verify_ledger",
]

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path

from vitrail.adapters.clock import SystemClock
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.sitefolder import (
    SiteFolder,
)
from vitrail.adapters.sqlite import Records, open_database
from vitrail.analytics.registry import Registry
from vitrail.compose.papers import assess
from vitrail.compose.rooms import Rooms
from vitrail.domain.errors import Invalid, NotFound, Problem, Refused
from vitrail.domain.people import Use
from vitrail.guard import assessment, decide, proofs
from vitrail.guard.fsck import Fsck
from vitrail.guard.ledger import Ledger
from vitrail.guard.verification import VerifyReport


def check_mandates(folder: SiteFolder, state: Path) -> list[Refused]:
    """What would be refused now, and why. A question only: no source is opened, and nothing is written."""
    if not state.exists():
        barred = assessment.unassessed(folder.mandates, assess(folder).refused)
        law = decide.Law(folder.mandates, folder.profile, Registry.load().manifests, published=False, barred=barred)
        return decide.refusals(folder.site, law, SystemClock().now_us())
    with ExitStack() as stack:
        return Rooms(folder, state, state, stack).gatekeeper.refusals()


def check_state(folder: SiteFolder, state: Path, progress: Callable[[float], None]) -> list[Problem]:
    """The fsck: ledger, rows and files against each other. The index of sightings, which is made of rows, is made
    again where it differs from them."""
    with ExitStack() as stack:
        rooms = Rooms(folder, state, state, stack)
        found = Fsck(rooms.ledger, rooms.records.segments, rooms.archive, rooms.records.check).run(progress)
        wrong = rooms.seen.index.check(True, lambda _: None)
        found += _untold(rooms)
        return found + [Problem("likeness", "index", said, "it was made again from the rows") for said in wrong]


def _untold(rooms: Rooms) -> list[Problem]:
    """Who is declared to be told of late alerts, and cannot be: no such account, or one that may not look at alerts."""
    known = {account.id: account for account in rooms.records.accounts.every()}
    found = []
    for name in rooms.site.escalation.to:
        account = known.get(name)
        if account is None or account.revoked_us is not None:
            what = f"there is no account `{name}`" if account is None else f"account `{name}` is revoked"
            found.append(Problem("site.yaml", "escalation.to", what, "`vitrail account list` names those there are"))
        elif not rooms.reception.may(account, Use.REVIEW):
            what = f"account `{name}` ({account.role.value}) may not look at alerts, so it is never told of late ones"
            remedy = "name an operator or investigator whose training is valid"
            found.append(Problem("site.yaml", "escalation.to", what, remedy))
    return found


def stand_alone_verifier() -> str:
    """The text of ``vitrail_verify.py``: needs nothing of the product."""
    return resources.files("vitrail.adapters.publishing").joinpath("vitrail_verify.py").read_text(encoding="utf-8")


@contextmanager
def _records(state: Path) -> Iterator[Records]:
    if not (state / "ledger.db").exists():
        raise NotFound("there is no ledger yet", where=str(state), remedy="name the state folder with --state")
    with open_database(state) as records:
        yield records


def ledger_head(state: Path) -> Mapping[str, object]:
    """The newest signed head. It names nobody."""
    with _records(state) as records:
        return proofs.head(records.ledger)


def ledger_consistency(state: Path, size: int) -> Mapping[str, object]:
    """That the newest signed head continues the one signed at ``size``. It names nobody."""
    with _records(state) as records:
        return proofs.consistency(records.ledger, size)


def verify_ledger(state: Path, progress: Callable[[float], None], witness: Path | None = None) -> VerifyReport:
    """``witness``: the file of heads that a witness kept."""
    with _records(state) as records:
        ledger = Ledger(records.ledger, SystemClock(), signing_key(state))
        try:
            text = witness.read_text(encoding="utf-8") if witness else ""
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"the witness's file cannot be read ({error})", where="--witness") from error
        return ledger.verify(progress, proofs.kept_heads(text, ledger.public_key))
