"""Files that are no text, too large, or built to hurt; and several mistakes told at once."""

from pathlib import Path

import pytest

from tests.adapters.sitefolder.conftest import DECISION, Folder
from tests.adapters.sitefolder.rows import problems_of
from vitrail.adapters.sitefolder.plain_yaml import read_plain
from vitrail.domain.errors import Invalid

BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
)

FILES = [
    ("empty", b"", "holds no keys", "(line 1)"),
    ("only comments", b"# nothing\n", "holds no keys", "(line 1)"),
    ("a list", b"- id: x\n", "holds no keys", "(line 1)"),
    ("one word", b"harbour\n", "holds no keys", "(line 1)"),
    ("latin-1", "id: x\nname: Vélo\n".encode("latin-1"), "byte 0xe9 is not UTF-8", "(line 2)"),
    ("utf-16", "id: x\n".encode("utf-16"), "is not UTF-8", "(line 1)"),
    ("null bytes", b"id: x\x00\n", "U+0000 is not allowed", "(line 1)"),
    ("too large", b"# " + b"x" * 4_194_304, "4,194,306 bytes long", "(line 1)"),
    ("too deep", b"id: " + b"[" * 40 + b"]" * 40, "16 levels", "(line 1)"),
    ("a bomb", BOMB.encode(), "aliases are not read (*a)", "(line 2)"),
]


@pytest.mark.parametrize(("data", "what", "where"), [row[1:] for row in FILES], ids=[row[0] for row in FILES])
@pytest.mark.parametrize("file", ["site.yaml", "mandates/edge.yaml"])
def test_files_that_cannot_be_read_are_told(folder: Folder, file: str, data: bytes, what: str, where: str) -> None:
    (folder.path / file).write_bytes(data)
    told = [problem for problem in problems_of(folder) if problem.file == file]
    assert any(what in problem.what and where in problem.key for problem in told), told


def test_a_file_of_too_many_values_is_not_read_to_its_end() -> None:
    plain = read_plain("x: 1\nid: [" + "1," * 200 + "1]\n" * 2, max_nodes=100)
    assert plain.value == {}
    assert [(complaint.line, complaint.what) for complaint in plain.complaints] == [
        (2, "holds too many values, or more than 16 levels")
    ]


def test_a_mandate_that_is_a_folder_is_told(folder: Folder) -> None:
    (folder.path / "mandates" / "roof.yaml").mkdir()
    assert [problem.file for problem in problems_of(folder)] == ["mandates/roof.yaml"]


def test_a_mandate_with_another_ending_is_told_not_skipped(folder: Folder) -> None:
    (folder.path / "mandates" / "roof.yml").write_text("id: roof\n", encoding="utf-8")
    (told,) = problems_of(folder)
    assert (told.file, told.remedy) == ("mandates/roof.yml", "rename it")


def test_a_changed_decision_closes_the_gate_and_its_digest_is_told(folder: Folder) -> None:
    (folder.path / "mandates" / "2026-114.pdf").write_bytes(DECISION + b"Amended.\n")
    (told,) = problems_of(folder)
    assert "L01" in told.what
    assert told.key.startswith("decision.sha256")


def test_two_mandates_of_one_id_are_told(folder: Folder) -> None:
    text = (folder.path / "mandates" / "edge.yaml").read_text(encoding="utf-8")
    (folder.path / "mandates" / "zz.yaml").write_text(text, encoding="utf-8")
    (told,) = problems_of(folder)
    assert (told.file, "also in mandates/edge.yaml" in told.what) == ("mandates/zz.yaml", True)


def test_a_mandate_longer_than_the_profile_allows_is_told(argued: Folder) -> None:
    folder = argued
    folder.spoil("site.yaml", "profile: lab", "profile: fr")
    folder.spoil("mandates/edge.yaml", "end: 2027-05-01T08:00", "end: 2031-11-02")
    assert folder.read().mandates, "a trial on one's own recordings has no such limit"
    folder.spoil("mandates/edge.yaml", "mode: lab", "mode: inquiry")
    (told,) = problems_of(folder)
    assert "1827 days; profile `fr` allows 1826" in told.what


def test_thirty_one_days_are_refused_under_the_french_profile_and_thirty_are_not(folder: Folder) -> None:
    folder.spoil("site.yaml", "profile: lab", "profile: fr")
    folder.spoil("mandates/edge.yaml", "retention_hours: 48", "retention_hours: 720")
    assert folder.read().mandates[0].retention_us == 720 * 3600 * 10**6
    folder.spoil("mandates/edge.yaml", "retention_hours: 720", "retention_hours: 744")
    (told,) = problems_of(folder)
    assert "(L15)" in told.what


def test_a_secret_never_appears_in_what_is_told(folder: Folder) -> None:
    folder.spoil("site.yaml", "rtsp://${CAM_USER}:${CAM_PASSWORD}@cam.example:8554/main", "${CAM_URL}")
    with pytest.raises(Invalid) as caught:
        folder.read({"CAM_URL": "rtsp://u:se/cr3t@10.0.0.5/x"})
    assert "cr3t" not in "".join(map(str, caught.value.problems))
    assert "se" not in caught.value.problems[0].what.split()


def test_all_problems_of_all_files_are_told_at_once(folder: Folder) -> None:
    folder.spoil("site.yaml", "zone: Europe/Paris", "zone: Europe/Pariss")
    folder.spoil("site.yaml", "    name: Quay\n", "    nam: Quay\n")
    folder.spoil("site.yaml", "[0.9, 0.9], [0.1, 0.9]", "[0.1, 0.9], [0.9, 0.9]")
    folder.spoil("site.yaml", "lines: [gate]", "lines: [door]")
    folder.spoil("site.yaml", "id: square", "id: Square 1")
    folder.spoil("mandates/edge.yaml", "camera: quay", "camera: quai")
    folder.spoil("mandates/edge.yaml", "cost: 4000 EUR a year\n", "")
    folder.spoil("mandates/edge.yaml", "harm: Three people fell into the basin at night in 2025.", "harm: security")
    told = [f"{problem.file}: {problem.what}" for problem in problems_of(folder)]
    for expected in (
        "site.yaml: unknown time zone `Europe/Pariss`",
        "site.yaml: unknown key `nam`",
        "site.yaml: `name` is missing",
        "site.yaml: polygon edges must not cross",
        "site.yaml: unknown line `door`",
        "site.yaml: `Square 1` must be small letters, digits, `-` and `_`, at most 40",
        "mandates/edge.yaml: unknown camera `quai`",
        "mandates/edge.yaml: `cost` is missing",
        "mandates/edge.yaml: `security` says nothing that can be checked (L03)",
    ):
        assert expected in told
    assert len(told) == 9, told


def test_a_broken_zone_is_not_also_called_unknown_where_it_is_used(folder: Folder) -> None:
    folder.spoil("site.yaml", "area_m2: 120.5", "area_m2: -1")
    (told,) = problems_of(folder)
    assert told.key.startswith("cameras[0].zones[0].area_m2")


def test_an_unreadable_site_says_so_once(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_bytes(b"id: \xff\n")
    told = [problem for problem in problems_of(folder) if problem.file == "site.yaml"]
    assert len(told) == 1
