"""What a camera offers: its media profiles, and the address of each one's stream (ONVIF Core and Media, version 10).

Addresses that a device names are taken for their port and path; the host stays the one that was asked, so that no
device sends the house, or a password, anywhere else.
"""

__all__ = ["offered"]

from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from vitrail.adapters.onvif.soap import DEVICE, MEDIA, SCHEMA, Asker, Fault, first, text_of
from vitrail.domain.errors import Invalid
from vitrail.domain.joining import Login, OfferedStream

_MOST = 8
_PATH = "/onvif/device_service"
"""Where the device service lives when only a host is named (ONVIF Core, 5.1.1)."""


def offered(device: str, login: Login) -> list[OfferedStream]:
    """``device``: ``http://HOST:PORT/PATH``, or a host alone. Raises ``Unavailable`` or ``Invalid``."""
    try:
        return _offered(device, login)
    except Fault as fault:
        raise fault.told() from fault


def _offered(device: str, login: Login) -> list[OfferedStream]:
    address = _address(device)
    asker = Asker(login, _ahead_s(address))
    wanted = "<d:Category>Media</d:Category>"
    told = asker.ask(address, f'<d:GetCapabilities xmlns:d="{DEVICE}">{wanted}</d:GetCapabilities>')
    where = text_of(first(told, "Media", "XAddr"))
    if not where:
        raise Invalid("this device offers no pictures (no ONVIF Media service)", where=_host(address))
    media = _at_home(where, address)
    profiles = asker.ask(media, f'<m:GetProfiles xmlns:m="{MEDIA}"/>')
    found = [one for one in profiles if one.tag.rpartition("}")[2] == "Profiles" and one.get("token")]
    streams = [stream for one in found[:_MOST] if (stream := _stream(asker, media, one, address))]
    if not streams:
        raise Invalid("this device names no stream", where=_host(address), remedy="make a media profile in the camera")
    return streams


def _stream(asker: Asker, media: str, profile: Element, device: str) -> OfferedStream | None:
    token = profile.get("token", "")
    body = (
        f'<m:GetStreamUri xmlns:m="{MEDIA}" xmlns:t="{SCHEMA}"><m:StreamSetup><t:Stream>RTP-Unicast</t:Stream>'
        "<t:Transport><t:Protocol>RTSP</t:Protocol></t:Transport></m:StreamSetup>"
        f"<m:ProfileToken>{escape(token)}</m:ProfileToken></m:GetStreamUri>"
    )
    uri = text_of(first(asker.ask(media, body), "Uri"))
    if not uri.lower().startswith(("rtsp://", "rtsps://")):
        return None
    encoder = first(profile, "VideoEncoderConfiguration")
    codec, size = "", (0, 0)
    if encoder is not None:
        codec = text_of(first(encoder, "Encoding"))
        size = (_number(first(encoder, "Resolution", "Width")), _number(first(encoder, "Resolution", "Height")))
    name = text_of(first(profile, "Name")) or token
    return OfferedStream(name[:80], _at_home(uri, device), codec[:20], *size)


def _ahead_s(address: str) -> float:
    """How far the device's clock is ahead; tokens of another hour are refused. 0 where it does not tell."""
    try:
        told = Asker(Login()).ask(address, f'<d:GetSystemDateAndTime xmlns:d="{DEVICE}"/>', secret=False)
    except Fault:
        return 0.0
    utc = first(told, "UTCDateTime")
    if utc is None:
        return 0.0
    year, month, day = (_number(first(utc, name)) for name in ("Year", "Month", "Day"))
    hour, minute, second = (_number(first(utc, name)) for name in ("Hour", "Minute", "Second"))
    try:
        told_at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        return (told_at - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0


def _address(device: str) -> str:
    device = device.strip()
    whole = device if "://" in device else f"http://{device}"
    try:
        parts = urlsplit(whole)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        fit = False
    if not fit or any(ord(letter) <= 32 for letter in device):
        raise Invalid(
            "this is no address of a camera", where="device", remedy="write HOST, HOST:PORT or http://HOST/PATH"
        )
    return whole if parts.path not in ("", "/") else f"{parts.scheme}://{parts.netloc}{_PATH}"


def _at_home(told: str, device: str) -> str:
    """The address that was told, on the host that was asked."""
    home = _host(device)
    try:
        parts = urlsplit(told)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise Invalid("the device names an address that is none", where=home) from None
    shown = f"[{home}]" if ":" in home else home
    query = f"?{parts.query}" if parts.query else ""
    path = "".join(letter for letter in f"{parts.path}{query}" if ord(letter) > 32)
    return f"{parts.scheme.lower()}://{shown}{port}{path}"


def _host(address: str) -> str:
    return urlsplit(address).hostname or ""


def _number(element: Element | None) -> int:
    said = text_of(element)
    return int(said) if said.isdigit() and len(said) < 6 else 0
