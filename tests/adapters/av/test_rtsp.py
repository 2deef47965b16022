"""Cameras over RTSP, against a real server: one that answers, refuses, asks for a password, drops and comes back."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from tests.adapters.av.reel import opened
from tests.media import made_video
from vitrail.adapters.clock import SystemClock
from vitrail.domain.errors import Unavailable
from vitrail.domain.time import SECOND_US

_PYTHON = "/usr/bin/python3"
_SERVER = Path(__file__).with_name("rtsp_camera.py")


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_video(tmp_path_factory.mktemp("camera") / "yard.mp4", seconds=30)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def camera(video: Path, port: int, *login: str) -> Iterator["subprocess.Popen[str]"]:
    if not Path(_PYTHON).exists():
        pytest.skip("Debian's Python is not here: no RTSP server for tests")
    command = [_PYTHON, str(_SERVER), str(video), str(port), *login]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None and process.stderr is not None
            if process.stdout.readline() != "ready\n":
                said = process.stderr.read().strip().splitlines()
                pytest.skip(f"no GStreamer RTSP server here (gir1.2-gst-rtsp-server-1.0, python3-gi): {said[-1:]}")
            yield process
        finally:
            process.kill()


def address(port: int, login: str = "") -> str:
    return f"rtsp://{login}127.0.0.1:{port}/yard"


def test_a_cameras_packets_and_frames_come_live(yard: Path, port: int) -> None:
    with camera(yard, port), opened(address(port), start_us=None, clock=SystemClock(), label="yard") as source:
        assert source.facts.live
        assert (source.facts.codec, source.facts.width, source.facts.height) == ("h264", 320, 240)
        frames = [frame for packet in islice(source.packets(), 25) for frame in source.decode(packet)]
    assert len(frames) >= 20
    assert abs(frames[-1].wall_us - round(time.time() * SECOND_US)) < 5 * SECOND_US


def test_a_cameras_own_clock_is_heard_once_it_tells_it(yard: Path, port: int) -> None:
    """The server of this test runs on this machine's clock: what it says is when it sent, a moment ago."""
    with camera(yard, port), opened(address(port), start_us=None, clock=SystemClock(), label="yard") as source:
        packets = [packet for packet in islice(source.packets(), 120) if packet.key]
    told = [packet for packet in packets if packet.sent_us is not None]
    assert told and packets[-1] in told
    last = told[-1]
    assert last.sent_us is not None and abs(last.wall_us - last.sent_us) < 2 * SECOND_US


def test_a_camera_that_refuses_is_told_as_such(port: int) -> None:
    with pytest.raises(Unavailable, match="refuses the connection") as error:
        opened(address(port), start_us=None, clock=SystemClock(), label="yard")
    assert error.value.remedy


def test_a_path_that_is_not_there_is_told_as_such(yard: Path, port: int) -> None:
    with camera(yard, port), pytest.raises(Unavailable, match="no such stream"):
        opened(address(port).replace("/yard", "/attic"), start_us=None, clock=SystemClock(), label="yard")


def test_a_wrong_password_is_told_without_the_password(yard: Path, port: int) -> None:
    with camera(yard, port, "guard", "right"), pytest.raises(Unavailable, match="user or password") as error:
        opened(address(port, "guard:hunter2@"), start_us=None, clock=SystemClock(), label=f"rtsp://127.0.0.1:{port}")
    assert "hunter2" not in str(error.value)


def test_the_right_password_opens(yard: Path, port: int) -> None:
    where = address(port, "guard:right@")
    with (
        camera(yard, port, "guard", "right"),
        opened(where, start_us=None, clock=SystemClock(), label="yard") as source,
    ):
        assert len(list(islice(source.packets(), 5))) == 5


def test_a_camera_that_drops_is_lost_and_found_again(yard: Path, port: int) -> None:
    with camera(yard, port) as process:
        source = opened(address(port), start_us=None, clock=SystemClock(), label="yard")
        packets = source.packets()
        assert next(packets).key
        process.kill()
        with pytest.raises(Unavailable, match="yard"):
            for _ in packets:
                pass
        source.close()
    with camera(yard, port), opened(address(port), start_us=None, clock=SystemClock(), label="yard") as again:
        assert next(again.packets()).key
