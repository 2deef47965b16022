"""The eraser as a process of its own: it needs nothing but the state folder."""

import os
import subprocess
import sys
from pathlib import Path

from tests import builders as b
from vitrail.adapters.sqlite import open_database


def kept(state: Path, retention_us: int) -> None:
    """A state folder with one alert of long ago."""
    with open_database(state) as records:
        records.alerts.add(b.permit(retention_us=retention_us), b.alert())


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vitrail", "erase", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_what_is_past_its_time_goes_and_the_ledger_says_so(tmp_path: Path) -> None:
    kept(tmp_path, 1)
    done = run("--state", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "erased 0 recordings, 1 alerts" in done.stdout and "0 rows wait" in done.stdout
    with open_database(tmp_path) as records:
        assert records.alerts.kept() == 0
        assert any(b'"operation":"erase"' in payload for _, payload in records.ledger.read(0, 9))


def test_a_folder_without_anything_is_told(tmp_path: Path) -> None:
    done = run("--state", str(tmp_path))
    assert done.returncode != 0 and "nothing was ever kept here" in done.stderr


def test_left_alone_it_ends_when_nothing_is_kept(tmp_path: Path) -> None:
    kept(tmp_path, 1)
    nobody = os.getpid() + 1_000_000
    assert run("--stay", "--beside", str(nobody), "--state", str(tmp_path)).returncode == 0
