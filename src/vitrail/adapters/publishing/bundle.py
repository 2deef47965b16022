"""Writes the audit archive: a ZIP whose manifest names every file by its digest, signed. Big files pass through in
pieces; it is written beside and moved into place, so that half an archive is never taken for one."""

__all__ = ["Content", "audit_verifier", "readme", "write_bundle"]

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from vitrail.domain.errors import Unavailable
from vitrail.domain.time import SECOND_US
from vitrail.guard.audit import MANIFEST, SIGNATURE, Sealed, statement

Content = bytes | Iterable[bytes]
_IMPORT = "from vitrail.adapters.publishing.vitrail_verify import check_ledger\n"
_ENDING = 'if __name__ == "__main__":'


def write_bundle(
    out: Path,
    files: Mapping[str, Content],
    made_us: int,
    manifest: Callable[[Mapping[str, Sealed]], bytes],
    sign: Callable[[bytes], bytes],
) -> int:
    """How many files were sealed. Raises ``Unavailable``."""
    moment = datetime.fromtimestamp(made_us // SECOND_US, UTC).timetuple()[:6]
    try:
        handle, beside = tempfile.mkstemp(prefix=".audit-", dir=out.parent)
        try:
            with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                sealed = {name: _put(archive, name, content, moment) for name, content in files.items()}
                text = manifest(sealed)
                _put(archive, MANIFEST, text, moment)
                _put(archive, SIGNATURE, sign(statement(text)).hex().encode(), moment)
            Path(beside).replace(out)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(
            f"the audit archive cannot be written: {error.strerror}", where=str(out), remedy="name another place"
        ) from error
    return len(sealed)


def readme() -> str:
    return _text("templates/audit-readme.txt")


def audit_verifier() -> str:
    """The verifier of archives as one file, that of ledgers inside it."""
    head, _, tail = _text("vitrail_audit_verify.py").partition(_IMPORT)
    ledger = _text("vitrail_verify.py").partition(_ENDING)[0].rstrip()
    parts = (head.rstrip(), "# The verifier of ledgers, word for word (vitrail_verify.py).", ledger, tail.strip())
    return "\n\n".join(parts) + "\n"


def _text(name: str) -> str:
    return resources.files("vitrail.adapters.publishing").joinpath(name).read_text(encoding="utf-8")


def _put(archive: zipfile.ZipFile, name: str, content: Content, moment: tuple[int, ...]) -> Sealed:
    year, month, day, hour, minute, second = moment
    entry = zipfile.ZipInfo(name, (year, month, day, hour, minute, second))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    digest, length = hashlib.sha256(), 0
    with archive.open(entry, "w", force_zip64=True) as file:
        for piece in (content,) if isinstance(content, bytes) else content:
            digest.update(piece)
            length += len(piece)
            file.write(piece)
    return Sealed(digest.hexdigest(), length)
