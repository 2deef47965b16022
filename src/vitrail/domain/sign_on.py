"""Signing in through the organisation's own provider of accounts (OpenID Connect Core 1.0): what both sides say."""

__all__ = ["Errand", "Proven", "SignOn"]

from collections.abc import Mapping
from dataclasses import dataclass, field

from vitrail.domain.people import Role


@dataclass(frozen=True, slots=True)
class SignOn:
    """How this site asks its provider. ``address`` is where browsers reach the console; ``roles`` tells which groups
    of the provider may hold which role here. ``client_secret`` comes from the environment and is never shown."""

    name: str
    issuer: str
    client_id: str
    address: str
    roles: Mapping[str, Role]
    account_claim: str = "preferred_username"
    groups_claim: str = "groups"
    client_secret: str = field(default="", repr=False)

    @property
    def back(self) -> str:
        """Where the provider sends the browser back to."""
        return f"{self.address.rstrip('/')}/sign-in/back"


@dataclass(frozen=True, slots=True)
class Errand:
    """One browser on its way to the provider and back. ``verifier`` (RFC 7636) and ``nonce`` never leave the server in
    the clear; ``state`` ties the answer to this browser."""

    address: str
    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proven:
    """Whom the provider vouches for: the account's name here, and the groups the provider has them in."""

    account_id: str
    groups: frozenset[str]
