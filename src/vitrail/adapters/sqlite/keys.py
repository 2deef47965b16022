"""``KeyRecords``: what opens the ledger's sealed words, in the ledger's own file, until it is destroyed."""

__all__ = ["SqliteKeys"]

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.ledger import SealingKey

_KEY = "SELECT id, subject, period, secret, erase_after_us FROM sealing_key"
_KEY_BY_ID = _KEY + " WHERE id = ?"
_KEY_OF = _KEY + " WHERE subject = ? AND period = ?"
_KEYS_DUE = _KEY + " WHERE erase_after_us <= ? ORDER BY period, id"


class SqliteKeys:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._unscrubbed = True

    def of(self, fresh: SealingKey) -> SealingKey:
        """Insert and read back in one transaction: of several processes one makes the key, and all use it."""
        with self._database.write() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO sealing_key (id, subject, period, secret, erase_after_us) "
                "VALUES (?, ?, ?, ?, ?)",
                (fresh.id, fresh.subject, fresh.period, fresh.secret, fresh.erase_after_us),
            )
            row = connection.execute(_KEY_OF, (fresh.subject, fresh.period))
            return SealingKey(**dict(row.fetchone()))

    def get(self, key_id: str) -> SealingKey | None:
        with self._database.read() as connection:
            row = connection.execute(_KEY_BY_ID, (key_id,)).fetchone()
        return SealingKey(**dict(row)) if row else None

    def ids(self) -> set[str]:
        with self._database.read() as connection:
            return {str(row[0]) for row in connection.execute("SELECT id FROM sealing_key")}

    def due(self, now_us: int) -> list[SealingKey]:
        with self._database.read() as connection:
            rows = connection.execute(_KEYS_DUE, (now_us,)).fetchall()
        return [SealingKey(**dict(row)) for row in rows]

    def destroy(self, now_us: int) -> int:
        with self._database.write() as connection:
            count = connection.execute("DELETE FROM sealing_key WHERE erase_after_us <= ?", (now_us,)).rowcount
        if count or self._unscrubbed:
            self._unscrubbed = not self._database.scrub()
        return count
