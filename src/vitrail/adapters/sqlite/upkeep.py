"""``UpkeepRecords`` and ``NoticeRecords``."""

# ruff: noqa: S608 -- the statements are put together from constants of this file; every value is a parameter.

__all__ = ["SqliteNotices", "SqliteUpkeep", "write_following"]

import json
import sqlite3
from dataclasses import asdict

from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.scope import must_cover
from vitrail.domain.errors import Conflict, NotFound
from vitrail.domain.events import Pictured, Place
from vitrail.domain.mandates import Permit
from vitrail.domain.notices import Notice, NoticeState
from vitrail.domain.people import Grant
from vitrail.domain.tickets import Ticket
from vitrail.domain.upkeep import Following, Said, Step

_ADD_STEP = """
INSERT INTO upkeep_step (mandate_id, camera_id, wall_id, asset_id, said, alert_id, said_by, said_us, words,
    erase_after_us)
VALUES (:mandate_id, :camera_id, :wall_id, :asset_id, :said, :alert_id, :said_by, :said_us, :words, :erase_after_us)
"""
_ADD_NOTICE = """
INSERT INTO notice (id, mandate_id, alert_id, camera_id, wall_id, asset_id, recipient_id, ticket, before_sha256,
    after_sha256, state, tries, next_us, number, voucher, answer, problem, created_us, sent_us, closed_us,
    erase_after_us)
VALUES (:id, :mandate_id, :alert_id, :camera_id, :wall_id, :asset_id, :recipient_id, :ticket, :before_sha256,
    :after_sha256, :state, :tries, :next_us, :number, :voucher, :answer, :problem, :created_us, :sent_us, :closed_us,
    :erase_after_us)
"""
_IN_SCOPE = """camera_id IN (SELECT value FROM json_each(:cameras)) AND erase_after_us > :asked_us
    AND (:anywhere OR (camera_id = :camera_id AND wall_id IS :wall_id AND asset_id IS :asset_id))"""
_STEPS = f"SELECT * FROM upkeep_step WHERE {_IN_SCOPE} ORDER BY id"
_ABOUT = """
SELECT * FROM upkeep_step WHERE camera_id = :camera_id AND wall_id IS :wall_id AND asset_id IS :asset_id ORDER BY id
"""
_NOTICES = f"SELECT * FROM notice WHERE {_IN_SCOPE} ORDER BY created_us DESC, id DESC LIMIT 200"
_NOTICE = f"SELECT * FROM notice WHERE id = :id AND {_IN_SCOPE}"
_AGAIN = """
UPDATE notice SET state = 'waiting', tries = 0, next_us = ?, problem = '' WHERE id = ? AND state = 'failed'
"""
_DUE = """
SELECT * FROM notice WHERE state IN (SELECT value FROM json_each(?)) AND next_us <= ? ORDER BY next_us, id LIMIT 50
"""
_CHANGE = """
UPDATE notice SET state = :state, tries = :tries, next_us = :next_us, number = :number, voucher = :voucher,
    answer = :answer, problem = :problem, sent_us = :sent_us, closed_us = :closed_us
WHERE id = :id AND state = :before AND tries BETWEEN :tries - 1 AND :tries
"""
_TROUBLED = "SELECT count(*) FROM notice WHERE state = 'failed' OR (state IN ('waiting', 'unclear') AND tries >= 3)"


class SqliteUpkeep:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, permit: Permit, step: Step) -> None:
        must_cover(permit, step.mandate_id, step.place.camera_id, permit.stream_id)
        with self._database.write() as connection:
            connection.execute(_ADD_STEP, _step_row(step))

    def said(self, permit: Permit) -> list[Step]:
        sql = "SELECT * FROM upkeep_step WHERE camera_id = ? ORDER BY id"
        with self._database.read() as connection:
            return [_step(row) for row in connection.execute(sql, (permit.camera_id,))]

    def say(self, grant: Grant, step: Step) -> None:
        if step.place.camera_id not in grant.scope.cameras:
            raise NotFound(f"no camera {step.place.camera_id}")
        with self._database.write() as connection:
            connection.execute(_ADD_STEP, _step_row(step))

    def find(self, grant: Grant, place: Place | None = None) -> list[Step]:
        with self._database.read() as connection:
            return [_step(row) for row in connection.execute(_STEPS, _scope(grant, place))]

    def closed(self, notice: Notice, step: Step) -> None:
        if step.place != notice.place:
            raise NotFound(f"notice {notice.id} is about another place")
        with self._database.write() as connection:
            connection.execute(_ADD_STEP, _step_row(step))

    def about(self, notice: Notice) -> list[Step]:
        with self._database.read() as connection:
            return [_step(row) for row in connection.execute(_ABOUT, _place_row(notice.place))]

    def erase(self, now_us: int) -> int:
        return _erased(self._database, "DELETE FROM upkeep_step WHERE erase_after_us <= ?", now_us)


