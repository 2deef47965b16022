"""A real browser, somebody who signs in, and the console over a small made house."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    with serving(console) as made:
        yield made


@contextmanager
def serving(console: Console) -> Iterator[Served]:
    """Over loopback, until the end of the block; the console is closed then."""
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


def signs_in(page: Page, account: str, password: str, reason: str) -> None:
    """On the page that asks who is there."""
    page.get_by_label("Account").fill(account)
    page.get_by_label("Password").fill(password)
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state("domcontentloaded")


def signed_in(browser: Browser, served: Served, role: Role, theme: str) -> Page:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{served.address}/look?theme={theme}&next=/sign-in")
    signs_in(page, role.value, PASSWORD, "looking at every page")
    return page


@contextmanager
def faultless(browser: Browser, width: int = 1440, height: int = 900, **more: Any) -> Iterator[Page]:
    """A page of its own; any error of a script, and anything that the content security policy stops, fails the test."""
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB", **more)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield page
    context.close()
    assert not faults
