"""The schema itself: every column explained, every personal row under a mandate, nothing that could name somebody."""

import re
import sqlite3
from pathlib import Path

import pytest

from vitrail.adapters.sqlite import migrations, open_database
from vitrail.domain.sightings import CLASSES

FOLDER = Path(migrations.__file__).parent
SCRIPTS = sorted(FOLDER.glob("*/*.sql"))
STAFF = {
    "pin",
    "camera_clock",
    "saved_query",
    "bundle",
    "share",
    "sealing_key",
    "account",
    "session",
    "case_file",
    "hold",
    "unmasking",
    "request",
}
"""Tables about people who act, and what they ask and order; those who are filmed have no row, unless they write to us
and ask for what is theirs: then their words and contact go at their time."""
MACHINES = {"entry", "block", "checkpoint", "sound_habit"}
"""The ledger, and counts about places: nothing of anything that was seen or heard."""
SEEN = {"alert", "segment", "reading", "sighting", "upkeep_step", "notice", "place_memory"}
IDENTITY = re.compile(
    r"face|plate|person|people|gait|voice|speech|biometr|embedding|vector|template|descriptor|ident|gender|sex|(^|_)age(_|$)"
    r"|ethnic|origin|race|skin|cloth|emotion|mood|disab|phone|imei|mac_|track|suspect|watch.?list|risk|threat"
    r"|name_of|first_name|last_name|birth|passport|licen[cs]e",
    re.IGNORECASE,
)


def columns(tmp_path: Path) -> dict[str, list[tuple[str, str, bool]]]:
    """Table -> (column, type, not null), as SQLite sees it after all migrations."""
    open_database(tmp_path).close()
    found: dict[str, list[tuple[str, str, bool]]] = {}
    for name in ("ledger.db", "vitrail.db"):
        connection = sqlite3.connect(tmp_path / name)
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        for (table,) in connection.execute(tables).fetchall():
            rows = connection.execute(f"PRAGMA table_info({table})").fetchall()
            found[table] = [(row[1], row[2], bool(row[3])) for row in rows]
        connection.close()
    return found


def test_the_tables_are_those_we_know(tmp_path: Path) -> None:
    assert set(columns(tmp_path)) == MACHINES | SEEN | STAFF


def test_every_row_about_what_a_camera_saw_names_its_mandate_and_its_end(tmp_path: Path) -> None:
    for table, found in columns(tmp_path).items():
        if table in STAFF | MACHINES:
            continue
        required = {name for name, _, not_null in found if not_null}
        assert {"mandate_id", "camera_id", "erase_after_us"} <= required, table


def test_no_column_smells_of_identity(tmp_path: Path) -> None:
    for table, found in columns(tmp_path).items():
        for name, _, _ in found:
            assert not IDENTITY.search(name), f"{table}.{name}"


@pytest.mark.parametrize("name", ["face_id", "person_id", "track_id", "embedding", "plate", "age", "gender"])
def test_the_nose_for_identity_works(name: str) -> None:
    assert IDENTITY.search(name)


def test_no_media_bytes_in_the_database(tmp_path: Path) -> None:
    blobs = {f"{t}.{n}" for t, found in columns(tmp_path).items() for n, kind, _ in found if kind == "BLOB"}
    assert blobs == {
        "entry.payload",
        "entry.leaf_hash",
        "entry.link",
        "block.root",
        "checkpoint.root",
        "checkpoint.signature",
        "checkpoint.public_key",
        "sealing_key.secret",
        "sighting.form",
    }


def test_a_sighting_can_be_of_no_person(tmp_path: Path) -> None:
    """L21: the subjects and classes that the table admits are those of vehicles, things, marks and places."""
    open_database(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "vitrail.db")
    (sql,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'sighting'").fetchone()
    connection.close()
    listed = (re.search(rf"{column} IN \(([^)]*)\)", sql) for column in ("subject", "kind"))
    subjects, kinds = (set(re.findall(r"'(\w+)'", match[1])) for match in listed if match)
    assert subjects == set(CLASSES)
    assert kinds == {kind for some in CLASSES.values() for kind in some}
    assert not {"person", "people", "rider", "face"} & (subjects | kinds)


def test_times_are_integers_named_us(tmp_path: Path) -> None:
    for table, found in columns(tmp_path).items():
        for name, kind, _ in found:
            if re.search(r"(_us|_at|time|date)$", name):
                assert name.endswith("_us") and kind == "INTEGER", f"{table}.{name}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_column_is_explained(script: Path) -> None:
    inside = False
    for line in script.read_text().splitlines():
        if line.startswith("CREATE TABLE"):
            inside = True
        elif line.startswith(")"):
            inside = False
        elif inside and re.match(r"    [a-z_]+ +(INTEGER|TEXT|REAL|BLOB)", line):
            column = line.split()[0]
            rest = script.read_text().split(line, 1)[1].split("\n", 2)
            assert "--" in line or "--" in rest[1], f"{script.name}: {column} is not explained"


def test_migrations_are_numbered_without_gaps() -> None:
    for kind in ("main", "ledger"):
        numbers = [int(path.name[:4]) for path in sorted((FOLDER / kind).glob("*.sql"))]
        assert numbers == list(range(1, len(numbers) + 1))


def test_every_table_is_strict() -> None:
    for script in SCRIPTS:
        text = script.read_text()
        assert text.count("CREATE TABLE") == text.count(") STRICT;")


def test_no_statement_is_built_from_values() -> None:
    """Only constants are put into SQL text; values are parameters."""
    folder = FOLDER.parent
    for path in folder.glob("*.py"):
        for match in re.finditer(r"\.execute(?:many)?\(\s*(f\"[^\"]*\{[^\"]*\")", path.read_text()):
            assert re.search(r"PRAGMA|\{sql\} LIMIT \{_ROWS_TOLD\}", match.group(1)), f"{path.name}: {match.group(1)}"
