"""One provider, asked anew for its keys whenever it signs with one that is not known."""

__all__ = ["OidcDirectory"]

import json
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from vitrail.domain.errors import Refused, Unavailable
from vitrail.domain.sign_on import Errand, Proven, SignOn

_TIMEOUT_S = 5.0
_LONGEST_BYTES = 1 << 20
_KNOWN_S = 3600.0
"""How long the provider's own description of itself is kept."""
_LEEWAY_S = 60
_ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures with a public key alone: never `none`, never a shared secret."""


class OidcDirectory:
    """Thread-safe."""

    def __init__(self, settings: SignOn) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._said: Mapping[str, Any] = {}
        self._said_s = 0.0

    def begin(self) -> Errand:
        verifier, nonce = generate_token(64), generate_token(32)
        with self._session() as session:
            address, state = session.create_authorization_url(
                self._endpoint("authorization_endpoint"), code_verifier=verifier, nonce=nonce
            )
        return Errand(address, state, nonce, verifier)

    def finish(self, errand: Errand, answer: str) -> Proven:
        given = parse_qs(urlsplit(answer).query)
        issuers = given.get("iss", [])
        if given.get("state") != [errand.state] or issuers not in ([], [self._settings.issuer]):
            raise self._refused("the answer does not belong to this browser")
        if "error" in given or "code" not in given:
            raise self._refused("the provider did not sign anybody in")
        claims = self._claims(errand, answer)
        account = claims.get(self._settings.account_claim)
        if not isinstance(account, str) or not account:
            raise self._refused(f"the provider names no `{self._settings.account_claim}`")
        groups = claims.get(self._settings.groups_claim, [])
        named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        return Proven(account, frozenset(str(group) for group in named))

    def _claims(self, errand: Errand, answer: str) -> Mapping[str, Any]:
        try:
            with self._session() as session:
                token = session.fetch_token(
                    self._endpoint("token_endpoint"),
                    authorization_response=answer,
                    code_verifier=errand.verifier,
                    state=errand.state,
                    timeout=_TIMEOUT_S,
                )
        except AuthlibBaseError as error:
            raise self._refused("the provider did not take its own code back") from error
        except (requests.RequestException, ValueError) as error:
            raise self._away(error) from error
        return self._verified(str(token.get("id_token", "")), errand.nonce)

    def _verified(self, id_token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an id token whose signature and every bound hold (OpenID Connect Core 3.1.3.7)."""
        rules = jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            keys = jwk.KeySet.import_key_set(self._fetched(self._endpoint("jwks_uri")))  # type: ignore[arg-type]
            claims = jwt.decode(id_token, keys, algorithms=_ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, ValueError) as error:
            raise self._refused("the provider's proof does not hold") from error
        if claims.get("azp", self._settings.client_id) != self._settings.client_id:
            raise self._refused("the provider's proof is for somebody else")
        return claims

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self._settings.client_id,
            self._settings.client_secret or None,
            scope="openid profile email",
            redirect_uri=self._settings.back,
            code_challenge_method="S256",
        )

    def _endpoint(self, name: str) -> str:
        """From the provider's description of itself (OpenID Connect Discovery 1.0)."""
        with self._lock:
            if not self._said or time.monotonic() - self._said_s > _KNOWN_S:
                said = self._fetched(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
                if said.get("issuer") != self._settings.issuer:
                    raise Unavailable(
                        f"the provider calls itself {said.get('issuer')!r}",
                        where="sign_on.issuer",
                        remedy="write the issuer exactly as the provider does",
                    )
                self._said, self._said_s = said, time.monotonic()
            found = self._said.get(name)
        if not isinstance(found, str):
            raise Unavailable(f"the provider names no `{name}`", where="sign_on", remedy="ask who runs it")
        return found

    def _fetched(self, address: str) -> Mapping[str, Any]:
        try:
            with requests.get(address, timeout=_TIMEOUT_S, stream=True, allow_redirects=False) as answer:
                answer.raise_for_status()
                body = answer.raw.read(_LONGEST_BYTES, decode_content=True)
                said = json.loads(body)
        except (requests.RequestException, ValueError) as error:
            raise self._away(error) from error
        if not isinstance(said, dict):
            raise self._away(TypeError("not an object"))
        return said

    def _refused(self, what: str) -> Refused:
        return Refused(what, where=self._settings.name, rule="L23", remedy="begin again")

    def _away(self, error: Exception) -> Unavailable:
        return Unavailable(
            "the provider does not answer",
            where=f"{self._settings.name}: {type(error).__name__}",
            remedy="sign in with a password, or try again later",
        )
