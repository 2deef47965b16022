from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from vitrail.adapters.keyfile import signing_key
from vitrail.domain.errors import Corrupt


def raw(folder: Path) -> bytes:
    return signing_key(folder).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    assert raw(tmp_path / "state") == raw(tmp_path / "state")
    assert (tmp_path / "state" / "ledger-key.pem").stat().st_mode & 0o077 == 0


def test_programs_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(raw, [tmp_path / "state"] * 16))) == 1
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["ledger-key.pem"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a key",
        generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    ],
    ids=["empty", "text", "another kind of key"],
)
def test_a_damaged_key_is_told_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger-key.pem"
    path.write_bytes(content)
    with pytest.raises(Corrupt, match="Ed25519"):
        signing_key(tmp_path)
    assert path.read_bytes() == content
