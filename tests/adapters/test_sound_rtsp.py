"""A real RTSP microphone, heard over the network of this machine."""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.adapters.test_sound import permit, stream, written
from vitrail.adapters.clock import SystemClock
from vitrail.adapters.sound import AvEars
from vitrail.adapters.sound.times import SENT_ERROR_US
from vitrail.domain.errors import Unavailable
from vitrail.domain.sound import SoundWindow

_SERVER = Path(__file__).with_name("rtsp_microphone.py")
pytestmark = pytest.mark.timeout(60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def microphone(path: Path, codec: str) -> Iterator[str]:
    port = free_port()
    command = ["/usr/bin/python3", str(_SERVER), str(path), str(port), codec]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            said = server.stdout.readline() if server.stdout else ""
            if said.strip() != "ready":
                pytest.skip(f"no GStreamer RTSP server here (gir1.2-gst-rtsp-server-1.0, python3-gi): {said}")
            yield f"rtsp://127.0.0.1:{port}/quay"
        finally:
            server.terminate()


def heard(address: str, count: int) -> list[SoundWindow]:
    found: list[SoundWindow] = []
    with AvEars(SystemClock()).open(stream(address), permit()) as source:
        try:
            for window in source.windows():
                found.append(window)
                if len(found) == count:
                    break
        except Unavailable:
            pass  # the recording behind it is over
    return found


@pytest.mark.parametrize("codec", ["pcma", "l16", "opus"])
def test_a_network_microphone_is_heard_with_its_codec_and_honest_times(tmp_path: Path, codec: str) -> None:
    path = written(tmp_path / "a.wav", seconds=8.0, hz=1000.0)
    with microphone(path, codec) as address:
        began_us = SystemClock().now_us()
        windows = heard(address, 60)
        ended_us = SystemClock().now_us()
    assert len(windows) >= 50
    loud = windows[30].samples
    assert abs(np.abs(np.fft.rfft(loud * np.hanning(len(loud)))).argmax() * 10 - 1000) <= 10
    assert all(began_us - 3_000_000 < window.wall_us < ended_us for window in windows)
    told = {window.clock_us for window in windows}
    assert SENT_ERROR_US in told <= {None, SENT_ERROR_US}  # the reports of the sender come a little later
