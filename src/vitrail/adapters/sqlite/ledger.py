"""``LedgerRecords`` in a file of its own, synced to the disk at every commit."""

__all__ = ["SqliteLedger"]

import sqlite3
from collections.abc import Iterator, Sequence

from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.keys import SqliteKeys
from vitrail.domain.ledger import BLOCK, FIRST_LINK, Checkpoint, leaf_hash, link_after
from vitrail.guard.merkle import root_of

_BATCH = 512
_BLOCKS = "SELECT idx, root FROM block WHERE idx >= ? AND idx < ? ORDER BY idx LIMIT ?"
_LEAVES = "SELECT leaf_hash FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx"


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
            if (first + len(payloads)) // BLOCK > first // BLOCK:
                _fill(connection, first + len(payloads))
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

    def blocks(self, start: int, stop: int) -> Iterator[bytes]:
        """Those of an older file that were never written are made from its leaf hashes."""
        stop = min(stop, self.size() // BLOCK)
        for index, root in self._rows(_BLOCKS, start, stop):
            yield root
            start = index + 1
        for index in range(start, stop):
            yield root_of(list(self.leaf_hashes(index * BLOCK, (index + 1) * BLOCK)))

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


def _fill(connection: sqlite3.Connection, size: int) -> None:
    """Write down the blocks that are whole and not yet there."""
    (done,) = connection.execute("SELECT coalesce(max(idx) + 1, 0) FROM block").fetchone()
    for index in range(done, size // BLOCK):
        leaves = connection.execute(_LEAVES, (index * BLOCK, (index + 1) * BLOCK))
        root = root_of([row[0] for row in leaves])
        connection.execute("INSERT INTO block (idx, root) VALUES (?, ?)", (index, root))
