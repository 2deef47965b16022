"""Content credentials (C2PA) for masked films and stills: who made the copy, that it was masked, by a certificate that
the site's own key stands behind. Nothing is fetched from anywhere.

The certificate is the site's own: other programs show it as valid and of an unknown issuer. What a judge relies on is
the bundle's signature; this one travels with a copy that leaves its bundle.
"""

__all__ = ["Credentials"]

import datetime
import json
import os
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import vitrail
from vitrail.domain.errors import Unavailable

_TYPES = {".jpg": "image/jpeg"}
_FILM = "video/mp4"
_DAY = datetime.timedelta(days=1)
_CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
_SETTINGS = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_sign": False},
}


class Credentials:
    """``key`` signs for the site; a key for this process alone signs the copies, and is certified by it."""

    def __init__(self, site_name: str, key: Ed25519PrivateKey) -> None:
        self._leaf = Ed25519PrivateKey.generate()
        self._chain = _chain(site_name, key, self._leaf)
        self._context = c2pa.Context(c2pa.Settings.from_dict(_SETTINGS))

    def put(self, path: Path, title: str, kind: str = "") -> None:
        """In place. Raises ``Unavailable``."""
        said = {
            "claim_generator_info": [{"name": "vitrail", "version": vitrail.__version__}],
            "title": title,
            "assertions": [
                {
                    "label": "c2pa.actions",
                    "data": {
                        "actions": [
                            {"action": "c2pa.created", "digitalSourceType": _CAPTURE},
                            {"action": "c2pa.edited", "parameters": {"description": "people are masked"}},
                        ]
                    },
                }
            ],
        }
        beside = path.with_name(f"{path.name}.c2pa")
        try:
            signer = c2pa.Signer.from_callback(self._leaf.sign, c2pa.C2paSigningAlg.ED25519, self._chain)
            with path.open("rb") as source, beside.open("w+b") as made:
                c2pa.Builder(json.dumps(said), self._context).sign(signer, _TYPES.get(path.suffix, _FILM), source, made)
                made.flush()
                os.fsync(made.fileno())
            beside.replace(path)
        except (c2pa.C2paError, OSError) as error:
            beside.unlink(missing_ok=True)
            raise Unavailable(f"content credentials cannot be written ({error})", where=path.name) from error


def _chain(site_name: str, key: Ed25519PrivateKey, leaf: Ed25519PrivateKey) -> str:
    """The copies' certificate, then the site's, PEM (C2PA 2.2, 14.5: what such certificates must say)."""
    now = datetime.datetime.now(datetime.UTC)
    above = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    root = (
        _blank(site_name, site_name, now)
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(certify=True), critical=True)
        .add_extension(above, critical=False)
        .sign(key, None)
    )
    made = (
        _blank(f"{site_name}, copies", site_name, now)
        .public_key(leaf.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certify=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf.public_key()), critical=False)
        .sign(key, None)
    )
    return "".join(c.public_bytes(Encoding.PEM).decode() for c in (made, root))


def _blank(subject: str, issuer: str, now: datetime.datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + 365 * _DAY)
    )


def _named(name: str) -> x509.Name:
    short = name.encode()[:60].decode(errors="ignore")
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Vitrail"), x509.NameAttribute(NameOID.COMMON_NAME, short)]
    )


def _usage(certify: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certify,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certify,
        crl_sign=certify,
        encipher_only=False,
        decipher_only=False,
    )
