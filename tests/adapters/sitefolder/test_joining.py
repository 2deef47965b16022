"""A camera more in site.yaml: what is written, what stays as it was, where its password goes."""

import stat
from pathlib import Path

import pytest

from tests import builders as b
from vitrail.adapters.sitefolder import SiteYaml, read_site, write_site
from vitrail.adapters.sitefolder.joining import with_camera
from vitrail.adapters.sitefolder.writing import Answers
from vitrail.analytics.registry import Registry
from vitrail.domain.errors import Conflict, Corrupt, Invalid, Unavailable
from vitrail.domain.joining import Login, NewCamera
from vitrail.domain.streams import MapPosition

MANIFESTS = Registry.load().manifests
LOGIN = Login("viewer", "p@ss/wo:rd ${X}")
QUAY = NewCamera(
    "quay-2",
    "Quay: east",
    "rtsp://10.0.0.5:554/main?a=1&b=2",
    "rtsp://10.0.0.5/sub",
    LOGIN,
    MapPosition(48.85, 2.35, 90),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_site(tmp_path / "site", b.NOW_US, Answers(reviewed_by="An officer", address="yard.mp4"))
    for path in (tmp_path / "site" / "mandates").iterdir():
        path.unlink()
    return tmp_path / "site"


def joined(folder: Path, camera: NewCamera = QUAY) -> str:
    paper = SiteYaml(folder, {}, MANIFESTS)
    made = paper.joined(camera, "A. Nother", "2026-11-25")
    assert made.problems == () and made.camera is not None
    paper.join(camera, "A. Nother", "2026-11-25", made.base)
    return (folder / "site.yaml").read_text()


def test_the_camera_is_read_back_with_its_secrets_and_no_secret_is_in_the_file(folder: Path) -> None:
    before = (folder / "site.yaml").read_text()
    after = joined(folder)
    assert LOGIN.user not in after and "p@ss" not in after
    assert "rtsp://${CAM_QUAY_2_USER}:${CAM_QUAY_2_PASSWORD}@10.0.0.5/sub" in after
    read = read_site(folder, {}, MANIFESTS).site.camera("quay-2")
    assert read is not None and read.name == "Quay: east" and read.position == MapPosition(48.85, 2.35, 90)
    assert [stream.address for stream in read.streams] == [
        "rtsp://viewer:p%40ss%2Fwo%3Ard%20%24%7BX%7D@10.0.0.5:554/main?a=1&b=2",
        "rtsp://viewer:p%40ss%2Fwo%3Ard%20%24%7BX%7D@10.0.0.5/sub",
    ]
    assert [stream.roles for stream in read.streams] == [{"record"}, {"detect"}]
    kept = folder / ".vitrail" / "camera-secrets.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert {line for line in before.splitlines() if line.strip()} <= set(after.splitlines()), "comments and all"
    assert (folder / "site.yaml.before").read_text() == before


def test_unless_somebody_looked_all_of_the_picture_stays_black(folder: Path) -> None:
    joined(folder)
    read = read_site(folder, {}, MANIFESTS).site.camera("quay-2")
    assert read is not None
    (mask,) = read.dwellings.polygons
    assert mask.corners == ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def test_who_looked_answers_for_it_and_a_plain_camera_has_one_stream_and_no_secret(folder: Path) -> None:
    after = joined(folder, NewCamera("hall", "Hall", "rtsp://10.0.0.6/a", nothing_to_hide=True))
    read = read_site(folder, {}, MANIFESTS).site.camera("hall")
    assert read is not None and read.dwellings.polygons == () and read.dwellings.reviewed_by == "A. Nother"
    assert read.streams[0].roles == {"detect", "record"}
    assert "reviewed_on: '2026-11-25'" in after or "reviewed_on: 2026-11-25" in after
    assert not (folder / ".vitrail" / "camera-secrets.json").exists()


def test_what_the_environment_says_comes_first(folder: Path) -> None:
    joined(folder)
    camera = read_site(folder, {"CAM_QUAY_2_PASSWORD": "other"}, MANIFESTS).site.camera("quay-2")
    assert camera is not None and "viewer:other@" in camera.streams[0].address


@pytest.mark.parametrize("cameras", ["cameras: []\n", "", "cameras:\n"])
def test_the_first_camera_of_a_site(cameras: str) -> None:
    head = "id: s\nname: S\nzone: UTC  # here\nprofile: lab\n"
    after = with_camera(f"{head}{cameras}microphones: []\n", QUAY, "A", "2026-11-25")
    assert after.startswith(head) and "  - id: quay-2\n    name: 'Quay: east'\n" in after


def test_lines_of_another_system_stay_so(folder: Path) -> None:
    text = (folder / "site.yaml").read_text().replace("\n", "\r\n")
    after = with_camera(text, QUAY, "A", "2026-11-25")
    assert after.count("\r\n") == after.count("\n")


def test_an_id_that_is_taken_is_refused_and_nothing_is_written(folder: Path) -> None:
    paper = SiteYaml(folder, {}, MANIFESTS)
    before = (folder / "site.yaml").read_bytes()
    with pytest.raises(Conflict, match="already"):
        paper.joined(NewCamera("entrance", "Again", "rtsp://10.0.0.5/a", login=LOGIN), "A", "2026-11-25")
    assert (folder / "site.yaml").read_bytes() == before


def test_a_file_that_changed_meanwhile_is_left_alone_and_no_password_is_kept(folder: Path) -> None:
    paper = SiteYaml(folder, {}, MANIFESTS)
    base = paper.joined(QUAY, "A", "2026-11-25").base
    with (folder / "site.yaml").open("a") as file:
        file.write("# somebody else\n")
    with pytest.raises(Conflict, match="changed meanwhile"):
        paper.join(QUAY, "A", "2026-11-25", base)
    assert not (folder / ".vitrail" / "camera-secrets.json").exists()


def test_what_check_would_refuse_is_not_written(folder: Path) -> None:
    (folder / "site.yaml").write_text((folder / "site.yaml").read_text().replace("profile: ", "profile: x"))
    paper = SiteYaml(folder, {}, MANIFESTS)
    made = paper.joined(QUAY, "A", "2026-11-25")
    assert made.problems and made.camera is None
    with pytest.raises(Invalid):
        paper.join(QUAY, "A", "2026-11-25", made.base)


def test_a_folder_that_cannot_be_written_is_said_and_the_file_stays(folder: Path) -> None:
    paper = SiteYaml(folder, {}, MANIFESTS)
    before = (folder / "site.yaml").read_bytes()
    base = paper.joined(QUAY, "A", "2026-11-25").base
    (folder / "site.yaml.new").mkdir()  # also root cannot write a file there
    with pytest.raises(Unavailable, match="cannot be written"):
        paper.join(QUAY, "A", "2026-11-25", base)
    assert (folder / "site.yaml").read_bytes() == before


def test_where_the_password_cannot_be_kept_the_camera_is_not_written(folder: Path) -> None:
    (folder / ".vitrail").write_text("a file stands where the folder would")
    before = (folder / "site.yaml").read_bytes()
    paper = SiteYaml(folder, {}, MANIFESTS)
    with pytest.raises(Unavailable, match="password cannot be kept") as said:
        paper.join(QUAY, "A", "2026-11-25", paper.joined(QUAY, "A", "2026-11-25").base)
    assert "p@ss" not in str(said.value)
    assert (folder / "site.yaml").read_bytes() == before


@pytest.mark.parametrize("text", ["{", "[]", '{"A": 1}'])
def test_damaged_secrets_are_said_without_their_values(folder: Path, text: str) -> None:
    (folder / ".vitrail").mkdir()
    (folder / ".vitrail" / "camera-secrets.json").write_text(text)
    with pytest.raises(Corrupt, match="passwords cannot be read"):
        read_site(folder, {}, MANIFESTS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "Quay"},
        {"id": "a" * 41},
        {"id": ""},
        {"name": " "},
        {"address": "http://10.0.0.5/a"},
        {"address": "rtsp://u:p@10.0.0.5/a"},
        {"address": "rtsp://10.0.0.5/a b"},
        {"address": "rtsp://[10.0.0.5/a"},
        {"sub_address": "yard.mp4"},
    ],
)
def test_a_camera_that_makes_no_sense_is_invalid(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as said:
        NewCamera(**({"id": "quay", "name": "Quay", "address": "rtsp://10.0.0.5/a"} | wrong))
    assert "u:p" not in str(said.value)
