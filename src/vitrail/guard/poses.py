"""Cameras that look elsewhere than when their dwelling masks were reviewed (law.md L17): closed until a person has
looked.

Kept in a file that outlives a restart, one line for each movement and each review, and looked at again before every
permit. Lines that cannot be read close every camera rather than none.
"""

__all__ = ["Poses"]

import json
import threading
from collections.abc import Mapping

from vitrail.domain.errors import Invalid, NotFound, VitrailError
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account, Role
from vitrail.domain.streams import Site
from vitrail.guard.acting import acted
from vitrail.guard.admit import account_refused
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.clock import Clock
from vitrail.ports.orders import OrderBook

REVIEWERS = frozenset({Role.TECHNICIAN, Role.OFFICER, Role.ADMINISTRATOR})
_SHORTEST_REASON = 3


class Poses:
    """Thread-safe."""

    def __init__(self, book: OrderBook, ledger: Ledger, clock: Clock, site: Site) -> None:
        self._book = book
        self._ledger = ledger
        self._clock = clock
        self._site = site
        self._lock = threading.Lock()
        self._stamp: object = object()
        self._moved: Mapping[str, int] = {}

    def moved(self) -> Mapping[str, int]:
        """When each camera moved that nobody has reviewed since."""
        with self._lock:
            stamp = self._book.stamp()
            if stamp != self._stamp:
                self._moved, self._stamp = self._read(), stamp
            return self._moved

    def tell(self, camera_id: str) -> None:
        """A machine noticed that the camera moved. Written down once, until it is reviewed."""
        if camera_id in self.moved():
            return
        self._add("moved", camera_id)
        what = "it looks elsewhere than when its dwelling masks were reviewed"
        self._ledger.note(Operation.RULE, Outcome.REFUSED, "vitrail", f"camera:{camera_id}", what, rule="L17")

    def review(self, account: Account, camera_id: str, reason: str) -> None:
        """Somebody looked at the picture and answers for the masks. Raises ``Refused``, ``NotFound``, ``Invalid``."""
        refused = account_refused(account, self._clock.now_us())
        if refused:
            raise refused
        if account.role not in REVIEWERS:
            names = ", ".join(sorted(role.value for role in REVIEWERS))
            raise refuse("L17", f"{account.role.value} does not review masks", f"camera {camera_id}", f"ask: {names}")
        if self._site.camera(camera_id) is None:
            raise NotFound(f"the site has no camera {camera_id}", where="camera")
        if camera_id not in self.moved():
            raise NotFound(f"camera {camera_id} is not known to have moved", where="camera", remedy="nothing to do")
        if len(reason.strip()) < _SHORTEST_REASON:
            raise Invalid("say what was found on the picture", where="reason", rule="L17")
        with acted(self._ledger, Operation.CHANGE, account.id, f"camera:{camera_id}", reason, "masks reviewed"):
            self._add("reviewed", camera_id)

    def _add(self, what: str, camera_id: str) -> None:
        line = {"what": what, "camera": camera_id, "at_us": self._clock.now_us()}
        with self._lock:
            self._book.add(json.dumps(line, sort_keys=True))

    def _read(self) -> Mapping[str, int]:
        everywhere = {camera.id: 0 for camera in self._site.cameras}
        try:
            lines = [json.loads(line) for line in self._book.lines()]
            moved: dict[str, int] = {}
            for line in lines:
                if line["what"] == "moved":
                    moved[str(line["camera"])] = int(line["at_us"])
                elif line["what"] == "reviewed":
                    moved.pop(str(line["camera"]), None)
                else:
                    return everywhere
        except (VitrailError, ValueError, KeyError, TypeError):
            return everywhere
        return moved
