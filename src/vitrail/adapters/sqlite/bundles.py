"""``BundleRecords``."""

__all__ = ["SqliteBundles"]

import json
import sqlite3

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.bundles import Bundle, Part, View
from vitrail.domain.errors import NotFound
from vitrail.domain.time import Interval

_PUT = """
INSERT INTO bundle (id, case_id, parts, view, bare, language, recipient, asked_by, reason, asked_us, until_us,
    answered_by, answer, answered_us, granted, made_us, sha256, size_bytes)
VALUES (:id, :case_id, :parts, :view, :bare, :language, :recipient, :asked_by, :reason, :asked_us, :until_us,
    :answered_by, :answer, :answered_us, :granted, :made_us, :sha256, :size_bytes)
ON CONFLICT (id) DO UPDATE SET until_us = :until_us, answered_by = :answered_by, answer = :answer,
    answered_us = :answered_us, granted = :granted, made_us = :made_us, sha256 = :sha256, size_bytes = :size_bytes
"""
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
            connection.execute(_PUT, row | {"parts": json.dumps(parts)})

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


def _bundle(row: sqlite3.Row) -> Bundle:
    values = dict(row)
    values["parts"] = tuple(Part(camera, Interval(start, end)) for camera, start, end in json.loads(values["parts"]))
    values["view"] = View(values["view"])
    originals, granted = bool(values.pop("bare")), bool(values.pop("granted"))
    return Bundle(originals=originals, granted=granted, **values)
