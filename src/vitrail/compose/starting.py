"""Before a site runs: models, site folders, a free port."""

__all__ = ["demo_site", "ensure_models", "free_port", "lab_site", "models", "read_site", "tls", "write_site"]

import shutil
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Literal

from vitrail.adapters.clock import SystemClock
from vitrail.adapters.demo import as_camera, fetch_recording
from vitrail.adapters.openvino import (
    DEFAULT_DETECTOR,
    HEAD_FINDER,
    PICTURE_EMBEDDER,
    PLACE_READER,
    SOUND_EMBEDDER,
    TEXT_EMBEDDER,
    ModelShelf,
    catalogue,
)
from vitrail.adapters.registry import PackageClients
from vitrail.adapters.sitefolder import (
    SiteFolder,
    writing,
)
from vitrail.adapters.sitefolder import read_site as read_site_folder
from vitrail.analytics.registry import Registry
from vitrail.console.app import Tls
from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.services.models import Models


def models(cache: Path) -> Models:
    """The catalogue over this cache."""
    needed = (DEFAULT_DETECTOR, HEAD_FINDER, PICTURE_EMBEDDER, PLACE_READER, TEXT_EMBEDDER)
    return Models(catalogue(), needed, PackageClients(), ModelShelf(cache))


def ensure_models(cache: Path, say: Callable[[str], None], site: Path | None = None) -> None:
    """Those that are always needed, and the one that listens where ``site`` declares a microphone."""
    needed = models(cache)
    if site is not None and _listens(site):
        needed = replace(needed, defaults=(*needed.defaults, SOUND_EMBEDDER))
    needed.ensure_default(say)


def _listens(site: Path) -> bool:
    """Whether there are microphones, without judging the folder yet: reading it in full says what is wrong with it."""
    try:
        return "\nmicrophones:" in (site / "site.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def read_site(folder: Path, environ: Mapping[str, str]) -> SiteFolder:
    return read_site_folder(folder, environ, Registry.load().manifests)


def write_site(folder: Path) -> list[Path]:
    return writing.write_site(folder, SystemClock().now_us())


def demo_site(
    video: str | None, folder: Path, cache: Path, fresh: bool, say: Callable[[str], None]
) -> Mapping[str, str]:
    """Write the demonstration's site folder; returns what the environment must hold when it is read."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    scene: Literal["any", "campus"] = "any" if video else "campus"
    if video is None:
        say("fetching the recording")
        video = str(fetch_recording(cache, say))
    if "://" not in video:
        if not Path(video).is_file():
            raise NotFound(f"{video} is not a file", remedy="name a video file or an rtsp:// address")
        video = str(as_camera(Path(video), cache, lambda share: say(f"preparing the recording: {share:.0%}")))
    return writing.demo_site(folder, video, SystemClock().now_us(), scene)


def lab_site(recording: Path, folder: Path) -> None:
    """A site folder for a recording that has none: the whole picture is one zone, under the lab mandate."""
    writing.demo_site(folder, str(recording), SystemClock().now_us(), "any")


def tls(certificate: Path | None, key: Path | None) -> Tls | None:
    """The console's own certificate, tried before anything is set up. Raises ``Invalid``."""
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise Invalid("a certificate and its key go together", where="--certificate, --key", remedy="name both files")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
    except OSError as error:  # an SSLError is one
        raise Invalid(
            f"this certificate and key cannot be used: {error.strerror}",
            where=f"{certificate}, {key}",
            remedy="name a PEM certificate with its chain, and the private key that belongs to it, without a password",
        ) from error
    return Tls(certificate, key)


def free_port(host: str, port: int) -> None:
    """Raises ``Conflict`` when somebody listens there already: better before a long set-up than after it."""
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"the console cannot listen on {host}:{port}: {error.strerror}",
                where="--port",
                remedy="stop the other program, or choose another port with --port",
            ) from error
