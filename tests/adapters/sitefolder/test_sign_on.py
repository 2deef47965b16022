"""``sign_on`` of ``site.yaml``: what is read, and what is told of each mistake."""

import pytest

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named
from vitrail.domain.people import Role

GOOD = """\
sign_on:
  name: City
  issuer: https://id.example/staff
  client_id: vitrail
  client_secret: ${OIDC_SECRET}
  address: https://console.example
  roles: {control-room: operator}
cameras:"""

WRONG = [
    Row(
        "not encrypted", "https://id.example", "http://id.example", "sign_on.issuer", "is not encrypted", "https://HOST"
    ),
    Row("no address", "https://console.example", "console.example", "sign_on.address", "is no address of a server"),
    Row("a user in it", "https://id.", "https://me:pw@id.", "sign_on.issuer", "holds a user or a password"),
    Row("written secret", "${OIDC_SECRET}", "swordfish", "sign_on.client_secret", "a secret is written out", "${NAME}"),
    Row("secret not set", "${OIDC_SECRET}", "${OTHER}", "sign_on.client_secret", "not set in the environment: OTHER"),
    Row("unknown role", "control-room: operator", "control-room: king", "sign_on.roles", "not `king`"),
    Row("no group", "{control-room: operator}", "{}", "sign_on.roles", ""),
]


@pytest.fixture
def with_provider(folder: Folder) -> Folder:
    folder.spoil("site.yaml", "cameras:", GOOD)
    return folder


def test_a_provider_is_read_and_its_secret_is_not_shown(with_provider: Folder) -> None:
    sign_on = with_provider.read().site.sign_on
    assert sign_on is not None
    assert sign_on.roles == {"control-room": Role.OPERATOR}
    assert sign_on.back == "https://console.example/sign-in/back"
    assert sign_on.client_secret == "hunter2"
    assert "hunter2" not in repr(sign_on)


def test_a_provider_on_this_machine_needs_no_encryption(with_provider: Folder) -> None:
    with_provider.spoil("site.yaml", "https://id.example/staff", "http://127.0.0.1:9400")
    assert with_provider.read().site.sign_on is not None


@named(WRONG)
def test_what_is_wrong_is_told(with_provider: Folder, row: Row) -> None:
    must_be_told(with_provider, row)
