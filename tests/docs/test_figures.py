"""Pages of analytics show what was measured and where they fail; a figure nobody can print again is refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tools import analytic_pages, figures

from vitrail.analytics.registry import Registry

GOOD = """\
measured:
  - what: marks told
    figure: 58 of 60
    conditions: composite days
    command: benchmarks/bench.py --seed 1
    date: "2026-11-25"
fails:
  - picture: graffiti-1.jpg
    caption: A pale tag in the shade was missed.
    source: made by us
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for folder in ("docs/figures", "benchmarks", str(figures.PICTURES)):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "benchmarks" / "bench.py").write_text("", encoding="utf-8")
    picture(tmp_path / figures.PICTURES / "graffiti-1.jpg")
    written(tmp_path, GOOD)
    return tmp_path


def picture(path: Path, size: int = 40) -> None:
    grain = np.random.default_rng(1).integers(0, 255, (size, size, 3), dtype=np.uint8)
    path.write_bytes(cv2.imencode(".jpg", grain)[1].tobytes())


def written(root: Path, text: str, name: str = "graffiti.yaml") -> None:
    (root / "docs" / "figures" / name).write_text(text, encoding="utf-8")


def test_what_is_written_is_read(repository: Path) -> None:
    found = figures.read({"graffiti": None}, repository)["graffiti"]
    assert found.measured[0].figure == "58 of 60" and found.fails[0].picture == "graffiti-1.jpg"
    assert figures.orphans({"graffiti": found}, repository) == set()
    picture(repository / figures.PICTURES / "left-over.jpg")
    assert figures.orphans({"graffiti": found}, repository) == {"left-over.jpg"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("bench.py", "gone.py"), "measured[0].command: benchmarks/gone.py is no file"),
        (("benchmarks/bench.py", "tools/bench.py"), "measured[0].command: tools/bench.py is no file of benchmarks/"),
        (('"2026-11-25"', "yesterday"), "measured[0].date"),
        (("58 of 60", '""'), "measured[0]: give exactly"),
        (("graffiti-1.jpg", "gone.jpg"), "fails[0].picture: docs/pictures/failures/gone.jpg is not there"),
        (("    source: made by us\n", ""), "fails[0]: give exactly"),
        (("measured:", "figures:"), "holds other lists"),
        (("measured:", "measured: ["), "line"),
    ],
    ids=["gone", "elsewhere", "date", "empty", "picture", "no source", "other list", "no yaml"],
)
def test_what_is_wrong_is_said_with_its_place(repository: Path, change: tuple[str, str], said: str) -> None:
    written(repository, GOOD.replace(*change))
    with pytest.raises(ValueError) as caught:
        figures.read({"graffiti": None}, repository)
    assert "docs/figures/graffiti.yaml" in str(caught.value) and said in str(caught.value)


def test_a_file_of_no_analytic_and_a_picture_too_large_are_both_said(repository: Path) -> None:
    written(repository, GOOD, "grafitti.yaml")
    picture(repository / figures.PICTURES / "graffiti-1.jpg", 600)
    with pytest.raises(ValueError) as caught:
        figures.read({"graffiti": None}, repository)
    assert "grafitti" in str(caught.value) and "at most 40 kB" in str(caught.value)


def test_more_pictures_than_a_page_takes_are_refused(repository: Path) -> None:
    row = GOOD[GOOD.index("  - picture") :]
    written(repository, GOOD + 3 * row)
    with pytest.raises(ValueError, match="at most 3 pictures"):
        figures.read({"graffiti": None}, repository)


def test_every_picture_of_a_failure_is_shown_on_a_page() -> None:
    manifests = Registry.load().manifests
    found = figures.read(manifests)
    assert figures.orphans(found) == set()
    made = analytic_pages.pages()
    for name, one in found.items():
        assert all(f"{row.figure} |" in made[f"analytics/{name}.md"] for row in one.measured)
        assert all(f"failures/{row.picture})" in made[f"analytics/{name}.md"] for row in one.fails)
