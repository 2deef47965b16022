"""Looks a database over: the file itself, and rows that contradict each other."""

__all__ = ["problems_of"]

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.errors import Problem, VitrailError

_RESTORE = "stop, keep a copy, restore the last backup"
_INVARIANTS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "main": (
        (
            "alert",
            "SELECT id FROM alert WHERE ongoing = 0 AND end_us > evidence_end_us",
            "its evidence ends before it does",
        ),
        (
            "alert",
            "SELECT id FROM alert WHERE erase_after_us <= evidence_end_us",
            "it is erased before its evidence ends",
        ),
        (
            "alert",
            "SELECT a.id FROM alert AS a LEFT JOIN account AS c ON c.id = a.verdict_account_id "
            "WHERE a.verdict_account_id IS NOT NULL AND c.id IS NULL",
            "its verdict was given by no known account",
        ),
        (
            "sighting",
            "SELECT id FROM sighting WHERE erase_after_us < end_us",
            "it is erased before it ends",
        ),
        (
            "sighting",
            "SELECT id FROM sighting WHERE subject <> CASE WHEN kind IN ('surface', 'asset') THEN 'mark' "
            "WHEN kind = 'view' THEN 'place' WHEN kind IN ('backpack', 'umbrella', 'handbag', 'suitcase') THEN 'thing' "
            "ELSE 'vehicle' END",
            "its class is not one of its subject",
        ),
        (
            "segment",
            "SELECT id FROM segment WHERE erase_after_us < end_us",
            "it is erased before it ends",
        ),
        (
            "segment",
            "SELECT id FROM segment WHERE path LIKE '/%' OR path LIKE '%..%'",
            "its path leads out of the archive",
        ),
    ),
    "ledger": (
        (
            "entry",
            "SELECT e.idx FROM entry AS e LEFT JOIN entry AS b ON b.idx = e.idx - 1 WHERE e.idx > 0 AND b.idx IS NULL",
            "the entry before it is missing",
        ),
        (
            "checkpoint",
            "SELECT id FROM checkpoint WHERE size > (SELECT coalesce(max(idx) + 1, 0) FROM entry)",
            "entries that it was signed over are missing",
        ),
    ),
}
_ROWS_TOLD = 10


def problems_of(database: Database, kind: str) -> list[Problem]:
    """Everything wrong with one file; empty when all is well. Never raises for damage: damage is the answer."""
    name = database.path.name
    found: list[Problem] = []
    try:
        with database.read() as connection:
            for (line,) in connection.execute("PRAGMA integrity_check(20)"):
                if line != "ok":
                    found.append(Problem(name, "file", str(line), _RESTORE))
            for row in connection.execute("PRAGMA foreign_key_check"):
                found.append(Problem(name, str(row[0]), f"row {row[1]} names a row of {row[2]} that is not there"))
            for table, sql, what in _INVARIANTS[kind]:
                for (key,) in connection.execute(f"{sql} LIMIT {_ROWS_TOLD}"):
                    found.append(
                        Problem(name, f"{table} {key}", what, "look at the row; `vitrail ledger verify` helps")
                    )
    except VitrailError as error:
        found.append(Problem(name, "file", error.what, error.remedy or _RESTORE))
    return found
