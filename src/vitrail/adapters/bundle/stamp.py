"""Asks a time-stamping authority (RFC 3161) to vouch for the moment a bundle existed."""

__all__ = ["stamp"]

import secrets
import urllib.error
import urllib.request

from vitrail.adapters.bundle.vitrail_bundle_verify import stamp_of
from vitrail.domain.errors import Unavailable

_TIMEOUT_S = 15.0
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_MOST_BYTES = 1 << 20


def stamp(server: str, digest: bytes) -> bytes:
    """The server's whole answer. Raises ``Unavailable`` when there is none, or it is not about this digest."""
    imprint = _der(0x30, _SHA256 + _der(0x04, digest))
    nonce = _der(0x02, b"\x01" + secrets.token_bytes(8))
    query = _der(0x30, _der(0x02, b"\x01") + imprint + nonce + _der(0x01, b"\xff"))
    request = urllib.request.Request(  # noqa: S310 - the site folder allows http and https only
        server, data=query, headers={"Content-Type": "application/timestamp-query"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
            token: bytes = answer.read(_MOST_BYTES)
        if stamp_of(token)["imprint"] != digest:
            raise ValueError("it stamped something else")
    except (OSError, urllib.error.URLError, ValueError, KeyError, IndexError, StopIteration) as error:
        raise Unavailable(
            f"the time-stamping authority did not answer as it should ({error})",
            where=server,
            remedy="try again later: what is done of the bundle is kept",
        ) from error
    return token


def _der(tag: int, value: bytes) -> bytes:
    if len(value) < 0x80:
        return bytes([tag, len(value)]) + value
    length = len(value).to_bytes((len(value).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + value
