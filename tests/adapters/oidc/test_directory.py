"""Signing in at a real provider; answers that are not what they seem."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from tests.adapters.oidc.provider import provider, signed_in_at
from vitrail.adapters.oidc import OidcDirectory
from vitrail.domain.errors import Refused, Unavailable


def test_whom_the_provider_signs_in_is_known_with_their_groups() -> None:
    with provider("control-room", "choir") as settings:
        directory = OidcDirectory(settings)
        errand = directory.begin()
        proven = directory.finish(errand, signed_in_at(errand.address))
    assert proven.account_id == "operator"
    assert proven.groups == {"control-room", "choir"}


def test_the_way_there_carries_a_challenge_and_never_the_verifier_or_the_secret() -> None:
    with provider() as settings:
        errand = OidcDirectory(settings).begin()
    asked = parse_qs(urlsplit(errand.address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["code_challenge"] == [create_s256_code_challenge(errand.verifier)]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == ["http://console/sign-in/back"]
    assert errand.verifier not in errand.address
    assert "s3cret" not in errand.address
    assert "s3cret" not in repr(settings) + repr(errand)


def test_an_answer_to_another_browser_is_refused() -> None:
    with provider() as settings:
        directory = OidcDirectory(settings)
        mine, theirs = directory.begin(), directory.begin()
        answer = signed_in_at(theirs.address)
        with pytest.raises(Refused, match="does not belong"):
            directory.finish(mine, answer)


def test_a_token_with_another_nonce_is_refused() -> None:
    with provider() as settings:
        directory = OidcDirectory(settings)
        errand = directory.begin()
        with pytest.raises(Refused, match="proof does not hold"):
            directory.finish(replace(errand, nonce="another"), signed_in_at(errand.address))


def test_a_token_for_another_client_is_refused() -> None:
    with provider() as settings:
        errand = OidcDirectory(settings).begin()
        answer = signed_in_at(errand.address)
        with pytest.raises(Refused):
            OidcDirectory(replace(settings, client_id="somebody-else")).finish(errand, answer)


def test_a_refusal_of_the_provider_is_told() -> None:
    with provider() as settings:
        directory = OidcDirectory(settings)
        errand = directory.begin()
        with pytest.raises(Refused, match="did not sign anybody in"):
            directory.finish(errand, f"{settings.back}?error=access_denied&state={errand.state}")


def test_a_provider_that_calls_itself_otherwise_is_not_trusted() -> None:
    with provider() as settings:
        other = replace(settings, issuer=f"{settings.issuer}/")
        with pytest.raises(Unavailable, match="calls itself"):
            OidcDirectory(other).begin()


def test_a_provider_that_is_away_is_told() -> None:
    with provider() as settings:
        pass
    with pytest.raises(Unavailable, match="does not answer"):
        OidcDirectory(settings).begin()
