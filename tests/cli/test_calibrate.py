"""``calibrate``: what the clues in site.yaml make of each camera."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vitrail.cli.app import app
from vitrail.domain import errors

ENVIRON = {"COLUMNS": "200", "CAM_USER": "a", "CAM_PASSWORD": "b"}
GROUND = """\
    position: {latitude: 48.8566, longitude: 2.3522, heading_deg: 90}
    ground:
      picture: [1920, 1080]
      heights:
        - {foot: [0.3, 0.95], head: [0.3, 0.55], metres: 1.75}
        - {foot: [0.6, 0.6], head: [0.6, 0.35], metres: 1.75}
"""


def run(*words: str) -> Result:
    return CliRunner(env=ENVIRON).invoke(app, list(words))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    run("init", str(folder))
    text = (folder / "site.yaml").read_text(encoding="utf-8")
    text = text.replace('reviewed_by: ""', "reviewed_by: A. Martin")
    (folder / "site.yaml").write_text(text, encoding="utf-8")
    mandate = folder / "mandates" / "trial.yaml"
    mandate.unlink()
    return folder


def test_a_calibrated_camera_is_told_in_metres(site: Path) -> None:
    text = (site / "site.yaml").read_text(encoding="utf-8")
    (site / "site.yaml").write_text(text.replace("    streams:\n", GROUND + "    streams:\n", 1), encoding="utf-8")
    told = run("calibrate", "--site", str(site))
    assert told.exit_code == 0, told.output
    assert "hangs" in told.output and "zone forecourt" in told.output and " m2" in told.output
    shown = json.loads(run("calibrate", "entrance", "--site", str(site), "--geojson").output)
    ring = shown["features"][0]["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert all(east >= 2.3522 for east, _ in ring), "it looks east"


def test_no_calibration_is_said_so(site: Path) -> None:
    told = run("calibrate", "--site", str(site))
    assert isinstance(told.exception, errors.NotFound)
    assert "no camera is calibrated" in str(told.exception)
