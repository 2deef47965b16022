"""``sign_on`` of ``site.yaml``: addresses that cannot be turned against the house, and a secret that is not written."""

__all__ = ["read_secret", "read_sign_on"]

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from vitrail.adapters.sitefolder.document import Path
from vitrail.adapters.sitefolder.shaping import Report
from vitrail.adapters.sitefolder.site_shape import SignOnShape
from vitrail.domain.people import Role
from vitrail.domain.sign_on import SignOn

_SECRET = re.compile(r"\$\{([A-Z_][A-Z0-9_]*)\}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def read_sign_on(shape: SignOnShape, environ: Mapping[str, str], report: Report) -> SignOn:
    """Says every problem in ``report``; a secret is in the result only when there is none."""
    for key, address in (("issuer", shape.issuer), ("address", shape.address)):
        if problem := _problem(address):
            report.say(("sign_on", key), f"`{address}` {problem}", "write https://HOST, or http://127.0.0.1:PORT")
    return SignOn(
        name=shape.name,
        issuer=shape.issuer,
        client_id=shape.client_id,
        address=shape.address,
        roles={group: Role(role) for group, role in shape.roles.items()},
        account_claim=shape.account_claim,
        groups_claim=shape.groups_claim,
        client_secret=read_secret(shape.client_secret, ("sign_on", "client_secret"), environ, report),
    )


def _problem(address: str) -> str:
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "is no address"
    if not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
        return "is no address of a server"
    if parts.username or parts.password:
        return "holds a user or a password"
    return "is not encrypted" if parts.scheme == "http" and host not in _LOOPBACK else ""


def read_secret(written: str | None, path: Path, environ: Mapping[str, str], report: Report) -> str:
    """A secret from the environment by name; written out it is refused."""
    if written is None:
        return ""
    named = _SECRET.fullmatch(written)
    if not named:
        report.say(path, "a secret is written out", "write ${NAME} and put it into the environment")
        return ""
    value = environ.get(named[1], "")
    if not value:
        report.say(path, f"not set in the environment: {named[1]}", f"export {named[1]}=...")
    return value
