"""The demonstration as a newcomer starts it: the real command, the real recording, a real browser."""

__all__ = ["Demo", "browser_path", "running_demo", "started"]

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.models import detector_model, model_cache
from vitrail.adapters.demo import fetch_recording
from vitrail.domain.errors import Unavailable

_START_S = 180.0


@dataclass(frozen=True)
class Demo:
    address: str
    account: str
    password: str
    folder: Path
    process: "subprocess.Popen[str]"


def browser_path() -> str:
    for name in (os.environ.get("VITRAIL_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    pytest.skip("no Chromium on this machine (apt-get install chromium)")


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """As a newcomer starts it."""
    detector_model()
    try:
        fetch_recording(model_cache(), print)
    except Unavailable as error:
        pytest.skip(f"the demonstration's recording cannot be fetched: {error}")
    command = ["demo", "--folder", str(folder)]
    with started(
        command, folder, os.environ | {"VITRAIL_CACHE": str(model_cache())}, folder.parent / "said.txt"
    ) as demo:
        yield demo


@contextmanager
def started(command: Sequence[str], folder: Path, environ: Mapping[str, str], said: Path) -> Iterator[Demo]:
    """``vitrail`` with a console on a free port, as its own process; told to stop at the end, as Ctrl-C does."""
    port = _free_port()
    words = [sys.executable, "-m", "vitrail", *command, "--port", str(port)]
    with said.open("w") as log:
        process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT, env=environ, text=True)
    try:
        told = _wait(said, process)
        account, password = (re.search(rf"{name}\s+(\S+)", told) for name in ("account", "password"))
        assert account and password, told
        yield Demo(f"http://127.0.0.1:{port}", account[1], password[1], folder, process)
        process.send_signal(signal.SIGINT)
        process.wait(20)
        assert "Traceback" not in said.read_text(), said.read_text()  # it stops without a word, whoever still looks
    finally:
        process.kill()
        process.wait()


def _wait(said: Path, process: "subprocess.Popen[str]") -> str:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        words = said.read_text()
        if "Console: " in words:
            return words
        assert process.poll() is None, words
        time.sleep(0.2)
    raise AssertionError(f"the demonstration did not start within {_START_S:.0f} s: {said.read_text()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
