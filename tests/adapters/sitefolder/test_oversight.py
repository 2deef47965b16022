"""Keys of those who may stop from outside."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vitrail.adapters.sitefolder.oversight import oversight_keys


def test_a_site_without_oversight_keys_has_none(tmp_path: Path) -> None:
    assert oversight_keys(tmp_path) == ({}, [])


def test_keys_are_known_by_the_name_of_their_file_and_others_are_told(tmp_path: Path) -> None:
    good = Ed25519PrivateKey.generate().public_key()
    other = generate_private_key(SECP256R1()).public_key()
    (tmp_path / "oversight").mkdir()
    for name, key in (("ombudsman", good), ("curve", other)):
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        (tmp_path / "oversight" / f"{name}.pem").write_bytes(pem)
    (tmp_path / "oversight" / "words.pem").write_text("no key")
    keys, problems = oversight_keys(tmp_path)
    assert keys == {"ombudsman": good.public_bytes(Encoding.Raw, PublicFormat.Raw)}
    assert [problem.file for problem in problems] == ["oversight/curve.pem", "oversight/words.pem"]
