"""One HTTP request to an address of the site's settings that cannot be turned against the house.

The host is resolved once, every address it has is judged, and the connection goes to a judged one: a name that points
elsewhere a moment later changes nothing. Redirects are not followed. Without ``inside`` only addresses of the public
internet are reached, and only over TLS.
"""

__all__ = ["Answer", "NoAnswer", "NotSent", "ask", "judged"]

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_TIMEOUT_S = 15.0
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    challenge: str = ""
    """How it wants to be convinced, where it does not know who asks (`WWW-Authenticate`)."""


class NotSent(Exception):
    """The request did not leave: it may be made again."""


class NoAnswer(Exception):
    """It left, and nobody knows what became of it."""


def ask(
    method: str,
    address: str,
    *,
    inside: bool,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    timeout_s: float = _TIMEOUT_S,
) -> Answer:
    """Raises ``NotSent`` or ``NoAnswer``."""
    parts = urlsplit(address)
    host, tls = parts.hostname or "", parts.scheme == "https"
    if not host or parts.scheme not in ("https", "http"):
        raise NotSent("this is no address of a server")
    if not tls and not inside:
        raise NotSent("an address outside must be https")
    port = parts.port or (443 if tls else 80)
    connection = _Judged(host, port, judged(host, port, inside), tls, timeout_s)
    try:
        try:
            connection.connect()
        except (OSError, ssl.SSLError) as error:
            raise NotSent(_said(error)) from error
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request(method, path, body or None, {"User-Agent": "Vitrail", **(headers or {})})
            answer = connection.getresponse()
            challenge = ", ".join(answer.headers.get_all("WWW-Authenticate", []))
            return Answer(answer.status, answer.read(_MOST_BYTES), challenge)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(_said(error)) from error
    finally:
        connection.close()


class _Judged(http.client.HTTPConnection):
    """Connects to ``to``, whatever ``host`` points to by now; the certificate must still be the host's."""

    def __init__(self, host: str, port: int, to: str, tls: bool, timeout_s: float) -> None:
        super().__init__(host, port, timeout=timeout_s)
        self._timeout_s = timeout_s
        self._to = to
        self._tls = tls

    def connect(self) -> None:
        plain = socket.create_connection((self._to, self.port), self._timeout_s)
        try:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self.host) if self._tls else plain
        except BaseException:
            plain.close()
            raise


def judged(host: str, port: int, inside: bool) -> str:
    """The first address of a host all of whose addresses may be reached. Raises ``NotSent``."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent(f"the name {host} is not known ({_said(error)})") from error
    addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
    for address in addresses:
        if not _fit(ipaddress.ip_address(address.partition("%")[0]), inside):
            remedy = "" if inside else "; `inside: true` allows private networks"
            raise NotSent(f"{host} points to {address}, which is not reached from here{remedy}")
    return addresses[0]


def _fit(address: ipaddress.IPv4Address | ipaddress.IPv6Address, inside: bool) -> bool:
    """Link-local addresses hold what machines tell of themselves (keys of a cloud among it): never."""
    mapped = getattr(address, "ipv4_mapped", None)
    if mapped is not None:
        return _fit(mapped, inside)
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or (inside and (address.is_private or address.is_loopback))


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
