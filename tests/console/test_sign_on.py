"""Signing in through a real provider, from our page to our page."""

import re
from dataclasses import replace
from html import unescape

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from tests.adapters.oidc.provider import provider, signed_in_at
from tests.console.desk import Console
from vitrail.adapters.oidc import OidcDirectory
from vitrail.console.app import build_app
from vitrail.domain.people import Role
from vitrail.guard.sign_on import SignOns


def _browser(console: Console, sign_ons: SignOns) -> TestClient:
    app = build_app(replace(console.parts(), sign_ons=sign_ons))
    client = TestClient(app, base_url="http://console", follow_redirects=False, raise_server_exceptions=False)
    client.headers["accept"] = "text/html"
    return client


def _going(text: str) -> str:
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', text)
    assert found, text
    return unescape(found[1])


def _leave(client: TestClient, **more: str) -> Response:
    form = re.search(r'name="form" value="([^"]+)"', client.get("/sign-in").text)
    assert form
    return client.post("/sign-in/with", data={"form": form[1], "reason": "night shift", "next": "/alerts"} | more)


@pytest.fixture
def member(console: Console) -> Console:
    console.member(Role.OPERATOR)
    return console


def test_from_our_page_to_the_provider_and_back_to_the_page_that_was_wanted(member: Console) -> None:
    with provider("control-room") as settings:
        client = _browser(member, SignOns(settings, OidcDirectory(settings), member.accounts, member.world.clock))
        assert "Sign in with" in client.get("/sign-in").text
        there = _leave(client)
        back = signed_in_at(_going(there.text))
        answer = client.get(back)
        assert answer.status_code == 200
        assert _going(answer.text) == "/alerts"
        assert client.get("/alerts").status_code == 200
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("vitrail_session="))
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_an_answer_without_the_ticket_of_this_browser_signs_nobody_in(member: Console) -> None:
    with provider("control-room") as settings:
        sign_ons = SignOns(settings, OidcDirectory(settings), member.accounts, member.world.clock)
        victim, attacker = _browser(member, sign_ons), _browser(member, sign_ons)
        back = signed_in_at(_going(_leave(attacker).text))
        answer = victim.get(back)
    assert answer.status_code == 403
    assert "vitrail_session" not in "".join(answer.headers.get_list("set-cookie"))


def test_a_page_of_somebody_else_is_never_where_one_ends_up(member: Console) -> None:
    with provider("control-room") as settings:
        client = _browser(member, SignOns(settings, OidcDirectory(settings), member.accounts, member.world.clock))
        there = _leave(client, next="//evil.example/")
        assert _going(client.get(signed_in_at(_going(there.text))).text) == "/"


def test_a_forged_form_and_a_missing_reason_lead_nowhere(member: Console) -> None:
    with provider("control-room") as settings:
        client = _browser(member, SignOns(settings, OidcDirectory(settings), member.accounts, member.world.clock))
        assert _leave(client, form="forged").status_code == 403
        assert _leave(client, reason="").status_code == 403


def test_a_site_without_a_provider_shows_no_button_and_has_no_way(console: Console) -> None:
    client = console.browser(None)
    assert "Sign in with" not in client.get("/sign-in").text
    assert client.post("/sign-in/with").status_code == 404
    assert client.get("/sign-in/back").status_code == 404


def test_in_french_the_provider_is_offered_in_french(member: Console) -> None:
    with provider() as settings:
        client = _browser(member, SignOns(settings, OidcDirectory(settings), member.accounts, member.world.clock))
        text = client.get("/sign-in", headers={"accept-language": "fr"}).text
    assert "Se connecter avec" in text
