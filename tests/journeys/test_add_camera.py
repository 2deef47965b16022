"""A technician adds a camera in the browser: found, tried, named, written."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.console.desk import PASSWORD
from tests.console.test_setup_add import LOGIN, made
from tests.journeys.conftest import faultless, serving, signs_in
from vitrail.domain.mandates import Mode
from vitrail.domain.people import Role

pytestmark = pytest.mark.timeout(120)
SOON_MS = 30_000
"""Longer than anything takes on a busy machine: a wait, never a measure."""


def test_a_camera_is_found_tried_named_and_written(browser: Browser, tmp_path: Path) -> None:
    console = made(tmp_path, Mode.ALERT)
    console.member(Role.TECHNICIAN)
    with serving(console) as served, faultless(browser, 390, 844) as page:
        page.goto(f"{served.address}/sign-in")
        signs_in(page, Role.TECHNICIAN.value, PASSWORD, "a new camera")
        page.goto(f"{served.address}/setup")
        page.get_by_role("link", name="Add a camera").click()
        page.locator("#add[data-ready]").wait_for(state="attached")
        page.get_by_label("User").fill(LOGIN.user)
        page.get_by_label("Password").fill("wrong")
        page.get_by_role("button", name="Look for cameras").click()
        page.get_by_role("button", name="Streams").click()
        expect(page.get_by_text("refuses the user or password")).to_be_visible(timeout=SOON_MS)
        page.get_by_label("Password").fill(LOGIN.password)
        page.get_by_role("button", name="Streams").click()
        page.get_by_role("button", name="Take this one").first.click()
        page.get_by_role("button", name="Try the camera").click()
        expect(page.get_by_text("It answers: h264, 320 × 240")).to_be_visible(timeout=SOON_MS)
        expect(page.locator("#shown")).to_be_hidden()
        page.get_by_label("Name", exact=True).fill("The Quay, east")
        expect(page.get_by_label("Short name")).to_have_value("the-quay-east")
        write = page.get_by_role("button", name="Write into site.yaml")
        expect(write).to_be_disabled()
        page.get_by_role("button", name="Show what would be written").click()
        expect(page.locator(".changes-of")).to_contain_text("id: the-quay-east", timeout=SOON_MS)
        expect(page.get_by_text("L01").first).to_be_visible(timeout=SOON_MS)
        write.click()
        expect(page.get_by_text("Written into site.yaml")).to_be_visible(timeout=SOON_MS)
        expect(write).to_be_disabled()
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways"
    assert "id: the-quay-east" in (tmp_path / "site" / "site.yaml").read_text()
