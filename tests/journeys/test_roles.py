"""Each role in a real browser: its first steps, once; every page of its menu; a page that is not its own, refused."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.console.desk import PASSWORD
from tests.journeys.conftest import Served, faultless, signs_in
from vitrail.domain.people import Role

pytestmark = pytest.mark.timeout(300)
_DOES = {
    Role.OPERATOR: ("/", "Presence in a closed zone", "/ledger"),
    Role.TECHNICIAN: ("/streams", "gate-main", "/alerts"),
    Role.INVESTIGATOR: ("/cases", "Open a case", "/rights"),
    Role.OFFICER: ("/rights", "Enter a request", "/recording"),
    Role.AUDITOR: ("/ledger", "Verify", "/alerts"),
    Role.ADMINISTRATOR: ("/setup", "The gate", "/alerts"),
}
"""Where the work of a role is seen, by which words, and a page that is somebody else's."""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with faultless(browser, 1440, 900, reduced_motion="reduce") as page:
        yield page


@pytest.mark.parametrize("role", list(Role))
def test_a_role_finds_its_work_and_nobody_elses(page: Page, served: Served, role: Role) -> None:
    page.goto(f"{served.address}/sign-in")
    signs_in(page, role.value, PASSWORD, "a first day")
    welcome = page.get_by_role("region", name="First steps")
    expect(welcome.get_by_role("listitem").first).to_be_visible()
    welcome.get_by_role("button", name="I know my way").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    expect(welcome).to_have_count(0)

    menu = page.get_by_role("navigation", name="Pages").get_by_role("link")
    for name in menu.all_inner_texts():
        page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("navigation", name="Pages").locator("[aria-current=page]")).to_have_text(name)
        expect(page.locator("h1")).to_have_count(1)

    theirs, words, not_theirs = _DOES[role]
    page.goto(served.address + theirs, wait_until="domcontentloaded")  # live pictures never end
    expect(page.locator("main")).to_contain_text(words)
    answer = page.goto(served.address + not_theirs)
    assert answer is not None and answer.status == 403
    expect(page.locator("main")).to_contain_text(re.compile(r"403 · L\d+"))


def test_a_word_opens_its_meaning_by_keyboard_and_escape_closes_it(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/sign-in")
    signs_in(page, "officer", PASSWORD, "reading")
    page.goto(f"{served.address}/stop", wait_until="domcontentloaded")
    word = page.locator("button.term").first
    word.focus()
    page.keyboard.press("Enter")
    meaning = page.locator(".meaning:popover-open")
    expect(meaning).to_be_visible()
    expect(meaning.get_by_role("link", name="All words")).to_be_visible()
    page.keyboard.press("Escape")
    expect(meaning).to_have_count(0)
    expect(word).to_be_focused()
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()


def test_the_menu_of_a_telephone_opens_and_closes_by_keyboard(page: Page, served: Served) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{served.address}/sign-in")
    signs_in(page, "operator", PASSWORD, "on the way")
    menu = page.get_by_role("navigation", name="Pages")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Alerts").click()
    page.wait_for_url(re.compile(r"/alerts$"))


def test_somebody_without_an_account_is_shown_what_this_is_and_nothing_else(page: Page, served: Served) -> None:
    for path in ("/", "/alerts", "/cases", "/ledger", "/recording"):
        page.goto(served.address + path)
        expect(page.get_by_label("Password")).to_be_visible()
        expect(page.get_by_role("navigation", name="Pages")).to_have_count(0)
        expect(page.locator("img[src*='/live/'], img[data-live], video")).to_have_count(0)
    expect(page.locator("footer")).to_contain_text("never who somebody is")
    assert page.request.get(f"{served.address}/api/v1/alerts").status == 401
