"""Who gets in: every route is swept, so that a new one cannot be forgotten."""

import re
from typing import Any

import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st

from tests.console.desk import Console
from vitrail.console.sessions import local_path
from vitrail.domain.people import Role

OPEN = {
    ("GET", "/sign-in"): "the way in",
    ("POST", "/sign-in"): "the way in",
    ("POST", "/sign-in/with"): "the way in, through the organisation's provider",
    ("GET", "/sign-in/back"): "and back from it",
    ("GET", "/look"): "language and theme of this browser",
    ("GET", "/shared/{token}"): "a link that two people agreed to, for the named recipient of a bundle",
    ("GET", "/metrics"): "counts about machines",
}
"""Everything else asks who is there."""
READS_PICTURES = {"/", "/queue", "/alerts", "/recording", "/live/{camera_id}", "/tiles/{camera_id}", "/events"}


def routes(console: Console) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    pending: list[Any] = list(console.app.routes)
    while pending:
        route = pending.pop()
        if isinstance(route, APIRoute):
            found += [(method, route.path) for method in sorted(route.methods or ())]
        else:
            pending += getattr(getattr(route, "original_router", None), "routes", [])
    return found


def filled(path: str) -> str:
    """The path with something in each of its places."""
    values = {"alert_id": "alert-1", "camera_id": "gate", "start_us": "1", "sighting_id": "1"}
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda m: values.get(m[1], "none"), path)


def test_the_sweep_sees_the_routes(console: Console) -> None:
    assert {("GET", "/"), ("POST", "/alerts/{alert_id}/verdict"), ("GET", "/api/v1/alerts")} <= set(routes(console))
    assert len(routes(console)) >= 20


def test_without_a_session_nothing_opens_but_the_way_in(console: Console) -> None:
    client = console.browser(None)
    before = console.world.ledger.size
    for method, path in routes(console):
        if (method, path) in OPEN:
            continue
        answer = client.request(method, filled(path))
        told = answer.status_code == 401 or answer.headers.get("location", "").startswith("http://console/sign-in")
        assert told, f"{method} {path} answered {answer.status_code}"
    assert console.world.ledger.size == before


def test_whoever_asks_for_json_is_told_401(console: Console) -> None:
    answer = console.browser(None, accept="application/json").get("/api/v1/alerts")
    assert answer.status_code == 401
    assert answer.json()["error"]["remedy"] == "sign in"


def test_nothing_changes_without_the_sessions_own_token(console: Console) -> None:
    client = console.browser()
    for method, path in routes(console):
        if method == "POST" and (method, path) not in OPEN:
            answer = client.post(filled(path), data={"csrf": "guessed", "decision": "dismissed", "reason": "nothing"})
            assert answer.status_code in (403, 422), path
    assert client.get("/account").status_code == 200
    assert console.world.records.alerts.rows[console.alerts[0].id].verdict is None


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.TECHNICIAN])
def test_roles_that_may_not_see_pictures_see_none(console: Console, role: Role) -> None:
    client = console.browser(role.value)
    assert client.get("/").status_code == 303
    one = console.alerts[0].id
    for path in ("/queue", "/alerts", "/recording", "/live/gate", f"/alerts/{one}", f"/alerts/{one}/still.jpg"):
        answer = client.get(path)
        assert answer.status_code == 403, path
        assert "L23" in answer.text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR])
def test_those_who_account_read_the_ledger_and_operators_do_not(console: Console, role: Role) -> None:
    assert console.browser(role.value).get("/ledger").status_code == 200
    assert console.browser("operator").get("/ledger").status_code == 403


def test_a_wrong_password_is_said_in_the_language_of_the_page(console: Console) -> None:
    client = console.browser(None, **{"accept-language": "fr"})
    answer = console.sign_in(client, "operator", "guess guess guess")
    assert answer.status_code == 403
    assert "nom ou mot de passe faux" in answer.text
    assert "guess" not in answer.text


def test_signing_in_needs_a_reason_and_it_stands_in_the_ledger(console: Console) -> None:
    console.member(Role.OPERATOR)
    client = console.browser(None)
    assert "no reason was typed" in console.sign_in(client, "operator", reason="  ").text
    assert console.sign_in(client, "operator", reason="night shift").status_code == 303
    assert "night shift" in [entry.reason for entry in console.world.entries()]


def test_the_sign_in_form_belongs_to_its_browser(console: Console) -> None:
    console.member(Role.OPERATOR)
    mine, theirs = console.browser(None), console.browser(None)
    form = re.search(r'name="form" value="([^"]+)"', theirs.get("/sign-in").text)
    assert form
    mine.get("/sign-in")
    answer = mine.post(
        "/sign-in",
        data={"account": "operator", "password": "correct horse battery", "reason": "tests", "form": form[1]},
    )
    assert answer.status_code == 403
    assert "set-cookie" in answer.headers
    assert "vitrail_session" not in answer.headers["set-cookie"]


def test_after_signing_out_the_token_opens_nothing(console: Console) -> None:
    client = console.browser()
    token = client.cookies["vitrail_session"]
    assert client.post("/sign-out", data={"csrf": console.csrf(client)}).status_code == 303
    client.cookies.set("vitrail_session", token)
    assert client.get("/alerts").status_code == 303


def test_a_revoked_account_is_out_at_once(console: Console) -> None:
    client = console.browser()
    assert client.get("/alerts").status_code == 200
    console.accounts.revoke("operator", by="first", reason="left the team")
    assert client.get("/alerts").status_code == 303


def test_a_session_ends_with_the_shift(console: Console) -> None:
    client = console.browser()
    console.world.clock.advance(13 * 3600)
    assert client.get("/alerts").status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(console: Console) -> None:
    console.member(Role.OPERATOR)
    client = console.browser(None)
    cookie = console.sign_in(client, "operator").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie


@pytest.mark.parametrize("path", ["/", "/alerts", "/sign-in", "/nope", "/static/console.css", "/api/v1/alerts"])
def test_every_answer_forbids_frames_sniffing_and_foreign_scripts(console: Console, path: str) -> None:
    answer = console.browser().get(path)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@given(st.text(alphabet=st.sampled_from("/\\.:ahttp@%\t\r\n evil"), max_size=30))
def test_after_signing_in_nobody_is_sent_elsewhere(path: str) -> None:
    safe = local_path(path)
    assert safe.startswith("/")
    assert not safe.startswith(("//", "/\\"))
    assert not set(safe) & set("\t\r\n\\")
