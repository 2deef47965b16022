"""An alert that nobody judges in time is told on the page that happens to be open."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests import builders as b
from tests.console.desk import Console
from tests.journeys.conftest import serving, signed_in
from vitrail.domain.people import Role
from vitrail.domain.shifts import Escalation

pytestmark = pytest.mark.timeout(120)


def test_an_alert_that_becomes_late_is_told_without_loading_a_page(browser: Browser, tmp_path: Path) -> None:
    console = Console(tmp_path, site=b.site(escalation=Escalation(1, ("investigator",))))
    console.member(Role.INVESTIGATOR)
    console.world.clock.advance(59)
    with serving(console) as served:
        page = signed_in(browser, served, Role.INVESTIGATOR, "dark")
        page.goto(f"{served.address}/account")
        told = page.get_by_text("Alerts wait for longer than 1 min:")
        page.locator("#late[data-listens]").wait_for(state="attached")
        expect(told).to_have_count(0)
        console.world.clock.advance(2)
        expect(told).to_be_visible(timeout=60_000)
        console.world.records.alerts.rows.clear()
        console.bus.publish("verdict", "judged elsewhere")
        expect(told).to_have_count(0, timeout=60_000)
        page.context.close()
