"""``CaseRecords`` and ``RightsRecords``."""

__all__ = ["SqliteCases", "SqliteRights"]

import json
import sqlite3

from vitrail.adapters.sqlite.database import Database
from vitrail.domain.cases import Case, CaseKind, Hold, Unmasking
from vitrail.domain.errors import Conflict, NotFound
from vitrail.domain.rights import Answer, Request, RequestKind
from vitrail.domain.time import Interval

_PUT_CASE = """
INSERT INTO case_file (id, kind, reference, legal_basis, reason, opened_by, members, cameras, start_us, end_us,
    opened_us, expires_us, closed_us)
VALUES (:id, :kind, :reference, :legal_basis, :reason, :opened_by, :members, :cameras, :start_us, :end_us, :opened_us,
    :expires_us, :closed_us)
ON CONFLICT (id) DO UPDATE SET members = :members, cameras = :cameras, start_us = :start_us, end_us = :end_us,
    expires_us = :expires_us, closed_us = :closed_us
WHERE :was_members IS NULL OR (case_file.members = :was_members AND case_file.cameras = :was_cameras
    AND case_file.start_us = :was_start_us AND case_file.end_us = :was_end_us
    AND case_file.expires_us = :was_expires_us AND case_file.closed_us IS :was_closed_us)
"""
_PUT_HOLD = """
INSERT INTO hold (id, case_id, camera_id, start_us, end_us, reason, issued_by, issued_us, until_us, released_us)
VALUES (:id, :case_id, :camera_id, :start_us, :end_us, :reason, :issued_by, :issued_us, :until_us, :released_us)
ON CONFLICT (id) DO UPDATE SET released_us = :released_us
"""
_PUT_UNMASKING = """
INSERT INTO unmasking (id, case_id, camera_id, start_us, end_us, region, asked_by, reason, asked_us, expires_us,
    answered_by, answer, answered_us, granted)
VALUES (:id, :case_id, :camera_id, :start_us, :end_us, :region, :asked_by, :reason, :asked_us, :expires_us,
    :answered_by, :answer, :answered_us, :granted)
ON CONFLICT (id) DO UPDATE SET expires_us = :expires_us, answered_by = :answered_by, answer = :answer,
    answered_us = :answered_us, granted = :granted
WHERE unmasking.answered_us IS NULL
    OR (unmasking.answered_us = :answered_us AND unmasking.answered_by = :answered_by)
"""
_PUT_REQUEST = """
INSERT INTO request (id, kind, received_us, due_us, words, contact, entered_by, camera_id, start_us, end_us, case_id,
    answer, grounds, answer_words, answered_by, answered_us, erase_after_us)
VALUES (:id, :kind, :received_us, :due_us, :words, :contact, :entered_by, :camera_id, :start_us, :end_us, :case_id,
    :answer, :grounds, :answer_words, :answered_by, :answered_us, :erase_after_us)
ON CONFLICT (id) DO UPDATE SET case_id = :case_id, answer = :answer, grounds = :grounds, answer_words = :answer_words,
    answered_by = :answered_by, answered_us = :answered_us, erase_after_us = :erase_after_us
"""
_EMPTY = """
UPDATE request SET words = '', contact = '', answer_words = ''
WHERE erase_after_us <= ? AND (words <> '' OR contact <> '' OR answer_words <> '')
"""

_CHANGES = ("members", "cameras", "start_us", "end_us", "expires_us", "closed_us")
_Row = dict[str, str | int | None]


