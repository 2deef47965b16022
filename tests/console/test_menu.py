"""The menu: each role finds its own pages, in groups, and nothing that would refuse it."""

import re

import pytest

from tests.console.desk import Console
from vitrail.domain.people import Role

_NAV = re.compile(r'<nav id="menu".*?</nav>', re.DOTALL)
_ALL = {
    Role.OPERATOR: "/ /map /alerts /handover /recording /changed /upkeep /setup /streams",
    Role.TECHNICIAN: "/map /upkeep /setup /streams",
    Role.INVESTIGATOR: "/ /map /alerts /handover /recording /changed /cases /upkeep /setup /streams",
    Role.OFFICER: "/cases /streams /rights /figures /followup /ledger /stop",
    Role.AUDITOR: "/cases /streams /rights /figures /followup /ledger",
    Role.ADMINISTRATOR: "/setup /streams /rights /figures /followup /ledger /stop",
}


def _menu(console: Console, role: Role, path: str = "/streams") -> str:
    found = _NAV.search(console.browser(role.value).get(path).text)
    assert found
    return found[0]


@pytest.mark.parametrize("role", list(_ALL))
def test_a_role_finds_its_own_pages_and_each_of_them_opens(console: Console, role: Role) -> None:
    offered = re.findall(r'href="([^"]+)"', _menu(console, role))
    assert offered == _ALL[role].split()
    client = console.browser(role.value)
    assert {path: client.get(path).status_code for path in offered} == dict.fromkeys(offered, 200)


def test_no_group_is_empty_and_the_page_that_is_open_is_marked(console: Console) -> None:
    menu = _menu(console, Role.TECHNICIAN)
    assert menu.count("<h2") == menu.count("<ul") == 2
    assert re.findall(r'href="([^"]+)" aria-current="page"', menu) == ["/streams"]
    assert 'aria-current="page"' not in _menu(console, Role.OFFICER, "/account")


@pytest.mark.parametrize(
    ("role", "home"),
    [(Role.TECHNICIAN, "/upkeep"), (Role.OFFICER, "/ledger"), (Role.AUDITOR, "/ledger")],
)
def test_who_does_not_watch_comes_to_the_page_where_their_work_begins(console: Console, role: Role, home: str) -> None:
    answer = console.browser(role.value).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, home)


def test_nobody_is_offered_pages_before_signing_in(console: Console) -> None:
    assert _NAV.search(console.browser(None).get("/sign-in").text) is None
