"""The commands as people type them: what they print, and the exit code from the one table."""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.media import made_video
from tests.models import detector_model, model_cache
from vitrail.cli.app import app
from vitrail.cli.exits import EXIT_CODES, FOUND, exit_code
from vitrail.domain import errors


def run(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, list(words))


def code(result: Result) -> int:
    """What ``main`` would exit with."""
    if isinstance(result.exception, errors.VitrailError):
        return exit_code(result.exception)
    return result.exit_code


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    assert run("init", str(folder)).exit_code == 0
    return folder


def test_every_kind_of_error_has_its_own_exit_code() -> None:
    kinds = set(errors.VitrailError.__subclasses__())
    assert set(EXIT_CODES) == kinds
    codes = [*EXIT_CODES.values(), FOUND, 0, 2]
    assert len(set(codes)) == len(codes)


def test_help_names_every_command() -> None:
    said = run("--help").output
    for name in ("demo", "init", "check", "watch", "analyse", "alerts", "models", "ledger", "mandate", "account"):
        assert re.search(rf"^\s+{name}\b", said, re.MULTILINE), name


def test_version() -> None:
    assert re.fullmatch(r"vitrail \d+\.\d+\.\d+\n", run("--version").output)


def test_operational_messages_never_print_what_variables_hold() -> None:
    """A traceback with local variables would write passwords and addresses into the log."""
    code = (
        "import structlog\n"
        "from typer.testing import CliRunner\n"
        "from vitrail.cli.app import app\n"
        "CliRunner().invoke(app, ['models', 'list', '--help'])\n"
        "def sign_in(password):\n"
        "    raise ValueError('no')\n"
        "try:\n"
        "    sign_in('hunter' + str(2))\n"
        "except ValueError:\n"
        "    structlog.get_logger('vitrail').exception('failed')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "ValueError: no" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


def test_init_writes_a_folder_and_says_what_next(site: Path) -> None:
    assert (site / "site.yaml").is_file()
    assert list((site / "mandates").glob("*.yaml"))


def test_init_overwrites_nothing(site: Path) -> None:
    before = (site / "site.yaml").read_bytes()
    assert code(run("init", str(site))) == EXIT_CODES[errors.Conflict]
    assert (site / "site.yaml").read_bytes() == before


def test_check_tells_every_problem_at_once(site: Path) -> None:
    text = (site / "site.yaml").read_text(encoding="utf-8")
    wrong = re.sub(r"^zone: .*$", "zone: Mars/Olympus", text, count=1, flags=re.MULTILINE)
    (site / "site.yaml").write_text(wrong + "\ncolour: blue\n", encoding="utf-8")
    result = run("check", "--site", str(site))
    assert code(result) == EXIT_CODES[errors.Invalid]
    assert isinstance(result.exception, errors.Invalid)
    told = {problem.key for problem in result.exception.problems}
    assert any("zone" in key for key in told)
    assert any("colour" in key for key in told)
    assert all(problem.remedy for problem in result.exception.problems)


def test_check_without_a_site_says_where_it_looked(tmp_path: Path) -> None:
    result = run("check", "--site", str(tmp_path))
    assert code(result) in (EXIT_CODES[errors.NotFound], EXIT_CODES[errors.Invalid])
    assert "site.yaml" in str(result.exception)


@pytest.mark.parametrize("command", [["demo"], ["watch"]])
def test_a_port_that_is_taken_is_said_before_anything_long(command: list[str], tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run(*command, "--port", str(port), "--cache", str(tmp_path / "cache"))
    assert code(result) == EXIT_CODES[errors.Conflict]
    assert str(port) in str(result.exception)
    assert not (tmp_path / "cache").exists()


def test_an_unknown_model_names_those_that_are_known(tmp_path: Path) -> None:
    result = run("models", "show", "all-seeing", "--cache", str(tmp_path))
    assert code(result) == EXIT_CODES[errors.NotFound]
    assert isinstance(result.exception, errors.NotFound)
    assert "known are" in result.exception.remedy


def test_models_are_listed_with_licence_and_whether_they_are_here(tmp_path: Path) -> None:
    said = run("models", "list", "--cache", str(tmp_path)).output
    assert "Apache-2.0" in said
    assert "nanodet" in said


def test_a_ledger_that_does_not_exist_is_no_empty_ledger(site: Path) -> None:
    assert code(run("ledger", "verify", "--site", str(site))) == EXIT_CODES[errors.NotFound]


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("missing.mp4", None, errors.NotFound),
        ("empty.mp4", b"", errors.Invalid),
        ("notes.mp4", b"these are words, not pictures\n" * 50, errors.Invalid),
    ],
)
def test_a_file_that_is_no_video_is_told_apart(
    name: str, content: bytes | None, kind: type[errors.VitrailError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    detector_model()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if content is not None:
        (tmp_path / name).write_bytes(content)
    result = run("analyse", str(tmp_path / name), "--cache", str(model_cache()), "--state", str(tmp_path / "state"))
    assert code(result) == EXIT_CODES[kind], result.output
    assert name in str(result.exception)


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """A made recording of two seconds (nobody in it), analysed into a state folder."""
    detector_model()
    folder = tmp_path_factory.mktemp("analysed")
    video = made_video(folder / "yard.mp4", seconds=2)
    env = {"COLUMNS": "200", "XDG_DATA_HOME": str(folder / "data")}
    words = ["analyse", str(video), "--cache", str(model_cache()), "--state", str(folder / "state"), "--speed"]
    return folder, CliRunner(env=env).invoke(app, words)


def test_analyse_says_how_fast_it_went(analysed: tuple[Path, Result]) -> None:
    _, result = analysed
    assert result.exit_code == 0, result.output
    assert "times real time" in result.output


def test_what_analyse_did_stands_in_a_ledger_that_verifies(analysed: tuple[Path, Result]) -> None:
    folder, _ = analysed
    result = run("ledger", "verify", "--state", str(folder / "state"))
    assert result.exit_code == 0, result.output
    assert "every entry stands as it was written" in result.output


def test_a_ledger_that_was_altered_is_found_out(analysed: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = analysed
    state = tmp_path / "state"
    shutil.copytree(folder / "state", state)
    with sqlite3.connect(state / "ledger.db") as database:
        rule = database.execute("SELECT sql FROM sqlite_master WHERE name = 'entry_never_changes'").fetchone()[0]
        database.execute("DROP TRIGGER entry_never_changes")
        database.execute(
            "UPDATE entry SET payload = CAST(replace(payload, 'vitrail', 'nobody!') AS BLOB) WHERE idx = 1"
        )
        database.execute(rule)
    result = run("ledger", "verify", "--state", str(state))
    assert result.exit_code == FOUND, result.output


def test_a_recording_that_is_kept_becomes_part_of_the_archive_once(tmp_path: Path) -> None:
    detector_model()
    video = made_video(tmp_path / "yard.mp4", seconds=2)
    state = tmp_path / "state"
    started = datetime.now(UTC) - timedelta(minutes=5)
    words = ["analyse", str(video), "--cache", str(model_cache()), "--state", str(state), "--keep"]
    env = {"COLUMNS": "200", "XDG_DATA_HOME": str(tmp_path / "data")}
    said = [CliRunner(env=env).invoke(app, [*words, "--start", started.isoformat()]) for _ in range(2)]
    assert "yard.mp4: kept in the archive" in said[0].output
    assert "yard.mp4: not kept again" in said[1].output
    with sqlite3.connect(state / "vitrail.db") as database:
        ((start_us, end_us, path),) = database.execute("SELECT start_us, end_us, path FROM segment")
    assert start_us == round(started.timestamp() * 1e6)
    assert end_us - start_us == pytest.approx(2e6, abs=2e5)
    assert (state / "media" / path).stat().st_size > 1000


def test_events_as_json_lines_are_json(analysed: tuple[Path, Result], tmp_path: Path) -> None:
    folder, _ = analysed
    env = {"COLUMNS": "200", "XDG_DATA_HOME": str(tmp_path)}
    words = [
        "analyse",
        str(folder / "yard.mp4"),
        "--cache",
        str(model_cache()),
        "--state",
        str(tmp_path / "s"),
        "--json",
    ]
    result = CliRunner(env=env).invoke(app, words)
    assert result.exit_code == 0
    assert all(json.loads(line) for line in result.stdout.splitlines())
