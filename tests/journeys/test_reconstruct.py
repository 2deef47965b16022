"""From three alerts to a verified bundle, in Debian's Chromium: docs/reconstruct.md tells it with these pictures."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.demo import Demo, browser_path
from tests.journeys.town import running_town

pytestmark = pytest.mark.timeout(1500)
_PICTURES = os.environ.get("VITRAIL_PICTURES", "")
"""A folder to keep pictures of the pages in, for the docs."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    browser_path()
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(town: Demo, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB", accept_downloads=True)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{town.address}/")
    page.get_by_label("Account").fill(town.account)
    page.get_by_label("Password").fill(town.password)
    page.get_by_label("Reason").fill("PV 2026/17")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#queue")).to_be_visible()
    yield page
    context.close()
    assert not faults


def kept(page: Page, name: str) -> None:
    if _PICTURES:
        page.screenshot(path=str(Path(_PICTURES) / f"{name}.png"))


def test_from_three_alerts_to_a_verified_bundle(page: Page, town: Demo, tmp_path: Path) -> None:
    page.wait_for_function("() => document.querySelectorAll('.card').length >= 3", timeout=240_000)
    page.get_by_role("link", name="Cases").click()
    page.get_by_label("Reference").fill("PV 2026/17")
    page.get_by_label("Legal basis").fill("requisition of the prosecutor")
    page.get_by_label("About").fill("a bag was left on the square")
    for box in page.locator('form input[type="checkbox"]').all():
        box.check()
    page.get_by_role("button", name=re.compile("Open")).click()
    page.wait_for_url(re.compile(r"/cases/[\w-]+$"))
    page.get_by_role("link", name="Replay all cameras").click()
    page.wait_for_function("() => window.scene?.state?.scene", timeout=30_000)
    page.wait_for_function("() => window.scene.pictures.positions >= 3", timeout=60_000)

    page.evaluate("() => { const a = scene.state.scene.alerts.at(-1); scene.seek(a.start_us); }")
    page.wait_for_function(_EXACT, timeout=300_000)
    assert page.evaluate(_APART_US) <= 2_000_000, "no tile lags by more than a group of pictures"
    page.keyboard.press("i")
    page.locator(".tile canvas").first.click(position={"x": 260, "y": 190})
    page.get_by_label("What you follow").fill("the bag")
    page.get_by_label("What you see").fill("put down beside the path")
    page.get_by_role("button", name="Pin it here").click()
    expect(page.locator("#pins li")).to_have_count(1)
    expect(page.locator("#tips li")).to_have_count(2)
    assert page.locator("#map .view").count() == 3 and page.locator("#map .street").count() == 1
    kept(page, "replay")
    page.evaluate("() => scene.seek(scene.state.t + 10e6)")
    page.keyboard.press("o")
    page.get_by_role("link", name="Hand it over").click()

    page.get_by_label("Whom it is for").fill("Public prosecutor")
    page.locator("#hand-over").get_by_label("Reason").fill("for the hearing")
    page.get_by_role("button", name="Ask for the bundle").click()
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("link", name="Take the bundle")).to_be_visible(timeout=900_000)
    kept(page, "bundle")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Take the bundle").click()
    bundle = tmp_path / "handed.zip"
    taken.value.save_as(bundle)
    done = subprocess.run(
        [sys.executable, "-m", "vitrail", "bundle", "verify", str(bundle)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "whole, byte for byte" in done.stdout and "PV 2026/17" in done.stdout


_EXACT = """() => {
  const { state, pictures } = window.scene;
  return state.scene.cameras.filter((c) => c.spans.some(([a, b]) => a <= state.t && state.t < b))
    .every((c) => pictures.picture(c.id, state.t + c.offset_us)?.exact);
}"""
_APART_US = """() => {
  const { state, pictures } = window.scene;
  return Math.max(...state.scene.cameras.filter((c) => c.spans.some(([a, b]) => a <= state.t && state.t < b))
    .map((c) => state.t + c.offset_us - pictures.picture(c.id, state.t + c.offset_us).us));
}"""
