"""A zone drawn with the mouse in a real Chromium, found again in site.yaml; the same with keys alone."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, expect

from tests import builders as b
from tests.console.desk import PASSWORD, Console
from tests.journeys.conftest import faultless, signs_in
from tests.journeys.demo import browser_path
from vitrail.adapters.sitefolder import SiteYaml, write_site
from vitrail.adapters.sitefolder.plain_yaml import read_plain
from vitrail.adapters.sitefolder.writing import Answers
from vitrail.analytics.registry import Registry
from vitrail.domain.people import Role

pytestmark = pytest.mark.timeout(300)


@dataclass(frozen=True)
class Served:
    console: Console
    address: str
    file: Path

    def camera(self) -> dict[str, list[dict[str, object]]]:
        value = read_plain(self.file.read_text()).value
        assert isinstance(value, dict)
        found: dict[str, list[dict[str, object]]] = value["cameras"][0]
        return found


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The lab: the administrator both draws and writes."""
    browser_path()
    write_site(tmp_path / "site", b.NOW_US, Answers(reviewed_by="An officer", address="yard.mp4"))
    file = tmp_path / "site" / "site.yaml"
    file.write_text(file.read_text().replace("id: entrance", "id: gate"))
    for path in (tmp_path / "site" / "mandates").iterdir():
        path.unlink()
    console = Console(tmp_path, paper=SiteYaml(tmp_path / "site", {}, Registry.load().manifests))
    account = b.account(id="admin", name="Admin", role=Role.ADMINISTRATOR, territory=frozenset({"gate"}))
    console.accounts.add(account, PASSWORD, by="first", reason="tests")
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(console.app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield Served(console, f"http://127.0.0.1:{listener.getsockname()[1]}", file)
        console.bus.close()
        server.should_exit = True
        thread.join(10)
    console.close()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    with faultless(browser, 1440, 1000) as page:
        page.goto(f"{served.address}/sign-in")
        signs_in(page, "admin", PASSWORD, "setting up")
        page.wait_for_load_state("domcontentloaded")
        page.goto(f"{served.address}/setup/gate", wait_until="domcontentloaded")
        expect(page.locator("#problems")).to_contain_text("Nothing differs")
        yield page


def _click(page: Page, x: float, y: float) -> None:
    box = page.locator("#board svg").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def _field(page: Page, label: str) -> Locator:
    """Of what is chosen."""
    return page.locator("#items .chosen").get_by_label(re.compile(f"^{label}"))


def _write(page: Page) -> None:
    expect(page.locator("#problems")).to_contain_text("In order")
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_role("button", name="Write it into site.yaml").click()
    expect(page.locator(".good")).to_contain_text("site.yaml.before")


def test_a_zone_drawn_with_the_mouse_stands_in_the_file(page: Page, served: Served) -> None:
    page.locator("#board").scroll_into_view_if_needed()
    page.get_by_role("button", name="Zone", exact=True).click()
    for corner in ((0.2, 0.3), (0.5, 0.3), (0.5, 0.6), (0.2, 0.6), (0.2, 0.3)):
        _click(page, *corner)
    _field(page, "Name").fill("Entrée du métro")
    expect(_field(page, "Short name")).to_have_value("entree-du-metro")
    _write(page)
    zone = served.camera()["zones"][-1]
    assert (zone["id"], zone["name"]) == ("entree-du-metro", "Entrée du métro")
    corners = zone["corners"]
    assert isinstance(corners, list) and len(corners) == 4
    assert corners[0] == pytest.approx([0.2, 0.3], abs=0.01)
    assert "# yaml-language-server" in served.file.read_text()


def test_a_corner_is_dragged_and_told_before_anything_is_written(page: Page, served: Served) -> None:
    before = served.file.read_text()
    page.locator(".items legend", has_text="Forecourt").click()
    handle = page.get_by_role("button", name="corner 1", exact=True)
    handle.hover()
    page.mouse.down()
    box = page.locator("#board svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.55 * box["height"], steps=5)
    page.mouse.up()
    expect(page.locator("#problems")).to_contain_text("In order")
    page.locator("details summary").last.click()
    expect(page.locator("#changes")).to_contain_text("[0.3")
    assert served.file.read_text() == before


def test_a_line_is_drawn_and_moved_with_keys_alone(page: Page, served: Served) -> None:
    page.get_by_role("button", name="Line", exact=True).focus()
    page.keyboard.press("Enter")
    _field(page, "Name").fill("Kerb")
    page.get_by_role("button", name="corner 1", exact=True).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    _write(page)
    line = served.camera()["lines"][-1]
    assert (line["id"], line["from"], line["to"]) == ("kerb", [0.395, 0.595], [0.6, 0.6])


def test_numbers_are_typed_and_what_check_refuses_cannot_be_kept(page: Page) -> None:
    page.locator(".items legend", has_text="Forecourt").click()
    _field(page, "Corners").fill("0.1,0.1 0.9,0.9 0.9,0.1 0.1,0.9")
    expect(page.locator("#problems")).to_contain_text("cross")
    expect(page.get_by_role("button", name="Keep as a draft")).to_be_disabled()
