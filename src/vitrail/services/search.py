"""Search in a case: by words, by filters as somebody changed them, by a photograph, by likeness to what was found."""

__all__ = ["Search"]

import hashlib
import threading
from collections import OrderedDict

from vitrail.domain.board import Pin, SavedQuery
from vitrail.domain.errors import NotFound
from vitrail.domain.people import Use
from vitrail.domain.search import Filters, Results
from vitrail.domain.sightings import Sighting
from vitrail.domain.streams import Camera
from vitrail.guard.asking import Answer
from vitrail.guard.board import Board
from vitrail.guard.desk import Desk
from vitrail.guard.reception import Reception
from vitrail.services.review import Person

_PHOTOS_KEPT = 24


class Search:
    """Thread-safe. Of a photograph only the copy in which people are painted over is remembered, in memory, for the
    session that gave it."""

    def __init__(self, reception: Reception, board: Board) -> None:
        self._reception = reception
        self._board = board
        self._lock = threading.Lock()
        self._shown: OrderedDict[tuple[str, str], bytes] = OrderedDict()

    def cameras(self, person: Person, case_id: str) -> list[Camera]:
        return self._desk(person, case_id).cameras()

    def ask(self, person: Person, case_id: str, text: str, filters: Filters | None) -> Answer:
        return self._desk(person, case_id).search(text, filters)

    def alike(self, person: Person, case_id: str, sighting_id: int) -> Results:
        return self._desk(person, case_id).alike(sighting_id)

    def pictured(self, person: Person, case_id: str, upload: bytes) -> tuple[str, Results]:
        """What looks like it, and the name under which the painted copy can be seen."""
        found = self._desk(person, case_id).pictured(upload)
        name = hashlib.sha256(found.shown).hexdigest()[:24]
        with self._lock:
            self._shown[(person.session.token_sha256, name)] = found.shown
            while len(self._shown) > _PHOTOS_KEPT:
                self._shown.popitem(last=False)
        return name, found.results

    def photo(self, person: Person, name: str) -> bytes:
        with self._lock:
            shown = self._shown.get((person.session.token_sha256, name))
        if shown is None:
            raise NotFound("this photograph is not kept", remedy="give it again")
        return shown

    def sighting(self, person: Person, case_id: str, sighting_id: int) -> Sighting:
        return self._desk(person, case_id).sighting(sighting_id)

    def still(self, person: Person, case_id: str, sighting_id: int) -> bytes:
        return self._desk(person, case_id).sighting_still(sighting_id)

    def saved(self, person: Person, case_id: str) -> list[SavedQuery]:
        return self._board.queries(person.account, case_id, person.session.reason)

    def save(self, person: Person, case_id: str, words: str, query: str, said: tuple[str, ...]) -> SavedQuery:
        return self._board.keep_query(person.account, case_id, words, query, said, person.session.reason)

    def drop(self, person: Person, case_id: str, query_id: str) -> None:
        self._board.drop_query(person.account, case_id, query_id, person.session.reason)

    def pin(self, person: Person, case_id: str, sighting_id: int, words: str) -> Pin:
        """Put a sighting on the case's board: its camera, the moment it was seen best, its foot."""
        seen = self._desk(person, case_id).sighting(sighting_id)
        spot = ((seen.box[0] + seen.box[2]) / 2, seen.box[3])
        reason = person.session.reason
        return self._board.pin(person.account, case_id, seen.camera_id, seen.moment_us, "", words, spot, reason)

    def _desk(self, person: Person, case_id: str) -> Desk:
        return self._reception.open_desk(person.account, Use.INQUIRE, person.session.reason, case_id)
