"""``BundleRecords``."""

__all__ = ["SqliteBundles"]

import json
import sqlite3

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.bundles import Bundle, Part, Share, View
from vitrail.domain.errors import Conflict, NotFound
from vitrail.domain.time import Interval

_PUT = """
INSERT INTO bundle (id, case_id, parts, view, bare, language, recipient, asked_by, reason, asked_us, until_us,
    answered_by, answer, answered_us, granted, made_us, sha256, size_bytes)
VALUES (:id, :case_id, :parts, :view, :bare, :language, :recipient, :asked_by, :reason, :asked_us, :until_us,
    :answered_by, :answer, :answered_us, :granted, :made_us, :sha256, :size_bytes)
ON CONFLICT (id) DO UPDATE SET until_us = :until_us, answered_by = :answered_by, answer = :answer,
    answered_us = :answered_us, granted = :granted, made_us = :made_us, sha256 = :sha256, size_bytes = :size_bytes
WHERE bundle.answered_us IS NULL OR (bundle.answered_us = :answered_us AND bundle.answered_by = :answered_by)
"""
_PUT_SHARE = """
INSERT INTO share (id, bundle_id, case_id, token_sha256, asked_by, reason, asked_us, expires_us, most, taken,
    answered_by, answer, answered_us, granted, revoked_us)
VALUES (:id, :bundle_id, :case_id, :token_sha256, :asked_by, :reason, :asked_us, :expires_us, :most, :taken,
    :answered_by, :answer, :answered_us, :granted, :revoked_us)
ON CONFLICT (id) DO UPDATE SET
    answered_by = CASE WHEN share.answered_us IS NULL THEN :answered_by ELSE share.answered_by END,
    answer = CASE WHEN share.answered_us IS NULL THEN :answer ELSE share.answer END,
    granted = CASE WHEN share.answered_us IS NULL THEN :granted ELSE share.granted END,
    answered_us = coalesce(share.answered_us, :answered_us),
    revoked_us = coalesce(share.revoked_us, :revoked_us)
WHERE share.answered_us IS NULL OR :answered_us IS NULL
    OR (share.answered_us = :answered_us AND share.answered_by = :answered_by)
"""
_SHARE = (
    "id bundle_id case_id token_sha256 asked_by reason asked_us expires_us most taken answered_by answer answered_us "
    "revoked_us"
)
_NAMES = (
    "id case_id language recipient asked_by reason asked_us until_us answered_by answer answered_us made_us sha256 "
    "size_bytes"
)


class SqliteBundles:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, bundle: Bundle) -> None:
        row = {name: getattr(bundle, name) for name in _NAMES.split()}
        row |= {"view": bundle.view.value, "bare": int(bundle.originals), "granted": int(bundle.granted)}
        parts = [[p.camera_id, p.interval.start_us, p.interval.end_us] for p in bundle.parts]
        with self._database.write() as connection:
            if not connection.execute(_PUT, row | {"parts": json.dumps(parts)}).rowcount:
                raise _answered(f"bundle {bundle.id}")

    def get(self, bundle_id: str) -> Bundle:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM bundle WHERE id = ?", (bundle_id,)).fetchone()
        if row is None:
            raise NotFound(f"no bundle {bundle_id}")
        return _bundle(row)

    def of(self, case_id: str | None) -> list[Bundle]:
        sql = "SELECT * FROM bundle WHERE ?1 IS NULL OR case_id = ?1 ORDER BY asked_us DESC, id"
        with self._database.read() as connection:
            return [_bundle(row) for row in connection.execute(sql, (case_id,)).fetchall()]

    def put_share(self, share: Share) -> None:
        row = {name: getattr(share, name) for name in _SHARE.split()} | {"granted": int(share.granted)}
        with self._database.write() as connection:
            if not connection.execute(_PUT_SHARE, row).rowcount:
                raise _answered(f"share {share.id}")

    def share(self, share_id: str) -> Share:
        found = self._shares("SELECT * FROM share WHERE id = ?", share_id)
        if not found:
            raise NotFound(f"no share {share_id}")
        return found[0]

    def share_of(self, token_sha256: str) -> Share | None:
        found = self._shares("SELECT * FROM share WHERE token_sha256 = ?", token_sha256)
        return found[0] if found else None

    def shares(self, case_id: str) -> list[Share]:
        return self._shares("SELECT * FROM share WHERE case_id = ? ORDER BY asked_us DESC, id", case_id)

    def count_taken(self, share_id: str) -> bool:
        sql = "UPDATE share SET taken = taken + 1 WHERE id = ? AND taken < most AND revoked_us IS NULL"
        with self._database.write() as connection:
            return connection.execute(sql, (share_id,)).rowcount > 0

    def _shares(self, sql: str, wanted: str) -> list[Share]:
        with self._database.read() as connection:
            rows = connection.execute(sql, (wanted,)).fetchall()
        return [Share(**dict(row) | {"granted": bool(row["granted"])}) for row in rows]


def _answered(where: str) -> Conflict:
    return Conflict("somebody answered it meanwhile", where=where, remedy="look at what was said")


def _bundle(row: sqlite3.Row) -> Bundle:
    values = dict(row)
    values["parts"] = tuple(Part(camera, Interval(start, end)) for camera, start, end in json.loads(values["parts"]))
    values["view"] = View(values["view"])
    originals, granted = bool(values.pop("bare")), bool(values.pop("granted"))
    return Bundle(originals=originals, granted=granted, **values)
