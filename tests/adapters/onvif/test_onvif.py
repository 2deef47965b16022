"""Cameras found and asked over ONVIF, against a real process that speaks it, well and badly."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from vitrail.adapters.onvif.device import offered
from vitrail.adapters.onvif.discovery import find
from vitrail.domain.errors import Invalid, Unavailable
from vitrail.domain.joining import FoundDevice, Login, OfferedStream

LOGIN = Login("viewer", "p@ss<word>&")
pytestmark = pytest.mark.timeout(60)


@dataclass(frozen=True)
class Running:
    port: int
    udp_port: int

    @property
    def device(self) -> str:
        return f"http://127.0.0.1:{self.port}/onvif/device_service"


def free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def camera(mode: str = "wss") -> Iterator[Running]:
    ports = free(socket.SOCK_STREAM), free(socket.SOCK_DGRAM)
    script = Path(__file__).with_name("camera.py")
    command = [sys.executable, str(script), *map(str, ports), mode, LOGIN.user, LOGIN.password]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout and process.stdout.readline() == "ready\n"
            yield Running(*ports)
        finally:
            process.kill()


def test_a_camera_is_found_once_by_its_own_words_and_strangers_words_are_passed_over() -> None:
    with camera() as there:
        found = find(("127.0.0.1", there.udp_port), wait_s=1.0)
    assert found == [FoundDevice(there.device, "127.0.0.1", "Quay East", "C-1")]


def test_a_device_that_names_another_host_is_not_found() -> None:
    with camera("liar") as there:
        assert find(("127.0.0.1", there.udp_port), wait_s=1.0) == []


def test_where_nobody_answers_nobody_is_found() -> None:
    assert find(("127.0.0.1", free(socket.SOCK_DGRAM)), wait_s=0.3) == []


@pytest.mark.parametrize("mode", ["wss", "digest", "liar"])
def test_the_streams_are_told_on_the_host_that_was_asked_without_what_the_device_adds(mode: str) -> None:
    """A clock that is an hour off, a token or HTTP digest, addresses that lead elsewhere and hold a password."""
    with camera(mode) as there:
        streams = offered(there.device, LOGIN)
        alone = offered(f"127.0.0.1:{there.port}", LOGIN)
    assert (
        streams
        == alone
        == [
            OfferedStream("main stream", "rtsp://127.0.0.1:8554/main?p=1&q=2", "H264", 1920, 1080),
            OfferedStream("sub stream", "rtsp://127.0.0.1:8554/sub?p=1&q=2", "H264", 640, 360),
        ]
    )


@pytest.mark.parametrize("mode", ["wss", "digest"])
@pytest.mark.parametrize("login", [Login("viewer", "wrong"), Login()])
def test_a_wrong_password_is_said_and_not_repeated(mode: str, login: Login) -> None:
    with camera(mode) as there, pytest.raises(Unavailable) as said:
        offered(there.device, login)
    assert "refuses the user or password" in said.value.what
    assert "wrong" not in str(said.value)


@pytest.mark.parametrize(
    ("mode", "words"),
    [("bomb", "not as ONVIF does"), ("page", "not as ONVIF does"), ("blind", "offers no pictures")],
)
def test_what_is_no_camera_is_said(mode: str, words: str) -> None:
    with camera(mode) as there, pytest.raises(Invalid, match=words):
        offered(there.device, LOGIN)


def test_where_nobody_listens_that_is_said() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        offered(f"127.0.0.1:{free(socket.SOCK_STREAM)}", LOGIN)


@pytest.mark.parametrize("device", ["169.254.169.254", "http://224.0.0.1/x", "http://[fe80::1]/", "0.0.0.0"])
def test_link_local_and_group_addresses_get_nothing(device: str) -> None:
    with pytest.raises(Unavailable, match="not reached from here"):
        offered(device, LOGIN)


@pytest.mark.parametrize(
    "device", ["", "file:///etc/passwd", "http://", "http://a b/", "http://u:p@host/", "http://h:0/"]
)
def test_what_is_no_address_is_invalid(device: str) -> None:
    with pytest.raises(Invalid):
        offered(device, LOGIN)
