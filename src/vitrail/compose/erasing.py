"""The eraser, by itself: it needs the state folder and nothing else, so that no broken setting stops it."""

__all__ = ["Eraser", "eraser", "eraser_beside", "erasing"]

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vitrail.adapters.av import DiskArchive, DiskPictures
from vitrail.adapters.bundle import DiskShelf
from vitrail.adapters.clock import SystemClock
from vitrail.adapters.heartbeat import FileHeartbeat
from vitrail.adapters.keyfile import signing_key
from vitrail.adapters.sqlite import Records, open_database
from vitrail.compose.seeing import seen_of
from vitrail.domain.errors import NotFound
from vitrail.guard.ledger import Ledger
from vitrail.guard.retention import Eraser
from vitrail.guard.seen import Seen
from vitrail.guard.wilting import Wilted
from vitrail.ports.archive import Archive
from vitrail.ports.bundles import Shelf
from vitrail.ports.clock import Clock
from vitrail.ports.heartbeat import Heartbeat
from vitrail.ports.pictures import PictureArchive


def eraser(
    records: Records,
    archive: Archive,
    pictures: PictureArchive,
    ledger: Ledger,
    clock: Clock,
    heartbeat: Heartbeat,
    shelf: Shelf,
    seen: Seen,
    memories: PictureArchive,
) -> Eraser:
    wilted = Wilted(records.cases, records.bundles, shelf, records.board)
    return Eraser(
        records.segments,
        records.alerts,
        records.readings,
        archive,
        ledger,
        clock,
        heartbeat,
        records.rights,
        wilted,
        pictures,
        records.alerts,
        seen,
        records.upkeep,
        records.notices,
        records.memory,
        memories,
    )


@contextmanager
def erasing(state: Path) -> Iterator[Eraser]:
    """Raises ``NotFound`` for a folder that holds no state."""
    if not (state / "vitrail.db").exists():
        raise NotFound("nothing was ever kept here", where=str(state), remedy="name the state folder with --state")
    clock = SystemClock()
    with open_database(state) as records:
        ledger = Ledger(records.ledger, clock, signing_key(state))
        pictures = DiskPictures(state / "media" / "pictures")
        shelf = DiskShelf(state / "bundles")
        seen = seen_of(records, state, state)
        archive, heartbeat = DiskArchive(state / "media"), FileHeartbeat(state)
        memories = DiskPictures(state / "memory", ".npz")
        yield eraser(records, archive, pictures, ledger, clock, heartbeat, shelf, seen, memories)
        ledger.close()


def eraser_beside(state: Path) -> list[str]:
    """The command of an eraser for this process: told to stop it stops; left alone it goes on until nothing is kept."""
    return [sys.executable, "-m", "vitrail", "erase", "--stay", "--beside", str(os.getpid()), "--state", str(state)]