class SqliteNotices:
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, grant: Grant, place: Place | None = None) -> list[Notice]:
        with self._database.read() as connection:
            return [_notice(row) for row in connection.execute(_NOTICES, _scope(grant, place))]

    def get(self, grant: Grant, notice_id: str) -> Notice:
        with self._database.read() as connection:
            return _get(connection, grant, notice_id)

    def again(self, grant: Grant, notice_id: str, now_us: int) -> Notice:
        with self._database.write() as connection:
            found = _get(connection, grant, notice_id)
            if not connection.execute(_AGAIN, (now_us, notice_id)).rowcount:
                what = f"this request has not failed: it is {found.state.value}"
                raise Conflict(what, where=f"notice {notice_id}", remedy="look at it again")
            return _get(connection, grant, notice_id)

    def due(self, states: frozenset[NoticeState], now_us: int) -> list[Notice]:
        with self._database.read() as connection:
            rows = connection.execute(_DUE, (json.dumps(sorted(states)), now_us))
            return [_notice(row) for row in rows]

    def change(self, notice: Notice, before: NoticeState) -> bool:
        with self._database.write() as connection:
            return connection.execute(_CHANGE, _notice_row(notice) | {"before": before.value}).rowcount == 1

    def troubled(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute(_TROUBLED).fetchone()[0])

    def erase(self, now_us: int) -> int:
        return _erased(self._database, "DELETE FROM notice WHERE erase_after_us <= ?", now_us)


def write_following(connection: sqlite3.Connection, following: Following) -> None:
    """Inside the transaction of the verdict that brings it about."""
    for step in following.steps:
        connection.execute(_ADD_STEP, _step_row(step))
    for notice in following.notices:
        connection.execute(_ADD_NOTICE, _notice_row(notice))


def _erased(database: Database, sql: str, now_us: int) -> int:
    with database.write() as connection:
        gone = connection.execute(sql, (now_us,)).rowcount
    if gone:
        database.scrub()
    return gone


def _scope(grant: Grant, place: Place | None) -> dict[str, str | int | None]:
    return {
        "cameras": json.dumps(sorted(grant.scope.cameras)),
        "asked_us": grant.scope.asked_us,
        "anywhere": int(place is None),
        "camera_id": place.camera_id if place else None,
        "wall_id": place.surface_id if place else None,
        "asset_id": place.asset_id if place else None,
    }


def _get(connection: sqlite3.Connection, grant: Grant, notice_id: str) -> Notice:
    row = connection.execute(_NOTICE, _scope(grant, None) | {"id": notice_id}).fetchone()
    if row is None:
        raise NotFound(f"no request {notice_id}")
    return _notice(row)


def _place_row(place: Place) -> dict[str, str | int | None]:
    return {"camera_id": place.camera_id, "wall_id": place.surface_id, "asset_id": place.asset_id}


def _place(row: sqlite3.Row) -> Place:
    return Place(row["camera_id"], surface_id=row["wall_id"], asset_id=row["asset_id"])


def _step_row(step: Step) -> dict[str, str | int | None]:
    return _place_row(step.place) | {
        "mandate_id": step.mandate_id,
        "said": step.said.value,
        "alert_id": step.alert_id,
        "said_by": step.by,
        "said_us": step.at_us,
        "words": step.words,
        "erase_after_us": step.erase_after_us,
    }


def _step(row: sqlite3.Row) -> Step:
    told = (_place(row), Said(row["said"]), row["said_by"], row["said_us"], row["mandate_id"], row["erase_after_us"])
    return Step(*told, alert_id=row["alert_id"], words=row["words"])


_AS_THEY_ARE = (
    "id", "mandate_id", "alert_id", "recipient_id", "created_us", "next_us", "erase_after_us", "tries", "number",
    "voucher", "answer", "problem", "sent_us", "closed_us",
)  # fmt: skip


def _notice_row(notice: Notice) -> dict[str, str | int | None]:
    return (
        {name: getattr(notice, name) for name in _AS_THEY_ARE}
        | _place_row(notice.place)
        | {
            "ticket": json.dumps(asdict(notice.ticket), ensure_ascii=False),
            "state": notice.state.value,
            "before_sha256": notice.pictures.before_sha256 if notice.pictures else None,
            "after_sha256": notice.pictures.after_sha256 if notice.pictures else None,
        }
    )


def _notice(row: sqlite3.Row) -> Notice:
    return Notice(
        **{name: row[name] for name in _AS_THEY_ARE},
        place=_place(row),
        ticket=Ticket(**json.loads(row["ticket"])),
        state=NoticeState(row["state"]),
        pictures=Pictured(row["before_sha256"], row["after_sha256"]) if row["before_sha256"] else None,
    )
