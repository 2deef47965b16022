"""``demo`` and ``watch``: the commands that open cameras."""

__all__ = ["demo", "watch"]

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from vitrail import compose
from vitrail.cli.places import CACHE, SITE, STATE, cache_folder, data_folder, state_folder
from vitrail.cli.screen import out, working

_HOST = Annotated[
    str, typer.Option(help="Address to listen on. Any other than loopback needs TLS: our own or a proxy's.")
]
_PORT = Annotated[int, typer.Option(help="Port of the console.")]


def demo(
    video: Annotated[str | None, typer.Argument(help="A video file or rtsp:// address of your own.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the demo writes.", show_default="~/.local/share/vitrail/demo")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget earlier runs: alerts, accounts, recordings.")] = False,
    cache: CACHE = None,
    host: _HOST = "127.0.0.1",
    port: _PORT = 8420,
) -> None:
    """Watch a real recording as if it were a live camera, and open the console.

    Without VIDEO the recording is a campus camera from Debian's package opencv-doc. Everything the demo writes lies
    in one folder, under a mandate that says "lab".
    """
    kept, site = cache_folder(cache), folder or data_folder("demo")
    compose.free_port(host, port)
    with working("preparing") as say:
        compose.ensure_models(kept, say)
        extra = compose.demo_site(video, site, kept, fresh, say)
    _serve(site, state_folder(site, None), kept, host, port, extra)


def watch(
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
    host: _HOST = "127.0.0.1",
    port: _PORT = 8420,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM certificate with its chain: the console speaks TLS.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key that belongs to it.")] = None,
) -> None:
    """Watch the cameras of a site folder under its mandates, and serve the console."""
    kept, tls = cache_folder(cache), compose.tls(certificate, key)
    compose.free_port(host, port)
    with working("preparing") as say:
        compose.ensure_models(kept, say, site)
    _serve(site, state_folder(site, state), kept, host, port, {}, tls)


def _serve(
    site: Path,
    state: Path,
    cache: Path,
    host: str,
    port: int,
    extra: Mapping[str, str],
    tls: compose.Tls | None = None,
) -> None:
    """Streams, housekeeping and console in this process, until it is told to stop."""
    with compose.open_house(site, state, cache, {**os.environ, **extra}) as house:
        first = house.first_run()
        if first is not None:
            out.print(f"First account, shown once:\n    account   {first[0]}\n    password  {first[1]}")
        address = f"{'https' if tls else 'http'}://{host}:{port}"
        house.serve(host, port, tls, lambda: out.print(f"Console: {address}   (stop with Ctrl-C)"))
        if kept := house.kept():
            out.print(f"{kept} recordings, alerts and counts are kept. While Vitrail is stopped, they go on time with")
            out.print(f"    vitrail erase --stay --state {state}")
