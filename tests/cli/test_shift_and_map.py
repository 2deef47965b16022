"""The map and the report of a shift from the command line, each by the person whose it is."""

import json
import re
from pathlib import Path

from typer.testing import CliRunner

from tests.cli.test_cases import ENVIRON, camera, good, run, town
from vitrail.cli.app import app

__all__ = ["town"]


def test_a_note_is_left_read_and_taken(town: Path) -> None:
    left = re.search(r"note (\S+)", good(run(town, "operator", "handover", "leave", "--words", "the quay is closed")))
    assert left
    shown = good(run(town, "investigator", "handover", "show", "--hours", "4"))
    assert "the quay is closed" in shown and f"note {left[1]} by operator" in shown and "nobody has taken it" in shown
    assert "taken by investigator" in good(run(town, "investigator", "handover", "take", left[1]))
    assert "taken by investigator" in good(run(town, "operator", "handover", "show"))
    assert run(town, "investigator", "handover", "take", left[1]).exit_code != 0
    assert run(town, "auditor", "handover", "show").exit_code != 0


def test_the_map_is_printed_as_a_list_and_as_geojson(town: Path) -> None:
    here = camera(town)
    assert here in good(run(town, "operator", "map"))
    made = json.loads(good(run(town, "operator", "map", "--json", "--ago", "3")))
    assert f"camera.{here}" in {feature["id"] for feature in made["features"]}
    assert made["hour"] in {each["start"] for each in made["hours"][-5:-3]}, "an hour may turn meanwhile"
    assert run(town, "auditor", "map").exit_code != 0


def test_check_names_those_who_would_never_be_told_of_late_alerts(town: Path) -> None:
    paper = town / "site.yaml"
    before = paper.read_text(encoding="utf-8")
    check = ["check", "--site", str(town)]
    runner = CliRunner(env={"COLUMNS": "250", **ENVIRON})
    try:
        paper.write_text(f"{before}\nescalation:\n  to: [operator, nobody, technician]\n", encoding="utf-8")
        told = runner.invoke(app, check)
        assert told.exit_code == 1
        assert "there is no account `nobody`" in told.output and "account `technician` (technician)" in told.output
        assert "`operator`" not in told.output
        paper.write_text(f"{before}\nescalation:\n  to: [operator]\n", encoding="utf-8")
        assert runner.invoke(app, check).exit_code == 0
    finally:
        paper.write_text(before, encoding="utf-8")
