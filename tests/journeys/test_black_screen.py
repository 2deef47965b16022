"""Nothing is shown until something happens, and then everything is."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import Served, signed_in
from vitrail.domain.people import Role

pytestmark = pytest.mark.timeout(120)


def test_the_screen_is_black_until_an_alert_comes(browser: Browser, served: Served) -> None:
    rows = served.console.world.records.alerts.rows
    waiting = dict(rows)
    rows.clear()
    page = signed_in(browser, served, Role.OPERATOR, "dark")
    page.wait_for_function("() => document.querySelector('[data-live]').hasAttribute('src')")  # the scripts are there
    for problem in page.locator(".tile .problem").all():
        problem.evaluate("one => one.remove()")
    page.keyboard.press("b")
    black = page.locator("#black")
    expect(black).to_be_visible()
    assert page.locator("[data-live][src]").count() == 0, "nobody looks: nothing is shown"
    expect(black.get_by_role("button")).to_be_focused()
    rows.update(waiting)
    served.console.bus.publish("alert", next(iter(waiting)))
    expect(black).to_be_hidden(timeout=10_000)
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator("[data-live]").first).to_have_attribute("src", re.compile("/live/"))
    page.context.close()
