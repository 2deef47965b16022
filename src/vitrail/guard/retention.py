"""The eraser (law.md L15): what is past its time goes, file, row and cached copies, and the ledger says so.

It runs in a process of its own. While it gives no sign of life nothing new is collected.
"""

__all__ = ["PATIENCE_US", "UNJUDGED_US", "Erased", "Eraser", "alive"]

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from vitrail.domain.errors import Refused, Unavailable, VitrailError
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.recordings import Segment
from vitrail.domain.time import DAY_US, MINUTE_US
from vitrail.guard.ledger import Ledger
from vitrail.guard.memory import sweep_memory
from vitrail.guard.pictures import sweep_pictures
from vitrail.guard.seen import Seen
from vitrail.guard.wilting import Wilted
from vitrail.ports.archive import Archive
from vitrail.ports.cases import RightsRecords
from vitrail.ports.clock import Clock
from vitrail.ports.heartbeat import Heartbeat
from vitrail.ports.memory import MemoryRecords
from vitrail.ports.pictures import PictureArchive, PictureRecords
from vitrail.ports.records import AlertRecords, ReadingRecords, SegmentRecords
from vitrail.ports.upkeep import NoticeRecords, UpkeepRecords

UNJUDGED_US = DAY_US
"""An alert that nobody judged within a day is ``expired``, and shown as such."""
PATIENCE_US = 5 * MINUTE_US
"""Without a whole sweep for this long, collecting stops."""
_LATE_US = 10 * MINUTE_US
_EVERY_CLIP = 2**62
"""Footage that goes late was held, or the eraser slept: copies made meanwhile may outlast it, so all go; they are
only copies."""
_ACTOR = "vitrail"
_REASON = "retention"


@dataclass(frozen=True, slots=True)
class Erased:
    """What one sweep took: files of recording, rows (alerts, readings and sightings), cached clips."""

    files: int
    rows: int
    clips: int


def alive(heartbeat: Heartbeat, now_us: int) -> bool:
    """Whether the eraser swept lately. A sign from the future (the clock went back) is none."""
    last_us = heartbeat.last_us()
    return last_us is not None and abs(now_us - last_us) <= PATIENCE_US


