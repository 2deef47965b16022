"""``LedgerRecords`` in a file of its own, synced to the disk at every commit."""

__all__ = ["SqliteLedger"]

from collections.abc import Iterator, Sequence

from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.keys import SqliteKeys
from vitrail.domain.ledger import FIRST_LINK, Checkpoint, leaf_hash, link_after

_BATCH = 512


class SqliteLedger:
    def __init__(self, database: Database) -> None:
        self._database = database
        self.keys = SqliteKeys(database)

    def append(self, payloads: Sequence[bytes]) -> int:
        with self._database.write() as connection:
            last = connection.execute("SELECT idx, link FROM entry ORDER BY idx DESC LIMIT 1").fetchone()
            first, link = (last["idx"] + 1, last["link"]) if last else (0, FIRST_LINK)
            for index, payload in enumerate(payloads, first):
                leaf = leaf_hash(payload)
                link = link_after(link, leaf)
                connection.execute(
                    "INSERT INTO entry (idx, payload, leaf_hash, link) VALUES (?, ?, ?, ?)",
                    (index, payload, leaf, link),
                )
        return int(first)

    def size(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute("SELECT coalesce(max(idx) + 1, 0) FROM entry").fetchone()[0])

    def read(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        return self._rows("SELECT idx, payload FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?", start, stop)

    def leaf_hashes(self, start: int, stop: int) -> Iterator[bytes]:
        sql = "SELECT idx, leaf_hash FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
        return (leaf for _, leaf in self._rows(sql, start, stop))

    def links(self, start: int, stop: int) -> Iterator[bytes]:
        sql = "SELECT idx, link FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
        return (link for _, link in self._rows(sql, start, stop))

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        with self._database.write() as connection:
            connection.execute(
                "INSERT INTO checkpoint (size, root, at_us, signature, public_key) VALUES (?, ?, ?, ?, ?)",
                (checkpoint.size, checkpoint.root, checkpoint.at_us, checkpoint.signature, checkpoint.public_key),
            )

    def checkpoints(self) -> Iterator[Checkpoint]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT size, root, at_us, signature, public_key FROM checkpoint ORDER BY id"
            ).fetchall()
        return (Checkpoint(**dict(row)) for row in rows)

    def _rows(self, sql: str, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """In batches, so that a slow reader holds no connection and no lock."""
        while start < stop:
            with self._database.read() as connection:
                rows = connection.execute(sql, (start, stop, _BATCH)).fetchall()
            if not rows:
                return
            for index, value in rows:
                yield int(index), bytes(value)
            start = rows[-1][0] + 1
