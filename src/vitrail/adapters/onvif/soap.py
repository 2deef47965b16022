"""SOAP 1.2 as far as ONVIF needs it: an envelope with the user token of WS-Security, an answer that is read warily.

The token holds SHA-1 of nonce, moment and password (OASIS WSS UsernameToken Profile 1.1, 3.1), so a password never
crosses the network; where a camera wants HTTP digest instead (RFC 2617), it gets that.
"""

__all__ = ["DEVICE", "MEDIA", "SCHEMA", "Asker", "Fault", "first", "text_of"]

import base64
import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from vitrail.adapters.outbound import Answer, NoAnswer, NotSent, ask
from vitrail.domain.errors import Invalid, Unavailable
from vitrail.domain.joining import Login

DEVICE, MEDIA = "http://www.onvif.org/ver10/device/wsdl", "http://www.onvif.org/ver10/media/wsdl"
SCHEMA = "http://www.onvif.org/ver10/schema"
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_DIGEST = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest"
_BASE64 = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
_TIMEOUT_S = 5.0
_PART = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_UNKNOWN_USER = ("notauthorized", "failedauthentication", "sendernotauthorized")


class Fault(Exception):
    """The device answered, and said no."""

    def __init__(self, what: str, host: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.host = host
        self.remedy = remedy

    def told(self) -> Unavailable:
        return Unavailable(self.what, where=self.host, remedy=self.remedy)


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one device. ``ahead_s``: how far its clock is ahead of ours; tokens carry its time."""

    login: Login
    ahead_s: float = 0.0

    def ask(self, address: str, body: str, *, secret: bool = True) -> Element:
        """The first element of the answer's body. Raises ``Fault``, ``Unavailable`` or ``Invalid``."""
        envelope = self._envelope(body, secret and bool(self.login)).encode()
        host = urlsplit(address).hostname or address
        answer = _sent(address, envelope, host)
        if answer.status == 401 and secret and self.login and "digest" in answer.challenge.lower():
            proof = _http_digest(answer.challenge, self.login, urlsplit(address).path or "/")
            answer = _sent(address, envelope, host, proof)
        if answer.status == 401:
            raise _stranger(host)
        return _body(answer, host)

    def _envelope(self, body: str, secret: bool) -> str:
        head = f"<s:Header>{self._token()}</s:Header>" if secret else ""
        inside = f"{head}<s:Body>{body}</s:Body>"
        return f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{_SOAP}">{inside}</s:Envelope>'

    def _token(self) -> str:
        nonce = secrets.token_bytes(16)
        at = datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.ahead_s, UTC)
        created = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        mixed = nonce + created.encode() + self.login.password.encode()
        digest = base64.b64encode(hashlib.sha1(mixed, usedforsecurity=False).digest()).decode()
        return (
            f'<w:Security xmlns:w="{_WSSE}" s:mustUnderstand="true"><w:UsernameToken>'
            f"<w:Username>{escape(self.login.user)}</w:Username>"
            f'<w:Password Type="{_DIGEST}">{digest}</w:Password>'
            f'<w:Nonce EncodingType="{_BASE64}">{base64.b64encode(nonce).decode()}</w:Nonce>'
            f'<u:Created xmlns:u="{_WSU}">{created}</u:Created></w:UsernameToken></w:Security>'
        )


def first(element: Element, *names: str) -> Element | None:
    """The first descendant along those names, whatever their namespaces."""
    found: Element | None = element
    for name in names:
        found = next(_named(found, name), None) if found is not None else None
    return found


def text_of(element: Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""


def _named(element: Element, name: str) -> Iterator[Element]:
    return (one for one in element.iter() if one.tag.rpartition("}")[2] == name)


def _sent(address: str, body: bytes, host: str, proof: str = "") -> Answer:
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"} | ({"Authorization": proof} if proof else {})
    try:
        return ask("POST", address, inside=True, body=body, headers=headers, timeout_s=_TIMEOUT_S)
    except (NotSent, NoAnswer) as error:
        remedy = "check host and port, and that ONVIF is switched on in the camera"
        raise Unavailable(f"{host} does not answer: {error}", where=host, remedy=remedy) from error


def _body(answer: Answer, host: str) -> Element:
    try:
        root = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        what = f"{host} answers, but not as ONVIF does (HTTP {answer.status})"
        remedy = "check the port; many cameras speak ONVIF on 80, 8000 or 8899"
        raise Invalid(what, where=host, remedy=remedy) from error
    fault = first(root, "Fault")
    if fault is not None:
        said = " ".join("".join(fault.itertext()).split())
        if any(word in said.lower().replace(" ", "") for word in _UNKNOWN_USER):
            raise _stranger(host)
        raise Fault(f"{host} says: {said[:200]}", host, "look at the camera's own pages")
    body = first(root, "Body")
    if body is None or not len(body):
        raise Invalid(f"{host} answers nothing", where=host, remedy="check that ONVIF is switched on in the camera")
    return body[0]


def _stranger(host: str) -> Fault:
    remedy = "ONVIF often has users of its own: look at the camera's pages"
    return Fault(f"{host} refuses the user or password", host, remedy)


def _http_digest(challenge: str, login: Login, path: str) -> str:
    """RFC 2617 with MD5, which is what cameras speak; ``qop=auth`` where it is offered."""
    told = {name.lower(): quoted or bare for name, quoted, bare in _PART.findall(challenge)}
    realm, nonce = told.get("realm", ""), told.get("nonce", "")
    mine, theirs = _md5(f"{login.user}:{realm}:{login.password}"), _md5(f"POST:{path}")
    parts = {"username": login.user, "realm": realm, "nonce": nonce, "uri": path}
    if "auth" in told.get("qop", ""):
        client = secrets.token_hex(8)
        parts["response"] = _md5(f"{mine}:{nonce}:00000001:{client}:auth:{theirs}")
        extra = f', qop=auth, nc=00000001, cnonce="{client}"'
    else:
        parts["response"], extra = _md5(f"{mine}:{nonce}:{theirs}"), ""
    opaque = f', opaque="{told["opaque"]}"' if "opaque" in told else ""
    return "Digest " + ", ".join(f'{name}="{_quoted(value)}"' for name, value in parts.items()) + extra + opaque


def _quoted(value: str) -> str:
    return re.sub(r"[\r\n]", "", value).replace("\\", "\\\\").replace('"', '\\"')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
