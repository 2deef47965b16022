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


@dataclass(frozen=True, slots=True)
class Account:
    """``territory`` holds the camera ids the person may see; training must be valid (L23)."""

    id: str
    name: str
    role: Role
    password_hash: str
    territory: frozenset[str]
    trained_until_us: int
    created_us: int
    revoked_us: int | None = None
    language: str = "en"


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

    ``window`` ends at the moment of asking: a row that should have been erased by then is not shown, even when the
    eraser is late."""

    cameras: frozenset[str]
    window: Interval


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
