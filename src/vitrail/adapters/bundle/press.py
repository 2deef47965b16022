"""The press: what a bundle is made of besides film."""

__all__ = ["BundlePress", "bundle_verifier"]

from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vitrail.adapters.bundle.container import bind
from vitrail.adapters.bundle.stamp import stamp
from vitrail.domain.bundles import Story

_IMPORT = "from vitrail.adapters.publishing.vitrail_verify import leaf_of, node, rightly_opened, rightly_signed, rows\n"
_ENDING = 'if __name__ == "__main__":'


class BundlePress:
    """``authority``: the address of a time-stamping server, or nothing. What draws and what signs copies is loaded when
    the first bundle needs it."""

    def __init__(self, site_name: str, key: Ed25519PrivateKey, authority: str = "") -> None:
        self._site_name = site_name
        self._key = key
        self._authority = authority

    def report(self, story: Story, stills: Mapping[str, bytes]) -> bytes:
        from vitrail.adapters.bundle.report import report

        return report(story, stills)

    def papers(self, story: Story) -> Mapping[str, bytes]:
        return {
            "README.txt": _text("templates/readme.txt").encode(),
            "vitrail_bundle_verify.py": bundle_verifier().encode(),
        }

    def credential(self, path: Path, title: str) -> None:
        from vitrail.adapters.bundle.credentials import Credentials

        Credentials(self._site_name, self._key).put(path, title)

    def sign(self, text: bytes) -> bytes:
        return self._key.sign(text)

    def stamp(self, digest: bytes) -> bytes | None:
        return stamp(self._authority, digest) if self._authority else None

    def bind(self, out: Path, files: Mapping[str, Path | bytes], progress: Callable[[float], None]) -> str:
        return bind(out, files, progress)


def bundle_verifier() -> str:
    """The verifier of bundles as one file, what it needs of the ledger's inside it."""
    head, _, tail = _text("vitrail_bundle_verify.py").partition(_IMPORT)
    ledger = (
        resources.files("vitrail.adapters.publishing").joinpath("vitrail_verify.py").read_text(encoding="utf-8")
    ).partition(_ENDING)[0]
    title = "# The verifier of ledgers, word for word (vitrail_verify.py)."
    parts = (head.rstrip(), title, ledger.rstrip(), tail.strip())
    return "\n\n".join(parts) + "\n"


def _text(name: str) -> str:
    return resources.files("vitrail.adapters.bundle").joinpath(name).read_text(encoding="utf-8")
