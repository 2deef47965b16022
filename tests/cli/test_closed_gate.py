"""Every way in, with the gate closed: nothing is opened, whichever entry point is tried (L02)."""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.media import made_video
from tests.models import detector_model, model_cache
from vitrail import compose
from vitrail.adapters.av import AvOpener
from vitrail.domain.errors import Invalid, Refused
from vitrail.runtime.health import StreamState


def no_mandate(site: Path) -> None:
    (site / "mandates" / "demo.yaml").unlink()


def ended(site: Path) -> None:
    _change(site, r"^start: .*$", "start: 2020-01-01T00:00:00Z")
    _change(site, r"^end: .*$", "end: 2020-02-01T00:00:00Z")


def another_decision(site: Path) -> None:
    with (site / "mandates" / "demo-decision.md").open("a", encoding="utf-8") as file:
        file.write("\nAnd everything else, too.\n")


def unlisted(site: Path) -> None:
    _change(site, r"^  - \{camera: campus.*\n", "")
    _change(site, r"^matrix:\n", "matrix: []\n")
    _change(site, r"^recording: .*$", "recording: []")


def unreviewed(site: Path) -> None:
    path = site / "site.yaml"
    path.write_text(re.sub(r"reviewed_by: .*", 'reviewed_by: " "', path.read_text(encoding="utf-8")), encoding="utf-8")


CLOSED: dict[str, Callable[[Path], None]] = {
    "no mandate": no_mandate,
    "a mandate that has ended": ended,
    "a decision that is another one now": another_decision,
    "nothing listed": unlisted,
    "nobody looked for dwellings": unreviewed,
}


def _change(site: Path, pattern: str, by: str) -> None:
    path = site / "mandates" / "demo.yaml"
    text = re.sub(pattern, by, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_video(tmp_path_factory.mktemp("closed") / "yard.mp4", seconds=1)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Streams that were opened."""
    found: list[str] = []
    real = AvOpener.open

    def counted(self: AvOpener, stream: Any, *rest: Any, **named: Any) -> Any:
        found.append(stream.id)
        return real(self, stream, *rest, **named)

    monkeypatch.setattr(AvOpener, "open", counted)
    return found


@pytest.fixture
def site(tmp_path: Path, video: Path) -> Path:
    compose.lab_site(video, tmp_path / "site")
    return tmp_path / "site"


def analyse(site: Path, video: Path, state: Path) -> None:
    with compose.analysis(video, site, None, state, model_cache(), {}) as analysis:
        for _ in analysis.steps(0, threading.Event()):
            pass


def watch(site: Path, _: Path, state: Path) -> None:
    """What ``vitrail watch`` runs, without its web server; ends as soon as the stream has said how it is."""
    with compose.open_house(site, state, model_cache(), {}) as house, house.watch.supervisor():
        waiting = threading.Event()
        for _turn in range(200):
            rows = house.watch.board.rows()
            if rows and rows[0].state is StreamState.REFUSED:
                raise Refused(rows[0].problem)
            if rows and rows[0].counters.packets:
                return
            waiting.wait(0.05)
    raise AssertionError("the stream said nothing")


@pytest.mark.parametrize("way_in", [analyse, watch])
@pytest.mark.parametrize("why", CLOSED)
def test_no_way_in_opens_a_source_while_the_gate_is_closed(
    why: str, way_in: Callable[[Path, Path, Path], None], site: Path, video: Path, tmp_path: Path, opened: list[str]
) -> None:
    detector_model()
    CLOSED[why](site)
    with pytest.raises((Refused, Invalid)):
        way_in(site, video, tmp_path / "state")
    assert opened == []


@pytest.mark.parametrize("way_in", [analyse, watch])
def test_the_same_ways_open_it_when_the_gate_is_open(
    way_in: Callable[[Path, Path, Path], None], site: Path, video: Path, tmp_path: Path, opened: list[str]
) -> None:
    """Without this the test above could not fail."""
    detector_model()
    way_in(site, video, tmp_path / "state")
    assert opened == ["campus.main"]
