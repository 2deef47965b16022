"""Those who act: accounts, roles, sessions, grants. All of them staff; the people in the pictures have no record."""

__all__ = ["Account", "Grant", "Role", "Scope", "Session", "Use"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.time import Interval


class Role(StrEnum):
    OPERATOR = "operator"
    TECHNICIAN = "technician"
    INVESTIGATOR = "investigator"
    OFFICER = "officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Use(StrEnum):
    """What a grant is for; decides which desk methods it opens."""

    REVIEW = "review"
    """Look at live tiles and alerts, say verdicts."""
    ACCOUNT = "account"
    """Read the ledger, figures and register sources."""
    ADMINISTER = "administer"
    """Accounts and configuration; opens no picture."""
    UPKEEP = "upkeep"
    """See how walls and furniture stand, say what was repaired, follow the requests about them; no footage."""
    INQUIRE = "inquire"
    """Look at more than alerts, inside a case, at its cameras and its span."""


@dataclass(frozen=True, slots=True)
class Account:
    """``territory`` holds the ids of cameras and microphones the person may see alerts of; training must be valid
    (L23)."""

    id: str
    name: str
    role: Role
    password_hash: str
    territory: frozenset[str]
    trained_until_us: int
    created_us: int
    revoked_us: int | None = None
    language: str = "en"
    emergency: bool = False
    """Break-glass: sealed until somebody must look at once and nobody who may is there. Works for one hour, once."""
    broken_us: int | None = None
    reviewed_us: int | None = None
    """When an officer had looked into the use of an emergency account."""
    welcomed_us: int | None = None
    """When they put away the console's first steps; never shown by themselves again."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. Only the SHA-256 of its token is kept."""

    token_sha256: str
    account_id: str
    reason: str
    csrf: str
    created_us: int
    expires_us: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be read: cameras and a window of wall time. Goes into every WHERE clause.

    A row that should have been erased at the moment of asking is not shown, even when the eraser is late."""

    cameras: frozenset[str]
    window: Interval
    case_id: str | None = None
    """What this case holds may be read although its time is up."""
    at_us: int | None = None
    """The moment of asking, where the window ends at another one."""
    microphones: frozenset[str] = frozenset()
    """Those whose alerts may be read."""

    @property
    def asked_us(self) -> int:
        return self.window.end_us if self.at_us is None else self.at_us


@dataclass(frozen=True, slots=True)
class Grant:
    """Bounded permission of one person for one use. Built only inside ``guard/``."""

    account_id: str
    role: Role
    use: Use
    reason: str
    scope: Scope
    expires_us: int
    case_id: str | None = None
