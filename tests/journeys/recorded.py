"""Nine cameras that were recorded a minute ago, and a console over them: nothing is watched any more, so that what a
page takes is the page's own."""

__all__ = ["Recorded", "recorded_town"]

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from tests.journeys.town import NINE, made_town
from tests.models import detector_model, model_cache
from vitrail.adapters.demo import as_camera, fetch_recording
from vitrail.compose.house import House, open_house
from vitrail.console.app import build_app
from vitrail.domain.errors import Unavailable
from vitrail.domain.time import SECOND_US

_LENGTH_US, _AGO_US, _APART_US = 40 * SECOND_US, 90 * SECOND_US, 300_000


@dataclass(frozen=True)
class Recorded:
    address: str
    account: str
    password: str
    start_us: int


@contextmanager
def recorded_town(folder: Path) -> Iterator[Recorded]:
    detector_model()
    try:
        recording = as_camera(fetch_recording(model_cache(), print), model_cache(), lambda _: None)
    except Unavailable as error:
        pytest.skip(f"the demonstration's recording cannot be fetched: {error}")
    site = made_town(folder, recording, NINE)
    with open_house(site, site / ".vitrail", model_cache(), {}) as house, socket.socket() as listener:
        made = house.first_run()
        assert made is not None
        start_us = _recorded(house)
        listener.bind(("127.0.0.1", 0))
        app = build_app(house.console_parts())
        others = set(threading.enumerate())
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield Recorded(f"http://127.0.0.1:{listener.getsockname()[1]}", *made, start_us)
        house.watch.bus.close()
        server.should_exit = True
        thread.join(20)
        for worker in set(threading.enumerate()) - others:
            if worker.name.startswith("AnyIO"):  # it may still be masking what nobody waits for any more
                worker.join(60)
        app.state.rooms.replay.close()


def _recorded(house: House) -> int:
    """The same seconds by every camera, each a little later; the first moment at which all were recorded."""
    rooms = house.rooms
    first_us = rooms.clock.now_us() - _AGO_US
    rooms.eraser().sweep()
    for number, camera in enumerate(rooms.site.cameras):
        stream = camera.stream_for("record")
        assert stream is not None
        with rooms.intake.open(camera, stream, first_us + number * _APART_US) as opened:
            for packet in opened.source.packets():
                if packet.media_us > _LENGTH_US:
                    break
                opened.record(packet)
    return first_us + len(rooms.site.cameras) * _APART_US
