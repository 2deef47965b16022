"""From a description to a pinned car, and on from its photograph, in Debian's Chromium over a real recording."""

import os
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import faultless, signs_in
from tests.journeys.demo import Demo, browser_path, started
from tests.journeys.hand import Hand
from tests.models import detector_model, model_cache
from tests.shared_data import shared
from vitrail import compose

pytestmark = pytest.mark.timeout(600)
_PICTURES = os.environ.get("VITRAIL_PICTURES", "")


@pytest.fixture(scope="module")
def recording() -> Path:
    return shared("data/fixed-camera-video/car-detection.mp4")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, recording: Path) -> Iterator[Demo]:
    """The recording as a live camera."""
    browser_path()
    detector_model()
    folder = tmp_path_factory.mktemp("search")
    site = folder / "street"
    compose.lab_site(recording, site)
    environ = os.environ | {"VITRAIL_CACHE": str(model_cache())}
    with started(["watch", "--site", str(site)], site, environ, folder / "said.txt") as running:
        yield running


@pytest.fixture
def page(desk: Demo, browser: Browser) -> Iterator[Page]:
    with faultless(browser, 1440, 1000) as page:
        page.goto(f"{desk.address}/")
        signs_in(page, desk.account, desk.password, "PV 2026/18")
        yield page


def kept(page: Page, name: str) -> None:
    if _PICTURES:
        page.screenshot(path=str(Path(_PICTURES) / f"{name}.png"), full_page=True)


def test_from_a_description_to_a_pinned_car_and_back_from_its_photograph(
    page: Page, recording: Path, tmp_path: Path
) -> None:
    hand = Hand(page)
    hand.click(page.get_by_role("link", name="Cases"))
    hand.click(page.get_by_role("button", name="Search all recordings"))
    hand.fill(page.get_by_label("What are you looking for?"), "an old man in a red jacket")
    hand.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("This describes a person")
    kept(page, "refused")

    hand.fill(page.get_by_label("What are you looking for?"), "voiture blanche")
    hand.press("Enter")
    expect(page.locator(".understood .chip")).to_have_count(2)
    shots = page.locator(".shot")
    until_found(page)
    page.wait_for_function("() => document.querySelector('.shot img').naturalWidth > 0", timeout=120_000)
    expect(shots.first.locator("b")).to_contain_text("white")
    kept(page, "found")
    hand.click(page.get_by_role("button", name="Keep this search"))
    expect(page.locator("#saved li")).to_have_count(1)
    address = page.url
    hand.click(shots.first.get_by_role("button", name="Pin to the case"))
    page.wait_for_function("() => window.scene?.state?.scene")
    expect(page.locator("#pins li")).to_have_count(1)
    page.goto(address)
    hand.click(page.get_by_role("link", name="More like this").first)
    expect(page.get_by_text("Like the one of")).to_be_visible()
    until_found(page)

    page.locator("input[type=file]").set_input_files(photograph(recording, tmp_path / "car.png"))
    hand.click(page.get_by_role("button", name="Search by photograph"))
    expect(page.locator(".searched img")).to_be_visible()
    expect(shots.first).to_be_visible()
    kept(page, "by-photograph")


def until_found(page: Page) -> None:
    """The camera is live: what is asked for has to pass first."""
    for _ in range(90):
        if page.locator(".shot").count():
            return
        page.wait_for_timeout(1000)
        page.reload()
    raise AssertionError("nothing passed that was asked for")


def photograph(recording: Path, path: Path) -> Path:
    """A picture of the recording, as somebody would send it."""
    with av.open(str(recording)) as container:
        frames = container.decode(video=0)
        next(frame for frame in frames if frame.time is not None and frame.time >= 5.0).to_image().save(path)
    return path
