"""The city's server, started as a process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests import builders as b
from vitrail.domain.recipients import Channel, Recipient


@dataclass
class Served:
    folder: Path
    port: int

    def mode(self, name: str) -> None:
        (self.folder / "mode").write_text(name)

    def lines(self, name: str) -> list[Any]:
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def recipient(self) -> Recipient:
        return Recipient(
            "city",
            "City works",
            Channel.OPEN311,
            f"http://127.0.0.1:{self.port}/v2",
            "secret-key",
            {"damage": "311"},
            jurisdiction="city.example",
            inside=True,
        )

    @property
    def hook(self) -> Recipient:
        return replace(self.recipient, channel=Channel.WEBHOOK, address=f"http://127.0.0.1:{self.port}/hook")


@pytest.fixture
def city(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "mode").write_text("good")
    script = Path(__file__).with_name("city.py")
    process = subprocess.Popen([sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Served(folder, int(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


@pytest.fixture
def notice() -> Any:
    return b.notice()
