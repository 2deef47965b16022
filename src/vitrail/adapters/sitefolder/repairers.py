"""``repairs`` of ``site.yaml``: who takes requests in, at addresses that are what they seem."""

__all__ = ["read_repairers"]

from collections.abc import Mapping
from urllib.parse import urlsplit

from vitrail.adapters.sitefolder.document import Path
from vitrail.adapters.sitefolder.shaping import Report
from vitrail.adapters.sitefolder.signing_on import read_secret
from vitrail.adapters.sitefolder.site_shape import RepairerShape
from vitrail.domain.recipients import Channel, Recipient


def read_repairers(shapes: list[RepairerShape], environ: Mapping[str, str], report: Report) -> tuple[Recipient, ...]:
    """Says every problem in ``report``. Whether an address may be reached is judged again at each delivery."""
    report.twice(((("repairs", index), shape.id) for index, shape in enumerate(shapes)), "recipient")
    read = [_recipient(shape, ("repairs", index), environ, report) for index, shape in enumerate(shapes)]
    return tuple(recipient for recipient in read if recipient)


def _recipient(shape: RepairerShape, path: Path, environ: Mapping[str, str], report: Report) -> Recipient | None:
    if (shape.open311 is None) is (shape.webhook is None):
        report.say(path, "needs exactly one of `open311` and `webhook`", "keep one of the two")
        return None
    channel = Channel.OPEN311 if shape.open311 is not None else Channel.WEBHOOK
    address = shape.open311 or shape.webhook or ""
    if problem := _problem(address, shape.inside):
        remedy = "write https://HOST/PATH; for a host on your own network add `inside: true`"
        report.say((*path, channel.value), f"`{address}` {problem}", remedy)
    return Recipient(
        id=shape.id,
        name=shape.name,
        channel=channel,
        address=address,
        key=read_secret(shape.key, (*path, "key"), environ, report),
        services={str(kind): code for kind, code in shape.services.items()},
        jurisdiction=shape.jurisdiction or "",
        pictures=shape.pictures,
        inside=shape.inside,
        closing_repairs=shape.closing == "repairs",
    )


def _problem(address: str, inside: bool) -> str:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if not host or parts.scheme not in ("https", "http") or parts.query or parts.fragment:
        return "is no address of a server"
    if parts.username or parts.password:
        return "holds a user or a password"
    return "is not encrypted" if parts.scheme == "http" and not inside else ""
