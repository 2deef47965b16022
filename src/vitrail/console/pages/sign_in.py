"""Signing in and out; language and theme of this browser."""

__all__ = ["router"]

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from vitrail.console.frame import THEMES
from vitrail.console.language import LANGUAGES
from vitrail.console.parts import rooms
from vitrail.console.sessions import (
    PRE_COOKIE,
    SESSION_COOKIE,
    TICKET_COOKIE,
    asking,
    checked,
    local_path,
    put_session,
    token_of,
)
from vitrail.domain.errors import NotFound, Refused, Unavailable, VitrailError
from vitrail.guard.sign_on import SignOns
from vitrail.services.review import Person

router = APIRouter()
_MOVED = 303
_YEAR_S = 365 * 24 * 3600


@router.get("/sign-in", name="sign_in")
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - the word people see in the address
    return _form(request, next, None)


@router.post("/sign-in")
def sign_in(
    request: Request,
    account: Annotated[str, Form(max_length=200)],
    password: Annotated[str, Form(max_length=1000)],
    reason: Annotated[str, Form(max_length=500)],
    form: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002
) -> Response:
    if not _from_our_form(request, form):
        return _form(request, next, Refused("the form had grown old", rule="CSRF", remedy="try again"), account)
    if len(reason.strip()) < 3:
        return _form(request, next, Refused("no reason was typed", rule="L13", remedy="say what for"), account)
    try:
        token = rooms(request).administer.sign_in(account.strip(), password, reason)
    except Refused as error:
        return _form(request, next, error, account, reason)
    response = RedirectResponse(local_path(next), _MOVED)
    response.delete_cookie(PRE_COOKIE, path="/sign-in")
    put_session(request, response, token)
    return response


@router.post("/sign-in/with")
def sign_in_with(
    request: Request,
    reason: Annotated[str, Form(max_length=500)] = "",
    form: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002
) -> Response:
    """Off to the organisation's provider. A page goes there, not the form: what a form may lead to is our own."""
    sign_ons = _sign_ons(request)
    if not _from_our_form(request, form):
        return _form(request, next, Refused("the form had grown old", rule="CSRF", remedy="try again"), reason=reason)
    try:
        ticket = sign_ons.begin(reason, local_path(next))
    except (Refused, Unavailable) as error:
        return _form(request, next, error, reason=reason)
    response = _going(request, ticket.address)
    secure = request.url.scheme == "https"
    response.set_cookie(TICKET_COOKIE, ticket.key, httponly=True, samesite="lax", secure=secure, path="/sign-in")
    return response


@router.get("/sign-in/back", name="sign_in_back")
def sign_in_back(request: Request) -> Response:
    """Back from the provider. The session's cookie is strict: it goes with the page after this one, which is ours."""
    try:
        token, then = _sign_ons(request).finish(request.cookies.get(TICKET_COOKIE, ""), str(request.url))
    except (Refused, Unavailable) as error:
        return _form(request, "/", error)
    response = _going(request, local_path(then))
    response.delete_cookie(TICKET_COOKIE, path="/sign-in")
    put_session(request, response, token)
    return response


@router.post("/sign-out")
def sign_out(request: Request, _: Annotated[Person, Depends(checked)]) -> Response:
    token = token_of(request)
    if token is not None:
        rooms(request).administer.sign_out(token)
    response = RedirectResponse("/sign-in", _MOVED)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


@router.get("/account")
def account(request: Request, person: Annotated[Person, Depends(asking)]) -> Response:
    return rooms(request).frame.page(request, "account.html", {"account": person.account})


@router.get("/look")
def look(request: Request, language: str = "", theme: str = "", next: str = "/") -> Response:  # noqa: A002
    """Remember this browser's language or theme."""
    response = RedirectResponse(local_path(next), _MOVED)
    for name, value, known in (("language", language, LANGUAGES), ("theme", theme, THEMES)):
        if value in known:
            response.set_cookie(name, value, max_age=_YEAR_S, httponly=True, samesite="strict", path="/")
    return response


def _sign_ons(request: Request) -> SignOns:
    sign_ons = rooms(request).parts.sign_ons
    if sign_ons is None:
        raise NotFound("this site has no provider of accounts", where="sign_on", remedy="sign in with a password")
    return sign_ons


def _from_our_form(request: Request, form: str) -> bool:
    expected = request.cookies.get(PRE_COOKIE, "")
    return bool(expected) and secrets.compare_digest(expected.encode(), form.encode())


def _going(request: Request, address: str) -> Response:
    return rooms(request).frame.page(request, "going.html", {"address": address})


def _form(request: Request, then: str, error: VitrailError | None, account: str = "", reason: str = "") -> Response:
    form = secrets.token_urlsafe(24)
    sign_ons = rooms(request).parts.sign_ons
    values = {
        "next": local_path(then),
        "error": error,
        "account": account,
        "reason": reason,
        "form": form,
        "provider": sign_ons.name if sign_ons else "",
    }
    response = rooms(request).frame.page(request, "sign_in.html", values, status=403 if error else 200)
    secure = request.url.scheme == "https"
    response.set_cookie(PRE_COOKIE, form, httponly=True, samesite="strict", secure=secure, path="/sign-in")
    return response
