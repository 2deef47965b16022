"""Cameras found, tried and added from the command line, by whoever administers."""

import socket
from pathlib import Path

from typer.testing import CliRunner

from tests.cli.test_cases import ENVIRON, good, run, town
from vitrail.cli.app import app

__all__ = ["town"]

SECRET = ("--user", "viewer", "--camera-password", "p@ss-7")


def test_a_camera_is_added_once_and_read_back_and_its_password_is_nowhere_in_the_site(town: Path) -> None:
    words = ("camera", "add", "quay", "rtsp://10.0.0.5/main", "--name", "The quay", *SECRET, "--at", "48.85,2.35,90")
    added = good(run(town, "technician", *words))
    assert "+  - id: quay" in added and "L01" in added, "the lines, and what it still lacks"
    assert "p@ss-7" not in added + (town / "site.yaml").read_text(encoding="utf-8")
    checked = CliRunner(env={"COLUMNS": "250", **ENVIRON}).invoke(app, ["check", "--site", str(town)])
    assert "2 cameras" in checked.output, "the house reads it, password and all"
    again = run(town, "technician", *words)
    assert again.exit_code != 0 and "already" in str(again.exception)
    assert run(town, "technician", *words[:2], "pier", *words[3:], "--at", "north").exit_code != 0


def test_whoever_does_not_administer_adds_tries_and_finds_nothing(town: Path) -> None:
    before = (town / "site.yaml").read_bytes()
    for words in (
        ("find",),
        ("streams", "10.0.0.5"),
        ("try", "rtsp://10.0.0.5/main"),
        ("add", "pier", "rtsp://10.0.0.5/main", "--name", "The pier"),
    ):
        refused = run(town, "operator", "camera", *words)
        assert refused.exit_code != 0 and "may not administer" in str(refused.exception), words
    assert (town / "site.yaml").read_bytes() == before


def test_a_camera_that_does_not_answer_is_said_without_its_password(town: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = run(town, "technician", "camera", "try", f"rtsp://127.0.0.1:{port}/main", *SECRET)
    assert "refuses the connection" in str(told.exception) and "p@ss-7" not in str(told.exception)
    told = run(town, "technician", "camera", "streams", f"127.0.0.1:{port}", *SECRET)
    assert "does not answer" in str(told.exception)