class SqliteCases:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, case: Case, was: Case | None = None) -> None:
        row = _plain(case, "id kind reference legal_basis reason opened_by opened_us expires_us closed_us")
        row |= _reach(case) | _span(case.window)
        known = (
            _plain(was, "expires_us closed_us") | _reach(was) | _span(was.window) if was else dict.fromkeys(_CHANGES)
        )
        if not self._write(_PUT_CASE, row | {f"was_{name}": value for name, value in known.items()}):
            what = "somebody changed the case meanwhile"
            raise Conflict(what, where=f"case {case.id}", remedy="look at it again")

    def get(self, case_id: str) -> Case:
        return _case(self._one("SELECT * FROM case_file WHERE id = ?", case_id, "case"))

    def every(self) -> list[Case]:
        return [_case(row) for row in self._all("SELECT * FROM case_file ORDER BY opened_us DESC, id", ())]

    def put_hold(self, hold: Hold) -> None:
        row = _plain(hold, "id case_id camera_id reason issued_by issued_us until_us released_us")
        self._write(_PUT_HOLD, row | _span(hold.interval))

    def hold(self, hold_id: str) -> Hold:
        return _hold(self._one("SELECT * FROM hold WHERE id = ?", hold_id, "hold"))

    def holds(self, case_id: str) -> list[Hold]:
        rows = self._all("SELECT * FROM hold WHERE case_id = ? ORDER BY issued_us, id", (case_id,))
        return [_hold(row) for row in rows]

    def put_unmasking(self, unmasking: Unmasking) -> None:
        names = "id case_id camera_id asked_by reason asked_us expires_us answered_by answer answered_us"
        row = _plain(unmasking, names) | {"region": json.dumps(unmasking.region), "granted": int(unmasking.granted)}
        if not self._write(_PUT_UNMASKING, row | _span(unmasking.interval)):
            where = f"unmasking {unmasking.id}"
            raise Conflict("somebody answered it meanwhile", where=where, remedy="look at what was said")

    def unmasking(self, unmasking_id: str) -> Unmasking:
        return _unmasking(self._one("SELECT * FROM unmasking WHERE id = ?", unmasking_id, "unmasking"))

    def unmaskings(self, case_id: str | None) -> list[Unmasking]:
        sql = "SELECT * FROM unmasking WHERE ?1 IS NULL OR case_id = ?1 ORDER BY asked_us DESC, id"
        return [_unmasking(row) for row in self._all(sql, (case_id,))]

    def _write(self, sql: str, row: _Row) -> bool:
        """Whether anything was written."""
        with self._database.write() as connection:
            return connection.execute(sql, row).rowcount > 0

    def _one(self, sql: str, wanted: str, what: str) -> sqlite3.Row:
        found = self._all(sql, (wanted,))
        if not found:
            raise NotFound(f"no {what} {wanted}")
        return found[0]

    def _all(self, sql: str, parameters: tuple[str | None, ...]) -> list[sqlite3.Row]:
        with self._database.read() as connection:
            return connection.execute(sql, parameters).fetchall()


class SqliteRights:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, request: Request) -> None:
        names = "id kind received_us due_us words contact entered_by camera_id case_id answer grounds answer_words"
        row = _plain(request, f"{names} answered_by answered_us erase_after_us")
        row |= _span(request.interval) if request.interval else {"start_us": None, "end_us": None}
        with self._database.write() as connection:
            connection.execute(_PUT_REQUEST, row)

    def get(self, request_id: str) -> Request:
        with self._database.read() as connection:
            row = connection.execute("SELECT * FROM request WHERE id = ?", (request_id,)).fetchone()
        if row is None:
            raise NotFound(f"no request {request_id}")
        return _request(row)

    def every(self) -> list[Request]:
        with self._database.read() as connection:
            rows = connection.execute("SELECT * FROM request ORDER BY received_us DESC, id").fetchall()
        return [_request(row) for row in rows]

    def kept(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM request WHERE contact <> ''").fetchone()[0])

    def erase(self, now_us: int) -> int:
        with self._database.write() as connection:
            emptied = connection.execute(_EMPTY, (now_us,)).rowcount
        if emptied:
            self._database.scrub()
        return emptied


def _plain(value: object, names: str) -> _Row:
    return {name: getattr(value, name) for name in names.split()}


def _span(interval: Interval) -> _Row:
    return {"start_us": interval.start_us, "end_us": interval.end_us}


def _case(row: sqlite3.Row) -> Case:
    values = dict(row)
    values["window"] = Interval(values.pop("start_us"), values.pop("end_us"))
    values["kind"] = CaseKind(values["kind"])
    return Case(**values | {name: frozenset(json.loads(values[name])) for name in ("members", "cameras")})


def _hold(row: sqlite3.Row) -> Hold:
    values = dict(row)
    return Hold(interval=Interval(values.pop("start_us"), values.pop("end_us")), **values)


def _reach(case: Case) -> _Row:
    return {"members": json.dumps(sorted(case.members)), "cameras": json.dumps(sorted(case.cameras))}


def _unmasking(row: sqlite3.Row) -> Unmasking:
    values = dict(row)
    span = Interval(values.pop("start_us"), values.pop("end_us"))
    x0, y0, x1, y1 = json.loads(values.pop("region"))
    return Unmasking(interval=span, region=(x0, y0, x1, y1), granted=bool(values.pop("granted")), **values)


def _request(row: sqlite3.Row) -> Request:
    values = dict(row)
    start_us, end_us = values.pop("start_us"), values.pop("end_us")
    values["kind"] = RequestKind(values["kind"])
    values["answer"] = Answer(values["answer"]) if values["answer"] else None
    return Request(interval=Interval(start_us, end_us) if start_us is not None else None, **values)
