"""What people put on a case's board: pins, threads, clocks. Each change is decided, written down, then made; who
changes what somebody else changed meanwhile is told, and nothing is lost."""

__all__ = ["Board", "Mark"]

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from vitrail.domain.board import BoardSheet, CameraClock, ClockSource, Pin, SavedQuery
from vitrail.domain.cases import Case
from vitrail.domain.errors import Conflict, Invalid
from vitrail.domain.ledger import Operation
from vitrail.domain.people import Account
from vitrail.domain.time import DAY_US, iso
from vitrail.guard.acting import acted
from vitrail.guard.asking import person_words
from vitrail.guard.casework import Casework
from vitrail.guard.fresh import fresh_id
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.board import BoardRecords
from vitrail.ports.clock import Clock

_LONGEST = 500
_LONGEST_QUERY, _MOST_QUERIES = 8_000, 100
_FARTHEST_US = DAY_US
"""A clock that is a day off is set at the camera, not here."""


@dataclass(frozen=True, slots=True)
class Mark:
    """When one camera's recording shows something that others saw too; ``doubt_us``: half the time between two of its
    pictures."""

    camera_id: str
    at_us: int
    doubt_us: int


class Board:
    """Thread-safe as far as its records are."""

    def __init__(self, casework: Casework, board: BoardRecords, ledger: Ledger, clock: Clock) -> None:
        self._casework = casework
        self._board = board
        self._ledger = ledger
        self._clock = clock

    def sheet(self, account: Account, case_id: str, reason: str, told: Sequence[CameraClock] = ()) -> BoardSheet:
        """``told``: what cameras say of their own clocks. Raises ``NotFound`` for cases of others."""
        self._casework.sheet(account, case_id, reason)
        return BoardSheet(tuple(self._board.pins(case_id)), tuple(self._board.clocks(case_id)), tuple(told))

    def pin(
        self,
        account: Account,
        case_id: str,
        camera_id: str,
        at_us: int,
        thread: str,
        words: str,
        spot: tuple[float, float] | None,
        reason: str,
    ) -> Pin:
        case = self._casework.working(account, case_id, reason)
        x, y = _spot(spot)
        now_us = self._clock.now_us()
        pin = Pin(
            fresh_id(),
            case_id,
            camera_id,
            at_us,
            _worded("thread", thread, least=0),
            _worded("words", words),
            account.id,
            now_us,
            x,
            y,
        )
        self._put(account, case, pin, reason, "pinned")
        return pin

    def change(
        self, account: Account, pin_id: str, version: int, at_us: int, thread: str, words: str, reason: str
    ) -> Pin:
        """``version`` is the one that was looked at: raises ``Conflict`` when another one stands."""
        pin = self._board.pin(pin_id)
        case = self._casework.working(account, pin.case_id, reason)
        changed = replace(
            pin,
            at_us=at_us,
            thread=_worded("thread", thread, least=0),
            words=_worded("words", words),
            made_by=account.id,
            made_us=self._clock.now_us(),
            version=version + 1,
        )
        self._put(account, case, changed, reason, f"version {version + 1}")
        return changed

    def remove(self, account: Account, pin_id: str, version: int, reason: str) -> None:
        pin = self._board.pin(pin_id)
        case = self._casework.working(account, pin.case_id, reason)
        now_us = self._clock.now_us()
        gone = replace(pin, removed_us=now_us, made_by=account.id, made_us=now_us, version=version + 1)
        self._put(account, case, gone, reason, "taken off")

    def set_clock(
        self,
        account: Account,
        case_id: str,
        camera_id: str,
        offset_us: int,
        uncertainty_us: int,
        words: str,
        version: int,
        reason: str,
        source: ClockSource = ClockSource.SET,
    ) -> CameraClock:
        """``version``: the one that was looked at, 0 where none stood."""
        case = self._casework.working(account, case_id, reason)
        if camera_id not in case.cameras:
            raise Invalid(f"the case does not name camera {camera_id}", where="camera")
        if abs(offset_us) > _FARTHEST_US or not 0 <= uncertainty_us <= _FARTHEST_US:
            raise Invalid("an offset is a day at most", where="offset", remedy="seconds, such as 1.24 or -0.5")
        now_us = self._clock.now_us()
        told = _worded("words", words)
        clock = CameraClock(
            case_id, camera_id, offset_us, uncertainty_us, source, told, account.id, now_us, version + 1
        )
        said = (
            f"case {case_id}, camera {camera_id} ahead by {offset_us} us, known to {uncertainty_us} us ({source.value})"
        )
        with acted(self._ledger, Operation.CHANGE, account.id, f"case:{case_id}", reason, said):
            self._board.put_clock(clock)
        return clock

    def from_event(
        self,
        account: Account,
        case_id: str,
        marks: Sequence[Mark],
        words: str,
        reason: str,
        told: Sequence[CameraClock] = (),
    ) -> list[CameraClock]:
        """Clocks of all cameras that saw one thing happen, against the first of them, whose clock stays. The doubts of
        both marks add up, and that of the first clock. ``told``: what cameras say of their own."""
        if len(marks) < 2 or len({mark.camera_id for mark in marks}) != len(marks):
            what = "a shared event is marked once on each of two cameras or more"
            raise Invalid(what, where="marks", remedy="mark it on the camera whose clock you trust first")
        sheet = BoardSheet((), tuple(self._board.clocks(case_id)), tuple(told))
        first, rest = marks[0], marks[1:]
        own_us, own_doubt_us, _ = sheet.clock(first.camera_id)
        versions = {clock.camera_id: clock.version for clock in sheet.clocks}
        return [
            self.set_clock(
                account,
                case_id,
                mark.camera_id,
                own_us + mark.at_us - first.at_us,
                own_doubt_us + first.doubt_us + mark.doubt_us,
                words,
                versions.get(mark.camera_id, 0),
                reason,
                ClockSource.EVENT,
            )
            for mark in rest
        ]

    def queries(self, account: Account, case_id: str, reason: str) -> list[SavedQuery]:
        """Raises ``NotFound`` for cases of others."""
        self._casework.sheet(account, case_id, reason)
        return self._board.queries(case_id)

    def keep_query(
        self, account: Account, case_id: str, words: str, query: str, said: Iterable[str], reason: str
    ) -> SavedQuery:
        """``said``: the words that ``query`` holds. Raises ``Refused`` (L21) when one of them is about a person."""
        self._casework.working(account, case_id, reason)
        for text in (words, *said):
            if about := person_words(text):
                what = f"this describes a person ({', '.join(about.words[:5])}): {about.why}"
                raise refuse("L21", what, "search", about.instead)
        if not 0 < len(query) <= _LONGEST_QUERY or len(self._board.queries(case_id)) >= _MOST_QUERIES:
            raise Invalid(
                "this search cannot be kept",
                where="query",
                rule=f"at most {_MOST_QUERIES} of {_LONGEST_QUERY} characters",
                remedy="drop one that is not needed any more, or name fewer filters",
            )
        now_us = self._clock.now_us()
        kept = SavedQuery(fresh_id(), case_id, _worded("words", words), query, account.id, now_us)
        with acted(self._ledger, Operation.CHANGE, account.id, f"case:{case_id}", reason, f"search {kept.id} kept"):
            self._board.put_query(kept)
        return kept

    def drop_query(self, account: Account, case_id: str, query_id: str, reason: str) -> None:
        self._casework.working(account, case_id, reason)
        with acted(self._ledger, Operation.CHANGE, account.id, f"case:{case_id}", reason, f"search {query_id} dropped"):
            self._board.drop_query(case_id, query_id)

    def _put(self, account: Account, case: Case, pin: Pin, reason: str, how: str) -> None:
        offset_us = abs(BoardSheet((), tuple(self._board.clocks(case.id))).clock(pin.camera_id)[0])
        span = case.window
        if pin.camera_id not in case.cameras:
            raise Invalid(f"the case does not name camera {pin.camera_id}", where="camera", remedy="widen it first")
        if not span.start_us - offset_us <= pin.at_us <= span.end_us + offset_us:
            raise Invalid("this moment lies outside of the case's span", where="at", remedy="widen it first")
        said = f"case {case.id}, pin {pin.id} {how}: camera {pin.camera_id}, {iso(pin.at_us)}"
        with acted(self._ledger, Operation.CHANGE, account.id, f"case:{case.id}", reason, said):
            if pin.version > 1 and self._board.pin(pin.id).removed_us is not None:
                raise Conflict(
                    "somebody took this pin off meanwhile", remedy="pin it anew; what you wrote is still here"
                )
            self._board.put_pin(pin)


def _spot(spot: tuple[float, float] | None) -> tuple[float | None, float | None]:
    if spot is None:
        return None, None
    if not all(0.0 <= share <= 1.0 for share in spot):
        raise Invalid("a place lies inside the picture", where="x, y", remedy="shares of the picture, 0 to 1")
    return spot


def _worded(name: str, words: str, least: int = 2) -> str:
    words = " ".join(words.split())
    if not least <= len(words) <= _LONGEST:
        raise Invalid(f"the {name} is missing, or too long", where=name, remedy=f"{least} to {_LONGEST} characters")
    return words
