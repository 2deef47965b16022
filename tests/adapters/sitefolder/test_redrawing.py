"""Drawings written back into site.yaml: what is not drawn stays as somebody wrote it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import NOW_US
from vitrail.adapters.drafts import FileDrafts
from vitrail.adapters.sitefolder import SiteYaml, write_site
from vitrail.adapters.sitefolder.plain_yaml import read_plain
from vitrail.adapters.sitefolder.round_trip import drawn_of, redrawn
from vitrail.adapters.sitefolder.writing import Answers
from vitrail.analytics.registry import Registry
from vitrail.domain.calibration import KnownHeight
from vitrail.domain.drawing import Clues, Draft, Drawing, Kind, PlaceClue, Shape
from vitrail.domain.errors import Conflict, Corrupt, Invalid

RING = ((0.1, 0.2), (0.3, 0.2), (0.3, 0.5))
FLAT = """# ours
cameras:
- id: a   # the first
  name: A
  zones:
  - {id: z, name: Z, corners: [[0.10, 0.20], [0.30, 0.20], [0.30, 0.50]]}  # by the door
- id: b
  name: B
  lines:
  - id: l
    name: L
    from: [0.1, 0.1]  # here
    to: [0.2, 0.2]
"""


def drawing(text: str, place: int = 0) -> Drawing:
    value = read_plain(text).value
    assert isinstance(value, dict)
    raw = value["cameras"][place]
    return drawn_of(raw, raw["id"])


def test_what_is_drawn_already_changes_nothing() -> None:
    assert redrawn(FLAT, drawing(FLAT)) == FLAT


def test_lists_stay_where_the_file_has_them_and_comments_beside_what_they_say() -> None:
    before = drawing(FLAT)
    after = redrawn(FLAT, replace(before, shapes=(*before.shapes, Shape(Kind.SURFACE, RING, "wall", "Wall"))))
    assert after.startswith(FLAT[: FLAT.index("- id: b")])
    assert (
        "  surfaces:\n  - id: wall\n    name: Wall\n    corners: [[0.1, 0.2], [0.3, 0.2], [0.3, 0.5]]\n- id: b\n"
        in after
    )
    assert after.endswith(FLAT[FLAT.index("- id: b") :])


def test_a_file_from_another_system_keeps_its_line_ends() -> None:
    text = FLAT.replace("\n", "\r\n")
    assert redrawn(text, drawing(text)) == text
    moved = replace(drawing(text, 1), shapes=(Shape(Kind.LINE, ((0.1, 0.1), (0.4, 0.2)), "l", "L"),))
    assert redrawn(text, moved) == text.replace("to: [0.2, 0.2]", "to: [0.4, 0.2]")


def test_of_another_camera_only_the_corner_that_moved_changes() -> None:
    moved = replace(drawing(FLAT, 1), shapes=(Shape(Kind.LINE, ((0.1, 0.1), (0.4, 0.2)), "l", "L"),))
    assert redrawn(FLAT, moved) == FLAT.replace("to: [0.2, 0.2]", "to: [0.4, 0.2]")


def test_what_is_written_is_read_again() -> None:
    clues = Clues((1920, 1080), (PlaceClue((0.1, 0.9), (48.8566134, 2.3522219), True),), (), 78.0)
    clues = replace(clues, heights=(KnownHeight((0.4, 0.9), (0.4, 0.6), 2.1),))
    shapes = (
        Shape(Kind.ZONE, RING, "z", "Été: « oui » # non"),
        Shape(Kind.ASSET, RING, "bench", "Bench", "bench"),
    )
    wanted = Drawing("a", shapes, clues)
    assert drawing(redrawn(FLAT, wanted)) == wanted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_site(tmp_path / "site", NOW_US, Answers(reviewed_by="An officer", address="yard.mp4"))
    for path in (tmp_path / "site" / "mandates").iterdir():
        path.unlink()
    return tmp_path / "site"


def test_nothing_is_written_that_check_would_refuse_nor_over_another_hand(folder: Path) -> None:
    paper = SiteYaml(folder, {}, Registry.load().manifests)
    sheet = paper.sheet("entrance")
    before = (folder / "site.yaml").read_bytes()
    with pytest.raises(Invalid) as refused:
        paper.write(Drawing("entrance"), sheet.base)
    assert any("forecourt" in problem.what for problem in refused.value.problems)
    assert (folder / "site.yaml").read_bytes() == before
    (folder / "site.yaml").write_bytes(before + b"# another hand\n")
    with pytest.raises(Conflict):
        paper.write(sheet.drawing, sheet.base)
    assert {path.name for path in folder.glob("site.yaml*")} == {"site.yaml"}


def test_the_running_house_is_older_once_the_file_was_written(folder: Path) -> None:
    paper = SiteYaml(folder, {}, Registry.load().manifests)
    sheet = paper.sheet("entrance")
    drawn = replace(sheet.drawing, shapes=(*sheet.drawing.shapes, Shape(Kind.ZONE, RING, "n", "New")))
    digest = paper.write(drawn, sheet.base)
    assert not sheet.newer
    assert paper.sheet("entrance").newer and paper.sheet("entrance").base == digest
    assert set(paper.sheet("entrance").drawing.shapes) == set(drawn.shapes)


def test_a_draft_is_kept_as_it_was_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    clues = Clues(
        (1920, 1080), (PlaceClue((0.1, 0.9), (1.0, 2.0), False),), (KnownHeight((0.4, 0.9), (0.4, 0.6), 2.1),)
    )
    draft = Draft(Drawing("a", (Shape(Kind.MASK, RING),), clues, "An officer", "2026-11-23"), "0" * 64, "op", NOW_US)
    drafts = FileDrafts(tmp_path / "drafts")
    assert drafts.get("a") is None and drafts.get("../a") is None
    drafts.put(draft)
    assert FileDrafts(tmp_path / "drafts").get("a") == draft
    (tmp_path / "drafts" / "a.json").write_text("{}")
    with pytest.raises(Corrupt):
        drafts.get("a")
    drafts.drop("a")
    assert drafts.get("a") is None
