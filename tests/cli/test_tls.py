"""The console's own certificate: a real one, spoken to over TLS; and every wrong one told before anything starts."""

import datetime
import socket
import ssl
import threading
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.console.desk import Console
from vitrail import compose
from vitrail.console import app
from vitrail.domain.errors import Invalid


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, secret


def test_over_tls_cookies_and_answers_stay_on_tls(pair: tuple[Path, Path], tmp_path: Path) -> None:
    console = Console(tmp_path)
    port = _free_port()
    tls = compose.tls(*pair)
    listens = threading.Event()
    served = (console.parts(), "127.0.0.1", port, tls, listens.set, console.bus.close)
    threading.Thread(target=app.serve, args=served, daemon=True).start()
    assert listens.wait(60)
    trust = ssl.create_default_context(cafile=str(pair[0]))
    with httpx.Client(verify=trust, base_url=f"https://localhost:{port}") as browser:
        answer = browser.get("/sign-in")
    console.bus.close()
    assert answer.status_code == 200
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert "secure" in answer.headers["set-cookie"].lower()
    console.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_without_either_file_there_is_no_tls() -> None:
    assert compose.tls(None, None) is None


def test_half_a_pair_is_told(pair: tuple[Path, Path]) -> None:
    with pytest.raises(Invalid, match="go together"):
        compose.tls(pair[0], None)


def test_files_that_do_not_fit_are_told(pair: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("nothing")
    for certificate, key in ((tmp_path / "no.pem", pair[1]), (pair[0], tmp_path / "away.pem"), (pair[1], pair[0])):
        with pytest.raises(Invalid, match="cannot be used"):
            compose.tls(certificate, key)
