"""The button that stops analysis, as people of each role meet it."""

import re

import pytest

from tests.console.desk import Console
from vitrail.domain.people import Role


def stop(console: Console, role: Role, reason: str = "the mask leaks") -> int:
    client = console.browser(role.value)
    return int(client.post("/stop", data={"csrf": console.csrf(client), "reason": reason}).status_code)


def test_an_officer_stops_and_every_page_says_so(console: Console) -> None:
    assert stop(console, Role.OFFICER) == 303
    for page in ("/", "/alerts", "/streams"):
        assert "Analysis is suspended" in console.browser().get(page).text
    assert "Analysis is suspended" in console.browser(None).get("/sign-in").text


def test_two_roles_resume_from_the_page(console: Console) -> None:
    stop(console, Role.OFFICER)
    for role in (Role.OFFICER, Role.ADMINISTRATOR):
        client = console.browser(role.value)
        action = re.search(r'action="(/stop/[0-9a-f]+/resume)"', client.get("/stop").text)
        assert action
        client.post(action[1], data={"csrf": console.csrf(client), "reason": "it is mended"})
    assert "Analysis is suspended" not in console.browser().get("/").text
    assert "it is mended" in console.browser().get("/stop").text


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_others_read_but_do_not_stop(console: Console, role: Role) -> None:
    client = console.browser(role.value)
    assert "Stop analysis now" not in client.get("/stop").text
    assert stop(console, role) == 403
    assert "Analysis is suspended" not in client.get("/stop").text


def test_a_stop_needs_a_reason(console: Console) -> None:
    assert stop(console, Role.OFFICER, " ") == 422
