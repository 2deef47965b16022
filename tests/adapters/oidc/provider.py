"""A real OpenID provider in a thread of its own (oidc-provider-mock), and a browser that signs in at it."""

__all__ = ["GROUPS", "provider", "signed_in_at"]

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from oidc_provider_mock import User, run_server_in_thread

from vitrail.domain.people import Role
from vitrail.domain.sign_on import SignOn

GROUPS = {"control-room": Role.OPERATOR, "privacy": Role.OFFICER}


@contextmanager
def provider(*groups: str, account: str = "operator") -> Iterator[SignOn]:
    """Knows one person, ``account``, who is in these groups."""
    claims = {"preferred_username": account, "groups": list(groups)}
    with run_server_in_thread(port=0, user_claims=[User(sub=account, claims=claims)]) as server:
        issuer = f"http://localhost:{server.server_port}"
        yield SignOn("City", issuer, "vitrail", "http://console", GROUPS, client_secret="s3cret-of-the-city")


def signed_in_at(address: str, account: str = "operator") -> str:
    """What the provider sends the browser back to, once ``account`` has signed in there."""
    with httpx.Client(follow_redirects=False) as browser:
        page = browser.get(address)
        assert page.status_code == 200, page.text
        answer = browser.post(address, data={"sub": account})
    assert answer.status_code in (302, 303), re.sub(r"<[^>]+>", "", answer.text)
    return answer.headers["location"]
