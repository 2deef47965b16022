"""The desk's shift: what happened in it, what waits too long, and the note from who leaves to who comes.

Notes live in the ledger and nowhere else: leaving one and taking one are entries like every other act.
"""

__all__ = ["LONGEST_SHIFT_US", "ShiftDesk"]

import re
from collections.abc import Iterable
from dataclasses import replace

from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.domain.events import Alert, AlertQuery, AlertState
from vitrail.domain.ledger import Operation, Outcome, Stored
from vitrail.domain.people import Grant
from vitrail.domain.shifts import HandoverNote, Lateness, Shift, lateness, shift_of
from vitrail.domain.time import DAY_US
from vitrail.guard.asking import person_words
from vitrail.guard.desk_floor import MOST_ROWS, DeskFloor
from vitrail.guard.followup import since
from vitrail.guard.fresh import fresh_id
from vitrail.guard.refusal import refuse
from vitrail.guard.retention import UNJUDGED_US

LONGEST_SHIFT_US = DAY_US
"""A report reaches back so far; so do notes that nobody took."""
_NOTE = "handover:"
_LEFT = re.compile(r"left over (?P<devices>.+)")
_TAKEN = "taken"
_LONGEST_WORDS = 2_000


class ShiftDesk(DeskFloor):
    def shift(self, since_us: int) -> Shift:
        """Since then, a day at most. Raises ``Invalid`` for another moment."""
        now_us = self._held.clock.now_us()
        if not now_us - LONGEST_SHIFT_US <= since_us <= now_us:
            raise Invalid("a shift began within the last day", where="since")
        with self._used("shift", "shift") as grant:
            return shift_of(self._every(grant, since_us - UNJUDGED_US), since_us, now_us)

    def late(self) -> Lateness:
        """How many open alerts wait longer than the site allows, as far as the newest 200 open ones tell."""
        with self._used("late", "late", Operation.CONSULT) as grant:
            waiting = self._held.alerts.find(grant, AlertQuery(states=frozenset({AlertState.OPEN}), limit=MOST_ROWS))
            return lateness(waiting, self._held.site.escalation, self._held.clock.now_us())

    def handovers(self) -> list[HandoverNote]:
        """Notes of the last day about what is in scope: those that nobody took first, then the newest."""
        with self._used("handovers", "handovers") as grant:
            return self._notes(grant)

    def leave(self, words: str) -> HandoverNote:
        """A note to who comes next. Raises ``Invalid`` without words, ``Refused`` where they describe a person."""
        words = "\n".join(" ".join(line.split()) for line in words.strip().splitlines())
        if not 3 <= len(words) <= _LONGEST_WORDS:
            raise Invalid("a note needs words", where="words", remedy=f"3 to {_LONGEST_WORDS} characters")
        if about := person_words(words):
            what = f"this describes a person ({', '.join(about.words[:5])}): {about.why}"
            raise refuse("L21", what, "words", about.instead)
        devices = sorted(self._given.scope.cameras | self._given.scope.microphones)
        note_id, detail = fresh_id(), f"left over {' '.join(devices)}"
        with self._used("leave", f"{_NOTE}{note_id}", Operation.CHANGE, reason=words, detail=detail) as grant:
            return HandoverNote(note_id, grant.account_id, self._held.clock.now_us(), words, tuple(devices))

    def take(self, note_id: str) -> HandoverNote:
        """Says that it was read. Raises ``NotFound``, ``Conflict`` when it was taken or is one's own."""
        with self._used("take", f"{_NOTE}{note_id}", Operation.CHANGE, detail=_TAKEN) as grant:
            found = next((note for note in self._notes(grant) if note.id == note_id), None)
            if found is None:
                raise NotFound("there is no such note", remedy="notes are shown for a day")
            if found.taken_by or found.by == grant.account_id:
                by = found.taken_by or found.by
                raise Conflict(f"this note is {by}'s" if not found.taken_by else f"{by} has taken it already")
            return replace(found, taken_by=grant.account_id, taken_us=self._held.clock.now_us())

    def _every(self, grant: Grant, from_us: int) -> Iterable[Alert]:
        """Newest first, page by page, as far back as that moment."""
        before: str | None = None
        while page := self._held.alerts.find(grant, AlertQuery(before_id=before, limit=MOST_ROWS)):
            yield from (alert for alert in page if alert.created_us >= from_us)
            before = page[-1].id
            if page[-1].created_us < from_us:
                return

    def _notes(self, grant: Grant) -> list[HandoverNote]:
        ledger, now_us = self._held.ledger, self._held.clock.now_us()
        start = since(ledger, now_us - LONGEST_SHIFT_US)
        scope = grant.scope.cameras | grant.scope.microphones
        notes = _told(ledger.entries_about(start, ledger.size, _NOTE))
        return [note for note in notes if scope & set(note.devices)]


def _told(entries: Iterable[Stored]) -> list[HandoverNote]:
    notes: dict[str, HandoverNote] = {}
    words: dict[int, str] = {}
    for stored in entries:
        entry = stored.entry
        if entry.operation is not Operation.CHANGE:
            continue
        if entry.outcome is Outcome.OPENED:
            words[stored.index] = entry.reason
        note_id, left = entry.target.removeprefix(_NOTE), _LEFT.fullmatch(entry.detail)
        if entry.outcome is Outcome.DONE and left and entry.about is not None:
            said, devices = words.get(entry.about, ""), tuple(left["devices"].split())
            notes[note_id] = HandoverNote(note_id, entry.actor, entry.at_us, said, devices)
        elif entry.outcome is Outcome.DONE and entry.detail == _TAKEN and note_id in notes:
            notes[note_id] = replace(notes[note_id], taken_by=entry.actor, taken_us=entry.at_us)
    return sorted(notes.values(), key=lambda note: (note.taken_by != "", -note.at_us))
