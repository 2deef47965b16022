"""From three alerts to a verified bundle, in Debian's Chromium: docs/reconstruct.md tells it with these pictures."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import faultless, signs_in
from tests.journeys.demo import Demo, browser_path
from tests.journeys.hand import Hand
from tests.journeys.town import running_town

pytestmark = pytest.mark.timeout(1500)
_PICTURES = os.environ.get("VITRAIL_PICTURES", "")
"""A folder to keep pictures of the pages in, for the docs."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    browser_path()
    with running_town(tmp_path_factory.mktemp("town")) as running:
        yield running


@pytest.fixture
def page(town: Demo, browser: Browser) -> Iterator[Page]:
    with faultless(browser, 1440, 1000, accept_downloads=True) as page:
        page.goto(f"{town.address}/")
        signs_in(page, town.account, town.password, "PV 2026/17")
        expect(page.locator("#queue")).to_be_visible()
        yield page


def kept(page: Page, name: str) -> None:
    if _PICTURES:
        page.screenshot(path=str(Path(_PICTURES) / f"{name}.png"))


def test_from_three_alerts_to_a_verified_bundle(page: Page, town: Demo, tmp_path: Path) -> None:
    hand = Hand(page)
    page.wait_for_function("() => document.querySelectorAll('.card').length >= 3", timeout=240_000)
    hand.click(page.get_by_role("link", name="Cases"))
    hand.fill(page.get_by_label("Reference"), "PV 2026/17")
    hand.fill(page.get_by_label("Legal basis"), "requisition of the prosecutor")
    hand.fill(page.get_by_label("About"), "a bag was left on the square")
    for box in page.locator('form input[type="checkbox"]').all():
        hand.check(box)
    kept(page, "case-open")
    hand.click(page.get_by_role("button", name=re.compile("Open")))
    page.wait_for_url(re.compile(r"/cases/[\w-]+$"))
    hand.click(page.get_by_role("link", name="Replay all cameras"))
    page.wait_for_function("() => window.scene?.state?.scene", timeout=30_000)
    page.wait_for_function("() => window.scene.pictures.positions >= 3", timeout=60_000)

    hand.drag(page.locator("#axis"), 0.7)
    page.wait_for_function("() => document.querySelectorAll('#around li').length >= 1", timeout=30_000)
    hand.click(page.locator("#around li").first.get_by_role("button").first)
    page.wait_for_function(_EXACT, timeout=300_000)
    assert page.evaluate(_APART_US) <= 2_000_000, "no tile lags by more than a group of pictures"
    hand.press("i")
    hand.click(page.locator(".tile canvas").first, position={"x": 260, "y": 190})
    hand.fill(page.get_by_label("What you follow"), "the bag")
    hand.fill(page.get_by_label("What you see"), "put down beside the path")
    hand.click(page.get_by_role("button", name="Pin it here"))
    expect(page.locator("#pins li")).to_have_count(1)
    expect(page.locator("#tips > li")).to_have_count(2)
    assert page.locator("#map .view").count() == 3 and page.locator("#map .street").count() == 1
    kept(page, "replay")
    for _ in range(10):
        hand.press("Shift+ArrowRight")
    hand.press("o")
    hand.click(page.get_by_role("link", name="Hand it over"))

    hand.fill(page.get_by_label("Whom it is for"), "Public prosecutor")
    hand.fill(page.locator("#hand-over").get_by_label("Reason"), "for the hearing")
    hand.click(page.get_by_role("button", name="Ask for the bundle"))
    hand.click(page.get_by_role("button", name="Make it"))
    expect(page.get_by_role("link", name="Take the bundle")).to_be_visible(timeout=900_000)
    kept(page, "bundle")
    with page.expect_download() as taken:
        hand.click(page.get_by_role("link", name="Take the bundle"))
    bundle = tmp_path / "handed.zip"
    taken.value.save_as(bundle)
    done = subprocess.run(
        [sys.executable, "-m", "vitrail", "bundle", "verify", str(bundle)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "whole, byte for byte" in done.stdout and "PV 2026/17" in done.stdout
    print(f"{hand.clicks} clicks, {hand.drags} drag, {hand.fields} fields, {hand.keys} keys: {hand.seconds:.0f} s")
    assert hand.seconds < 300, "five minutes of clicks"


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
