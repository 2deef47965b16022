"""The stores of one machine: two SQLite files in the state folder.

``ledger.db`` holds the ledger alone and is synced to the disk at every commit (``synchronous=FULL``): what was
promised to be written down is. ``vitrail.db`` holds the rest (``synchronous=NORMAL``): a power cut may lose the last
alerts' rows, never the file, and the ledger still names them. Two files also mean that damage to one leaves the
other whole.
"""

__all__ = ["Records", "open_database"]

from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.sqlite.accounts import SqliteAccounts
from vitrail.adapters.sqlite.alerts import SqliteAlerts
from vitrail.adapters.sqlite.board import SqliteBoard
from vitrail.adapters.sqlite.bundles import SqliteBundles
from vitrail.adapters.sqlite.cases import SqliteCases, SqliteRights
from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.fsck import problems_of
from vitrail.adapters.sqlite.ledger import SqliteLedger
from vitrail.adapters.sqlite.memory import SqliteMemory
from vitrail.adapters.sqlite.readings import SqliteReadings
from vitrail.adapters.sqlite.segments import SqliteSegments
from vitrail.adapters.sqlite.sightings import SqliteSightings
from vitrail.adapters.sqlite.upkeep import SqliteNotices, SqliteUpkeep
from vitrail.domain.errors import Problem

BUSY_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Records:
    """All rows at rest. Use as a context manager, or ``close()`` it."""

    ledger: SqliteLedger
    alerts: SqliteAlerts
    segments: SqliteSegments
    readings: SqliteReadings
    sightings: SqliteSightings
    accounts: SqliteAccounts
    cases: SqliteCases
    rights: SqliteRights
    bundles: SqliteBundles
    board: SqliteBoard
    upkeep: SqliteUpkeep
    notices: SqliteNotices
    memory: SqliteMemory
    _main: Database
    _ledger: Database

    def check(self) -> list[Problem]:
        """Integrity of both files and of what their rows say of each other."""
        return problems_of(self._ledger, "ledger") + problems_of(self._main, "main")

    def close(self) -> None:
        self._ledger.close()
        self._main.close()

    def __enter__(self) -> "Records":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_database(state_dir: Path, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Records:
    """Open, creating or migrating as needed. Raises ``Unavailable`` (locked, full, no permission), ``Corrupt``
    (damaged) or ``Invalid`` (written by a newer Vitrail, or by another program)."""
    ledger = Database(state_dir / "ledger.db", "ledger", durable=True, busy_timeout_s=busy_timeout_s)
    try:
        main = Database(state_dir / "vitrail.db", "main", durable=False, busy_timeout_s=busy_timeout_s)
    except BaseException:
        ledger.close()
        raise
    return Records(
        SqliteLedger(ledger),
        SqliteAlerts(main),
        SqliteSegments(main),
        SqliteReadings(main),
        SqliteSightings(main),
        SqliteAccounts(main),
        SqliteCases(main),
        SqliteRights(main),
        SqliteBundles(main),
        SqliteBoard(main),
        SqliteUpkeep(main),
        SqliteNotices(main),
        SqliteMemory(main),
        main,
        ledger,
    )
