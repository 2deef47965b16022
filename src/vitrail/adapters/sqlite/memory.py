"""``MemoryRecords``."""

__all__ = ["SqliteMemory"]

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.mandates import Permit
from vitrail.ports.memory import Kept

_PUT = """
INSERT INTO place_memory (stream_id, mandate_id, camera_id, sha256, size_bytes, kept_us, erase_after_us)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (stream_id) DO UPDATE SET mandate_id = excluded.mandate_id, camera_id = excluded.camera_id,
    sha256 = excluded.sha256, size_bytes = excluded.size_bytes, kept_us = excluded.kept_us,
    erase_after_us = excluded.erase_after_us
"""
_GET = """
SELECT sha256, size_bytes, kept_us, erase_after_us FROM place_memory
WHERE stream_id = ? AND mandate_id = ? AND erase_after_us > ?
"""


class SqliteMemory:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, permit: Permit, kept: Kept) -> None:
        row = (kept.sha256, kept.size_bytes, kept.kept_us, kept.erase_after_us)
        with self._database.write() as connection:
            connection.execute(_PUT, (permit.stream_id, permit.mandate_id, permit.camera_id, *row))

    def get(self, permit: Permit, now_us: int) -> Kept | None:
        with self._database.read() as connection:
            row = connection.execute(_GET, (permit.stream_id, permit.mandate_id, now_us)).fetchone()
        return Kept(*row) if row else None

    def files(self) -> set[str]:
        with self._database.read() as connection:
            return {stream_id for (stream_id,) in connection.execute("SELECT stream_id FROM place_memory")}

    def erase(self, now_us: int) -> int:
        with self._database.write() as connection:
            gone = connection.execute("DELETE FROM place_memory WHERE erase_after_us <= ?", (now_us,)).rowcount
        if gone:
            self._database.scrub()
        return gone
