"""Every page of every role, in both themes, looked at by axe-core: nothing serious, nothing that scrolls sideways."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.console.desk import Console
from tests.console.test_doors import filled, routes
from tests.journeys.axe import axe_script
from tests.journeys.conftest import Served, signed_in
from vitrail.domain.people import Role

pytestmark = pytest.mark.timeout(300)
_NO_PAGES = (
    "/api/",
    "/live/",
    "/events",
    "/metrics",
    "/static",
    "/look",
    "/sign-in/back",
    "/queue",
    "/tiles/",
    "/map/now",
)
_SERIOUS = ("serious", "critical")


def _pages(console: Console) -> list[str]:
    """Every GET route that may be a page, with something in each of its places."""
    paths = {path for method, path in routes(console) if method == "GET" and not path.startswith(_NO_PAGES)}
    return sorted(filled(path) for path in paths)


def _found(page: Page) -> list[str]:
    """What axe calls serious, in short."""
    answer: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:120]} {node['failureSummary'][:200]}"
        for rule in answer["violations"]
        if rule["impact"] in _SERIOUS
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("role", list(Role))
def test_no_page_of_any_role_has_a_serious_finding(browser: Browser, served: Served, role: Role, theme: str) -> None:
    script = axe_script()
    page = signed_in(browser, served, role, theme)
    seen, wrong = [], []
    for path in _pages(served.console):
        answer = page.goto(served.address + path, wait_until="domcontentloaded")
        if answer is None or answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        seen.append(path)
        page.evaluate(script)
        wrong += [f"{path} {finding}" for finding in _found(page)]
    page.context.close()
    assert len(seen) >= 2, "no page was seen"
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.INVESTIGATOR, Role.OFFICER])
def test_no_page_scrolls_sideways_on_a_phone(browser: Browser, served: Served, role: Role) -> None:
    page = signed_in(browser, served, role, "dark")
    page.set_viewport_size({"width": 390, "height": 844})
    wide = []
    for path in _pages(served.console):
        answer = page.goto(served.address + path, wait_until="domcontentloaded")
        if answer is not None and answer.status == 200 and "text/html" in answer.headers.get("content-type", ""):
            wide += [path] if not page.evaluate("document.documentElement.scrollWidth <= innerWidth") else []
    page.context.close()
    assert not wide
