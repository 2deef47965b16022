"""An operator where only microphones are: a sound is told by itself, with its level, its spectrum and why; no button
listens; it is judged from the keyboard. In Debian's Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import signs_in
from tests.journeys.demo import Demo, browser_path
from tests.journeys.ears import listening_site

pytestmark = pytest.mark.timeout(600)
_ALERT_MS = 180_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    browser_path()
    with listening_site(tmp_path_factory.mktemp("ears")) as running:
        yield running


def signed_in(site: Demo, browser: Browser, **more: Any) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", **more).new_page()
    page.goto(f"{site.address}/")
    signs_in(page, site.account, site.password, "night shift")
    expect(page.locator("#queue")).to_be_visible()
    return page


def photographed(page: Page, name: str) -> None:
    """Only where somebody wants to look: names a folder."""
    if folder := os.environ.get("VITRAIL_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def test_a_sound_is_told_explained_and_judged_and_nothing_listens(site: Demo, browser: Browser) -> None:
    page = signed_in(site, browser)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    expect(page.get_by_text("This place is listened to, not watched.")).to_be_visible()
    expect(page.locator(".ears li").first).to_contain_text("Platform")
    expect(page.locator(".card").first).to_be_visible(timeout=_ALERT_MS)
    photographed(page, "watch-ears")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/*")
    expect(page.locator(".trace")).to_have_count(2)
    expect(page.get_by_text("No sound was kept")).to_be_visible()
    expect(page.locator(".tell")).to_contain_text("sounds like it")
    expect(page.locator(".tell")).not_to_contain_text("log odds")
    assert page.locator("audio, video, source, [data-live]").count() == 0
    expect(page.locator(".soundmap .ear")).to_have_count(3)
    photographed(page, "sound-light")
    address = page.url
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.wait_for_url(lambda now: now != address)
    page.goto(address)
    expect(page.locator(".verdict.said")).to_be_visible()
    page.context.close()
    assert not faults


def test_the_page_reads_well_in_french_and_in_the_dark(site: Demo, browser: Browser) -> None:
    page = signed_in(site, browser, color_scheme="dark")
    expect(page.locator(".card").first).to_be_visible(timeout=_ALERT_MS)
    address = page.locator(".card").first.get_attribute("data-alert")
    page.goto(f"{site.address}/alerts/{address}")
    expect(page.locator(".trace").first).to_be_visible()
    photographed(page, "sound-dark")
    page.get_by_role("button", name="Français").or_(page.get_by_role("link", name="Français")).first.click()
    page.goto(f"{site.address}/alerts/{address}")
    expect(page.get_by_text("Aucun son")).to_be_visible()
    photographed(page, "sound-french")
    page.goto(f"{site.address}/")
    expect(page.get_by_text("Ce lieu est écouté, pas regardé.")).to_be_visible()
    photographed(page, "watch-french")
    page.context.close()
