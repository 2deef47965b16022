"""Adding a camera: find it, try it, write it into the site; what it still lacks is told."""

__all__ = ["Adding", "Outlook"]

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from vitrail.domain.errors import NotFound, Refused
from vitrail.domain.joining import FoundDevice, Joined, Login, NewCamera, OfferedStream
from vitrail.guard.joining import Joining, Tried
from vitrail.services.review import Person

_STILLS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What `site.yaml` would become, or became, and what of the camera would be refused at the next start."""

    joined: Joined
    lacking: tuple[Refused, ...]


class Adding:
    """Every verb asks the guard. A masked still of a trial waits in memory until its page fetched it, once."""

    def __init__(self, joining: Joining) -> None:
        self._joining = joining
        self._lock = Lock()
        self._stills: OrderedDict[str, bytes] = OrderedDict()

    def find(self, person: Person) -> list[FoundDevice]:
        return self._joining.find(person.account, person.session.reason)

    def offered(self, person: Person, device: str, login: Login) -> list[OfferedStream]:
        return self._joining.offered(person.account, person.session.reason, device, login)

    def reach(self, person: Person, address: str, login: Login) -> Tried:
        tried = self._joining.reach(person.account, person.session.reason, address, login)
        with self._lock:
            self._stills.pop(person.account.id, None)
            if tried.still:
                self._stills[person.account.id] = tried.still
            while len(self._stills) > _STILLS:
                self._stills.popitem(last=False)
        return tried

    def still(self, person: Person) -> bytes:
        """The picture of one's own last trial, once. Raises ``NotFound``."""
        with self._lock:
            still = self._stills.pop(person.account.id, b"")
        if not still:
            raise NotFound("no picture waits", remedy="try the camera first")
        return still

    def outlook(self, person: Person, camera: NewCamera) -> Outlook:
        joined = self._joining.joined(person.account, person.session.reason, camera)
        return Outlook(joined, tuple(self._joining.lacking(joined)))

    def join(self, person: Person, camera: NewCamera, base: str) -> Outlook:
        """Written; the outlook is of what was written."""
        made = self.outlook(person, camera)
        self._joining.join(person.account, person.session.reason, camera, base)
        return made
