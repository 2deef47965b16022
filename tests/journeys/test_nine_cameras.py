"""Nine cameras on one clock, on desks and telephones, in both languages and both themes: all of it is there, nothing
scrolls sideways, every tile shows a masked picture of one and the same moment."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.axe import axe_script
from tests.journeys.conftest import signs_in
from tests.journeys.demo import browser_path
from tests.journeys.recorded import Recorded, recorded_town
from vitrail.domain.time import SECOND_US

pytestmark = pytest.mark.timeout(1500)
_PICTURES = os.environ.get("VITRAIL_PICTURES", "")
_SIZES = {"desk": (1440, 1000), "telephone": (390, 844)}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    browser_path()
    with recorded_town(tmp_path_factory.mktemp("nine")) as recorded:
        yield recorded


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
    yield made
    made.close()


def test_nine_cameras_play_on_one_clock_on_any_screen(town: Recorded, context: BrowserContext) -> None:
    page = context.new_page()
    path, at_us = opened_case(page, town), town.start_us + 12 * SECOND_US
    for size, (width, height) in _SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for language in ("en", "fr"):
            for theme in ("dark", "light"):
                page.goto(f"{town.address}/look?language={language}&theme={theme}&next={path}/replay?at={at_us}")
                page.wait_for_function(_ALL_SHOWN, timeout=240_000)
                apart_us = page.evaluate(_APART_US)
                assert apart_us <= 2_500_000, "key pictures of one moment, a group of pictures apart at most"
                wide = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
                assert wide[0] <= wide[1], f"{size} {language} {theme} scrolls sideways"
                if _PICTURES:
                    name = f"nine-{size}-{language}-{theme}.png"
                    page.screenshot(path=str(Path(_PICTURES) / name), full_page=True)
        page.evaluate(axe_script())
        found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")["violations"]
        serious = [v["id"] for v in found if v["impact"] in ("serious", "critical")]
        assert not serious, f"{size}: {serious}"


def opened_case(page: Page, town: Recorded) -> str:
    page.goto(f"{town.address}/")
    signs_in(page, town.account, town.password, "PV 2026/17")
    expect(page.locator("#queue")).to_be_visible()
    page.get_by_role("link", name="Cases").click()
    page.get_by_label("Reference").fill("PV 2026/17")
    page.get_by_label("Legal basis").fill("requisition of the prosecutor")
    page.get_by_label("About").fill("a bag was left on the square")
    for box in page.locator('form input[type="checkbox"]').all():
        box.check()
    page.get_by_role("button", name=re.compile("Open")).click()
    page.wait_for_url(re.compile(r"/cases/[\w-]+$"))
    return page.url.removeprefix(town.address)


_ALL_SHOWN = """() => {
  const state = window.scene?.state;
  if (!state?.scene || document.querySelectorAll('.tile').length !== 9) return false;
  const there = state.scene.cameras.filter((c) => c.spans.some(([a, b]) => a <= state.t && state.t < b));
  return there.length === 9 && there.every((c) => window.scene.pictures.picture(c.id, state.t + c.offset_us));
}"""
_APART_US = """() => {
  const { state, pictures } = window.scene;
  return Math.max(...state.scene.cameras.map((c) => {
    const wall = state.t + c.offset_us;
    return wall - pictures.picture(c.id, wall).us;
  }));
}"""
