"""The console over a small made house, with a real browser before it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tests.console.desk import PASSWORD, Console
from tests.journeys.demo import browser_path
from vitrail.domain.people import Role


@dataclass(frozen=True)
class Served:
    console: Console
    address: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    browser_path()
    console = Console(Path(tmp_path_factory.mktemp("pages")))
    for role in Role:
        console.member(role)
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(console.app, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        yield Served(console, f"http://127.0.0.1:{listener.getsockname()[1]}")
        console.bus.close()
        server.should_exit = True
        thread.join(10)
    console.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


def signed_in(browser: Browser, served: Served, role: Role, theme: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{served.address}/look?theme={theme}&next=/sign-in")
    page.get_by_label("Account").fill(role.value)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Reason").fill("looking at every page")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("domcontentloaded")
    return page
