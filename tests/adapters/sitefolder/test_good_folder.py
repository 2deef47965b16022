"""What a good site folder becomes."""

import hashlib
from datetime import UTC, datetime

import pytest

from tests.adapters.sitefolder.conftest import ENVIRON, MANDATE, Folder
from vitrail.adapters.sitefolder import missing_recordings
from vitrail.domain.errors import NotFound
from vitrail.domain.mandates import Mode
from vitrail.domain.time import HOUR_US, SECOND_US, Hours, Season


def _us(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=UTC).timestamp()) * SECOND_US  # type: ignore[misc, arg-type]


def test_every_key_of_a_camera_reaches_the_domain(folder: Folder) -> None:
    camera = folder.read().site.cameras[0]
    record, detect = camera.streams
    assert (camera.id, camera.name) == ("quay", "Quay")
    assert camera.position is not None
    assert (camera.position.latitude, camera.position.longitude, camera.position.heading_deg) == (43.3, 5.36, 270)
    assert (record.id, record.camera_id, record.roles, record.loop) == ("quay.main", "quay", {"record"}, False)
    assert (detect.id, detect.label, detect.roles, detect.loop) == ("quay.sub", "Quay, small", {"detect"}, True)
    assert detect.address == str(folder.path / "recordings" / "quay.mp4")
    assert (camera.dwellings.reviewed_by, camera.dwellings.reviewed_on) == ("A. Martin", "2026-10-01")
    assert camera.dwellings.polygons[0].corners == ((0.8, 0.1), (0.9, 0.1), (0.9, 0.3))
    assert (camera.zones[0].id, camera.zones[0].area_m2, camera.zones[0].max_people) == ("basin", 120.5, 20)
    assert (camera.lines[0].line.a, camera.lines[0].line.b) == ((0.2, 0.7), (0.8, 0.7))
    assert (camera.surfaces[0].id, camera.assets[0].kind) == ("wall", "bench")


def test_analytic_settings_carry_zone_hours_and_parameters(folder: Folder) -> None:
    presence, dwell, line = folder.read().site.cameras[0].analytics
    assert presence.hours == Hours(("fri", "sat"), 22 * 60, 6 * 60, "Europe/Paris")
    assert (dwell.parameters, dwell.zones, dwell.purpose) == ({"seconds": 30}, ("basin",), "edge")
    assert line.lines == ("gate",)
    assert line.hours.hold(_us(2026, 11, 3, 3))


def test_seasons_and_exceptions_are_read(folder: Folder) -> None:
    door = "      - {id: door, name: Door, corners: [[0.1, 0.5], [0.2, 0.5], [0.2, 0.6]]}\n    lines:\n"
    folder.spoil("site.yaml", "    lines:\n", door)
    asked = 'zones: [basin]\n        except: [door]\n        season: {from: "11-01", to: "03-31"}'
    folder.spoil("site.yaml", "zones: [basin]", asked)
    presence = folder.read().site.cameras[0].analytics[0]
    assert presence.exempt == ("door",)
    assert presence.season == Season((11, 1), (3, 31), "Europe/Paris")


def test_a_mandate_is_read_in_the_sites_own_time(folder: Folder) -> None:
    mandate = folder.read().mandates[0]
    assert mandate.mode is Mode.LAB
    assert mandate.valid.start_us == _us(2026, 10, 31, 23)
    assert mandate.valid.end_us == _us(2027, 5, 1, 6)
    assert mandate.hours.zone == "Europe/Paris"
    assert mandate.retention_us == 48 * HOUR_US
    assert mandate.matrix == {("quay", "presence", "edge"), ("quay", "dwell", "edge")}
    assert mandate.recording == {"quay"}
    assert mandate.purposes[0].objective == "safety_of_closed_places"
    assert mandate.decision.number == "2026-114"
    assert mandate.digest == hashlib.sha256(MANDATE.encode()).hexdigest()


def test_secrets_come_from_the_environment_and_never_reach_the_label(folder: Folder) -> None:
    stream = folder.read().site.cameras[0].streams[0]
    assert stream.address == "rtsp://vitrail:p%40ss%2Fword@cam.example:8554/main"
    assert stream.label == "rtsp://cam.example:8554/main"


def test_an_address_that_is_wholly_secret_shows_only_its_host(folder: Folder) -> None:
    folder.spoil("site.yaml", "rtsp://${CAM_USER}:${CAM_PASSWORD}@cam.example:8554/main", "${CAM_URL}")
    stream = folder.read({"CAM_URL": "rtsps://u:p@10.0.0.5/token-1234"}).site.cameras[0].streams[0]
    assert stream.address == "rtsps://u:p@10.0.0.5/token-1234"
    assert stream.label == "rtsps://10.0.0.5"


def test_the_profile_comes_with_the_folder(folder: Folder) -> None:
    assert folder.read().profile.id == "lab"


def test_a_folder_without_mandates_is_read_and_simply_permits_nothing(folder: Folder) -> None:
    (folder.path / "mandates" / "edge.yaml").unlink()
    assert folder.read().mandates == ()


def test_a_site_without_cameras_is_read(folder: Folder) -> None:
    (folder.path / "mandates" / "edge.yaml").unlink()
    text = (folder.path / "site.yaml").read_text(encoding="utf-8").split("cameras:")[0]
    (folder.path / "site.yaml").write_text(text, encoding="utf-8")
    assert folder.read().site.cameras == ()


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Folder) -> None:
    path = folder.path / "site.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert folder.read().site.id == "harbour"


def test_recordings_that_are_not_there_are_named_but_stop_nothing(folder: Folder) -> None:
    (folder.path / "square.mp4").write_bytes(b"x")
    missing = missing_recordings(folder.read().site)
    assert [problem.key for problem in missing] == ["quay.sub"]


def test_an_empty_folder_is_not_found(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(NotFound, match=r"holds no site\.yaml"):
        Folder(tmp_path_factory.mktemp("empty")).read(ENVIRON)
