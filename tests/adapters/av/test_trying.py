"""A camera tried before any site declares it, against a real RTSP server."""

import socket
from pathlib import Path

import pytest

from tests.adapters.av.test_rtsp import camera
from tests.media import made_video
from vitrail.adapters.av.trying import reach
from vitrail.adapters.clock import SystemClock
from vitrail.domain.errors import Invalid, VitrailError
from vitrail.domain.joining import Login

LOGIN = Login("viewer", "p@ss/wo:rd")
pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_video(tmp_path_factory.mktemp("camera") / "yard.mp4", seconds=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tried(address: str, login: Login = LOGIN, picture: bool = False) -> object:
    return reach(address, login, picture, SystemClock())


def test_what_a_camera_sends_is_learnt_and_a_picture_only_where_one_is_asked_for(yard: Path) -> None:
    port = free_port()
    with camera(yard, port, LOGIN.user, LOGIN.password):
        address = f"rtsp://localhost:{port}/yard"
        facts = reach(address, LOGIN, False, SystemClock())
        assert (facts.codec, facts.width, facts.height, facts.picture) == ("h264", 320, 240, None)
        shown = reach(address, LOGIN, True, SystemClock()).picture
    assert shown is not None and (shown.width, shown.height) == (320, 240)
    assert shown.y.std() > 5, "a picture of something"


def test_each_thing_that_can_be_wrong_has_its_own_words_and_none_tells_the_password(yard: Path) -> None:
    port = free_port()
    with camera(yard, port, LOGIN.user, LOGIN.password):
        cases = [
            (f"rtsp://127.0.0.1:{port}/yard", Login("viewer", "secret-1"), "refuses the user or password"),
            (f"rtsp://127.0.0.1:{port}/yard", Login(), "refuses the user or password"),
            (f"rtsp://127.0.0.1:{port}/else", LOGIN, "no such stream"),
            (f"rtsp://127.0.0.1:{free_port()}/yard", LOGIN, "refuses the connection"),
            ("rtsp://no-such-host.invalid/yard", LOGIN, "is not known"),
            ("rtsp://169.254.169.254/yard", LOGIN, "not reached from here"),
        ]
        for address, login, words in cases:
            with pytest.raises(VitrailError) as said:
                tried(address, login)
            assert words in said.value.what, (address, said.value.what)
            assert not login.password or login.password not in str(said.value)


@pytest.mark.parametrize("address", ["http://10.0.0.5/", "yard.mp4", "/etc/passwd", "rtsp://", "rtsp://u:p@10.0.0.5/"])
def test_only_a_cameras_plain_address_is_tried(address: str) -> None:
    with pytest.raises(Invalid) as said:
        tried(address)
    assert "u:p" not in str(said.value)
