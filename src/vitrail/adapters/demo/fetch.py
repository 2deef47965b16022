"""Getting ``vtest.avi``, a real campus camera, from Debian's package opencv-doc through the machine's own apt.

Only this one file leaves the package. Package lists that are missing are fetched into a temporary folder, so that
neither root nor a change to the machine is needed.
"""

__all__ = ["RECORDING_SHA256", "fetch_recording"]

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from vitrail.domain.errors import Corrupt, Unavailable

PACKAGE = "opencv-doc"
MEMBER = "usr/share/doc/opencv-doc/examples/data/vtest.avi"
RECORDING_SHA256 = "45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf"
_RECORDING_BYTES = 8_131_690
_LIST_TIMEOUT_S = 300
_DOWNLOAD_TIMEOUT_S = 900
_REMEDY = "give a recording or camera of your own: `vitrail demo VIDEO`, `make demo VIDEO=...`"

Run = Callable[[Sequence[str], Path, float], str]
"""Runs a command in a folder within seconds; its standard output. Raises ``Unavailable``."""


def fetch_recording(
    cache: Path, progress: Callable[[str], None], run: Run | None = None, sha256: str = RECORDING_SHA256
) -> Path:
    """``vtest.avi`` below ``cache``, fetched when it is not there yet or is not the recording that is known.

    Raises ``Unavailable`` (no apt, no network, no such package) or ``Corrupt`` (not the recording that is known).
    """
    kept = cache / "vtest.avi"
    if kept.is_file() and _digest(kept) == sha256:
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="recording-", dir=cache) as folder:
        package = _download(Path(folder), progress, run or _run)
        progress("unpacking the one file that is needed")
        fresh = Path(folder) / "vtest.avi"
        _unpack(package, fresh)
        found = _digest(fresh)
        if found != sha256:
            raise Corrupt(f"vtest.avi of {PACKAGE} has digest {found}, not {sha256}", remedy=_REMEDY)
        fresh.replace(kept)
    return kept


def _download(folder: Path, progress: Callable[[str], None], run: Run) -> Path:
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise Unavailable(f"the demonstration's recording needs Debian's {tool}, which is not here", remedy=_REMEDY)
    options: list[str] = ["-o", "APT::Sandbox::User=root"] if os.geteuid() == 0 else []
    if "Candidate:" not in _policy(folder, options, run):
        progress("fetching Debian's package lists")
        options += ["-o", f"Dir::State::Lists={folder}/lists", "-o", f"Dir::Cache={folder}/cache"]
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "cache" / "archives" / "partial").mkdir(parents=True)
        run(["apt-get", *options, "-q", "update"], folder, _LIST_TIMEOUT_S)
    progress(f"downloading Debian's package {PACKAGE} (about 100 MB, once)")
    run(["apt-get", *options, "-q", "download", PACKAGE], folder, _DOWNLOAD_TIMEOUT_S)
    found = sorted(folder.glob(f"{PACKAGE}_*.deb"))
    if not found:
        raise Unavailable(f"apt downloaded no {PACKAGE}", remedy=_REMEDY)
    return found[-1]


def _policy(folder: Path, options: Sequence[str], run: Run) -> str:
    """What the machine's own lists know of the package; empty when there are none."""
    text = run(["apt-cache", *options, "policy", PACKAGE], folder, _LIST_TIMEOUT_S)
    return "" if "Candidate: (none)" in text else text


def _run(command: Sequence[str], folder: Path, timeout_s: float) -> str:
    environ = os.environ | {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{command[0]} did not finish: {error}", remedy=_REMEDY) from error
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:] or ["no message"]
        raise Unavailable(f"{command[0]} failed: {last[0]}", remedy=f"check the network, or {_REMEDY}")
    return done.stdout


def _unpack(package: Path, into: Path) -> None:
    """Stream the package's files past and keep one."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as running:
        try:
            with tarfile.open(fileobj=running.stdout, mode="r|") as files:
                for member in files:
                    if member.isfile() and member.name.lstrip("./") == MEMBER and member.size <= 2 * _RECORDING_BYTES:
                        data = files.extractfile(member)
                        assert data is not None
                        with into.open("wb") as out:
                            shutil.copyfileobj(data, out)
                        return
        except tarfile.TarError as error:
            raise Corrupt(f"{package.name} is damaged: {error}", remedy="try again") from error
        finally:
            running.kill()
    raise Unavailable(f"{package.name} holds no {MEMBER}", remedy=_REMEDY)


def _digest(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