class Eraser:
    """Call ``sweep`` every minute or so. One thread at a time; of several processes one sweeps."""

    def __init__(
        self,
        segments: SegmentRecords,
        alerts: AlertRecords,
        readings: ReadingRecords,
        archive: Archive,
        ledger: Ledger,
        clock: Clock,
        heartbeat: Heartbeat,
        rights: RightsRecords,
        wilted: Wilted,
        pictures: PictureArchive,
        pictured: PictureRecords,
        seen: Seen,
        upkeep: UpkeepRecords,
        notices: NoticeRecords,
        memory: MemoryRecords,
        memories: PictureArchive,
    ) -> None:
        self._memory = memory
        self._memories = memories
        self._upkeep = upkeep
        self._notices = notices
        self._wilted = wilted
        self._pictures = pictures
        self._pictured = pictured
        self._seen = seen
        self._rights = rights
        self._heartbeat = heartbeat
        self._segments = segments
        self._alerts = alerts
        self._readings = readings
        self._archive = archive
        self._ledger = ledger
        self._clock = clock
        self._owed: list[tuple[Operation, str, str, str]] = []

    def sweep(self) -> Erased:
        """Erase what is due now. Raises ``Unavailable`` when a file would not go: the rest went, it is tried again,
        and no sign of life is given."""
        with self._heartbeat.turn() as mine:
            if not mine:
                return Erased(0, 0, 0)
            now_us = self._clock.now_us()
            erased = self._take(now_us)
            self._heartbeat.beat(now_us)
            return erased

    def kept(self) -> int:
        """Rows that still wait for their end. The history of walls and furniture is no footage and lives for months: it
        does not keep the eraser of a stopped house awake."""
        rows = (self._segments, self._alerts, self._readings, self._rights, self._wilted, self._seen.records)
        return sum(each.kept() for each in rows)

    def _take(self, now_us: int) -> Erased:
        due = self._segments.due(now_us)
        late = any(segment.erase_after_us < now_us - _LATE_US for segment in due)
        clips = self._archive.erase_clips(_EVERY_CLIP if late else now_us)
        files, stuck = self._recordings(due)
        alerts = self._alerts.erase(now_us)
        pictures = sweep_pictures(self._pictures, self._pictured)
        if alerts:
            with_pictures = f"; {pictures} pictures" if pictures else ""
            self._owed.append((Operation.ERASE, "alerts", _REASON, _listed(alerts) + with_pictures))
        requests = self._rights.erase(now_us)
        if requests:
            self._owed.append((Operation.ERASE, "requests", _REASON, f"words and contacts of {requests} requests"))
        histories = self._upkeep.erase(now_us), self._notices.erase(now_us)
        if any(histories):
            told = "{} steps of walls and furniture, {} requests about them".format(*histories)
            self._owed.append((Operation.ERASE, "upkeep", _REASON, told))
        memories = sweep_memory(self._memories, self._memory, now_us)
        if memories:
            self._owed.append((Operation.ERASE, "memory", _REASON, f"what was known of places of {memories} streams"))
        boards = self._wilted.boards(now_us)
        if boards:
            self._owed.append((Operation.ERASE, "boards", _REASON, f"{boards} pins and clocks of ended cases"))
        bundles = self._wilted.erase(now_us)
        if bundles:
            self._owed.append((Operation.ERASE, "bundles", _REASON, _listed(bundles)))
        readings = self._readings.erase(now_us)
        if readings:
            self._owed.append((Operation.ERASE, "readings", _REASON, f"{readings} readings"))
        sightings = self._seen.erase(now_us)
        if sightings:
            self._owed.append((Operation.ERASE, "sightings", _REASON, f"{sightings} sightings"))
        self._write_down()
        self._ledger.forget()
        self.expire()
        if stuck:
            raise Unavailable(
                f"{len(stuck)} recordings past their time could not be erased ({stuck[0]})",
                rule="L15",
                remedy="check the permissions of the archive folder",
            )
        return Erased(files, len(alerts) + readings + sightings, clips)

    def expire(self) -> int:
        """Alerts that nobody judged in time; how many. Part of every sweep."""
        expired = self._alerts.expire(self._clock.now_us() - UNJUDGED_US)
        if expired:
            self._owed.append((Operation.CHANGE, "alerts", "nobody judged them within a day", _listed(expired)))
        self._write_down()
        return len(expired)

    def _recordings(self, due: Sequence[Segment]) -> tuple[int, list[str]]:
        """Files first, then rows: a crash between the two leaves rows, and the next sweep finds them again."""
        if not due:
            return 0, []
        entry = self._opened()
        gone: list[str] = []
        stuck: list[str] = []
        for segment in due:
            try:
                self._archive.erase(segment)
                gone.append(segment.id)
            except (VitrailError, OSError) as error:
                stuck.append(f"{segment.path}: {error}")
        if entry is None:
            entry = self._open()
        self._segments.forget(gone)
        outcome = Outcome.FAILED if stuck else Outcome.DONE
        self._ledger.conclude(entry, outcome, f"{len(gone)} of {_listed([s.id for s in due])}; {_size(due)} bytes")
        return len(gone), stuck

    def _opened(self) -> int | None:
        """Erasing does not wait for the ledger: a full disk stops the ledger, and erasing is what frees the disk. The
        files go; their rows stay until the erasure is written down."""
        try:
            return self._open()
        except Refused:
            return None

    def _open(self) -> int:
        return self._ledger.open(Operation.ERASE, _ACTOR, "segments", _REASON)

    def _write_down(self) -> None:
        """What is owed to the ledger; raises ``Refused`` and keeps the rest for the next sweep when it cannot be."""
        while self._owed:
            operation, target, reason, detail = self._owed[0]
            self._ledger.note(operation, Outcome.DONE, _ACTOR, target, reason, detail=detail)
            self._owed.pop(0)


def _listed(ids: Sequence[str]) -> str:
    """How many, and a digest of their list: proof of which, without naming each."""
    digest = hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()
    return f"{len(ids)}, list sha256 {digest}"


def _size(due: Sequence[Segment]) -> int:
    return sum(segment.size_bytes for segment in due)
