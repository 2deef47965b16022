"""Who on the own network says that it is a camera: one WS-Discovery probe (OASIS WS-Discovery 1.1, as ONVIF uses it).

An answer is a stranger's word: only its name is believed, and the host it came from.
"""

__all__ = ["find"]

import ipaddress
import re
import socket
import struct
import time
import uuid
from urllib.parse import unquote, urlsplit

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from vitrail.adapters.onvif.soap import first, text_of
from vitrail.domain.errors import Unavailable
from vitrail.domain.joining import FoundDevice

GROUP = ("239.255.255.250", 3702)
WAIT_S = 3.0
_MOST = 256
_DATAGRAM_BYTES = 65_535
_SCOPE = re.compile(r"onvif://www\.onvif\.org/(name|hardware)/(\S+)")
_PROBE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
    'xmlns:n="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
    "<a:MessageID>uuid:{}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action></s:Header>"
    "<s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"
)


def find(to: tuple[str, int] = GROUP, wait_s: float = WAIT_S) -> list[FoundDevice]:
    """Those that answer, by host. Raises ``Unavailable`` when nothing can be sent."""
    found: dict[str, FoundDevice] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        _send(line, to)
        until = time.monotonic() + wait_s
        while len(found) < _MOST and (left_s := until - time.monotonic()) > 0:
            line.settimeout(left_s)
            try:
                data, sender = line.recvfrom(_DATAGRAM_BYTES)
            except TimeoutError:
                break
            except OSError:
                continue  # somebody's "port unreachable" for one of the probes
            device = _device(data, str(sender[0]))
            if device is not None:
                found.setdefault(device.address, device)
    return sorted(found.values(), key=lambda one: (ipaddress.ip_address(one.host), one.address))


def _send(line: socket.socket, to: tuple[str, int]) -> None:
    """Through every network card, since the group's way is the default route's otherwise."""
    probe, problems, sent = _PROBE.format(uuid.uuid4()).encode(), [], False
    several = ipaddress.ip_address(to[0]).is_multicast
    for index in [number for number, _ in socket.if_nameindex()] if several else [0]:
        try:
            if several:
                card = struct.pack("4s4si", b"\0" * 4, b"\0" * 4, index)
                line.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, card)
            line.sendto(probe, to)
            sent = True
        except OSError as error:
            problems.append(error.strerror or "unknown")
    if not sent:
        raise Unavailable(
            f"the network cannot be asked for cameras ({', '.join(dict.fromkeys(problems)) or 'no network card'})",
            remedy="run vitrail in the cameras' network, or name the camera's address",
        )


def _device(data: bytes, sender: str) -> FoundDevice | None:
    try:
        match = first(fromstring(data), "ProbeMatch")
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    if match is None:
        return None
    scopes = {kind: unquote(said)[:80] for kind, said in _SCOPE.findall(text_of(first(match, "Scopes")))}
    for address in text_of(first(match, "XAddrs")).split():
        try:
            parts = urlsplit(address)
            same = parts.scheme in ("http", "https") and parts.hostname == sender and parts.port != 0
        except ValueError:
            continue
        if same and "@" not in parts.netloc:
            return FoundDevice(address, sender, scopes.get("name", ""), scopes.get("hardware", ""))
    return None
