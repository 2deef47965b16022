"""Pictures of a place before and after a change: written in, read out and erased with their alert.

The scene memory made them and left people out. A JPEG lies in the archive, its digest in the alert's row: a picture
that is not the one that was kept is not shown.
"""

__all__ = ["digests", "kept", "kept_of", "shown", "sweep_pictures", "written"]

import contextlib
import hashlib
from collections.abc import Callable

from vitrail.domain.errors import Corrupt, NotFound, Unavailable
from vitrail.domain.events import Alert, BeforeAfter, Pictured, Side
from vitrail.domain.frames import Picture
from vitrail.domain.mandates import Mode, Permit
from vitrail.ports.pictures import PictureArchive, PictureRecords

Encode = Callable[[Picture, int], bytes]
_WIDEST = 640


def written(permit: Permit, change: BeforeAfter | None, encode: Encode) -> dict[Side, bytes]:
    """The two as JPEGs, where pictures of this place may be kept; else nothing."""
    if change is None or not permit.may_picture or permit.mode is Mode.STATISTICS:
        return {}
    return {Side.BEFORE: encode(change.before, _WIDEST), Side.AFTER: encode(change.after, _WIDEST)}


def kept(archive: PictureArchive, alert_id: str, jpegs: dict[Side, bytes]) -> None:
    """After the alert's row: what has no row is erased. A full disk costs the pictures, never the alert."""
    with contextlib.suppress(Unavailable):
        for side, jpeg in jpegs.items():
            archive.keep(_name(alert_id, side), jpeg)


def digests(jpegs: dict[Side, bytes]) -> Pictured | None:
    if not jpegs:
        return None
    return Pictured(*(hashlib.sha256(jpegs[side]).hexdigest() for side in (Side.BEFORE, Side.AFTER)))


def shown(archive: PictureArchive, alert: Alert, side: Side) -> bytes:
    """Raises ``NotFound``, or ``Corrupt`` when the file is not what was kept."""
    if alert.pictures is None:
        raise NotFound("no pictures are kept with this alert", where=f"alert {alert.id}")
    return kept_of(archive, alert.id, alert.pictures, side)


def kept_of(archive: PictureArchive, alert_id: str, digests_: Pictured, side: Side) -> bytes:
    """As ``shown``, of an alert whose digests are known."""
    jpeg = archive.read(_name(alert_id, side))
    if hashlib.sha256(jpeg).hexdigest() != digests_.of(side):
        raise Corrupt("this is not the picture that was kept: its SHA-256 differs", where=f"alert {alert_id}")
    return jpeg


def sweep_pictures(archive: PictureArchive, alerts: PictureRecords) -> int:
    """What belongs to no alert goes; how many. Part of every sweep of the eraser."""
    return archive.erase_all_but(frozenset(_name(alert_id, side) for alert_id in alerts.pictured() for side in Side))


def _name(alert_id: str, side: Side) -> str:
    return f"{alert_id}-{side.value}"
