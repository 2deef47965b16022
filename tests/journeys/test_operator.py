"""An operator's night, from starting the demonstration to a verified ledger, in Debian's Chromium."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import faultless, signs_in
from tests.journeys.demo import Demo, browser_path, running_demo
from tests.journeys.pictures import PAGES, SHOWN, taken

pytestmark = pytest.mark.timeout(900)
_ALERT_MS = 120_000
_CLIP_MS = 600_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    browser_path()
    with running_demo(tmp_path_factory.mktemp("journey") / "demo") as running:
        yield running


@pytest.fixture
def page(demo: Demo, browser: Browser) -> Iterator[Page]:
    """Signed in, on the first page; any error of a script fails the test."""
    with faultless(browser, 1440, 900) as page:
        page.goto(f"{demo.address}/")
        signs_in(page, demo.account, demo.password, "night shift")
        expect(page.locator("#queue")).to_be_visible()
        page.wait_for_function(
            "() => document.querySelector('[data-live]').hasAttribute('src')"
        )  # the scripts are there
        yield page


def test_the_first_alert_appears_by_itself(page: Page) -> None:
    expect(page.locator(".card").first).to_be_visible(timeout=_ALERT_MS)
    expect(page.locator(".count")).not_to_have_text("0")


def test_the_live_tile_shows_masked_pictures_at_once(page: Page) -> None:
    picture = page.locator("[data-live]").first
    page.wait_for_function("image => image.naturalWidth > 0", arg=picture.element_handle(), timeout=30_000)
    expect(page.locator(".veil").first).to_have_text("people are masked · 1 s late")
    expect(page.locator("figcaption .state").first).to_be_visible()


def test_an_alert_is_judged_without_a_mouse(page: Page) -> None:
    expect(page.locator(".card").first).to_be_visible(timeout=_ALERT_MS)
    page.keyboard.press("j")
    chosen = page.locator(".card.chosen")
    one = chosen.get_attribute("data-alert")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alerts/{one}")
    assert page.locator(".drawing polygon, .drawing line").count() == 1
    page.wait_for_selector("video:not([hidden])", timeout=_CLIP_MS)
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.5", timeout=30_000)
    page.keyboard.press("d")
    page.keyboard.press("1")
    page.wait_for_url(re.compile(rf"/(alerts/(?!{one}).+)?$"))
    page.goto(page.url.split("/alerts")[0].rstrip("/") + f"/alerts/{one}")
    expect(page.locator(".verdict.said")).to_contain_text("nothing there")


def test_a_verdict_elsewhere_empties_this_queue_too(page: Page, browser: Browser, demo: Demo) -> None:
    card = page.locator(".card").first
    expect(card).to_be_visible(timeout=_ALERT_MS)
    one = card.get_attribute("data-alert")
    other = page.context.new_page()
    other.goto(f"{demo.address}/alerts/{one}")
    other.keyboard.press("c")
    other.get_by_placeholder("in your own words").last.wait_for(state="attached")
    other.keyboard.press("3")
    other.wait_for_url(re.compile(rf"/(alerts/(?!{one}).+)?$"))
    expect(page.locator(f'[data-alert="{one}"]')).to_have_count(0, timeout=15_000)


def test_any_minute_of_the_recording_plays(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/recording")
    page.locator(".choices a").first.click()
    page.wait_for_selector("video:not([hidden])", timeout=_CLIP_MS)
    page.wait_for_function("() => document.querySelector('video').currentTime > 0.2", timeout=30_000)


def test_the_first_steps_are_put_away_and_every_picture_of_the_handbook_can_be_taken(page: Page, demo: Demo) -> None:
    welcome = page.get_by_role("region", name="First steps")
    welcome.get_by_role("button", name="I know my way").click()
    expect(welcome).to_have_count(0)
    one = page.locator(".card").first.get_attribute("data-alert", timeout=_ALERT_MS)
    page.goto(f"{demo.address}/look?theme=dark&next=/help")
    for name, (path, there) in PAGES.items():
        page.goto(demo.address + path.format(alert=one), wait_until="domcontentloaded")
        page.locator(there).first.wait_for(timeout=_CLIP_MS)
        for picture in SHOWN.get(name, ()):
            page.wait_for_function("at => document.querySelector(at)?.naturalWidth > 0", arg=picture, timeout=_CLIP_MS)
        assert taken(page, name).startswith(b"\xff\xd8")
    page.goto(f"{demo.address}/alerts")
    expect(page.locator(".rows tbody tr").first).to_be_visible()
    assert taken(page, "phone", phone=True).startswith(b"\xff\xd8")


def test_french_is_one_click_away(page: Page) -> None:
    page.get_by_role("link", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.get_by_role("link", name="Surveiller")).to_be_visible()
    expect(page.locator(".lab")).to_contain_text("Laboratoire")


def test_a_phone_shows_everything_without_scrolling_sideways(demo: Demo, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/", "/alerts", "/recording", "/streams", "/ledger"):
        page.goto(demo.address + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_the_ledger_is_verified_on_the_page_and_from_the_command_line(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.address}/ledger")
    page.get_by_role("button", name="Verify").click()
    expect(page.locator(".good")).to_contain_text("Whole and in order.")
    expect(page.locator(".rows")).to_contain_text("night shift")
    verify = [sys.executable, "-m", "vitrail", "ledger", "verify", "--site", str(demo.folder)]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "every entry stands as it was written" in done.stdout


def test_no_person_leaves_unmasked_files_behind(demo: Demo) -> None:
    """The cache holds masked copies only; recordings lie apart and are readable by this account alone."""
    media = demo.folder / ".vitrail" / "media"
    assert {p.name for p in media.iterdir()} == {"segments", "clips", "pictures"}
    for folder in ("segments", "clips", "pictures"):
        assert Path(media / folder).stat().st_mode & 0o077 == 0
