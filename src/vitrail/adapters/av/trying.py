"""A camera that no site declares yet, opened for a moment: does it answer, what does it send, at most one picture."""

__all__ = ["reach"]

import time
from urllib.parse import quote, urlsplit

from vitrail.adapters.av.source import AvSource
from vitrail.adapters.outbound import NotSent, judged
from vitrail.domain.errors import Unavailable
from vitrail.domain.frames import Picture
from vitrail.domain.joining import Login, Reached, plain
from vitrail.domain.streams import Stream
from vitrail.ports.clock import Clock

_PICTURE_S = 12.0
"""Key pictures come every second or two; some cameras send one every ten."""
_PORTS = {"rtsp": 554, "rtsps": 322}


def reach(address: str, login: Login, picture: bool, clock: Clock) -> Reached:
    """Raises ``Unavailable`` and ``Invalid`` as sources do, without the login in their words."""
    parts = urlsplit(plain(address))
    host = parts.hostname or ""
    try:
        to = judged(host, parts.port or _PORTS[parts.scheme.lower()], inside=True)
    except NotSent as error:
        raise Unavailable(str(error), where=host, remedy="check the address and the name of the host") from error
    shown = f"[{to}]" if ":" in to else to
    at = f"{shown}:{parts.port}" if parts.port else shown
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    user = f"{quote(login.user, safe='')}:{quote(login.password, safe='')}@" if login else ""
    stream = Stream("new.main", "new", f"{parts.scheme.lower()}://{user}{at}{path}", host, frozenset({"detect"}))
    with AvSource(stream, (), clock, None) as source:
        facts = source.facts
        shot = _picture(source, host) if picture else None
        return Reached(facts.codec, facts.width, facts.height, facts.frames_per_s, shot)


def _picture(source: AvSource, host: str) -> Picture:
    until = time.monotonic() + _PICTURE_S
    for packet in source.packets():
        if frames := source.decode(packet):
            return frames[0].picture.copy()
        if time.monotonic() > until:
            break
    raise Unavailable(
        f"{host} sends no picture that can be read within {_PICTURE_S:.0f} s",
        where=host,
        remedy="set H.264 or H.265 and a key-frame interval of 1 to 4 seconds in the camera",
    )
