"""``AccountRecords``: staff accounts and their sessions."""

__all__ = ["SqliteAccounts"]

import json
import sqlite3

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.errors import NotFound
from vitrail.domain.people import Account, Role, Session

_INSERT = """
INSERT INTO account (id, name, role, password_hash, territory, trained_until_us, created_us, revoked_us, language,
    emergency, broken_us, reviewed_us, welcomed_us)
VALUES (:id, :name, :role, :password_hash, :territory, :trained_until_us, :created_us, :revoked_us, :language,
    :emergency, :broken_us, :reviewed_us, :welcomed_us)
"""
_UPDATE = """
UPDATE account SET name = :name, role = :role, password_hash = :password_hash, territory = :territory,
    trained_until_us = :trained_until_us, revoked_us = :revoked_us, language = :language,
    emergency = :emergency, broken_us = :broken_us, reviewed_us = :reviewed_us
WHERE id = :id
"""
_ADD_SESSION = "INSERT INTO session VALUES (:token_sha256, :account_id, :reason, :csrf, :created_us, :expires_us)"
_END_SESSIONS = """
DELETE FROM session
WHERE (:account_id IS NULL OR account_id = :account_id) AND (:before_us IS NULL OR expires_us < :before_us)
"""


class SqliteAccounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, account: Account) -> None:
        with self._database.write() as connection:
            connection.execute(_INSERT, _row(account))

    def update(self, account: Account) -> None:
        with self._database.write() as connection:
            if not connection.execute(_UPDATE, _row(account)).rowcount:
                raise NotFound(f"no account {account.id}")

    def welcome(self, account_id: str, at_us: int) -> None:
        with self._database.write() as connection:
            connection.execute("UPDATE account SET welcomed_us = ? WHERE id = ?", (at_us, account_id))

    def get(self, account_id: str) -> Account:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM account WHERE id = ?", (account_id,)).fetchone()
        if row is None:
            raise NotFound(f"no account {account_id}")
        return _account(row)

    def every(self) -> list[Account]:
        with self._database.read() as connection:
            return [_account(row) for row in connection.execute("SELECT * FROM account ORDER BY id")]

    def add_session(self, session: Session) -> None:
        row = {
            "token_sha256": session.token_sha256,
            "account_id": session.account_id,
            "reason": session.reason,
            "csrf": session.csrf,
            "created_us": session.created_us,
            "expires_us": session.expires_us,
        }
        with self._database.write() as connection:
            connection.execute(_ADD_SESSION, row)

    def session(self, token_sha256: str) -> Session | None:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM session WHERE token_sha256 = ?", (token_sha256,)).fetchone()
        return Session(**dict(row)) if row else None

    def end_session(self, token_sha256: str) -> None:
        with self._database.write() as connection:
            connection.execute("DELETE FROM session WHERE token_sha256 = ?", (token_sha256,))

    def end_sessions(self, account_id: str | None, expired_before_us: int | None) -> int:
        asked = {"account_id": account_id, "before_us": expired_before_us}
        with self._database.write() as connection:
            return connection.execute(_END_SESSIONS, asked).rowcount


def _row(account: Account) -> dict[str, str | int | None]:
    return {
        "id": account.id,
        "name": account.name,
        "role": account.role.value,
        "password_hash": account.password_hash,
        "territory": json.dumps(sorted(account.territory)),
        "trained_until_us": account.trained_until_us,
        "created_us": account.created_us,
        "revoked_us": account.revoked_us,
        "language": account.language,
        "emergency": int(account.emergency),
        "broken_us": account.broken_us,
        "reviewed_us": account.reviewed_us,
        "welcomed_us": account.welcomed_us,
    }


def _account(row: sqlite3.Row) -> Account:
    return Account(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        password_hash=row["password_hash"],
        territory=frozenset(json.loads(row["territory"])),
        trained_until_us=row["trained_until_us"],
        created_us=row["created_us"],
        revoked_us=row["revoked_us"],
        language=row["language"],
        emergency=bool(row["emergency"]),
        broken_us=row["broken_us"],
        reviewed_us=row["reviewed_us"],
        welcomed_us=row["welcomed_us"],
    )
