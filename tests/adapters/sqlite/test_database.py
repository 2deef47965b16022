"""SQLite as it is in the world: locked, damaged, full, newer, foreign, shared by threads and processes."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests import builders as b
from vitrail.adapters.sqlite import Records, open_database
from vitrail.adapters.sqlite.migrations import newest
from vitrail.domain.errors import Conflict, Corrupt, Invalid, Unavailable
from vitrail.domain.events import AlertQuery
from vitrail.domain.ledger import BLOCK, Checkpoint
from vitrail.domain.people import Session


def raw(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None)


def filled(folder: Path, rows: int = 50) -> None:
    with open_database(folder) as records:
        records.ledger.append([f"entry {i}".encode() * 20 for i in range(rows)])
        for i in range(rows):
            records.alerts.add(b.permit(), b.alert(id=f"alert-{i:03}"))


def test_two_files_readable_by_their_owner_only(tmp_path: Path) -> None:
    with open_database(tmp_path / "state") as records:
        records.ledger.append([b"one"])
        files = sorted(p for p in (tmp_path / "state").iterdir())
        assert {p.name for p in files} >= {"ledger.db", "vitrail.db"}
        assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
        assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    with open_database(tmp_path) as records:
        assert records.ledger.size() == 3
        assert len(records.alerts.find(b.grant(), AlertQuery())) == 3
        assert records.check() == []


def test_the_ledger_is_synced_at_every_commit(tmp_path: Path) -> None:
    with open_database(tmp_path) as records:
        for database, level in ((records._ledger, 2), (records._main, 1)):
            with database.write() as connection:
                assert connection.execute("PRAGMA synchronous").fetchone()[0] == level
                assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_erased_rows_leave_no_trace_in_the_files(tmp_path: Path) -> None:
    with open_database(tmp_path) as records:
        records.alerts.add(b.permit(), b.alert(kind="a-kind-like-no-other"))
        records.segments.put(b.permit(), b.segment(path="a-path-like-no-other"))
        assert any(b"like-no-other" in p.read_bytes() for p in tmp_path.iterdir())
        records.segments.forget(["segment-1"])
        records.alerts.erase(2**62)
        assert not any(b"like-no-other" in p.read_bytes() for p in tmp_path.iterdir())


# the ledger cannot be changed through SQL


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET payload = x'00' WHERE idx = 1",
        "UPDATE entry SET idx = 9 WHERE idx = 2",
        "DELETE FROM entry",
        "DELETE FROM entry WHERE idx = 2",
        "INSERT OR REPLACE INTO entry VALUES (1, x'00', zeroblob(32), zeroblob(32))",
        "REPLACE INTO entry VALUES (0, x'00', zeroblob(32), zeroblob(32))",
        "INSERT INTO entry VALUES (7, x'00', zeroblob(32), zeroblob(32))",
        "INSERT INTO entry VALUES (-1, x'00', zeroblob(32), zeroblob(32))",
        "INSERT INTO entry VALUES (3, x'00', x'00', zeroblob(32))",
        "UPDATE block SET root = zeroblob(32)",
        "DELETE FROM block",
        "UPDATE checkpoint SET size = 2",
        "DELETE FROM checkpoint",
        "INSERT OR REPLACE INTO checkpoint VALUES (1, 1, x'00', 1, x'00', x'00')",
    ],
)
def test_no_statement_changes_what_the_ledger_says(tmp_path: Path, statement: str) -> None:
    with open_database(tmp_path) as records:
        records.ledger.append([b"one", b"two", b"three"])
        records.ledger.add_checkpoint(Checkpoint(3, bytes(32), 1, b"s", b"k"))
    connection = raw(tmp_path / "ledger.db")
    connection.execute("INSERT INTO block VALUES (0, randomblob(32))")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()
    with open_database(tmp_path) as records:
        assert [p for _, p in records.ledger.read(0, 9)] == [b"one", b"two", b"three"]
        assert [c.size for c in records.ledger.checkpoints()] == [3]


def test_a_ledger_from_before_blocks_were_kept_makes_them_up(tmp_path: Path) -> None:
    payloads = [f"{i}".encode() for i in range(2 * BLOCK + 10)]
    with open_database(tmp_path) as records:
        records.ledger.append(payloads)
        roots = list(records.ledger.blocks(0, 9))
    connection = raw(tmp_path / "ledger.db")
    connection.execute("DROP TRIGGER block_never_goes")
    connection.execute("DELETE FROM block")
    connection.close()
    with open_database(tmp_path) as records:
        assert list(records.ledger.blocks(0, 9)) == roots
        records.ledger.append([b"more"] * BLOCK)
        assert list(records.ledger.blocks(0, 9))[:2] == roots
    connection = raw(tmp_path / "ledger.db")
    assert [row[0] for row in connection.execute("SELECT root FROM block ORDER BY idx")][:2] == roots
    connection.close()


def test_no_statement_changes_a_verdict(tmp_path: Path) -> None:
    with open_database(tmp_path) as records:
        records.alerts.add(b.permit(), b.alert())
        records.alerts.expire(2**62)
    connection = raw(tmp_path / "vitrail.db")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE alert SET state = 'open'")
    connection.close()


@pytest.mark.parametrize("table", ["alert", "segment", "reading"])
@pytest.mark.parametrize("mandate", ["NULL", "''"])
def test_no_personal_row_without_a_mandate(tmp_path: Path, table: str, mandate: str) -> None:
    with open_database(tmp_path) as records:
        records.alerts.add(b.permit(), b.alert())
        records.segments.put(b.permit(), b.segment())
        records.readings.add(b.permit(), [b.reading()])
    connection = raw(tmp_path / "vitrail.db")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(f"UPDATE {table} SET mandate_id = {mandate}")
    connection.close()


# locked


@pytest.mark.parametrize("name", ["ledger.db", "vitrail.db"])
def test_a_locked_database_is_unavailable_and_works_again_later(tmp_path: Path, name: str) -> None:
    with open_database(tmp_path, busy_timeout_s=0.05) as records:
        other = raw(tmp_path / name)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as caught:
            write_to(records, name)
        assert "locked" in caught.value.what and caught.value.remedy
        other.execute("ROLLBACK")
        other.close()
        write_to(records, name)


def write_to(records: Records, name: str) -> None:
    if name == "ledger.db":
        records.ledger.append([b"one"])
    else:
        records.alerts.add(b.permit(), b.alert())


def test_reading_goes_on_while_somebody_writes(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    with open_database(tmp_path, busy_timeout_s=0.05) as records:
        other = raw(tmp_path / "vitrail.db")
        other.execute("BEGIN IMMEDIATE")
        assert len(records.alerts.find(b.grant(), AlertQuery())) == 3
        other.close()


def test_opening_a_locked_new_database_is_unavailable(tmp_path: Path) -> None:
    other = raw(tmp_path / "ledger.db")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable):
        open_database(tmp_path, busy_timeout_s=0.05)
    other.close()
    open_database(tmp_path).close()


def test_two_processes_write_to_one_ledger_without_losing_an_entry(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    script = (
        "import sys; from pathlib import Path; from vitrail.adapters.sqlite import open_database\n"
        "with open_database(Path(sys.argv[1]), 30.0) as records:\n"
        "    for i in range(100): records.ledger.append([f'{sys.argv[2]} {i}'.encode()])\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path), name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    with open_database(tmp_path) as records:
        payloads = [p.decode() for _, p in records.ledger.read(0, 1000)]
        assert [p for p in payloads if p[0] == "a"] == [f"a {i}" for i in range(100)]
        assert [p for p in payloads if p[0] == "b"] == [f"b {i}" for i in range(100)]
        assert records.check() == []


def test_many_threads_read_and_write_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    with open_database(tmp_path) as records:

        def work(name: int) -> None:
            try:
                for i in range(20):
                    records.alerts.add(b.permit(), b.alert(id=f"{name}-{i}"))
                    records.ledger.append([f"{name} {i}".encode()])
                    assert records.alerts.find(b.grant(), AlertQuery(limit=5))
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert failures == []
        assert records.ledger.size() == 160
        assert sum(records.alerts.counts(b.grant()).values()) == 160


def test_after_closing_nothing_works(tmp_path: Path) -> None:
    records = open_database(tmp_path)
    records.close()
    records.close()
    with pytest.raises(Unavailable):
        records.ledger.size()
    with pytest.raises(Unavailable):
        records.ledger.append([b"one"])


# damaged


@pytest.mark.parametrize("name", ["ledger.db", "vitrail.db"])
def test_a_file_that_is_no_database_is_corrupt_with_a_remedy(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"this is not a database at all\n" * 200)
    with pytest.raises(Corrupt) as caught:
        open_database(tmp_path)
    assert name in caught.value.what and "backup" in caught.value.remedy


def test_damaged_pages_are_corrupt_when_read_and_told_by_check(tmp_path: Path) -> None:
    filled(tmp_path, 900)
    path = tmp_path / "vitrail.db"
    data = bytearray(path.read_bytes())
    for page in range(len(data) // 4096 * 3 // 4, len(data) // 4096):
        data[page * 4096 + 8 : page * 4096 + 1024] = b"\xff" * 1016
    path.write_bytes(data)
    with open_database(tmp_path) as records:
        with pytest.raises(Corrupt):
            records.alerts.find(b.grant(), AlertQuery(limit=200))
        problems = records.check()
        assert problems and all(p.file == "vitrail.db" and p.what for p in problems)
        assert records.ledger.size() == 900, "the other file is whole"


def test_a_truncated_database_is_told(tmp_path: Path) -> None:
    filled(tmp_path, 300)
    path = tmp_path / "ledger.db"
    path.write_bytes(path.read_bytes()[: 4096 * 3])
    with pytest.raises(Corrupt):
        _read_all(tmp_path)


def _read_all(folder: Path) -> None:
    with open_database(folder) as records:
        assert records.check()
        list(records.ledger.read(0, 300))


def test_a_missing_table_is_corrupt_not_a_riddle(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    connection = raw(tmp_path / "vitrail.db")
    connection.execute("DROP TABLE alert")
    connection.close()
    with open_database(tmp_path) as records:
        with pytest.raises(Corrupt) as caught:
            records.alerts.find(b.grant(), AlertQuery())
        assert "alert" in caught.value.what
        assert records.check()


def test_check_tells_rows_that_contradict_each_other(tmp_path: Path) -> None:
    filled(tmp_path, 3)
    main, ledger = raw(tmp_path / "vitrail.db"), raw(tmp_path / "ledger.db")
    main.execute("UPDATE alert SET erase_after_us = 0 WHERE id = 'alert-001'")
    main.execute("PRAGMA ignore_check_constraints = ON")
    main.execute("UPDATE alert SET mandate_id = '' WHERE id = 'alert-002'")
    ledger.execute("DROP TRIGGER entry_never_goes")
    ledger.execute("DELETE FROM entry WHERE idx = 1")
    main.close()
    ledger.close()
    with open_database(tmp_path) as records:
        told = {(p.file, p.key.split()[0], p.what) for p in records.check()}
    assert ("ledger.db", "entry", "the entry before it is missing") in told
    assert ("vitrail.db", "alert", "it is erased before its evidence ends") in told
    assert any(file == "vitrail.db" and "CHECK" in what for file, _, what in told)


# full


def test_a_full_disk_is_unavailable_and_loses_nothing_written_before(tmp_path: Path) -> None:
    """The kernel refuses to let any file grow beyond half a megabyte: for SQLite that is a disk with no room."""
    filled(tmp_path, 10)
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from vitrail.adapters.sqlite import open_database\n"
        "from vitrail.domain.errors import Unavailable\n"
        "with open_database(Path(sys.argv[1])) as records:\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n"
        "    written = 0\n"
        "    try:\n"
        "        for i in range(1000):\n"
        "            records.ledger.append([b'x' * 5000]); written += 1\n"
        "    except Unavailable as error:\n"
        "        assert error.remedy, error\n"
        "        print(written, records.ledger.size())\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    written, size = map(int, ran.stdout.split())
    assert 0 < written < 1000 and size == 10 + written
    with open_database(tmp_path) as records:
        assert records.ledger.size() == 10 + written
        assert records.check() == []
        records.ledger.append([b"room again"])


def test_a_disk_with_no_room_for_a_new_database_is_unavailable(tmp_path: Path) -> None:
    script = (
        "import resource, sys; from pathlib import Path\n"
        "from vitrail.adapters.sqlite import open_database\n"
        "from vitrail.domain.errors import Unavailable\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "try: open_database(Path(sys.argv[1]))\n"
        "except Unavailable as error: print(error.remedy)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert "disk" in ran.stdout


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable) as caught:
        open_database(tmp_path / "file" / "state")
    assert caught.value.remedy


# versions


def test_a_database_of_a_newer_vitrail_is_invalid(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    connection = raw(tmp_path / "vitrail.db")
    connection.execute(f"PRAGMA user_version = {newest('main') + 1}")
    connection.close()
    with pytest.raises(Invalid) as caught:
        open_database(tmp_path)
    assert "newer" in caught.value.what


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    connection = raw(tmp_path / "vitrail.db")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(Invalid):
        open_database(tmp_path)
    connection = raw(tmp_path / "vitrail.db")
    assert [name for (name,) in connection.execute("SELECT name FROM sqlite_schema")] == ["theirs"]
    connection.close()


def test_two_programs_that_create_the_same_database_at_once_agree(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    gate = threading.Barrier(4)

    def work() -> None:
        try:
            gate.wait(10)
            open_database(tmp_path, 30.0).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    with open_database(tmp_path) as records:
        assert records.check() == []


def test_a_session_needs_an_account(tmp_path: Path) -> None:
    with open_database(tmp_path) as records, pytest.raises(Conflict):
        records.accounts.add_session(Session("a" * 64, "nobody", "r", "c", 1, 2))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_database_that_may_not_be_written_is_unavailable(tmp_path: Path) -> None:
    filled(tmp_path, 1)
    (tmp_path / "ledger.db").chmod(0o400)
    with open_database(tmp_path) as records, pytest.raises(Unavailable):
        records.ledger.append([b"one"])
