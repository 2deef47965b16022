"""A long recording is cut into pieces only where nothing on its camera remembers the place."""

from pathlib import Path

import pytest

from vitrail import compose
from vitrail.services.analyse import PIECE_US

_LEFT = "      - {analytic: left_object, purpose: try, zones: [picture]}\n"


@pytest.mark.parametrize("remembers", [False, True])
def test_what_remembers_a_place_sees_the_recording_whole(tmp_path: Path, remembers: bool) -> None:
    site = tmp_path / "site"
    compose.lab_site(tmp_path / "long.mp4", site)
    if remembers:
        text = (site / "site.yaml").read_text(encoding="utf-8")
        mandate = site / "mandates" / "demo.yaml"
        (site / "site.yaml").write_text(text.replace("    analytics:\n", "    analytics:\n" + _LEFT, 1), "utf-8")
        row = "matrix:\n  - {camera: campus, analytic: left_object, purpose: try}\n"
        mandate.write_text(mandate.read_text("utf-8").replace("matrix:\n", row, 1), "utf-8")
    archive = compose.archive(site, None, tmp_path / "state", tmp_path / "cache", {})
    assert (archive.piece_us > PIECE_US) is remembers
