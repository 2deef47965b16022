"""Adding a camera: who is on the network, what they offer, whether a stream answers, one line of the site more.

Configuration, so it is theirs who administer; outside ``lab`` they open no picture, and trying a camera gives them
none. In the lab whoever may also review sees one picture, with everybody in it hidden; nothing of it is kept. A user
and a password pass through: never into the ledger, an error or `site.yaml`.
"""

__all__ = ["Joining", "Tried"]

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from vitrail.domain.errors import Refused, Unavailable
from vitrail.domain.joining import FoundDevice, Joined, Login, NewCamera, OfferedStream, Reached, plain
from vitrail.domain.ledger import Operation
from vitrail.domain.people import Account, Use
from vitrail.domain.time import SECOND_US
from vitrail.guard.acting import acted
from vitrail.guard.gatekeeper import Gatekeeper
from vitrail.guard.glance import Eyes
from vitrail.guard.ledger import Ledger
from vitrail.guard.reception import Reception
from vitrail.ports.clock import Clock
from vitrail.ports.drawing_board import SitePaper
from vitrail.ports.scout import Scout

_AT_ONCE = 2
"""So many cameras are tried at once: each may take half a minute of a thread."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a stream is. ``still``: a masked JPEG, or empty with the reason in ``withheld``."""

    reached: Reached
    still: bytes = field(default=b"", repr=False)
    withheld: Refused | None = None


class Joining:
    """Thread-safe as far as the paper and the scout are."""

    def __init__(
        self,
        reception: Reception,
        gatekeeper: Gatekeeper,
        ledger: Ledger,
        paper: SitePaper,
        scout: Scout,
        eyes: Eyes,
        clock: Clock,
        zone: str,
    ) -> None:
        self._reception = reception
        self._gatekeeper = gatekeeper
        self._ledger = ledger
        self._paper = paper
        self._scout = scout
        self._eyes = eyes
        self._clock = clock
        self._zone = zone
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def find(self, account: Account, reason: str) -> list[FoundDevice]:
        """Who says on the own network that it is a camera. Raises ``Refused`` and ``Unavailable``."""
        self._administers(account, reason)
        with self._place(), acted(self._ledger, Operation.CONSULT, account.id, "network:cameras", reason):
            return self._scout.find()

    def offered(self, account: Account, reason: str, device: str, login: Login) -> list[OfferedStream]:
        """The streams of one device. Raises ``Refused``, ``Unavailable`` and ``Invalid``."""
        self._administers(account, reason)
        with self._place(), acted(self._ledger, Operation.CONSULT, account.id, f"network:{_host(device)}", reason):
            return self._scout.offered(device, login)

    def reach(self, account: Account, reason: str, address: str, login: Login) -> Tried:
        """Whether the stream answers, and one masked picture where the law lets this person see one."""
        self._administers(account, reason)
        host = _host(plain(address))
        withheld = self._withheld(account, reason)
        with self._place(), acted(self._ledger, Operation.CONSULT, account.id, f"network:{host}", reason):
            reached = self._scout.reach(address, login, picture=withheld is None)
            still = self._eyes.masked(reached.picture) if reached.picture is not None else b""
            return Tried(reached, still, withheld)

    def joined(self, account: Account, reason: str, camera: NewCamera) -> Joined:
        """What `site.yaml` would become; nothing is written anywhere. Raises ``Refused`` and ``Conflict``."""
        self._administers(account, reason)
        return self._paper.joined(camera, *self._review(account, camera))

    def lacking(self, joined: Joined) -> list[Refused]:
        """What would still be refused of it, and by which rule."""
        return self._gatekeeper.lacking(joined.camera) if joined.camera is not None else []

    def join(self, account: Account, reason: str, camera: NewCamera, base: str) -> str:
        """Write it into `site.yaml`; the SHA-256 of the new file. It holds at the next start. Raises ``Refused``,
        ``Conflict`` (the id is taken, the file is not ``base`` any more), ``Invalid``, ``Unavailable``."""
        self._administers(account, reason)
        with acted(self._ledger, Operation.CHANGE, account.id, f"site.yaml:{camera.id}", reason, "a camera more"):
            return self._paper.join(camera, *self._review(account, camera), base)

    def _administers(self, account: Account, reason: str) -> None:
        self._reception.open_desk(account, Use.ADMINISTER, reason)

    def _withheld(self, account: Account, reason: str) -> Refused | None:
        try:
            self._reception.open_desk(account, Use.REVIEW, reason)
            self._gatekeeper.glance()
        except Refused as refused:
            return refused
        return None

    def _review(self, account: Account, camera: NewCamera) -> tuple[str, str]:
        today = datetime.fromtimestamp(self._clock.now_us() / SECOND_US, ZoneInfo(self._zone)).date().isoformat()
        looked = "" if camera.nothing_to_hide else " (nobody looked yet: all of it stays black)"
        return f"{account.name}{looked}", today

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise Unavailable("other cameras are being tried", remedy="try again in half a minute")
        try:
            yield
        finally:
            self._places.release()


def _host(address: str) -> str:
    """As it stands in the ledger: nothing that could hold a password."""
    try:
        return (urlsplit(address if "://" in address else f"//{address}").hostname or "?")[:200]
    except ValueError:
        return "?"
