"""The map and the report of a shift from the command line, each by the person whose it is."""

import json
import re
from pathlib import Path

from tests.cli.test_cases import camera, good, run, town

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
