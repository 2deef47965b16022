"""Who is asking: the session cookie, and proof that a form came from our own page (CSRF)."""

__all__ = [
    "PRE_COOKIE",
    "SESSION_COOKIE",
    "TICKET_COOKIE",
    "SignInNeeded",
    "asking",
    "checked",
    "checked_by_header",
    "local_path",
    "put_session",
    "to_sign_in",
    "token_of",
]

import secrets
from typing import Annotated

from fastapi import Form, Header, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from vitrail.console.language import Words
from vitrail.console.parts import rooms
from vitrail.domain.errors import Refused
from vitrail.services.review import Person

SESSION_COOKIE = "vitrail_session"
PRE_COOKIE = "vitrail_form"
"""Ties the sign-in form, which has no session yet, to the browser it was sent to."""
TICKET_COOKIE = "vitrail_ticket"
"""Ties an answer of the organisation's provider to the browser that asked; it comes back from another site."""
_MOVED = 303


class SignInNeeded(Exception):
    """Nobody is signed in, or not any more; ``why`` is said on the sign-in page."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why


def token_of(request: Request) -> str | None:
    return request.cookies.get(SESSION_COOKIE)


def asking(request: Request) -> Person:
    """The signed-in person. Raises ``SignInNeeded``."""
    administer = rooms(request).administer
    token = token_of(request)
    if token is None:
        raise SignInNeeded
    try:
        person = administer.whoami(token)
    except Refused as error:
        raise SignInNeeded(error.what) from error
    request.state.person = person
    return person


def checked(
    request: Request,
    csrf: Annotated[str, Form()] = "",
    x_csrf_token: Annotated[str, Header()] = "",
) -> Person:
    """Like ``asking``, for requests that change something: the session's own token must come along, in the form or
    in a header."""
    return _proven(request, csrf or x_csrf_token)


def checked_by_header(request: Request, x_csrf_token: Annotated[str, Header()] = "") -> Person:
    """The same, where the body is JSON."""
    return _proven(request, x_csrf_token)


def _proven(request: Request, given: str) -> Person:
    person = asking(request)
    if not secrets.compare_digest(given.encode(), person.session.csrf.encode()):
        raise Refused(
            "this form did not come from your own page",
            rule="CSRF",
            remedy="reload the page and try again",
        )
    return person


def put_session(request: Request, response: Response, token: str) -> None:
    """Strict, out of reach of scripts, gone with the browser; only over TLS when the page came over TLS."""
    response.set_cookie(
        SESSION_COOKIE, token, httponly=True, samesite="strict", secure=request.url.scheme == "https", path="/"
    )


def to_sign_in(request: Request, error: SignInNeeded, words: Words) -> Response:
    """Pages go to the sign-in page and come back after it; everything else is told 401."""
    if request.method != "GET" or "text/html" not in request.headers.get("accept", ""):
        what, remedy = words.said(error.why or "nobody is signed in"), words.said("sign in")
        said = {"kind": "refused", "what": what, "rule": "L23", "remedy": remedy}
        return JSONResponse({"error": said}, status_code=401)
    response = RedirectResponse(request.url_for("sign_in").include_query_params(next=request.url.path), _MOVED)
    response.delete_cookie(SESSION_COOKIE, path="/")
    return response


def local_path(path: str) -> str:
    """``path`` when it is one of ours, else the first page: never an open redirect."""
    fine = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if fine else "/"
